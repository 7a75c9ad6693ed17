//! What is in the rows, as an operator sees it.

use docket::store::{Admin, Filter, RowView, StoreError, Tally};

use super::stores::{Address, Kind};

macro_rules! with_store {
    ($address:expr, $store:ident => $look:expr) => {
        match $address.kind {
            Kind::Sqlite => {
                let $store = $address.open_sqlite().await?;
                $look
            }
            #[cfg(feature = "servers")]
            Kind::Postgres => {
                let $store = $address.open_postgres().await?;
                $look
            }
            #[cfg(feature = "servers")]
            Kind::MariaDb => {
                let $store = $address.open_mariadb().await?;
                $look
            }
            #[cfg(feature = "servers")]
            Kind::Redis => {
                let $store = $address.open_redis().await?;
                $look
            }
        }
    };
}

impl Address {
    /// All rows, the youngest first, without their values.
    ///
    /// # Errors
    ///
    /// When the store can't be reached.
    pub async fn rows(&self) -> Result<Vec<RowView>, StoreError> {
        with_store!(self, store => store.list(&Filter::default(), 1_000).await)
    }

    /// How many rows there are in each status.
    ///
    /// # Errors
    ///
    /// When the store can't be reached.
    pub async fn tally(&self) -> Result<Vec<Tally>, StoreError> {
        with_store!(self, store => store.stats().await)
    }
}
