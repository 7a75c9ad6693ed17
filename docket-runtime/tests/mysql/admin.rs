//! The operator's side.

use std::time::Duration;

use docket_runtime::store::{
    Admin, ClaimOutcome, Filter, KeyPrefix, Resolution, RowStatus, Store, Write,
};
use sqlx::query;

use super::{Scratch, another, claim, completion, doubt, expect_hit, failure, never, with_name};
use crate::shop::find_by_status;

fn filter(set: impl FnOnce(&mut Filter)) -> Filter {
    let mut filter = Filter::default();
    set(&mut filter);
    filter
}

#[tokio::test]
async fn rows_are_listed_counted_and_summed_up() {
    let scratch = Scratch::new("listed").await;
    let store = scratch.store().await;
    let paid = with_name("Pay");
    let held = claim(&store, &paid).await;
    let mut brief = completion();
    brief.ttl = Some(Duration::ZERO);
    store.complete(&held, &brief).await.unwrap();
    query("UPDATE step_cache SET created_at = UTC_TIMESTAMP(6) - INTERVAL 2 HOUR")
        .execute(&scratch.pool().await)
        .await
        .unwrap();
    let declined = with_name("Pay");
    let held = claim(&store, &declined).await;
    store.fail(&held, &failure("failed")).await.unwrap();
    let mut asked = with_name("Ask");
    asked.call.execution_id = "request-2".into();
    claim(&store, &asked).await;

    let hour = Duration::from_secs(60 * 60);
    let prefix: String = paid.call.key.0[..6]
        .iter()
        .map(|it| format!("{it:02x}"))
        .collect();
    let cases = [
        (filter(|_| {}), 3),
        (filter(|it| it.step = Some("Pay".into())), 2),
        (filter(|it| it.step = Some("pay".into())), 0),
        (filter(|it| it.status = Some(RowStatus::Running)), 1),
        (filter(|it| it.execution = Some("request-2".into())), 1),
        (filter(|it| it.older_than = Some(hour)), 1),
        (filter(|it| it.younger_than = Some(hour)), 2),
        (filter(|it| it.younger_than = Some(Duration::MAX)), 3),
        (
            filter(|it| it.key = Some(KeyPrefix::new(&prefix).unwrap())),
            1,
        ),
        (filter(|it| it.expired = true), 1),
        (
            filter(|it| {
                it.step = Some("Pay".into());
                it.status = Some(RowStatus::Succeeded);
                it.execution = Some("request-1".into());
                it.older_than = Some(hour);
                it.younger_than = Some(3 * hour);
                it.key = Some(KeyPrefix::new(&prefix).unwrap());
                it.expired = true;
            }),
            1,
        ),
    ];
    for (filter, n) in cases {
        assert_eq!(store.count(&filter).await.unwrap(), n, "{filter:?}");
        let listed = store.list(&filter, 10).await.unwrap();
        assert_eq!(listed.len() as u64, n, "{filter:?}");
    }
    let listed = store.list(&Filter::default(), 2).await.unwrap();
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[0].key, asked.call.key, "the youngest first");
    let lease = listed[0].lease.unwrap();
    assert!(lease > Duration::from_secs(15) && lease <= Duration::from_secs(30));
    assert_eq!(listed[1].error.as_deref(), Some("card declined"));

    let shown = store.show(&paid.call.key).await.unwrap().unwrap();
    assert_eq!(shown.status, RowStatus::Succeeded);
    assert_eq!(shown.value.as_deref(), Some(&br#"{"amount":5}"#[..]));
    assert_eq!(shown.value_json.as_deref(), Some(r#"{"amount":5}"#));
    assert_eq!(shown.value_len, Some(12));
    assert_eq!(shown.expires_in, Some(Duration::ZERO));
    assert_eq!((shown.codec, shown.lease), (Some(2), None));
    assert!(shown.age >= 2 * hour && shown.age < 3 * hour);
    let form = |text: &str| -> String {
        let digit = |it: char| if it.is_ascii_digit() { '9' } else { it };
        text.chars().map(digit).collect()
    };
    assert_eq!(form(&shown.created_at), "9999-99-99 99:99:99.999");
    assert_eq!(
        form(shown.finished_at.as_deref().unwrap()),
        "9999-99-99 99:99:99.999"
    );
    let nowhere = store.show(&with_name("Pay").call.key).await.unwrap();
    assert!(nowhere.is_none());

    let stats = store.stats().await.unwrap();
    let stats: Vec<_> = stats
        .iter()
        .map(|it| (it.step_name.as_str(), it.status, it.rows, it.bytes))
        .collect();
    assert_eq!(
        stats,
        [
            ("Ask", RowStatus::Running, 1, 0),
            ("Pay", RowStatus::Succeeded, 1, 12),
            ("Pay", RowStatus::Failed, 1, 0),
        ]
    );
}

#[tokio::test]
async fn failed_rows_are_retried_on_request() {
    let scratch = Scratch::new("retried").await;
    let store = scratch.store().await;
    let mut rows = Vec::new();
    for name in ["Pay", "Pay", "Ask"] {
        let row = never(with_name(name));
        let held = claim(&store, &row).await;
        store.fail(&held, &failure("rejected")).await.unwrap();
        rows.push(row);
    }
    let in_doubt = never(with_name("Pay"));
    let held = claim(&store, &in_doubt).await;
    store.fail(&held, &doubt()).await.unwrap();

    let of_pay = filter(|it| it.step = Some("Pay".into()));
    assert_eq!(store.retry_failed(&of_pay).await.unwrap(), 2);
    assert_eq!(store.retry_failed(&of_pay).await.unwrap(), 0, "once");
    for row in &rows[..2] {
        match store.claim(&another(row)).await.unwrap() {
            ClaimOutcome::Claimed(it) => assert_eq!((it.attempt, it.generation), (1, 1)),
            other => panic!("{other:?}"),
        }
    }
    let outcome = store.claim(&another(&rows[2])).await.unwrap();
    assert!(
        matches!(outcome, ClaimOutcome::Failed { .. }),
        "{outcome:?}"
    );
    let outcome = store.claim(&another(&in_doubt)).await.unwrap();
    assert!(
        matches!(outcome, ClaimOutcome::Unknown { .. }),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_doubt_is_resolved_either_way() {
    let scratch = Scratch::new("resolved").await;
    let store = scratch.store().await;
    let applied = Resolution::Applied {
        value: b"found".to_vec(),
        codec: 2,
        json: Some(r#""found""#.into()),
        ttl: None,
        note: "seen at the provider's".into(),
    };
    let not_applied = Resolution::NotApplied {
        note: "not 'there'".into(),
    };

    let row = never(with_name("Pay"));
    let held = claim(&store, &row).await;
    let alive = store
        .resolve(&held.key, held.fence, &applied)
        .await
        .unwrap();
    assert_eq!(alive, Write::Fenced, "its holder is alive");
    store.fail(&held, &doubt()).await.unwrap();
    let other = store.resolve(&held.key, held.fence - 1, &applied).await;
    assert_eq!(other.unwrap(), Write::Fenced, "another attempt");
    let written = store.resolve(&held.key, held.fence, &applied).await;
    assert_eq!(written.unwrap(), Write::Recorded);
    let stored = expect_hit(&store, &row).await;
    assert_eq!(stored.bytes.as_deref(), Some(&b"found"[..]));
    let shown = store.show(&held.key).await.unwrap().unwrap();
    let metadata: serde_json::Value = serde_json::from_str(&shown.metadata).unwrap();
    assert_eq!(
        metadata,
        serde_json::json!({"status": "succeeded", "attempt": 1, "provider": "stripe", "note": "seen at the provider's"})
    );
    assert_eq!(shown.error, None);
    let again = store.resolve(&held.key, held.fence, &not_applied).await;
    assert_eq!(again.unwrap(), Write::Fenced, "it is not in doubt any more");

    // A holder whose lease has lapsed is in doubt, too.
    let mut row = never(with_name("Pay"));
    row.lease = Duration::ZERO;
    let held = claim(&store, &row).await;
    let written = store.resolve(&held.key, held.fence, &not_applied).await;
    assert_eq!(written.unwrap(), Write::Recorded);
    let shown = store.show(&held.key).await.unwrap().unwrap();
    assert_eq!(shown.error.as_deref(), Some("its process was lost"));
    let metadata: serde_json::Value = serde_json::from_str(&shown.metadata).unwrap();
    assert_eq!(
        metadata,
        serde_json::json!({"status": "failed", "attempt": 1, "code": "not_applied", "kind": "transient", "note": "not 'there'"})
    );
    match store.claim(&another(&row)).await.unwrap() {
        ClaimOutcome::Claimed(it) => assert_eq!((it.attempt, it.generation), (1, 0)),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn rows_with_errors_are_found_by_their_status() {
    let scratch = Scratch::new("statuses").await;
    find_by_status(&scratch.store().await).await;
}
