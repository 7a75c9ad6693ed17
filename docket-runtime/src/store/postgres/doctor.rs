//! The operator's side: what is to be known about the server.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sqlx::postgres::PgRow;
use sqlx::{Row as _, query};

use super::durability::probe;
use super::error::store_error;
use super::migrate::LATEST;
use super::statements::statement;
use super::{Inner, StoreError};
use crate::store::Finding;

/// The size is of the table, its indexes and what it keeps elsewhere. The count is an estimate, kept by the server.
const LOOK: &str = "
SELECT current_setting('server_version') AS version, current_setting('server_encoding') AS encoding,
       current_setting('synchronous_commit') AS synchronous_commit, current_setting('fsync') AS fsync,
       current_setting('full_page_writes') AS full_page_writes,
       current_setting('synchronous_standby_names') AS standbys,
       current_setting('default_transaction_isolation') AS isolation,
       current_setting('default_transaction_read_only') AS read_only,
       pg_total_relation_size(to_regclass('{table}')) AS size,
       (SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass('{table}')) AS n_rows";

const CLOCK: &str = "SELECT EXTRACT(EPOCH FROM clock_timestamp())::float8 AS now";

/// A greater difference makes logs hard to compare.
const CLOSE: Duration = Duration::from_secs(1);

impl Inner {
    pub(super) async fn doctor(&self) -> Result<Vec<Finding>, StoreError> {
        // The settings may have changed since the store was made.
        let durability = probe(self.pool.pool(), &self.table).await?;
        let row = query(statement(&[LOOK], &self.table))
            .persistent(false)
            .fetch_one(self.pool.pool())
            .await
            .map_err(store_error)?;
        let mut findings = vec![Finding::from(&durability)];
        findings.extend(look(&row).map_err(store_error)?);
        findings.push(self.table.finding(self.version().await?, LATEST));
        findings.push(self.look_at_clock().await?);
        Ok(findings)
    }

    /// Takes the answer to be from the middle of the time that it took.
    async fn look_at_clock(&self) -> Result<Finding, StoreError> {
        let before = seconds_since_1970();
        let row = query(CLOCK)
            .fetch_one(self.pool.pool())
            .await
            .map_err(store_error)?;
        let after = seconds_since_1970();
        let server: f64 = row.try_get("now").map_err(store_error)?;
        Ok(clock(server - (before + after) / 2.0, after - before))
    }
}

fn look(row: &PgRow) -> Result<Vec<Finding>, sqlx::Error> {
    let standbys: &str = row.try_get("standbys")?;
    let size: Option<i64> = row.try_get("size")?;
    let n_rows: Option<i64> = row.try_get("n_rows")?;
    let mut findings = vec![
        Finding::good("PostgreSQL", row.try_get::<&str, _>("version")?),
        encoding(row.try_get("encoding")?),
    ];
    // What is weak is said of the durability.
    for setting in ["synchronous_commit", "fsync", "full_page_writes"] {
        findings.push(Finding::good(setting, row.try_get::<&str, _>(setting)?));
    }
    findings.push(Finding::good(
        "synchronous_standby_names",
        match standbys {
            "" => "none: a failover can forget what was recorded last",
            names => names,
        },
    ));
    findings.push(isolation(row.try_get("isolation")?));
    findings.push(read_only(row.try_get("read_only")?));
    if let Some(size) = size {
        findings.push(Finding::good("table size", format!("{size} bytes")));
    }
    // Nobody has counted yet where it is below zero.
    if let Some(n_rows) = n_rows.filter(|it| *it >= 0) {
        findings.push(Finding::good("rows", format!("about {n_rows}")));
    }
    Ok(findings)
}

fn encoding(encoding: &str) -> Finding {
    const SUBJECT: &str = "server_encoding";
    match encoding {
        "UTF8" => Finding::good(SUBJECT, encoding),
        _ => Finding::bad(
            SUBJECT,
            encoding,
            "use a database of encoding `UTF8`: others can't keep all texts",
        ),
    }
}

fn isolation(level: &str) -> Finding {
    const SUBJECT: &str = "default_transaction_isolation";
    match level {
        "read committed" => Finding::good(SUBJECT, level),
        _ => Finding::bad(
            SUBJECT,
            level,
            "set it to `read committed` for the store's connections: others refuse what meets on a row, and it is sent again",
        ),
    }
}

fn read_only(read_only: &str) -> Finding {
    const SUBJECT: &str = "default_transaction_read_only";
    match read_only {
        "off" => Finding::good(SUBJECT, read_only),
        _ => Finding::bad(
            SUBJECT,
            read_only,
            "set it to `off`, so that steps can be recorded",
        ),
    }
}

/// The store compares times by the server's clock alone, so this is for the eye.
fn clock(difference: f64, uncertainty: f64) -> Finding {
    const SUBJECT: &str = "clock";
    let ahead = if difference < 0.0 {
        "behind"
    } else {
        "ahead of"
    };
    let value = format!("{:.3} s {ahead} the one of this machine", difference.abs());
    if difference.abs() <= CLOSE.as_secs_f64() + uncertainty {
        return Finding::good(SUBJECT, value);
    }
    Finding::bad(
        SUBJECT,
        value,
        "keep both by NTP; leases and expiry don't depend on it, but logs and rows can't be compared",
    )
}

fn seconds_since_1970() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0.0, |it| it.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_comes_with_what_to_set() {
        let all = [
            encoding("UTF8"),
            encoding("SQL_ASCII"),
            isolation("read committed"),
            isolation("serializable"),
            read_only("off"),
            read_only("on"),
            clock(-0.5, 0.0),
            clock(-3.25, 0.1),
        ];
        let is_bad = all.each_ref().map(|it| it.advice.is_some());
        assert_eq!(is_bad, [false, true, false, true, false, true, false, true]);
        assert_eq!(all[7].value, "3.250 s behind the one of this machine");
    }
}
