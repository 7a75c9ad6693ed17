//! From a URL to a store, and to what it knows of an order.

use anyhow::bail;
use docket::SqliteStore;
use docket::store::{Admin, AnyStore, Durability, Filter, RowView};

/// The URL of a store that this program was built for.
#[derive(Clone, Debug)]
pub(crate) enum StoreUrl {
    Sqlite(String),
    #[cfg(feature = "postgres")]
    Postgres(String),
    #[cfg(feature = "mysql")]
    MySql(String),
    #[cfg(feature = "redis")]
    Redis(String),
}

impl StoreUrl {
    /// Reads a URL by its scheme.
    ///
    /// # Errors
    ///
    /// In words for the command line, if there is no such store, or the feature is off that brings it.
    pub(crate) fn parse(url: &str) -> Result<Self, String> {
        let given = url.to_owned();
        match url.split(':').next().unwrap_or_default() {
            "sqlite" => Ok(Self::Sqlite(given)),
            #[cfg(feature = "postgres")]
            "postgres" | "postgresql" => Ok(Self::Postgres(given)),
            #[cfg(feature = "mysql")]
            "mysql" | "mariadb" => Ok(Self::MySql(given)),
            #[cfg(feature = "redis")]
            "redis" | "rediss" => Ok(Self::Redis(given)),
            scheme => Err(not_built_in(scheme)),
        }
    }
}

fn not_built_in(scheme: &str) -> String {
    let feature = match scheme {
        "postgres" | "postgresql" => "postgres",
        "mysql" | "mariadb" => "mysql",
        "redis" | "rediss" => "redis",
        _ => {
            return "it is none of sqlite://FILE, postgres://…, mysql://… and redis://…".to_owned();
        }
    };
    format!(
        "this program was built without that store; `cargo run -p docket-examples --features {feature} --bin place_order` \
         builds it in"
    )
}

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
