//! The operator's side is that of the shared store: copies are no rows.

use super::Tiered;
use crate::key::CacheKey;
use crate::store::{Admin, Filter, Finding, Resolution, RowView, StoreError, Tally, Write};

impl<S: Admin> Admin for Tiered<S> {
    async fn migrate(&self) -> Result<(), StoreError> {
        self.shared.migrate().await
    }

    fn schema(&self) -> String {
        self.shared.schema()
    }

    async fn list(&self, filter: &Filter, limit: u32) -> Result<Vec<RowView>, StoreError> {
        self.shared.list(filter, limit).await
    }

    async fn show(&self, key: &CacheKey) -> Result<Option<RowView>, StoreError> {
        self.shared.show(key).await
    }

    async fn stats(&self) -> Result<Vec<Tally>, StoreError> {
        self.shared.stats().await
    }

    async fn count(&self, filter: &Filter) -> Result<u64, StoreError> {
        self.shared.count(filter).await
    }

    async fn retry_failed(&self, filter: &Filter) -> Result<u64, StoreError> {
        self.shared.retry_failed(filter).await
    }

    async fn resolve(
        &self,
        key: &CacheKey,
        fence: i64,
        resolution: &Resolution,
    ) -> Result<Write, StoreError> {
        self.shared.resolve(key, fence, resolution).await
    }

    async fn doctor(&self) -> Result<Vec<Finding>, StoreError> {
        self.shared.doctor().await
    }
}
