//! Which server it is, and what its settings promise.

use std::borrow::Cow;
use std::fmt;

use sqlx::Row as _;
use sqlx::mysql::{MySql, MySqlRow};

use super::super::sql::Lender;
use super::error::store_error;
use super::send::Bound;
use super::{Durability, StoreError, TableName};

/// The two servers that speak this protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    MySql,
    MariaDb,
}

/// A server and its version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Server {
    pub(super) dialect: Dialect,
    pub(super) version: String,
    numbers: (u32, u32, u32),
}

/// What is asked of a server before it is used.
pub(super) struct Settings {
    pub(super) server: Server,
    pub(super) durability: Durability,
}

/// The settings that are numbers on one server are words on another, so all of them are asked for as text.
const ASK: &str = "
SELECT VERSION() AS version, DATABASE() AS chosen,
       CAST(@@autocommit AS CHAR) AS autocommit,
       CAST(@@read_only AS CHAR) AS read_only,
       CAST(@@innodb_flush_log_at_trx_commit AS CHAR) AS flush,
       (SELECT ENGINE FROM information_schema.TABLES
         WHERE TABLE_SCHEMA = COALESCE(?, DATABASE()) AND TABLE_NAME = ?) AS engine";

impl Settings {
    /// Asks one connection.
    ///
    /// # Errors
    ///
    /// If there is none, or the server or the connection is not fit for any use.
    pub(super) async fn ask(lender: &Lender<MySql>, table: &TableName) -> Result<Self, StoreError> {
        let (schema, name) = table.parts();
        let rows = Bound::new(&sqlx::SqlSafeStr::into_sql_str(ASK))
            .bind(schema)
            .bind(name)
            .fetch(lender)
            .await
            .map_err(store_error)?;
        let [row] = &rows[..] else {
            return Err(StoreError::refused("the server did not tell its settings"));
        };
        let chosen: Option<String> = row.try_get("chosen").map_err(store_error)?;
        if schema.is_none() && chosen.is_none() {
            return Err(StoreError::refused(
                "no database is chosen: name one at the end of the URL, or before the table's name",
            ));
        }
        let (settings, has_autocommit) = Self::read(row).map_err(store_error)?;
        settings.server.refuse_old()?;
        if !has_autocommit {
            return Err(StoreError::refused(
                "`autocommit` is off on the connections of this pool, so nothing would be recorded: leave it on",
            ));
        }
        Ok(settings)
    }

    fn read(row: &MySqlRow) -> Result<(Self, bool), sqlx::Error> {
        let version: String = row.try_get("version")?;
        let engine: Option<String> = row.try_get("engine")?;
        let autocommit: String = row.try_get("autocommit")?;
        let read_only: String = row.try_get("read_only")?;
        let flush: String = row.try_get("flush")?;
        let settings = Self {
            server: Server::new(&version),
            durability: judge(engine.as_deref(), &read_only, &flush),
        };
        Ok((settings, is_on(&autocommit)))
    }
}

/// `engine` is `None` as long as there is no table: ours is made with InnoDB.
fn judge(engine: Option<&str>, read_only: &str, flush: &str) -> Durability {
    let weak = |reason: Cow<'static, str>| Durability::Weak { reason };
    if let Some(engine) = engine
        && !engine.eq_ignore_ascii_case("InnoDB")
    {
        return weak(
            format!("the engine of the table is `{engine}`; `ALTER TABLE … ENGINE = InnoDB`")
                .into(),
        );
    }
    if is_on(read_only) {
        return weak("the server is read-only; connect to the primary".into());
    }
    match flush {
        "1" => Durability::Durable,
        _ => weak(
            format!(
                "`innodb_flush_log_at_trx_commit` is {flush}, so a crash can undo what was recorded; set it to 1"
            )
            .into(),
        ),
    }
}

/// Of a switch: `1` or `ON`, or a kind of `ON` in versions that have more than two.
pub(super) fn is_on(switch: &str) -> bool {
    !matches!(switch, "0" | "OFF" | "off")
}

impl Server {
    /// From what `VERSION()` says: `8.0.36`, `10.11.6-MariaDB-log`, or `5.5.5-10.11.6-MariaDB` through some proxies.
    pub(super) fn new(version: &str) -> Self {
        let is_mariadb = version.contains("MariaDB");
        let bare = version.strip_prefix("5.5.5-").unwrap_or(version);
        let mut numbers = bare
            .split(|it: char| !it.is_ascii_digit())
            .map(|it| it.parse().unwrap_or(0));
        let mut next = || numbers.next().unwrap_or(0);
        Self {
            dialect: if is_mariadb {
                Dialect::MariaDb
            } else {
                Dialect::MySql
            },
            version: version.to_owned(),
            numbers: (next(), next(), next()),
        }
    }

    fn refuse_old(&self) -> Result<(), StoreError> {
        // The first with JSON_TABLE; and the first that holds a table to its checks.
        let (oldest, name) = match self.dialect {
            Dialect::MariaDb => ((10, 6, 0), "MariaDB 10.6"),
            Dialect::MySql => ((8, 0, 16), "MySQL 8.0.16"),
        };
        if self.numbers >= oldest {
            return Ok(());
        }
        Err(StoreError::refused(format!(
            "the server is of version {}, which is too old: use {name} or later",
            self.version
        )))
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MySql => "MySQL",
            Self::MariaDb => "MariaDB",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_tells_the_server_and_its_age() {
        let all = [
            ("10.11.14-MariaDB-0+deb12u2", Dialect::MariaDb, true),
            ("5.5.5-10.6.0-MariaDB", Dialect::MariaDb, true),
            ("11.4.2-MariaDB-log", Dialect::MariaDb, true),
            ("10.5.21-MariaDB", Dialect::MariaDb, false),
            ("8.0.36", Dialect::MySql, true),
            ("8.0.36-28", Dialect::MySql, true),
            ("8.0.15", Dialect::MySql, false),
            ("9.1.0", Dialect::MySql, true),
            ("5.7.44-log", Dialect::MySql, false),
        ];
        for (version, dialect, is_taken) in all {
            let server = Server::new(version);
            assert_eq!(server.dialect, dialect, "{version}");
            assert_eq!(server.refuse_old().is_ok(), is_taken, "{version}");
        }
    }

    #[test]
    fn what_is_weak_comes_with_what_to_set() {
        for read_only in ["0", "OFF"] {
            assert_eq!(judge(None, read_only, "1"), Durability::Durable);
            assert_eq!(judge(Some("InnoDB"), read_only, "1"), Durability::Durable);
        }
        let all = [
            (Some("MyISAM"), "0", "1", "ENGINE = InnoDB"),
            (None, "1", "1", "connect to the primary"),
            (None, "NO_LOCK", "1", "connect to the primary"),
            (None, "0", "2", "set it to 1"),
            (None, "0", "0", "set it to 1"),
        ];
        for (engine, read_only, flush, advice) in all {
            match judge(engine, read_only, flush) {
                Durability::Weak { reason } => assert!(reason.contains(advice), "{reason}"),
                other => panic!("{other:?}"),
            }
        }
    }
}
