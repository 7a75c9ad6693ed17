//! What a store knows of an order.

use anyhow::bail;
use docket::SqliteStore;
use docket::store::{Admin, AnyStore, Durability, Filter, RowView};
use docket_examples::StoreUrl;

/// A store, and what it knows of one order.
pub(crate) struct Opened {
    pub(crate) store: AnyStore,
    /// The rows that earlier runs of the order left behind, the oldest first.
    pub(crate) rows: Vec<RowView>,
}

/// Connects to the store, and asks what it knows of `order`. Docket would not need to ask: it is for people to read.
pub(crate) async fn open(url: &StoreUrl, order: &str) -> anyhow::Result<Opened> {
    match url {
        StoreUrl::Sqlite(url) => look(SqliteStore::connect(url).await?, order).await,
        #[cfg(feature = "postgres")]
        StoreUrl::Postgres(url) => {
            look(docket::store::PostgresStore::connect(url).await?, order).await
        }
        #[cfg(feature = "mysql")]
        StoreUrl::MySql(url) => look(docket::store::MySqlStore::connect(url).await?, order).await,
        #[cfg(feature = "redis")]
        StoreUrl::Redis(url) => {
            // Where Redis is replicated, a failover can forget a payment that is under way. This program has one server.
            let options = docket::store::RedisOptions::new().accept_weak_durability();
            look(options.connect(url).await?, order).await
        }
    }
}

async fn look(store: impl Admin, order: &str) -> anyhow::Result<Opened> {
    const MAX_ROWS: u32 = 10;
    if let Durability::Weak { reason } = store.durability() {
        bail!("a payment is not safe in it: {reason}");
    }
    let mut filter = Filter::default();
    filter.execution = Some(order.to_owned());
    let mut rows = store.list(&filter, MAX_ROWS).await?;
    rows.retain(|it| it.namespace == crate::NAMESPACE);
    rows.reverse();
    Ok(Opened {
        store: AnyStore::new(store),
        rows,
    })
}
