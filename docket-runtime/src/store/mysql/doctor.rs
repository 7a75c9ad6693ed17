//! The operator's side: what is to be known about the server.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sqlx::mysql::MySqlRow;
use sqlx::{Row as _, SqlSafeStr as _};

use super::error::store_error;
use super::migrate::LATEST;
use super::send::Bound;
use super::server::{Dialect, Server, Settings, is_on};
use super::{Inner, StoreError};
use crate::store::Finding;

/// Switches are numbers on one server and words on another, so they are asked for as text.
const LOOK: &str = "
SELECT CAST(@@innodb_flush_log_at_trx_commit AS CHAR) AS flush_log,
       CAST(@@sync_binlog AS CHAR) AS sync_binlog, CAST(@@log_bin AS CHAR) AS log_bin,
       CAST(@@binlog_format AS CHAR) AS binlog_format,
       CAST(@@max_allowed_packet AS SIGNED) AS max_packet,
       CAST(@@sql_mode AS CHAR) AS sql_mode,
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6)) AS now";

/// A value of the greatest size that is kept, twice, as bytes and as JSON, with room for what is beside it.
const LEAST_PACKET: i64 = 4 << 20;

/// More than a busy machine and the way there account for.
const GREATEST_DIFFERENCE: Duration = Duration::from_secs(2);

impl Inner {
    pub(super) async fn doctor(&self) -> Result<Vec<Finding>, StoreError> {
        // The settings as they are now, and not as they were when the store was made.
        let Settings { server, durability } = Settings::ask(&self.claims, &self.table).await?;
        let sent = SystemTime::now();
        let rows = Bound::new(&LOOK.into_sql_str())
            .fetch(&self.claims)
            .await
            .map_err(store_error)?;
        let mut findings = vec![Finding::from(&durability), version(&server)];
        for row in &rows {
            findings.extend(look(row, sent).map_err(store_error)?);
        }
        findings.push(self.table.finding(self.version().await?, LATEST));
        Ok(findings)
    }
}

fn look(row: &MySqlRow, sent: SystemTime) -> Result<Vec<Finding>, sqlx::Error> {
    let flush_log: String = row.try_get("flush_log")?;
    let sync_binlog: String = row.try_get("sync_binlog")?;
    let log_bin: String = row.try_get("log_bin")?;
    let binlog_format: String = row.try_get("binlog_format")?;
    let sql_mode: String = row.try_get("sql_mode")?;
    Ok(vec![
        // What is weak is said of the durability.
        Finding::good("innodb_flush_log_at_trx_commit", flush_log),
        binlog(is_on(&log_bin), &sync_binlog),
        format_of_binlog(is_on(&log_bin), &binlog_format),
        max_packet(row.try_get("max_packet")?),
        mode(&sql_mode),
        clock(row.try_get("now")?, sent),
    ])
}

fn version(server: &Server) -> Finding {
    let Server {
        dialect, version, ..
    } = server;
    match dialect {
        Dialect::MariaDb => Finding::good(dialect.to_string(), version),
        Dialect::MySql => Finding::good(
            dialect.to_string(),
            format!("{version} (Docket is tested with MariaDB)"),
        ),
    }
}

/// The log of the engine holds what was recorded on this server; the binary log is for its replicas.
fn binlog(has_binlog: bool, sync_binlog: &str) -> Finding {
    const SUBJECT: &str = "sync_binlog";
    match sync_binlog {
        _ if !has_binlog => Finding::good(SUBJECT, format!("{sync_binlog} (no binary log)")),
        "1" => Finding::good(SUBJECT, sync_binlog),
        _ => Finding::bad(
            SUBJECT,
            sync_binlog,
            "set `sync_binlog = 1`, or a replica that takes over after a crash may lack what was recorded",
        ),
    }
}

fn format_of_binlog(has_binlog: bool, format: &str) -> Finding {
    const SUBJECT: &str = "binlog_format";
    match format {
        _ if !has_binlog => Finding::good(SUBJECT, format!("{format} (no binary log)")),
        "STATEMENT" => Finding::bad(
            SUBJECT,
            format,
            "set `binlog_format = ROW`: with STATEMENT, the engine refuses to write under READ COMMITTED",
        ),
        _ => Finding::good(SUBJECT, format),
    }
}

fn max_packet(bytes: i64) -> Finding {
    const SUBJECT: &str = "max_allowed_packet";
    let value = format!("{bytes} bytes");
    if bytes >= LEAST_PACKET {
        return Finding::good(SUBJECT, value);
    }
    Finding::bad(
        SUBJECT,
        value,
        format!("set it to {LEAST_PACKET} at least, or large values can't be recorded"),
    )
}

/// Of a connection for claims.
fn mode(sql_mode: &str) -> Finding {
    const SUBJECT: &str = "sql_mode";
    let is_strict = |it: &str| it == "STRICT_ALL_TABLES" || it == "STRICT_TRANS_TABLES";
    if sql_mode.split(',').any(is_strict) {
        return Finding::good(SUBJECT, "strict");
    }
    Finding::bad(
        SUBJECT,
        "not strict",
        "add `STRICT_TRANS_TABLES`: without it, the server cuts what is too long and says nothing",
    )
}

fn clock(now: i64, sent: SystemTime) -> Finding {
    const SUBJECT: &str = "clock";
    let there = UNIX_EPOCH + Duration::from_micros(now.unsigned_abs());
    let (word, difference) = match there.duration_since(sent) {
        Ok(ahead) => ("ahead of", ahead),
        Err(behind) => ("behind", behind.duration()),
    };
    let value = format!("{:.3} s {word} this machine's", difference.as_secs_f64());
    if difference <= GREATEST_DIFFERENCE {
        return Finding::good(SUBJECT, value);
    }
    Finding::bad(
        SUBJECT,
        value,
        "set both by NTP: rows go by the server's clock alone, but who compares them with a log is misled",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_comes_with_what_to_set() {
        let now = UNIX_EPOCH + Duration::from_secs(1000);
        let all = [
            (binlog(true, "0"), Some("set `sync_binlog = 1`")),
            (binlog(false, "0"), None),
            (binlog(true, "1"), None),
            (
                format_of_binlog(true, "STATEMENT"),
                Some("set `binlog_format = ROW`"),
            ),
            (format_of_binlog(false, "STATEMENT"), None),
            (format_of_binlog(true, "MIXED"), None),
            (max_packet(1 << 20), Some("set it to 4194304 at least")),
            (max_packet(16 << 20), None),
            (mode("ANSI_QUOTES"), Some("add `STRICT_TRANS_TABLES`")),
            (mode("ANSI_QUOTES,STRICT_ALL_TABLES"), None),
            (clock(1_001_000_000, now), None),
            (clock(1_003_000_000, now), Some("set both by NTP")),
            (clock(997_000_000, now), Some("set both by NTP")),
        ];
        for (finding, advice) in all {
            let found = finding.advice.as_deref();
            let begins = found.zip(advice).is_some_and(|it| it.0.starts_with(it.1));
            assert!(begins || found.is_none() && advice.is_none(), "{finding:?}");
        }
        assert_eq!(
            clock(1_001_500_000, now).value,
            "1.500 s ahead of this machine's"
        );
        assert_eq!(
            clock(999_000_000, now).value,
            "1.000 s behind this machine's"
        );
    }
}
