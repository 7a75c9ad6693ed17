//! [`AnyStore`]: a store behind a pointer, so that the rest of the runtime is not generic over it, and so that a program
//! can choose one at run time.

use std::any::Any;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::key::CacheKey;

use super::{
    ClaimOutcome, ClaimRef, ClaimRequest, Completion, Durability, Failure, Preview, Store,
    StoreError, Write,
};

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Any [`Store`]; a clone is the same store. For programs that learn at run time which one they use:
///
/// ```
/// # use docket_runtime as docket;
/// use docket::store::{AnyStore, MemoryStore};
///
/// # #[cfg(feature = "sqlite")]
/// async fn open(url: Option<&str>) -> Result<AnyStore, docket::store::StoreError> {
///     Ok(match url {
///         Some(url) => AnyStore::new(docket::store::SqliteStore::connect(url).await?),
///         None => AnyStore::new(MemoryStore::new()),
///     })
/// }
/// ```
#[derive(Clone)]
pub struct AnyStore(Arc<dyn Erased>);

impl AnyStore {
    /// Hides the type of `store`.
    pub fn new(store: impl Store) -> Self {
        // One that is erased already is not wrapped again.
        let mut store = Some(store);
        match (&mut store as &mut dyn Any).downcast_mut::<Option<Self>>() {
            Some(erased) => erased.take().expect("it was just put there"),
            None => Self(Arc::new(store.expect("nobody took it"))),
        }
    }
}

impl Store for AnyStore {
    fn durability(&self) -> Durability {
        self.0.durability()
    }

    async fn claim(&self, request: &ClaimRequest) -> Result<ClaimOutcome, StoreError> {
        self.0.claim(request).await
    }

    async fn preview(&self, request: &ClaimRequest) -> Result<Preview, StoreError> {
        self.0.preview(request).await
    }

    async fn complete(
        &self,
        claim: &ClaimRef,
        completion: &Completion,
    ) -> Result<Write, StoreError> {
        self.0.complete(claim, completion).await
    }

    async fn fail(&self, claim: &ClaimRef, failure: &Failure) -> Result<Write, StoreError> {
        self.0.fail(claim, failure).await
    }

    async fn renew(
        &self,
        claims: &[ClaimRef],
        lease: Duration,
    ) -> Result<Vec<ClaimRef>, StoreError> {
        self.0.renew(claims, lease).await
    }

    async fn mark_lost(&self, key: &CacheKey, fence: i64) -> Result<(), StoreError> {
        self.0.mark_lost(key, fence).await
    }

    async fn release(&self, claim: &ClaimRef) -> Result<(), StoreError> {
        self.0.release(claim).await
    }

    async fn purge(&self, limit: u32) -> Result<u64, StoreError> {
        self.0.purge(limit).await
    }
}

impl fmt::Debug for AnyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AnyStore")
            .field(&self.0.durability())
            .finish()
    }
}

trait Erased: Send + Sync {
    fn durability(&self) -> Durability;
    fn claim<'a>(&'a self, request: &'a ClaimRequest) -> BoxFuture<'a, ClaimOutcome>;
    fn preview<'a>(&'a self, request: &'a ClaimRequest) -> BoxFuture<'a, Preview>;
    fn complete<'a>(
        &'a self,
        claim: &'a ClaimRef,
        completion: &'a Completion,
    ) -> BoxFuture<'a, Write>;
    fn fail<'a>(&'a self, claim: &'a ClaimRef, failure: &'a Failure) -> BoxFuture<'a, Write>;
    fn renew<'a>(&'a self, claims: &'a [ClaimRef], lease: Duration)
    -> BoxFuture<'a, Vec<ClaimRef>>;
    fn mark_lost<'a>(&'a self, key: &'a CacheKey, fence: i64) -> BoxFuture<'a, ()>;
    fn release<'a>(&'a self, claim: &'a ClaimRef) -> BoxFuture<'a, ()>;
    fn purge(&self, limit: u32) -> BoxFuture<'_, u64>;
}

impl<S: Store> Erased for S {
    fn durability(&self) -> Durability {
        Store::durability(self)
    }

    fn claim<'a>(&'a self, request: &'a ClaimRequest) -> BoxFuture<'a, ClaimOutcome> {
        Box::pin(Store::claim(self, request))
    }

    fn preview<'a>(&'a self, request: &'a ClaimRequest) -> BoxFuture<'a, Preview> {
        Box::pin(Store::preview(self, request))
    }

    fn complete<'a>(
        &'a self,
        claim: &'a ClaimRef,
        completion: &'a Completion,
    ) -> BoxFuture<'a, Write> {
        Box::pin(Store::complete(self, claim, completion))
    }

    fn fail<'a>(&'a self, claim: &'a ClaimRef, failure: &'a Failure) -> BoxFuture<'a, Write> {
        Box::pin(Store::fail(self, claim, failure))
    }

    fn renew<'a>(
        &'a self,
        claims: &'a [ClaimRef],
        lease: Duration,
    ) -> BoxFuture<'a, Vec<ClaimRef>> {
        Box::pin(Store::renew(self, claims, lease))
    }

    fn mark_lost<'a>(&'a self, key: &'a CacheKey, fence: i64) -> BoxFuture<'a, ()> {
        Box::pin(Store::mark_lost(self, key, fence))
    }

    fn release<'a>(&'a self, claim: &'a ClaimRef) -> BoxFuture<'a, ()> {
        Box::pin(Store::release(self, claim))
    }

    fn purge(&self, limit: u32) -> BoxFuture<'_, u64> {
        Box::pin(Store::purge(self, limit))
    }
}
