//! A shop's payment, as the tests of each store ask for it.

use std::time::Duration;

use docket_runtime::key::{CacheKey, InputHash};
use docket_runtime::store::{
    Call, ClaimId, ClaimOutcome, ClaimRef, ClaimRequest, Completion, Failure, FailureStatus, Scope,
    Store, Stored,
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
        ClaimOutcome::Claimed(claimed) => ClaimRef {
            key: request.call.key,
            claim_id: request.claim_id,
            fence: claimed.fence,
        },
        other => panic!("{other:?}"),
    }
}

/// Finds what must be there to be found.
pub(crate) async fn expect_hit(store: &impl Store, request: &ClaimRequest) -> Stored {
    match store.claim(&another(request)).await.unwrap() {
        ClaimOutcome::Hit(stored) => stored,
        other => panic!("{other:?}"),
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
