//! From a URL to a store: its scheme says which, if this `docket` was built with it.

#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "redis")]
mod redis;
#[cfg(feature = "sqlite")]
mod sqlite;

use crate::args::{Command, Output, Place};
use crate::commands::{self, Session};
use crate::failure::Failure;
use crate::secrets::shown;

/// Opens the store and runs the command.
pub(crate) async fn run(place: Place, output: Output, command: Command) -> Result<(), Failure> {
    let Place {
        store: url,
        table,
        prefix,
    } = place;
    let url = url.ok_or_else(|| {
        Failure::usage("no store is given").help("pass `--store URL`, or set `DOCKET_STORE`")
    })?;
    let scheme = url.split(':').next().unwrap_or_default();
    let rows = match feature(scheme) {
        Some("redis") => prefix.clone(),
        _ => table.to_string(),
    };
    let session = Session {
        output,
        target: format!("{} ({rows})", shown(&url)),
    };
    match feature(scheme) {
        #[cfg(feature = "mysql")]
        Some("mysql") => {
            let store = mysql::open(&url, table).await?;
            commands::run(&session, &store, command).await
        }
        #[cfg(feature = "postgres")]
        Some("postgres") => {
            let store = postgres::open(&url, table).await?;
            commands::run(&session, &store, command).await
        }
        #[cfg(feature = "redis")]
        Some("redis") => {
            let store = redis::open(&url, &prefix).await?;
            commands::run(&session, &store, command).await
        }
        #[cfg(feature = "sqlite")]
        Some("sqlite") => {
            let store = sqlite::open(&url, table, &command).await?;
            commands::run(&session, &store, command).await
        }
        feature => Err(not_opened(feature)),
    }
}

/// A connection of a server that answers within `patience`.
#[cfg(any(feature = "postgres", feature = "mysql"))]
async fn within<C>(
    patience: std::time::Duration,
    connecting: impl Future<Output = Result<C, sqlx::Error>>,
) -> Result<C, Failure> {
    match tokio::time::timeout(patience, connecting).await {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(error)) => Err(not_reached(&error)),
        Err(_) => Err(Failure::new(format!(
            "the server did not answer within {patience:?}"
        ))),
    }
}

#[cfg(any(feature = "postgres", feature = "mysql"))]
fn not_reached(error: &sqlx::Error) -> Failure {
    Failure::of("the database can't be connected to", error)
        .help("check the URL, and that the server is running")
}

/// The feature that brings the stores of `scheme`.
fn feature(scheme: &str) -> Option<&'static str> {
    Some(match scheme {
        "sqlite" => "sqlite",
        "postgres" | "postgresql" => "postgres",
        "mysql" | "mariadb" => "mysql",
        "redis" | "rediss" => "redis",
        _ => return None,
    })
}

fn not_opened(feature: Option<&str>) -> Failure {
    match feature {
        Some(feature) => Failure::usage(format!(
            "this `docket` was built without the feature `{feature}`"
        ))
        .help(format!(
            "`cargo install --path docket --features cli,{feature}`, in the repository, builds one with it"
        )),
        // What stands before the first colon of something that is no URL may be anything.
        None => Failure::usage("the URL of the store has no scheme that is known")
            .help("sqlite://FILE, postgres://…, mysql://… or redis://…"),
    }
}
