//! The operator's side.

use std::collections::BTreeSet;

use docket_runtime::store::{Admin, Filter, KeyPrefix, Resolution, RowStatus};

use super::*;

/// One row of each status: running, succeeded, failed, unknown.
async fn one_of_each(store: &RedisStore) -> [ClaimRef; 4] {
    let mut claims = Vec::new();
    for (i, execution) in ["order-1", "order-2", "order-3", "order-4"]
        .iter()
        .enumerate()
    {
        let mut request = request();
        request.call.key.0[0] = i as u8;
        request.call.execution_id = (*execution).into();
        claims.push(claim(store, &request).await);
    }
    let claims: [ClaimRef; 4] = claims.try_into().unwrap();
    store
        .complete(&claims[1], &completion(b"value"))
        .await
        .unwrap();
    store.fail(&claims[2], &failure()).await.unwrap();
    store.fail(&claims[3], &doubt()).await.unwrap();
    claims
}

fn doubt() -> Failure {
    Failure {
        status: FailureStatus::Unknown,
        code: "in_doubt",
        error: "connection reset".to_owned(),
        ..failure()
    }
}

/// Default, changed.
fn filter(change: impl FnOnce(&mut Filter)) -> Filter {
    let mut filter = Filter::default();
    change(&mut filter);
    filter
}

#[tokio::test]
async fn a_row_is_shown_as_it_is() {
    let rows = Rows::new("show");
    let store = rows.store().await;
    let [running, succeeded, failed, unknown] = one_of_each(&store).await;

    let row = store.show(&succeeded.key).await.unwrap().unwrap();
    assert_eq!(row.key, succeeded.key);
    assert_eq!((&*row.namespace, &*row.scope), ("shop", "workflow"));
    assert_eq!((&*row.step_name, row.step_version), ("ProcessPayment", 3));
    assert_eq!(
        (&*row.execution_id, &*row.holder),
        ("order-2", "host/1/00000000")
    );
    assert_eq!(
        (row.status, row.fence),
        (RowStatus::Succeeded, succeeded.fence)
    );
    assert_eq!((row.attempt, row.generation), (1, 0));
    assert_eq!(row.value.as_deref(), Some(b"value".as_slice()));
    assert_eq!((row.codec, row.value_len), (Some(2), Some(5)));
    assert_eq!(row.value_json.as_deref(), Some(r#"{"amount":5}"#));
    assert_eq!(
        row.metadata,
        r#"{"status":"succeeded","provider":"stripe","tags":[],"attempt":1}"#
    );
    assert_eq!((row.lease, row.expires_in, row.error), (None, None, None));
    assert!(
        row.age < LONG && row.created_at.starts_with("20"),
        "{}",
        row.created_at
    );
    assert!(row.finished_at.is_some());

    let row = store.show(&running.key).await.unwrap().unwrap();
    assert_eq!(
        (row.status, row.finished_at, row.value),
        (RowStatus::Running, None, None)
    );
    assert!(row.lease.is_some_and(|it| it > LONG / 2 && it <= LONG));
    assert_eq!(row.metadata, r#"{"status":"running","attempt":1}"#);

    let row = store.show(&failed.key).await.unwrap().unwrap();
    assert_eq!(row.error.as_deref(), Some("connection refused"));
    assert_eq!(
        row.metadata,
        r#"{"status":"failed","code":"failed","kind":"transient","attempt":1}"#
    );
    let row = store.show(&unknown.key).await.unwrap().unwrap();
    assert_eq!((row.status, row.expires_in), (RowStatus::Unknown, None));
    assert!(store.show(&request().call.key).await.unwrap().is_none());
}

#[tokio::test]
async fn rows_are_listed_and_counted_by_what_they_are() {
    let rows = Rows::new("list");
    let store = rows.store().await;
    let claims = one_of_each(&store).await;
    let check = async |filter: Filter, expected: &[usize]| {
        let listed = store.list(&filter, 10).await.unwrap();
        let keys: BTreeSet<_> = listed.iter().map(|it| it.key).collect();
        let expected: BTreeSet<_> = expected.iter().map(|it| claims[*it].key).collect();
        assert_eq!(keys, expected, "{filter:?}");
        let n_rows = store.count(&filter).await.unwrap();
        assert_eq!(n_rows, expected.len() as u64, "{filter:?}");
    };
    check(Filter::default(), &[0, 1, 2, 3]).await;
    for (i, status) in RowStatus::ALL.into_iter().enumerate() {
        check(filter(|it| it.status = Some(status)), &[i]).await;
    }
    check(
        filter(|it| it.step = Some("ProcessPayment".to_owned())),
        &[0, 1, 2, 3],
    )
    .await;
    check(filter(|it| it.step = Some("Process".to_owned())), &[]).await;
    check(filter(|it| it.execution = Some("order-3".to_owned())), &[2]).await;
    check(filter(|it| it.older_than = Some(LONG)), &[]).await;
    check(filter(|it| it.younger_than = Some(LONG)), &[0, 1, 2, 3]).await;
    check(
        filter(|it| it.key = Some(KeyPrefix::new("03").unwrap())),
        &[3],
    )
    .await;
    check(
        filter(|it| it.key = Some(KeyPrefix::new("0").unwrap())),
        &[0, 1, 2, 3],
    )
    .await;
    check(filter(|it| it.expired = true), &[]).await;

    let brief = Completion {
        ttl: Some(Duration::ZERO),
        ..completion(b"1")
    };
    store.complete(&claims[0], &brief).await.unwrap();
    check(filter(|it| it.expired = true), &[0]).await;
}

#[tokio::test]
async fn the_youngest_come_first() {
    let rows = Rows::new("order");
    let store = rows.store().await;
    let mut keys = Vec::new();
    for _ in 0..5 {
        keys.push(claim(&store, &request()).await.key);
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let listed = store.list(&Filter::default(), 3).await.unwrap();
    let listed: Vec<_> = listed.iter().map(|it| it.key).collect();
    assert_eq!(listed, [keys[4], keys[3], keys[2]]);
}

/// More than `SCAN` shows in one go, among keys of others.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_of_rows_are_each_counted_once() {
    let rows = Rows::new("scan");
    let store = rows.store().await;
    let mut callers = tokio::task::JoinSet::new();
    for i in 0..2500 {
        let store = store.clone();
        callers.spawn(async move {
            let mut request = request();
            request.call.step_name = if i < 1000 { "A" } else { "B" };
            (i, claim(&store, &request).await)
        });
    }
    let claims = callers.join_all().await;
    // Redis itself deletes what has expired, after some seconds: so they do so last.
    let mut callers = tokio::task::JoinSet::new();
    for (_, held) in claims.into_iter().filter(|(i, _)| *i < 1000) {
        let store = store.clone();
        callers.spawn(async move {
            let brief = Completion {
                ttl: Some(Duration::ZERO),
                ..completion(b"four")
            };
            store.complete(&held, &brief).await.unwrap();
        });
    }
    callers.join_all().await;
    let tallies = store.stats().await.unwrap();
    let told: Vec<_> = tallies
        .iter()
        .map(|it| (&*it.step_name, it.status, it.rows, it.bytes))
        .collect();
    assert_eq!(
        told,
        [
            ("A", RowStatus::Succeeded, 1000, 4000),
            ("B", RowStatus::Running, 1500, 0)
        ]
    );
    assert_eq!(store.count(&Filter::default()).await.unwrap(), 2500);
    assert_eq!(store.purge(10).await.unwrap(), 10);
    // Redis itself deletes what expired some seconds ago.
    assert!(store.purge(5000).await.unwrap() <= 990);
    assert_eq!(store.count(&Filter::default()).await.unwrap(), 1500);
}

#[tokio::test]
async fn failed_rows_are_let_go_and_keep_their_generation() {
    let rows = Rows::new("retry");
    let store = rows.store().await;
    let never = ClaimRequest {
        retry_failed: false,
        repeat_lost: false,
        ..request()
    };
    let held = claim(&store, &never).await;
    let rejection = Failure {
        code: "rejected",
        ttl: Some(LONG),
        ..failure()
    };
    store.fail(&held, &rejection).await.unwrap();
    one_of_each(&store).await;

    let others = filter(|it| it.execution = Some("nobody".to_owned()));
    assert_eq!(store.retry_failed(&others).await.unwrap(), 0);
    assert_eq!(store.retry_failed(&Filter::default()).await.unwrap(), 2);
    assert_eq!(
        store.retry_failed(&Filter::default()).await.unwrap(),
        0,
        "they are"
    );
    assert_eq!(rows.pttl(&held), -1, "Redis keeps it until it runs");
    match store.claim(&another(&never)).await.unwrap() {
        ClaimOutcome::Claimed(it) => assert_eq!((it.attempt, it.generation), (1, 1)),
        other => panic!("it runs again, and is not {other:?}"),
    }
}

#[tokio::test]
async fn a_doubt_is_resolved_once() {
    let rows = Rows::new("resolve");
    let store = rows.store().await;
    let applied = Resolution::Applied {
        value: b"found".to_vec(),
        codec: 2,
        json: None,
        ttl: Some(LONG),
        note: "found at the provider".to_owned(),
    };
    let [running, succeeded, failed, unknown] = one_of_each(&store).await;
    for clear in [running, succeeded, failed] {
        let written = store.resolve(&clear.key, clear.fence, &applied).await;
        assert_eq!(written.unwrap(), Write::Fenced, "it is not in doubt");
    }
    let gone = request().call.key;
    let written = store.resolve(&gone, 1, &applied).await.unwrap();
    assert_eq!(written, Write::Fenced, "it is not there");
    let written = store
        .resolve(&unknown.key, unknown.fence + 1, &applied)
        .await;
    assert_eq!(written.unwrap(), Write::Fenced, "another attempt");
    let written = store.resolve(&unknown.key, unknown.fence, &applied).await;
    assert_eq!(written.unwrap(), Write::Recorded);
    let row = store.show(&unknown.key).await.unwrap().unwrap();
    assert_eq!(row.value.as_deref(), Some(b"found".as_slice()));
    assert_eq!((row.status, row.error), (RowStatus::Succeeded, None));
    assert!(row.expires_in.is_some_and(|it| it > LONG / 2));
    assert_eq!(
        row.metadata,
        r#"{"status":"succeeded","note":"found at the provider","attempt":1}"#
    );
    let written = store.resolve(&unknown.key, unknown.fence, &applied).await;
    assert_eq!(written.unwrap(), Write::Fenced, "it is resolved");
}

#[tokio::test]
async fn what_took_no_effect_runs_again_under_the_same_key() {
    let rows = Rows::new("not-applied");
    let store = rows.store().await;
    let lost = ClaimRequest {
        lease: Duration::ZERO,
        retry_failed: false,
        repeat_lost: false,
        ..request()
    };
    let held = claim(&store, &lost).await;
    let resolution = Resolution::NotApplied {
        note: "asked the provider".to_owned(),
    };
    let written = store.resolve(&held.key, held.fence, &resolution).await;
    assert_eq!(written.unwrap(), Write::Recorded);
    let row = store.show(&held.key).await.unwrap().unwrap();
    assert_eq!(row.status, RowStatus::Failed);
    assert_eq!(
        (row.error.as_deref(), row.expires_in),
        (Some("its process was lost"), Some(Duration::ZERO))
    );
    assert_eq!(
        row.metadata,
        r#"{"status":"failed","code":"not_applied","kind":"transient","note":"asked the provider","attempt":1}"#
    );
    let late = store.complete(&held, &completion(b"late")).await.unwrap();
    assert_eq!(late, Write::Fenced, "the lost holder comes too late");
    match store.claim(&another(&lost)).await.unwrap() {
        ClaimOutcome::Claimed(it) => assert_eq!((it.attempt, it.generation), (1, 0)),
        other => panic!("it runs again, and is not {other:?}"),
    }
}

#[tokio::test]
async fn the_doctor_looks_at_the_server() {
    let rows = Rows::new("doctor");
    let store = rows.store().await;
    store.migrate().await.unwrap();
    assert_eq!(store.schema(), "");
    let findings = store.doctor().await.unwrap();
    let subjects: Vec<_> = findings.iter().map(|it| &*it.subject).collect();
    assert_eq!(
        subjects[..2],
        [
            "durability",
            if subjects.contains(&"Valkey") {
                "Valkey"
            } else {
                "Redis"
            }
        ]
    );
    for subject in [
        "role",
        "memory",
        "maxmemory-policy",
        "append-only file",
        "clock",
    ] {
        assert!(subjects.contains(&subject), "{subjects:?}");
    }
    let durability = &findings[0];
    assert!(durability.advice.is_some(), "it is weak: {durability:?}");
}
