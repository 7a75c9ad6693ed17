//! [`AnyStore`]: a store behind a pointer, so that the rest of the runtime is not generic over it.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::key::CacheKey;

use super::{
    ClaimOutcome, ClaimRef, ClaimRequest, Completion, Durability, Failure, Store, StoreError, Write,
};

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Any [`Store`]; a clone is the same store.
#[derive(Clone)]
pub struct AnyStore(Arc<dyn Erased>);

impl AnyStore {
    /// Hides the type of `store`.
    pub fn new(store: impl Store) -> Self {
        Self(Arc::new(store))
    }

    /// See [`Store::durability`].
    pub fn durability(&self) -> Durability {
        self.0.durability()
    }

    /// See [`Store::claim`].
    pub async fn claim(&self, request: &ClaimRequest) -> Result<ClaimOutcome, StoreError> {
        self.0.claim(request).await
    }

    /// See [`Store::complete`].
    pub async fn complete(
        &self,
        claim: &ClaimRef,
        completion: &Completion,
    ) -> Result<Write, StoreError> {
        self.0.complete(claim, completion).await
    }

    /// See [`Store::fail`].
    pub async fn fail(&self, claim: &ClaimRef, failure: &Failure) -> Result<Write, StoreError> {
        self.0.fail(claim, failure).await
    }

    /// See [`Store::renew`].
    pub async fn renew(
        &self,
        claims: &[ClaimRef],
        lease: Duration,
    ) -> Result<Vec<ClaimRef>, StoreError> {
        self.0.renew(claims, lease).await
    }

    /// See [`Store::mark_lost`].
    pub async fn mark_lost(&self, key: &CacheKey, fence: i64) -> Result<(), StoreError> {
        self.0.mark_lost(key, fence).await
    }

    /// See [`Store::release`].
    pub async fn release(&self, claim: &ClaimRef) -> Result<(), StoreError> {
        self.0.release(claim).await
    }

    /// See [`Store::purge`].
    pub async fn purge(&self, limit: u32) -> Result<u64, StoreError> {
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
