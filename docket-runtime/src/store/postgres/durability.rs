//! Finding out what the server promises.

use sqlx::postgres::{PgPool, PgRow};
use sqlx::{Row as _, query};

use super::error::store_error;
use super::statements::statement;
use super::{Durability, StoreError, TableName};

/// The first that has all that the statements use: `WITH … AS MATERIALIZED`.
pub(super) const OLDEST: i32 = 120_000;

/// Of the session, which may differ from the server's. `persistence` is of the table, where there is one.
const LOOK: &str = "
SELECT current_setting('server_version_num')::int AS version_num, current_setting('server_version') AS version,
       current_setting('synchronous_commit') AS synchronous_commit, current_setting('fsync') AS fsync,
       current_setting('full_page_writes') AS full_page_writes, pg_is_in_recovery() AS is_standby,
       (SELECT relpersistence::text FROM pg_class WHERE oid = to_regclass('{table}')) AS persistence";

/// What a connection of `pool` promises to keep in `table`. A server that does not know our statements is refused.
pub(super) async fn probe(pool: &PgPool, table: &TableName) -> Result<Durability, StoreError> {
    let row = query(statement(&[LOOK], table))
        .persistent(false)
        .fetch_one(pool)
        .await
        .map_err(store_error)?;
    refuse_old(&row)?;
    let settings = Settings::read(&row).map_err(store_error)?;
    Ok(settings.judge())
}

fn refuse_old(row: &PgRow) -> Result<(), StoreError> {
    let number: i32 = row.try_get("version_num").map_err(store_error)?;
    if number >= OLDEST {
        return Ok(());
    }
    let version: &str = row.try_get("version").map_err(store_error)?;
    Err(StoreError::refused(format!(
        "the server is PostgreSQL {version}, and Docket needs 12 or later"
    )))
}

struct Settings {
    synchronous_commit: String,
    fsync: String,
    full_page_writes: String,
    is_standby: bool,
    persistence: Option<String>,
}

impl Settings {
    fn read(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            synchronous_commit: row.try_get("synchronous_commit")?,
            fsync: row.try_get("fsync")?,
            full_page_writes: row.try_get("full_page_writes")?,
            is_standby: row.try_get("is_standby")?,
            persistence: row.try_get("persistence")?,
        })
    }

    /// Short of `off`, each level of `synchronous_commit` waits for the server's own disk, and they differ in what they wait
    /// for on standbys. So `local` and `remote_write` survive a crash of the machine, which is what is asked here, if not
    /// its loss.
    fn judge(&self) -> Durability {
        let Self {
            synchronous_commit,
            fsync,
            full_page_writes,
            is_standby,
            persistence,
        } = self;
        let reason = if *is_standby {
            "the server is a standby, which takes no writes; connect to the primary"
        } else if fsync == "off" {
            "`fsync` is `off`, so a crash of the machine can damage the database; set `fsync = on`"
        } else if full_page_writes == "off" {
            "`full_page_writes` is `off`, so a crash of the machine can damage pages; set `full_page_writes = on`"
        } else if synchronous_commit == "off" {
            "`synchronous_commit` is `off`, so a crash can undo what was recorded; set `synchronous_commit = on` for this \
             role or connection"
        } else if persistence.as_deref().is_some_and(|it| it != "p") {
            "the table is not logged, so a crash empties it; `ALTER TABLE … SET LOGGED`"
        } else {
            return Durability::Durable;
        };
        Durability::Weak {
            reason: reason.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_weak_comes_with_the_setting_to_change() {
        let strong = || Settings {
            synchronous_commit: "on".to_owned(),
            fsync: "on".to_owned(),
            full_page_writes: "on".to_owned(),
            is_standby: false,
            persistence: Some("p".to_owned()),
        };
        for level in ["on", "remote_apply", "remote_write", "local"] {
            let settings = Settings {
                synchronous_commit: level.to_owned(),
                ..strong()
            };
            assert_eq!(settings.judge(), Durability::Durable, "{level}");
        }
        let off = || "off".to_owned();
        let weak = [
            (
                Settings {
                    synchronous_commit: off(),
                    ..strong()
                },
                "synchronous_commit = on",
            ),
            (
                Settings {
                    fsync: off(),
                    ..strong()
                },
                "fsync = on",
            ),
            (
                Settings {
                    full_page_writes: off(),
                    ..strong()
                },
                "full_page_writes = on",
            ),
            (
                Settings {
                    is_standby: true,
                    ..strong()
                },
                "the primary",
            ),
            (
                Settings {
                    persistence: Some("u".to_owned()),
                    ..strong()
                },
                "SET LOGGED",
            ),
        ];
        for (settings, remedy) in weak {
            match settings.judge() {
                Durability::Weak { reason } => assert!(reason.contains(remedy), "{reason}"),
                other => panic!("{remedy}: {other:?}"),
            }
        }
    }
}
