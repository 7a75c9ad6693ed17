//! The stores that have a URL, each test's rows apart from all others.

use docket::store::{AnyStore, SqliteOptions, SqliteStore, StoreError, TableName};
#[cfg(feature = "servers")]
use docket::store::{
    MySqlOptions, MySqlStore, PostgresOptions, PostgresStore, RedisOptions, RedisStore,
};
use tempfile::TempDir;

/// A kind of store that several processes can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// In a file.
    Sqlite,
    /// On the server of `tests/run`.
    #[cfg(feature = "servers")]
    Postgres,
    /// On the server of `tests/run`.
    #[cfg(feature = "servers")]
    MariaDb,
    /// On the server of `tests/run`.
    #[cfg(feature = "servers")]
    Redis,
}

impl Kind {
    /// Those that are compiled in.
    pub const ALL: &'static [Self] = &[
        Self::Sqlite,
        #[cfg(feature = "servers")]
        Self::Postgres,
        #[cfg(feature = "servers")]
        Self::MariaDb,
        #[cfg(feature = "servers")]
        Self::Redis,
    ];

    /// The kind of this name, in lower case.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|it| format!("{it:?}").eq_ignore_ascii_case(name))
    }
}

/// Where the rows of one test are: a URL, and a name of its own within it.
pub struct Place {
    kind: Kind,
    url: String,
    /// A table, or the prefix of keys.
    name: String,
    /// A file goes with its test.
    #[allow(dead_code, reason = "it is dropped")]
    folder: Option<TempDir>,
}

impl Place {
    /// A new place.
    ///
    /// # Panics
    ///
    /// When the server's URL is not set, in words that say how to.
    pub fn new(kind: Kind) -> Self {
        let folder = (kind == Kind::Sqlite).then(|| TempDir::new().expect("a folder"));
        let url = match (&folder, kind) {
            (Some(folder), _) => format!("sqlite://{}", folder.path().join("steps.db").display()),
            #[cfg(feature = "servers")]
            (None, Kind::Postgres) => server_url("DOCKET_TEST_POSTGRES"),
            #[cfg(feature = "servers")]
            (None, Kind::MariaDb) => server_url("DOCKET_TEST_MARIADB"),
            #[cfg(feature = "servers")]
            (None, Kind::Redis) => server_url("DOCKET_TEST_REDIS"),
            (None, _) => unreachable!("a file has its folder"),
        };
        Self {
            folder,
            ..Self::at(kind, url)
        }
    }

    /// A new place on another server than that of `tests/run`.
    pub fn at(kind: Kind, url: String) -> Self {
        let id = docket::store::ClaimId::random();
        let digits: String = id.as_bytes()[..6]
            .iter()
            .map(|it| format!("{it:02x}"))
            .collect();
        Self {
            kind,
            url,
            name: format!("faults_{digits}"),
            folder: None,
        }
    }

    /// The same rows, by another way to the server: through a proxy, as a rule.
    pub fn by_port(&self, port: u16) -> Address {
        let mut address = self.address();
        let (scheme, rest) = self.url.split_once("://").expect("a URL");
        let user = rest.split_once('@').map(|(user, _)| format!("{user}@"));
        let path = rest.split_once('/').map(|(_, path)| format!("/{path}"));
        address.url = format!(
            "{scheme}://{}127.0.0.1:{port}{}",
            user.unwrap_or_default(),
            path.unwrap_or_default()
        );
        address
    }

    /// What a process needs to get there.
    pub fn address(&self) -> Address {
        Address {
            kind: self.kind,
            url: self.url.clone(),
            name: self.name.clone(),
        }
    }

    /// The port of the server.
    ///
    /// # Panics
    ///
    /// When there is none, since it is a file.
    pub fn port(&self) -> u16 {
        let rest = self.url.rsplit_once(':').expect("a port").1;
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().expect("a port")
    }
}

#[cfg(feature = "servers")]
fn server_url(variable: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| {
        panic!("{variable} is not set: run `tests/run`, which starts the servers")
    })
}

/// What a process needs to get to a [`Place`].
#[derive(Clone, Debug)]
pub struct Address {
    /// Which store.
    pub kind: Kind,
    /// Where.
    pub url: String,
    /// The table, or the prefix of keys.
    pub name: String,
}

impl Address {
    /// As arguments of a worker.
    pub fn to_args(&self) -> [String; 3] {
        let Self { kind, url, name } = self;
        [format!("{kind:?}"), url.clone(), name.clone()]
    }

    /// Opens the store.
    ///
    /// # Errors
    ///
    /// When it can't be reached.
    pub async fn open(&self) -> Result<AnyStore, StoreError> {
        Ok(match self.kind {
            Kind::Sqlite => AnyStore::new(self.open_sqlite().await?),
            #[cfg(feature = "servers")]
            Kind::Postgres => AnyStore::new(self.open_postgres().await?),
            #[cfg(feature = "servers")]
            Kind::MariaDb => AnyStore::new(self.open_mariadb().await?),
            #[cfg(feature = "servers")]
            Kind::Redis => AnyStore::new(self.open_redis().await?),
        })
    }

    pub(super) async fn open_sqlite(&self) -> Result<SqliteStore, StoreError> {
        let options = SqliteOptions::new().table(self.table()?);
        options.connect(&self.url).await
    }

    #[cfg(feature = "servers")]
    pub(super) async fn open_postgres(&self) -> Result<PostgresStore, StoreError> {
        let options = PostgresOptions::new().table(self.table()?);
        options.connect(&self.url).await
    }

    #[cfg(feature = "servers")]
    pub(super) async fn open_mariadb(&self) -> Result<MySqlStore, StoreError> {
        let options = MySqlOptions::new().table(self.table()?);
        options.connect(&self.url).await
    }

    #[cfg(feature = "servers")]
    pub(super) async fn open_redis(&self) -> Result<RedisStore, StoreError> {
        let options = RedisOptions::new().prefix(&format!("{}:", self.name))?;
        let options = options.accept_weak_durability();
        options.connect(&self.url).await
    }

    pub(super) fn table(&self) -> Result<TableName, StoreError> {
        TableName::new(&self.name)
    }
}
