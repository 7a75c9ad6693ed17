//! Random histories: whatever a `MemoryStore` does under a sequence of moves, another store does too.
//!
//! `MemoryStore` decides by the pure rules of `store/row.rs`, and serves as the model. A history is made from a seed, as
//! data, and played on one fresh row of both stores. One that tells them apart is cut down to the moves it takes.

mod moves;
mod play;

use std::ops::Range;

use super::super::Store;
use moves::Move;
use play::Pair;

const N_MOVES: usize = 30;

pub(super) async fn check(store: &impl Store, seeds: Range<u64>) {
    for seed in seeds {
        let history = moves::random(seed, N_MOVES);
        if let Err(difference) = play(store, &history).await {
            let (history, difference) = shrink(store, history, difference).await;
            panic!("seed {seed}: {difference}, after\n{history:#?}");
        }
    }
}

/// The first difference between the stores, if there is one.
async fn play(store: &impl Store, history: &[Move]) -> Result<(), String> {
    let mut pair = Pair::new(store);
    for step in history {
        pair.make(step).await?;
    }
    Ok(())
}

/// Leaves out moves until there is none without which there is a difference still. Each try is on a row of its own.
async fn shrink(
    store: &impl Store,
    mut history: Vec<Move>,
    mut difference: String,
) -> (Vec<Move>, String) {
    loop {
        let n_moves = history.len();
        // From the end: what came after the difference goes first.
        for index in (0..n_moves).rev() {
            let mut shorter = history.clone();
            shorter.remove(index);
            if let Err(remains) = play(store, &shorter).await {
                (history, difference) = (shorter, remains);
            }
        }
        if history.len() == n_moves {
            return (history, difference);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::{
        ClaimOutcome, ClaimRef, ClaimRequest, Completion, Durability, Failure, MemoryStore,
        StoreError, Write,
    };
    use super::*;
    use crate::key::CacheKey;
    use std::time::Duration;

    /// A store with one rule broken: its failures are always final.
    struct Broken(MemoryStore);

    impl Store for Broken {
        fn durability(&self) -> Durability {
            self.0.durability()
        }
        async fn claim(&self, request: &ClaimRequest) -> Result<ClaimOutcome, StoreError> {
            let request = ClaimRequest {
                retry_failed: false,
                ..request.clone()
            };
            self.0.claim(&request).await
        }
        async fn complete(&self, of: &ClaimRef, with: &Completion) -> Result<Write, StoreError> {
            self.0.complete(of, with).await
        }
        async fn fail(&self, of: &ClaimRef, with: &Failure) -> Result<Write, StoreError> {
            self.0.fail(of, with).await
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

    #[tokio::test(start_paused = true)]
    async fn a_broken_rule_is_found_and_shown_by_the_three_moves_it_takes() {
        let broken = Broken(MemoryStore::new());
        let failing = tokio::spawn(async move { check(&broken, 0..100).await });
        let panic = failing.await.unwrap_err().into_panic();
        let words = panic.downcast_ref::<String>().unwrap();
        assert!(words.starts_with("seed "), "{words}");
        let n_moves = [
            "Claim(",
            "Complete {",
            "Fail {",
            "Renew {",
            "MarkLost",
            "Release",
            "Purge",
        ]
        .map(|it| words.matches(it).count());
        assert_eq!(n_moves, [2, 0, 1, 0, 0, 0, 0], "{words}");
    }
}
