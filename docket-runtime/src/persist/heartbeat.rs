//! The heartbeat: one task per keeper renews all of its live claims with one statement, for as long as there are any.
//!
//! It is a task of its own, so that a step which computes without a pause holds up its own worker thread only. (On a
//! runtime with one thread it holds up the heartbeat, too: such work belongs to `blocking`.)

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::observe::Operation;
use crate::store::{ClaimId, ClaimRef, Store as _};

use super::keeper::Inner;
use super::patience::Patience;
use super::told::About;
use super::{Keeper, events};

/// The claims that this process holds.
#[derive(Default)]
pub(super) struct Live(Mutex<Roll>);

#[derive(Default)]
struct Roll {
    held: HashMap<ClaimId, Held>,
    /// Whether there is a task that renews them.
    is_beating: bool,
}

struct Held {
    claim: ClaimRef,
    step: &'static str,
    state: State,
    /// When the lease began anew, as far as this process knows.
    renewed: Instant,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Running,
    /// The row may be in its last state already, so that it is no news if it can't be renewed.
    Recording,
    /// Not renewed any more.
    Lost,
}

/// A claim is renewed while this lives.
pub(super) struct Hold {
    keeper: Keeper,
    claim_id: ClaimId,
}

impl Keeper {
    /// Has `claim` renewed, and starts the heartbeat if there is none.
    pub(super) fn hold(&self, claim: ClaimRef, step: &'static str) -> Hold {
        let mut roll = self.inner.live.lock();
        roll.held.insert(
            claim.claim_id,
            Held {
                claim,
                step,
                state: State::Running,
                renewed: Instant::now(),
            },
        );
        let starts = !std::mem::replace(&mut roll.is_beating, true);
        drop(roll);
        if starts {
            tokio::spawn(beat(
                Pulse {
                    keeper: Arc::downgrade(&self.inner),
                    is_over: false,
                },
                self.inner.settings.lease,
            ));
        }
        Hold {
            keeper: self.clone(),
            claim_id: claim.claim_id,
        }
    }
}

impl Hold {
    /// The run has ended and is being recorded.
    pub(super) fn recording(&self) {
        if let Some(held) = self.keeper.inner.live.lock().held.get_mut(&self.claim_id)
            && held.state == State::Running
        {
            held.state = State::Recording;
        }
    }

    /// The claim is not renewed any more.
    pub(super) fn abandon(&self) {
        if let Some(held) = self.keeper.inner.live.lock().held.get_mut(&self.claim_id) {
            held.state = State::Lost;
        }
    }

    /// Whether the row may have been taken for lost by others.
    pub(super) fn was_lost(&self) -> bool {
        let inner = &self.keeper.inner;
        let roll = inner.live.lock();
        let held = roll.held.get(&self.claim_id);
        held.is_some_and(|it| {
            it.state == State::Lost || it.renewed.elapsed() >= inner.settings.lease
        })
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.keeper.inner.live.lock().held.remove(&self.claim_id);
    }
}

impl Live {
    fn lock(&self) -> MutexGuard<'_, Roll> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The claims to renew; `None` ends the heartbeat, and the next claim starts another.
    fn call_roll(&self) -> Option<Vec<ClaimRef>> {
        let mut roll = self.lock();
        if roll.held.is_empty() {
            roll.is_beating = false;
            return None;
        }
        let live = roll.held.values().filter(|held| held.state != State::Lost);
        Some(live.map(|held| held.claim).collect())
    }

    /// Notes which of the claims that were to be renewed at `sent` are still held.
    fn note(&self, asked: &[ClaimRef], kept: &[ClaimRef], sent: Instant) {
        let kept: HashSet<ClaimId> = kept.iter().map(|it| it.claim_id).collect();
        let mut roll = self.lock();
        for claim in asked {
            // It may have ended while the store was asked.
            let Some(held) = roll.held.get_mut(&claim.claim_id) else {
                continue;
            };
            if kept.contains(&claim.claim_id) {
                held.renewed = sent;
            } else if held.state == State::Running {
                held.state = State::Lost;
                events::claim_lost(held.step, claim);
            }
        }
    }
}

/// Does not keep the keeper alive between two beats.
struct Pulse {
    keeper: Weak<Inner>,
    is_over: bool,
}

/// When its runtime is shut down, the task goes away in the middle; another runtime may use the same keeper.
impl Drop for Pulse {
    fn drop(&mut self) {
        if !self.is_over
            && let Some(keeper) = self.keeper.upgrade()
        {
            keeper.live.lock().is_beating = false;
        }
    }
}

async fn beat(mut pulse: Pulse, lease: Duration) {
    let mut pause = lease / 3;
    loop {
        sleep(pause).await;
        let Some(keeper) = pulse.keeper.upgrade() else {
            return;
        };
        let Some(claims) = keeper.live.call_roll() else {
            pulse.is_over = true;
            return;
        };
        // After a failure there is time for a few more tries before the leases lapse.
        pause = if renew(&keeper, &claims).await {
            lease / 3
        } else {
            lease / 10
        };
    }
}

async fn renew(keeper: &Inner, claims: &[ClaimRef]) -> bool {
    if claims.is_empty() {
        return true;
    }
    let (lease, sent) = (keeper.settings.lease, Instant::now());
    let answer = About::ALL.answer(
        keeper,
        Operation::Heartbeat,
        Patience::of(lease / 3),
        keeper.store.renew(claims, lease),
    );
    match answer.await {
        Ok(kept) => {
            keeper.live.note(claims, &kept, sent);
            true
        }
        Err(error) => {
            events::heartbeat_failed(keeper, claims.len(), &error);
            false
        }
    }
}
