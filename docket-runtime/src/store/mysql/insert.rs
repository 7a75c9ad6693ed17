//! Claiming rows that are not there: those that are claimed at the same time are one statement, and one wait for the disk.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use sqlx::mysql::MySql;
use sqlx::{Error, Row as _, SqlStr};

use super::super::coalesce::{Batch, Limits};
use super::super::sql::{BySize, Lender};
use super::super::{ClaimRequest, Claimed};
use super::StoreError;
use super::claim::bind_call;
use super::error::{is_duplicate, store_error};
use super::look::of_keys;
use super::send::Bound;
use super::statements::{MAX_INSERTS, Statements};
use crate::key::CacheKey;

pub(super) const LIMITS: Limits = Limits {
    lanes: 4,
    operations: MAX_INSERTS,
    bytes: 1 << 20,
    patience: Some(Duration::from_secs(30)),
};

/// How often the rows of a batch are inserted together. In between, those that are there drop out.
const TRIES: u32 = 2;

/// The greatest fence that was given out. The clock alone could give one fence twice to a row that was deleted and made
/// anew, if it is set back.
#[derive(Clone, Default)]
pub(super) struct LastFence(Arc<AtomicI64>);

impl LastFence {
    fn next(&self) -> i64 {
        self.0.load(Ordering::Relaxed) + 1
    }

    /// The fence that came back with an answer.
    pub(super) fn note(&self, last_insert_id: u64) -> i64 {
        // The column is signed, so it is never more.
        let fence = i64::try_from(last_insert_id).unwrap_or(i64::MAX);
        self.0.fetch_max(fence, Ordering::Relaxed);
        fence
    }
}

/// What sends them.
pub(super) struct Inserts {
    pool: Lender<MySql>,
    /// For one row, for two, and so on.
    sql: Vec<SqlStr>,
    existing: BySize,
    last_fence: LastFence,
}

impl Inserts {
    pub(super) fn new(pool: Lender<MySql>, sql: &Statements, last_fence: LastFence) -> Self {
        Self {
            pool,
            sql: sql.insert.clone(),
            existing: sql.existing.clone(),
            last_fence,
        }
    }

    /// All of `requests` or none. `None` if one of them has a row.
    async fn insert(&self, requests: &[&ClaimRequest]) -> Result<Option<Claimed>, Error> {
        let mut insert = Bound::new(&self.sql[requests.len() - 1]);
        for request in requests {
            insert = bind_call(insert.bind(&request.call.key.0[..]), request)
                .bind(!request.repeat_lost)
                .bind(self.last_fence.next());
        }
        match insert.execute(&self.pool).await {
            // They are inserted at one time, and have one fence.
            Ok(done) => Ok(Some(Claimed {
                fence: self.last_fence.note(done.last_insert_id()),
                attempt: 1,
                generation: 0,
                starts: 1,
            })),
            Err(error) if is_duplicate(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Those of `requests` whose rows are not there.
    async fn absent<'r>(
        &self,
        requests: Vec<&'r ClaimRequest>,
    ) -> Result<Vec<&'r ClaimRequest>, Error> {
        let keys: Vec<CacheKey> = requests.iter().map(|it| it.call.key).collect();
        let existing = of_keys(&self.existing, &keys);
        let rows = existing.fetch(&self.pool).await?;
        let there: Result<Vec<&[u8]>, _> = rows.iter().map(|row| row.try_get(0)).collect();
        let there = there?;
        let is_absent = |it: &&ClaimRequest| !there.contains(&&it.call.key.0[..]);
        Ok(requests.into_iter().filter(is_absent).collect())
    }
}

impl Batch for Inserts {
    type Operation = ClaimRequest;
    /// `None` if there is a row.
    type Answer = Option<Claimed>;

    fn key(request: &ClaimRequest) -> &CacheKey {
        &request.call.key
    }

    fn size(&self, request: &ClaimRequest) -> usize {
        let ClaimRequest { call, holder, .. } = request;
        call.namespace.len() + call.execution_id.len() + call.step_name.len() + holder.len()
    }

    async fn send(&self, requests: &[ClaimRequest]) -> Result<Vec<Option<Claimed>>, StoreError> {
        let mut claimed = vec![None; requests.len()];
        let mut left: Vec<&ClaimRequest> = requests.iter().collect();
        let place = |it: &ClaimRequest| {
            // They are ordered by key.
            requests.binary_search_by(|other| other.call.key.0.cmp(&it.call.key.0))
        };
        for _ in 0..TRIES {
            let won = self.insert(&left).await.map_err(store_error)?;
            if won.is_some() {
                for at in left.iter().filter_map(|it| place(it).ok()) {
                    claimed[at] = won;
                }
                return Ok(claimed);
            }
            if left.len() == 1 {
                return Ok(claimed);
            }
            left = self.absent(left).await.map_err(store_error)?;
            if left.is_empty() {
                return Ok(claimed);
            }
        }
        for it in left {
            let won = self.insert(&[it]).await.map_err(store_error)?;
            if let Ok(at) = place(it) {
                claimed[at] = won;
            }
        }
        Ok(claimed)
    }
}
