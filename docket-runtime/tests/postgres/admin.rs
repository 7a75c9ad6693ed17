//! The operator's side.

use std::time::Duration;

use docket_runtime::store::{
    Admin, ClaimOutcome, ClaimRequest, Failure, FailureStatus, Filter, KeyPrefix, Resolution,
    RowStatus, Store, Write,
};
use sqlx::query;

use super::{Scratch, another, claim, completion, expect_hit, failure, never, request, with_name};
use crate::shop::find_by_status;

fn doubt() -> Failure {
    Failure {
        status: FailureStatus::Unknown,
        ..failure("in_doubt")
    }
}

fn only(set: impl FnOnce(&mut Filter)) -> Filter {
    let mut filter = Filter::default();
    set(&mut filter);
    filter
}

#[tokio::test]
async fn rows_are_listed_shown_and_summed_up() {
    let scratch = Scratch::new("list").await;
    let store = scratch.store().await;
    let mut old = with_name("Old");
    old.call.execution_id = "execution-old".into();
    let held = claim(&store, &old).await;
    store.complete(&held, &completion()).await.unwrap();
    query("UPDATE step_cache SET created_at = '2026-01-02 03:04:05.678Z'")
        .execute(&scratch.pool().await)
        .await
        .unwrap();
    let failed = request();
    let held = claim(&store, &failed).await;
    let brief = Failure {
        ttl: Some(Duration::ZERO),
        ..failure("failed")
    };
    store.fail(&held, &brief).await.unwrap();
    let running = request();
    claim(&store, &running).await;

    let all = store.list(&Filter::default(), 10).await.unwrap();
    let keys: Vec<_> = all.iter().map(|it| it.key).collect();
    let young_first = [running.call.key, failed.call.key, old.call.key];
    assert_eq!(keys, young_first);
    assert_eq!(store.list(&Filter::default(), 1).await.unwrap().len(), 1);
    let [running_row, failed_row, old_row] = &all[..] else {
        panic!("{all:?}");
    };
    assert_eq!(running_row.status, RowStatus::Running);
    assert!(running_row.lease.unwrap() > Duration::from_secs(20));
    assert_eq!((running_row.attempt, running_row.generation), (1, 0));
    assert!(running_row.age < Duration::from_secs(60));
    assert_eq!(failed_row.error.as_deref(), Some("card declined"));
    assert_eq!(failed_row.expires_in, Some(Duration::ZERO));
    assert_eq!(old_row.created_at, "2026-01-02 03:04:05.678");
    assert_eq!(old_row.expires_in, None);
    assert_eq!(old_row.value_len, Some(12));
    assert_eq!((&old_row.value, &old_row.value_json), (&None, &None));

    let shown = store.show(&old.call.key).await.unwrap().unwrap();
    assert_eq!(shown.value.as_deref(), Some(&br#"{"amount":5}"#[..]));
    assert_eq!(shown.value_json.as_deref(), Some(r#"{"amount":5}"#));
    assert_eq!(shown.codec, Some(2));
    assert!(store.show(&request().call.key).await.unwrap().is_none());

    let prefix = KeyPrefix::new(&format!("{:02x}", old.call.key.0[0])).unwrap();
    let day = Duration::from_secs(24 * 60 * 60);
    let filters = [
        (only(|it| it.step = Some("Old".into())), 1),
        (only(|it| it.step = Some("\0".into())), 0),
        (only(|it| it.status = Some(RowStatus::Running)), 1),
        (only(|it| it.execution = Some("execution-old".into())), 1),
        (only(|it| it.older_than = Some(day)), 1),
        (only(|it| it.older_than = Some(Duration::MAX)), 0),
        (only(|it| it.younger_than = Some(day)), 2),
        (only(|it| it.younger_than = Some(Duration::MAX)), 3),
        (only(|it| it.expired = true), 1),
        (Filter::default(), 3),
    ];
    for (filter, n) in filters {
        assert_eq!(store.count(&filter).await.unwrap(), n, "{filter:?}");
        let listed = store.list(&filter, 10).await.unwrap();
        assert_eq!(listed.len() as u64, n, "{filter:?}");
    }
    let by_key = only(|it| it.key = Some(prefix));
    let listed = store.list(&by_key, 10).await.unwrap();
    assert!(listed.iter().any(|it| it.key == old.call.key));

    let tallies = store.stats().await.unwrap();
    let tallies: Vec<_> = tallies
        .iter()
        .map(|it| (&*it.step_name, it.status, it.rows, it.bytes))
        .collect();
    assert_eq!(
        tallies,
        [
            ("Old", RowStatus::Succeeded, 1, 12),
            ("ProcessPayment", RowStatus::Running, 1, 0),
            ("ProcessPayment", RowStatus::Failed, 1, 0),
        ]
    );
}

#[tokio::test]
async fn failed_rows_are_retried_on_request() {
    let scratch = Scratch::new("retry").await;
    let store = scratch.store().await;
    let failed = never(request());
    let held = claim(&store, &failed).await;
    store.fail(&held, &failure("rejected")).await.unwrap();
    let in_doubt = never(request());
    let held = claim(&store, &in_doubt).await;
    store.fail(&held, &doubt()).await.unwrap();
    let of_another_step = only(|it| it.step = Some("Other".into()));
    assert_eq!(store.retry_failed(&of_another_step).await.unwrap(), 0);
    assert_eq!(store.retry_failed(&Filter::default()).await.unwrap(), 1);
    assert_eq!(store.retry_failed(&Filter::default()).await.unwrap(), 0);
    let outcome = store.claim(&another(&failed)).await.unwrap();
    let ClaimOutcome::Claimed(claimed) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!((claimed.attempt, claimed.generation), (1, 1));
    let outcome = store.claim(&another(&in_doubt)).await.unwrap();
    assert!(matches!(outcome, ClaimOutcome::Unknown { .. }));
}

#[tokio::test]
async fn what_is_in_doubt_is_resolved_by_the_operator() {
    let scratch = Scratch::new("resolve").await;
    let store = scratch.store().await;
    let applied = || Resolution::Applied {
        value: b"found".to_vec(),
        codec: 2,
        json: None,
        ttl: None,
        note: "Ada saw it at the provider\0".to_owned(),
    };
    let not_applied = || Resolution::NotApplied {
        note: "Ada did not find it".to_owned(),
    };

    let lapsed = ClaimRequest {
        lease: Duration::ZERO,
        ..never(request())
    };
    let held = claim(&store, &lapsed).await;
    let written = store.resolve(&held.key, held.fence + 1, &applied()).await;
    assert_eq!(written.unwrap(), Write::Fenced, "of another attempt");
    let written = store.resolve(&held.key, held.fence, &applied()).await;
    assert_eq!(written.unwrap(), Write::Recorded);
    let written = store.resolve(&held.key, held.fence, &not_applied()).await;
    assert_eq!(written.unwrap(), Write::Fenced, "it is known now");
    expect_hit(&store, &lapsed).await;
    let shown = store.show(&held.key).await.unwrap().unwrap();
    assert_eq!(
        shown.metadata,
        "{\"note\": \"Ada saw it at the provider\u{fffd}\", \"status\": \"succeeded\", \"attempt\": 1}"
    );

    let in_doubt = never(request());
    let held = claim(&store, &in_doubt).await;
    let written = store.resolve(&held.key, held.fence, &applied()).await;
    assert_eq!(written.unwrap(), Write::Fenced, "its holder is alive");
    store.fail(&held, &doubt()).await.unwrap();
    let written = store.resolve(&held.key, held.fence, &not_applied()).await;
    assert_eq!(written.unwrap(), Write::Recorded);
    let shown = store.show(&held.key).await.unwrap().unwrap();
    assert_eq!(
        shown.metadata,
        r#"{"code": "not_applied", "kind": "transient", "note": "Ada did not find it", "status": "failed", "attempt": 1, "provider": "stripe"}"#
    );
    claim(&store, &another(&in_doubt)).await;
}

#[tokio::test]
async fn the_doctor_looks_at_all_that_matters() {
    let scratch = Scratch::new("doctor").await;
    let store = scratch.store().await;
    let findings = store.doctor().await.unwrap();
    for subject in [
        "durability",
        "PostgreSQL",
        "server_encoding",
        "synchronous_commit",
        "fsync",
        "full_page_writes",
        "synchronous_standby_names",
        "default_transaction_isolation",
        "table size",
        "table step_cache",
        "clock",
    ] {
        let finding = findings.iter().find(|it| it.subject == subject);
        let finding = finding.unwrap_or_else(|| panic!("{subject}: {findings:#?}"));
        assert_eq!(finding.advice, None, "{finding:?}");
        assert_ne!(finding.value, "");
    }
    query("ALTER TABLE step_cache SET UNLOGGED")
        .execute(&scratch.pool().await)
        .await
        .unwrap();
    let findings = store.doctor().await.unwrap();
    let durability = &findings[0];
    let advice = durability.advice.as_deref().unwrap_or_default();
    assert!(advice.contains("SET LOGGED"), "{durability:?}");
}

#[tokio::test]
async fn rows_with_errors_are_found_by_their_status() {
    let scratch = Scratch::new("statuses").await;
    find_by_status(&scratch.store().await).await;
}
