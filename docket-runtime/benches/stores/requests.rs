//! What a store is sent for one row. `benches/caches` has this file too, so that a field that a request gains is filled for
//! both here.

use std::sync::Arc;
use std::time::Duration;

use docket_runtime::key::{CacheKey, InputHash};
use docket_runtime::store::{
    Call, ClaimId, ClaimRef, ClaimRequest, Claimed, Completion, Scope, Stored,
};

/// A step whose results are read and made: its hits and its misses are told apart by its name, as they are in a program.
pub(crate) fn request(key: [u8; 32]) -> ClaimRequest {
    ClaimRequest {
        call: Call {
            key: CacheKey(key),
            namespace: "bench".into(),
            scope: Scope::Global,
            execution_id: "request-1".into(),
            step_name: "ChargeCard",
            step_version: 1,
            input_hash: InputHash([7; 32]),
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

/// The claim that `request` has won.
pub(crate) fn claim(request: &ClaimRequest, claimed: Claimed) -> ClaimRef {
    ClaimRef {
        key: request.call.key,
        claim_id: request.claim_id,
        fence: claimed.fence,
    }
}

/// The record of `value`.
pub(crate) fn completion(value: Arc<[u8]>, ttl: Option<Duration>) -> Completion {
    Completion {
        value: Stored {
            bytes: Some(value),
            codec: 1,
            shared: None,
            expires_in: None,
        },
        json: None,
        ttl,
        stale: None,
        metadata: r#"{"provider":"stripe"}"#.into(),
    }
}
