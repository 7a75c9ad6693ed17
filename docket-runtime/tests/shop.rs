//! A shop's payment, as the tests of each store ask for it.

#![allow(
    dead_code,
    reason = "which of it is used depends on the stores whose features are on"
)]

use std::time::Duration;

use docket_runtime::key::{CacheKey, InputHash};
use docket_runtime::store::{
    Admin, Call, ClaimId, ClaimOutcome, ClaimRef, ClaimRequest, Completion, Failure, FailureStatus,
    Filter, Resolution, RowStatus, Scope, Store, Stored,
};

/// A request for the payment of an order that nobody else has.
pub(crate) fn request() -> ClaimRequest {
    let mut key = [0; 32];
    key[..16].copy_from_slice(ClaimId::random().as_bytes());
    ClaimRequest {
        call: Call {
            key: CacheKey(key),
            namespace: "shop".into(),
            scope: Scope::Global,
            execution_id: "request-1".into(),
            step_name: "ProcessPayment",
            step_version: 2,
            input_hash: InputHash([0; 32]),
        },
        claim_id: ClaimId::random(),
        holder: "host/1/00000000".into(),
        lease: Duration::from_secs(30),
        retry_failed: true,
        repeat_lost: true,
        replace: false,
        reconcile: false,
        max_attempts: 3,
        is_cache: false,
        stale: None,
    }
}

pub(crate) fn with_name(step_name: &'static str) -> ClaimRequest {
    let mut request = request();
    request.call.step_name = step_name;
    request
}

/// The same, by another caller.
pub(crate) fn another(request: &ClaimRequest) -> ClaimRequest {
    ClaimRequest {
        claim_id: ClaimId::random(),
        ..request.clone()
    }
}

/// The same of a step that must not happen twice.
pub(crate) fn never(request: ClaimRequest) -> ClaimRequest {
    ClaimRequest {
        repeat_lost: false,
        retry_failed: false,
        ..request
    }
}

/// Claims what must be there to be claimed.
pub(crate) async fn claim(store: &impl Store, request: &ClaimRequest) -> ClaimRef {
    match store.claim(request).await.unwrap() {
        ClaimOutcome::Claimed(claimed) => claim_ref(request, claimed.fence),
        other => panic!("it can be claimed, and is not {other:?}"),
    }
}

/// What to call a claim that was won.
pub(crate) fn claim_ref(request: &ClaimRequest, fence: i64) -> ClaimRef {
    ClaimRef {
        key: request.call.key,
        claim_id: request.claim_id,
        fence,
    }
}

/// Finds what must be there to be found.
pub(crate) async fn expect_hit(store: &impl Store, request: &ClaimRequest) -> Stored {
    match store.claim(&another(request)).await.unwrap() {
        ClaimOutcome::Hit(stored) => stored,
        other => panic!("it is recorded, and not {other:?}"),
    }
}

pub(crate) fn completion() -> Completion {
    let json = r#"{"amount":5}"#;
    Completion {
        value: Stored {
            bytes: Some(json.as_bytes().into()),
            codec: 2,
            shared: None,
            expires_in: None,
        },
        json: Some(json.into()),
        ttl: None,
        stale: None,
        metadata: r#"{"provider":"stripe"}"#.into(),
    }
}

pub(crate) fn failure(code: &'static str) -> Failure {
    Failure {
        status: FailureStatus::Failed,
        code,
        error: "card declined".to_owned(),
        retry_in: Duration::ZERO,
        ttl: None,
        metadata: r#"{"provider":"stripe"}"#.into(),
    }
}

pub(crate) fn doubt() -> Failure {
    Failure {
        status: FailureStatus::Unknown,
        ..failure("in_doubt")
    }
}

/// Rows with errors of all kinds are found by their status, whatever index the store has of them: one that has failed, even
/// without a word, one in doubt, one whose holder was lost, and one that was found not to have been applied.
pub(crate) async fn find_by_status(store: &impl Admin) {
    let silent = Failure {
        error: String::new(),
        ..failure("failed")
    };
    for ended in [silent, doubt()] {
        let held = claim(store, &request()).await;
        store.fail(&held, &ended).await.unwrap();
    }
    let brief = ClaimRequest {
        lease: Duration::ZERO,
        ..never(request())
    };
    let lost = claim(store, &brief).await;
    store.mark_lost(&lost.key, lost.fence).await.unwrap();
    let lost = claim(store, &another_row(&brief)).await;
    let note = "there is no such payment".to_owned();
    let resolution = Resolution::NotApplied { note };
    let resolved = store.resolve(&lost.key, lost.fence, &resolution).await;
    resolved.unwrap();
    let held = claim(store, &request()).await;
    store.complete(&held, &completion()).await.unwrap();
    claim(store, &request()).await;
    for (status, n_rows) in [
        (RowStatus::Running, 1),
        (RowStatus::Succeeded, 1),
        (RowStatus::Failed, 2),
        (RowStatus::Unknown, 2),
    ] {
        let mut filter = Filter::default();
        filter.status = Some(status);
        let count = store.count(&filter).await.unwrap();
        let list = store.list(&filter, 10).await.unwrap();
        assert_eq!((count, list.len() as u64), (n_rows, n_rows), "{status:?}");
    }
}

fn another_row(of: &ClaimRequest) -> ClaimRequest {
    let mut row = another(of);
    row.call.key = request().call.key;
    row
}

/// Payments, for the query of the product's own pitch that lets those be made again that failed.
pub(crate) struct Payments {
    failed: ClaimRequest,
    unknown: ClaimRequest,
    paid: ClaimRequest,
}

impl Payments {
    /// One that failed, one in doubt, and one that was made.
    pub(crate) async fn make(store: &impl Store) -> Self {
        let [failed, unknown, paid] = [(); 3].map(|()| with_name("ProcessPayment"));
        let held = claim(store, &failed).await;
        store.fail(&held, &failure("card_declined")).await.unwrap();
        let held = claim(store, &unknown).await;
        store.fail(&held, &doubt()).await.unwrap();
        let held = claim(store, &paid).await;
        store.complete(&held, &completion()).await.unwrap();
        Self {
            failed,
            unknown,
            paid,
        }
    }

    /// After the query: a charge in doubt is not swept up with the one that failed.
    pub(crate) async fn check_that_one_is_let_go(&self, store: &impl Store) {
        claim(store, &another(&self.failed)).await;
        let outcome = store.claim(&never(another(&self.unknown))).await.unwrap();
        assert!(
            matches!(outcome, ClaimOutcome::Unknown { .. }),
            "{outcome:?}"
        );
        expect_hit(store, &self.paid).await;
    }
}

/// Times that no clock can reach are as good as for ever.
pub(crate) async fn check_longest_times(store: &impl Store) {
    let request = ClaimRequest {
        lease: Duration::MAX,
        ..request()
    };
    let held = claim(store, &request).await;
    store.renew(&[held], Duration::MAX).await.unwrap();
    let completion = Completion {
        ttl: Some(Duration::MAX),
        ..completion()
    };
    store.complete(&held, &completion).await.unwrap();
    expect_hit(store, &request).await;
}
