//! A PostgreSQL database. By a pool of ours, since `connect` would make the table.

use std::str::FromStr as _;
use std::time::Duration;

use docket::store::{PostgresOptions, PostgresStore, TableName};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _};

use crate::failure::Failure;

/// An operator does one thing at a time.
const MAX_CONNECTIONS: u32 = 2;
/// How long to wait for a connection.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) async fn open(url: &str, table: TableName) -> Result<PostgresStore, Failure> {
    let options = PgConnectOptions::from_str(url)
        .map_err(|error| super::not_reached(&error))?
        .application_name("docket")
        .disable_statement_logging();
    // A pool goes on trying for as long as it is told to, and says only that it took too long.
    let connection = PgConnection::connect_with(&options);
    let connection = super::within(PATIENCE, connection).await?;
    // It has done its part, however it ends.
    let _ = connection.close().await;
    let pool = PgPoolOptions::new()
        .max_connections(MAX_CONNECTIONS)
        .acquire_timeout(PATIENCE)
        .connect_lazy_with(options);
    let store = PostgresOptions::new().table(table);
    Ok(store.with_pool(pool).await?)
}
