//! What a completion does not say: the inputs that its result is of.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::key::InputHash;
use crate::store::ClaimId;

/// More claims are not under way at once, unless some were left without an end.
const MAX_CLAIMS: usize = 65_536;

/// The claims of caches that are under way, and their inputs. If one is not found here, no copy is made of its result.
#[derive(Default)]
pub(super) struct Pending(Mutex<HashMap<ClaimId, InputHash>>);

impl Pending {
    pub(super) fn add(&self, claim_id: ClaimId, input_hash: InputHash) {
        let mut claims = self.lock();
        if claims.len() >= MAX_CLAIMS {
            claims.clear();
        }
        claims.insert(claim_id, input_hash);
    }

    pub(super) fn take(&self, claim_id: &ClaimId) -> Option<InputHash> {
        self.lock().remove(claim_id)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ClaimId, InputHash>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_without_an_end_do_not_pile_up() {
        let pending = Pending::default();
        for _ in 0..MAX_CLAIMS {
            pending.add(ClaimId::random(), InputHash([1; 32]));
        }
        assert_eq!(pending.lock().len(), MAX_CLAIMS);
        let last = ClaimId::random();
        pending.add(last, InputHash([2; 32]));
        assert_eq!(pending.lock().len(), 1);
        assert_eq!(pending.take(&last), Some(InputHash([2; 32])));
        assert_eq!(pending.take(&last), None);
    }
}
