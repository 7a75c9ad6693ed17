//! [`claim`] for stores that read a row, decide by the rules of `row.rs`, and write it if it is still as they read it.

use super::super::row::{Decision, Row, Takeover};
use super::super::seen::Seen;
use super::super::{ClaimOutcome, ClaimRequest, Claimed, StoreError};
use super::{MAX_LOOKS, changed_hands};
use crate::key::CacheKey;

/// The statements of a claim, each of one row. Those that write give `None` where somebody else was faster.
pub(in crate::store) trait ByReading {
    fn find(&self, key: &CacheKey)
    -> impl Future<Output = Result<Option<Seen>, StoreError>> + Send;

    /// Makes the row.
    fn insert(
        &self,
        request: &ClaimRequest,
    ) -> impl Future<Output = Result<Option<Claimed>, StoreError>> + Send;

    /// Takes over a row that is as it was read. `keeps` says whether its value stays.
    fn take(
        &self,
        request: &ClaimRequest,
        row: &Row,
        takeover: Takeover,
        keeps: bool,
    ) -> impl Future<Output = Result<Option<Claimed>, StoreError>> + Send;

    /// Moves the lease of a row that is the caller's already.
    fn prolong(
        &self,
        request: &ClaimRequest,
        row: &Row,
    ) -> impl Future<Output = Result<Option<Claimed>, StoreError>> + Send;
}

/// What becomes of `request`. Who does not look first expects no row, and looks when he has inserted in vain.
pub(in crate::store) async fn claim(
    store: &impl ByReading,
    request: &ClaimRequest,
    mut looks_first: bool,
) -> Result<ClaimOutcome, StoreError> {
    for _ in 0..MAX_LOOKS {
        let found = if std::mem::replace(&mut looks_first, true) {
            store.find(&request.call.key).await?
        } else {
            None
        };
        let stale = found.as_ref().and_then(|it| it.stale(request));
        let claimed = match found {
            None => store.insert(request).await?,
            Some(found) => match found.decide(request) {
                Decision::Mine => store.prolong(request, &found.row).await?,
                Decision::Take(takeover) => {
                    let keeps = stale.is_some();
                    store.take(request, &found.row, takeover, keeps).await?
                }
                settled => return Ok(found.outcome(settled).or_stale(stale)),
            },
        };
        if let Some(claimed) = claimed {
            return Ok(ClaimOutcome::Claimed(claimed).or_stale(stale));
        }
    }
    Err(changed_hands())
}
