//! Connecting to a server.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use ::redis::io::tcp::TcpSettings;
use ::redis::{Client, IntoConnectionInfo};

use super::super::hits::Hits;
use super::durability::{Settings, judge};
use super::error::store_error;
use super::key::Prefix;
use super::link::Link;
use super::peek::{self, Peeks};
use super::script::Scripts;
use super::{Inner, RedisStore, StoreError};

/// A server that has not answered for so long is taken to be down.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(2);

pub(super) const IS_CLUSTER: &str = "Redis Cluster is not supported: use a server of its own, with replicas and sentinels if need be";

/// How a [`RedisStore`] is made, where the defaults don't fit.
///
/// ```no_run
/// # async fn start() -> Result<(), docket_runtime::store::StoreError> {
/// use docket_runtime::store::RedisOptions;
///
/// let store = RedisOptions::new()
///     .prefix("orders:")?
///     .connect("redis://localhost")
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct RedisOptions {
    prefix: Prefix,
    accepts_weak_durability: bool,
    response_timeout: Duration,
}

impl RedisOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self {
            prefix: Prefix::default(),
            accepts_weak_durability: false,
            response_timeout: RESPONSE_TIMEOUT,
        }
    }

    /// What the names of all keys begin with; default `docket:`. Stores of different prefixes know nothing of each other.
    ///
    /// # Errors
    ///
    /// If `prefix` is not 1 to 128 of `A-Za-z0-9_-.:/`.
    pub fn prefix(mut self, prefix: &str) -> Result<Self, StoreError> {
        self.prefix = Prefix::new(prefix)?;
        Ok(self)
    }

    /// Says that steps with `repeat = "never"` may be kept in Redis, although a failover can forget the last of what was
    /// acknowledged, and so can a crash under `appendfsync everysec`: such a step can then take place twice.
    ///
    /// The store then counts as [`Durable`](super::super::Durability::Durable), if the server is a master with an append-only
    /// file that does not evict.
    pub fn accept_weak_durability(mut self) -> Self {
        self.accepts_weak_durability = true;
        self
    }

    /// How long a command may take before the server counts as down; default 2 seconds.
    pub fn response_timeout(mut self, timeout: Duration) -> Self {
        self.response_timeout = timeout;
        self
    }

    /// See [`RedisStore::connect`].
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn connect(self, url: &str) -> Result<RedisStore, StoreError> {
        let info = url.into_connection_info().map_err(store_error)?;
        // Many small commands share a connection, so none may wait for the acknowledgement of another.
        let info = info.set_tcp_settings(TcpSettings::default().set_nodelay(true));
        self.with_client(Client::open(info).map_err(store_error)?)
            .await
    }

    /// See [`RedisStore::new`].
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn with_client(self, client: Client) -> Result<RedisStore, StoreError> {
        let Self {
            prefix,
            accepts_weak_durability,
            response_timeout,
        } = self;
        let claims = Link::open(&client, response_timeout).await?;
        let records = Link::open(&client, response_timeout).await?;
        let settings = Settings::of(&claims).await?;
        if settings.is_cluster() {
            return Err(StoreError::refused(IS_CLUSTER));
        }
        if settings.is_of_32_bits() {
            return Err(StoreError::refused(
                "this server is built for 32 bits, whose numbers are too short for fences: use one of 64 bits",
            ));
        }
        let scripts = Scripts::new();
        claims.send::<()>(&scripts.load()).await?;
        let peeks = Peeks {
            claims: claims.clone(),
            prefix: prefix.clone(),
        };
        Ok(RedisStore {
            inner: Arc::new(Inner {
                hits: Hits::new(peeks, peek::LIMITS),
                claims,
                records,
                scripts,
                prefix,
                durability: judge(&settings, accepts_weak_durability),
                accepts_weak_durability,
                last_fence: AtomicI64::new(0),
            }),
        })
    }
}

impl Default for RedisOptions {
    fn default() -> Self {
        Self::new()
    }
}
