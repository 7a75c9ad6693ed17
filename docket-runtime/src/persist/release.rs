//! Giving back claims whose step never started.
//!
//! A claim that stays behind blocks its key until the lease lapses, and under `never` even longer: nobody else can know
//! that nothing was started. So this goes on while the store is away, up to a bound.

use std::time::Duration;

use tokio::time::Instant;

use crate::store::{ClaimOutcome, ClaimRef, ClaimRequest, Store as _};

use super::Keeper;
use super::backoff::Backoff;
use super::patience::Patience;
use super::told::About;
use crate::observe::{Asker, Operation};

/// Nobody should keep a store's pool alive for longer than this just to be tidy.
const TIDY: Duration = Duration::from_secs(600);

/// Gives back `claim`.
pub(super) async fn release(keeper: &Keeper, about: About<'_>, claim: ClaimRef) {
    release_until(keeper, about, claim, Instant::now() + TIDY).await;
}

/// Finds out in the background whether a claim was won whose answer did not come, and gives it back if so.
///
/// Not for a claim that was to reconcile: its row has a run behind it, and must not look as if there had been none. Once
/// its lease has lapsed, the row is in doubt again, as it was.
pub(super) fn settle(keeper: Keeper, mut request: ClaimRequest, asker: Asker) {
    if request.reconcile {
        return;
    }
    let pass = keeper.pass();
    // As little as possible is to be won by this very request. What it wins anyway is given back at once.
    request.retry_failed = false;
    request.replace = false;
    tokio::spawn(async move {
        let _pass = pass;
        let until = Instant::now() + TIDY;
        let mut backoff = Backoff::of_records();
        while Instant::now() < until {
            backoff.pause().await;
            let about = asker.about(&request.call);
            let answer = about.answer(
                &keeper.inner,
                Operation::Claim,
                Patience::of(keeper.inner.settings.lease / 3),
                keeper.store().claim(&request),
            );
            let outcome = match answer.await {
                Ok(outcome) => outcome,
                Err(error) if error.is_retryable() => continue,
                Err(_) => return,
            };
            let fence = match outcome {
                // It may be ours: its lease lapsed while the store could not be asked, and somebody has marked it. If it is
                // not, there is nothing to give back.
                ClaimOutcome::Unknown { fence, .. } => Some(fence),
                outcome => outcome.claimed().map(|it| it.fence),
            };
            if let Some(fence) = fence {
                let claim = ClaimRef {
                    key: request.call.key,
                    claim_id: request.claim_id,
                    fence,
                };
                release_until(&keeper, about, claim, until).await;
            }
            return;
        }
    });
}

async fn release_until(keeper: &Keeper, about: About<'_>, claim: ClaimRef, until: Instant) {
    let mut backoff = Backoff::of_records();
    while let Err(error) = about
        .answer(
            &keeper.inner,
            Operation::Release,
            Patience::of(keeper.inner.settings.lease / 3),
            keeper.store().release(&claim),
        )
        .await
    {
        if !error.is_retryable() || Instant::now() >= until {
            return;
        }
        backoff.pause().await;
    }
}
