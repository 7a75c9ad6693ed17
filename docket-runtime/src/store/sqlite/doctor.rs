//! The operator's side: what is to be known about the file.

use std::time::Duration;

use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, query};

use super::error::store_error;
use super::migrate::LATEST;
use super::{Inner, StoreError};
use crate::store::Finding;

const LOOK: &str = "
SELECT sqlite_version() AS version,
       (SELECT file FROM pragma_database_list WHERE name = 'main') AS file,
       (SELECT journal_mode FROM pragma_journal_mode) AS journal_mode,
       (SELECT synchronous FROM pragma_synchronous) AS synchronous,
       (SELECT timeout FROM pragma_busy_timeout) AS busy_timeout,
       (SELECT page_count FROM pragma_page_count) * (SELECT page_size FROM pragma_page_size) AS size";

/// The first that has all that the statements use: `unixepoch` with `subsec`, and `unhex`.
const OLDEST: (u32, u32) = (3, 42);

/// Shorter waits for the write lock of another process fail too soon.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);

impl Inner {
    pub(super) async fn doctor(&self) -> Result<Vec<Finding>, StoreError> {
        let mut lent = self.writes.lend().await.map_err(store_error)?;
        let row = query(LOOK).persistent(false).fetch_one(&mut *lent).await;
        lent.end(&row);
        let row = row.map_err(store_error)?;
        let mut findings = vec![Finding::from(&self.durability)];
        findings.extend(look(&row).map_err(store_error)?);
        findings.push(self.table.finding(self.version().await?, LATEST));
        findings.push(Finding::good("clock", "the one of this machine"));
        Ok(findings)
    }
}

fn look(row: &SqliteRow) -> Result<Vec<Finding>, sqlx::Error> {
    let file: Option<String> = row.try_get("file")?;
    let file = file.filter(|it| !it.is_empty());
    let size: i64 = row.try_get("size")?;
    Ok(vec![
        version(row.try_get("version")?),
        Finding::good("file", file.unwrap_or_else(|| "in memory".to_owned())),
        Finding::good("file size", format!("{size} bytes")),
        journal_mode(row.try_get("journal_mode")?),
        synchronous(row.try_get("synchronous")?),
        busy_timeout(row.try_get("busy_timeout")?),
    ])
}

fn version(version: &str) -> Finding {
    const SUBJECT: &str = "SQLite";
    let mut numbers = version.split('.').map(|it| it.parse().unwrap_or(0));
    let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if found >= OLDEST {
        return Finding::good(SUBJECT, version);
    }
    let (major, minor) = OLDEST;
    Finding::bad(
        SUBJECT,
        version,
        format!("use {major}.{minor} or later: older ones lack functions that Docket needs"),
    )
}

/// What is weak is said of the durability; this is about speed.
fn journal_mode(mode: &str) -> Finding {
    const SUBJECT: &str = "journal_mode";
    match mode {
        "wal" | "memory" | "off" => Finding::good(SUBJECT, mode),
        _ => Finding::bad(
            SUBJECT,
            mode,
            "set `PRAGMA journal_mode = WAL`, so that readers don't wait for writers",
        ),
    }
}

/// Each connection has its own.
fn synchronous(level: i64) -> Finding {
    let name = match level {
        0 => "OFF",
        1 => "NORMAL",
        2 => "FULL",
        _ => "EXTRA",
    };
    Finding::good(
        "synchronous",
        format!("{name} (of this connection; each sets its own)"),
    )
}

fn busy_timeout(millis: i64) -> Finding {
    const SUBJECT: &str = "busy_timeout";
    let wait = Duration::from_millis(millis.unsigned_abs());
    let value = format!("{wait:?}");
    if wait >= SHORTEST_WAIT {
        return Finding::good(SUBJECT, value);
    }
    Finding::bad(
        SUBJECT,
        value,
        "set `PRAGMA busy_timeout = 5000`, so that processes wait for each other's writes",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_comes_with_what_to_set() {
        let all = [
            version("3.41.2"),
            version("3.42.0"),
            version("4.0"),
            journal_mode("delete"),
            journal_mode("wal"),
            busy_timeout(0),
            busy_timeout(5000),
        ];
        let advice = all.map(|it| {
            it.advice
                .map(|it| it.split(", ").next().unwrap().to_owned())
        });
        assert_eq!(
            advice.each_ref().map(|it| it.as_deref()),
            [
                Some("use 3.42 or later: older ones lack functions that Docket needs"),
                None,
                None,
                Some("set `PRAGMA journal_mode = WAL`"),
                None,
                Some("set `PRAGMA busy_timeout = 5000`"),
                None,
            ]
        );
    }
}
