//! From a URL to a store.

use docket::store::AnyStore;

/// The URL of a store that the programs were built for.
#[derive(Clone, Debug)]
pub enum StoreUrl {
    /// A file.
    Sqlite(String),
    /// A server.
    #[cfg(feature = "postgres")]
    Postgres(String),
    /// A server.
    #[cfg(feature = "mysql")]
    MySql(String),
    /// A server.
    #[cfg(feature = "redis")]
    Redis(String),
}

impl StoreUrl {
    /// Reads a URL by its scheme.
    ///
    /// # Errors
    ///
    /// In words for the command line, if there is no such store, or the feature is off that brings it.
    pub fn parse(url: &str) -> Result<Self, String> {
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

    /// Connects to the store, where any will do.
    ///
    /// # Errors
    ///
    /// If it can't be used.
    pub async fn open(&self) -> anyhow::Result<AnyStore> {
        Ok(match self {
            Self::Sqlite(url) => AnyStore::new(docket::SqliteStore::connect(url).await?),
            #[cfg(feature = "postgres")]
            Self::Postgres(url) => AnyStore::new(docket::PostgresStore::connect(url).await?),
            #[cfg(feature = "mysql")]
            Self::MySql(url) => AnyStore::new(docket::MySqlStore::connect(url).await?),
            #[cfg(feature = "redis")]
            Self::Redis(url) => AnyStore::new(docket::RedisStore::connect(url).await?),
        })
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
        "this program was built without that store; `cargo run -p docket-examples --features {feature} --bin …` builds it in"
    )
}
