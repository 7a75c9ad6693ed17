//! The operator's side: looking at rows. What changes them is in `repair.rs`.
//!
//! There is no index, so whatever is about many rows goes through all keys of the database.

use std::collections::BTreeMap;

use ::redis::cmd;

use super::error::not_ours;
use super::fields::Fields;
use super::scan::Scan;
use super::{Inner, RedisStore, StoreError, Write};
use crate::key::CacheKey;
use crate::store::{Admin, Filter, Finding, Resolution, RowStatus, RowView, Tally};

impl Admin for RedisStore {
    /// There is nothing to create.
    async fn migrate(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn schema(&self) -> String {
        String::new()
    }

    async fn list(&self, filter: &Filter, limit: u32) -> Result<Vec<RowView>, StoreError> {
        self.inner.list(filter, limit).await
    }

    async fn show(&self, key: &CacheKey) -> Result<Option<RowView>, StoreError> {
        self.inner.show(key).await
    }

    async fn stats(&self) -> Result<Vec<Tally>, StoreError> {
        self.inner.stats().await
    }

    async fn count(&self, filter: &Filter) -> Result<u64, StoreError> {
        let mut walk = self.inner.walk(filter).await?;
        let mut n_rows = 0;
        while let Some(rows) = walk.next().await? {
            n_rows += rows.len() as u64;
        }
        Ok(n_rows)
    }

    async fn retry_failed(&self, filter: &Filter) -> Result<u64, StoreError> {
        self.inner.retry_failed(filter).await
    }

    async fn resolve(
        &self,
        key: &CacheKey,
        fence: i64,
        resolution: &Resolution,
    ) -> Result<Write, StoreError> {
        self.inner.resolve(key, fence, resolution).await
    }

    async fn doctor(&self) -> Result<Vec<Finding>, StoreError> {
        self.inner.doctor().await
    }
}

impl Inner {
    async fn list(&self, filter: &Filter, limit: u32) -> Result<Vec<RowView>, StoreError> {
        let limit = limit as usize;
        let mut walk = self.walk(filter).await?;
        let mut views = Vec::new();
        while let Some(rows) = walk.next().await? {
            for (key, fields) in rows {
                views.push(fields.view(key, walk.now).map_err(not_ours)?);
            }
            // No more than these are held, however many there are.
            views.sort_by(|a, b| (&b.created_at, a.key).cmp(&(&a.created_at, b.key)));
            views.truncate(limit);
        }
        Ok(views)
    }

    async fn show(&self, key: &CacheKey) -> Result<Option<RowView>, StoreError> {
        let now = self.now().await?;
        let Some((_, fields)) = self.fields(&[*key]).await?.pop() else {
            return Ok(None);
        };
        let mut value = cmd("HMGET");
        value
            .arg(self.prefix.name(key))
            .arg("value")
            .arg("value_json");
        let (value, value_json) = self.claims.query(&value).await?;
        Ok(Some(RowView {
            value,
            value_json,
            ..fields.view(*key, now).map_err(not_ours)?
        }))
    }

    async fn stats(&self) -> Result<Vec<Tally>, StoreError> {
        let everything = Filter::default();
        let mut walk = self.walk(&everything).await?;
        let mut tallies: BTreeMap<(String, RowStatus), Tally> = BTreeMap::new();
        while let Some(rows) = walk.next().await? {
            for (_, fields) in rows {
                let step_name = fields.text("step_name").map_err(not_ours)?;
                let status = fields.status().map_err(not_ours)?;
                let age = fields.age(walk.now).map_err(not_ours)?;
                let tally = tallies
                    .entry((step_name.clone(), status))
                    .or_insert_with(|| Tally {
                        step_name,
                        status,
                        rows: 0,
                        bytes: 0,
                        oldest: age,
                    });
                tally.rows += 1;
                tally.bytes += fields.value_len().unwrap_or_default();
                tally.oldest = tally.oldest.max(age);
            }
        }
        Ok(tallies.into_values().collect())
    }

    /// Goes through the rows that `filter` lets pass.
    pub(super) async fn walk<'a>(&'a self, filter: &'a Filter) -> Result<Walk<'a>, StoreError> {
        Ok(Walk {
            inner: self,
            scan: Scan::of(self, filter.key.as_ref()),
            filter,
            now: self.now().await?,
        })
    }

    /// The server's clock, in milliseconds.
    pub(super) async fn now(&self) -> Result<i64, StoreError> {
        let (seconds, micros): (i64, i64) = self.claims.query(&cmd("TIME")).await?;
        Ok(seconds * 1000 + micros / 1000)
    }
}

/// The rows that a filter lets pass, a batch at a time.
pub(super) struct Walk<'a> {
    inner: &'a Inner,
    scan: Scan<'a>,
    filter: &'a Filter,
    /// When it began: all ages are as of then.
    now: i64,
}

impl Walk<'_> {
    /// The next batch, which may be empty; `None` after the last.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<(CacheKey, Fields)>>, StoreError> {
        let Some(keys) = self.scan.next().await? else {
            return Ok(None);
        };
        let mut rows = Vec::new();
        for (key, fields) in self.inner.fields(&keys).await? {
            if fields.pass(self.filter, self.now).map_err(not_ours)? {
                rows.push((key, fields));
            }
        }
        Ok(Some(rows))
    }
}
