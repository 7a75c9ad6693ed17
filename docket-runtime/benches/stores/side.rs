//! The sides of each comparison: a store, and what is done by hand.

use std::time::Duration;

use docket_runtime::store::{ClaimId, ClaimOutcome, Store};

use crate::requests::{claim, completion, request};

/// What can be measured. A clone is the same side.
pub(crate) trait Pair: Clone + Send + Sync + 'static {
    /// Writes of a new row that it has begun, and then its value.
    fn pair(&self, key: Key) -> impl Future<Output = ()> + Send;
}

/// What also reads.
pub(crate) trait Side: Pair {
    /// Reads the value of a row that is there.
    fn hit(&self, key: Key) -> impl Future<Output = ()> + Send;
}

pub(crate) type Key = [u8; 32];

pub(crate) const VALUE: &[u8] = &[7; 200];

/// What stands in a row beside the value, where a team writes it by hand.
pub(crate) const METADATA: [&str; 2] = [
    r#"{"status":"running","attempt":1}"#,
    r#"{"status":"succeeded","attempt":1,"provider":"stripe"}"#,
];

/// A key that nobody had before.
pub(crate) fn new_key() -> Key {
    let mut key = [0; 32];
    key[..16].copy_from_slice(ClaimId::random().as_bytes());
    key[16..].copy_from_slice(ClaimId::random().as_bytes());
    key
}

/// A store: a claim, and a claim with its record.
#[derive(Clone)]
pub(crate) struct Docket<S>(pub(crate) S);

impl<S: Store + Clone> Side for Docket<S> {
    async fn hit(&self, key: Key) {
        let outcome = self.0.claim(&request(key)).await;
        match outcome.expect("the store answers") {
            ClaimOutcome::Hit(stored) => assert_eq!(stored.bytes.as_deref(), Some(VALUE)),
            other => panic!("a row that is there is a hit, and not {other:?}"),
        }
    }
}

impl<S: Store + Clone> Pair for Docket<S> {
    async fn pair(&self, key: Key) {
        let request = request(key);
        let outcome = self.0.claim(&request).await.expect("the store answers");
        let ClaimOutcome::Claimed(claimed) = outcome else {
            panic!("a new row is claimed, and not {outcome:?}");
        };
        let claim = claim(&request, claimed);
        let completion = completion(VALUE.into(), Some(Duration::from_secs(600)));
        let written = self.0.complete(&claim, &completion).await;
        written.expect("the store answers");
    }
}
