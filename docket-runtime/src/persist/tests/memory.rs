//! The same protocol with the store that everybody has.

use super::*;
use crate::store::MemoryStore;

/// Processes that share a store.
fn processes<const N: usize>() -> [Keeper; N] {
    let store = AnyStore::new(MemoryStore::new());
    std::array::from_fn(|_| Keeper::new(store.clone(), "".into(), Settings::default()))
}

fn value(text: &'static str) -> impl FnOnce(Grant) -> BoxedRun + Send + 'static {
    move |_| Box::pin(async move { Ok(Text(text.into())) })
}

fn failure(
    kind: ErrorKind,
    verdict: Option<Verdict>,
) -> impl FnOnce(Grant) -> BoxedRun + Send + 'static {
    move |_| {
        let error = Error::new(kind).with_source(BoxError::from("card declined"));
        Box::pin(async move { Err(Ended { error, verdict }) })
    }
}

fn never_run() -> impl FnOnce(Grant) -> BoxedRun + Send + 'static {
    |_| panic!("it must not run")
}

#[tokio::test(start_paused = true)]
async fn a_thousand_callers_in_five_processes_cause_one_run() {
    for repeat in POLICIES {
        let log = Log::default();
        let keepers = processes::<5>();
        let call = |n: usize| {
            let (keeper, log) = (keepers[n % 5].clone(), log.clone());
            let run = move |_| async move {
                log.add("start");
                tokio::time::sleep(Duration::from_millis(50)).await;
                log.add("end");
                Ok::<_, Ended>(Text("a".into()))
            };
            tokio::spawn(async move { obtain(&keeper, job(repeat), run).await })
        };
        let calls: Vec<_> = (0..1000).map(call).collect();
        for call in calls {
            assert_eq!(told(call.await.unwrap()).0, "a");
        }
        assert_eq!(log.take(), ["start", "end"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_hit_shares_the_value_of_the_store() {
    let [keeper] = processes();
    obtain(&keeper, job(Repeat::Keyed), value("a"))
        .await
        .unwrap();
    let first = obtain(&keeper, job(Repeat::Keyed), never_run())
        .await
        .unwrap();
    let second = obtain(&keeper, job(Repeat::Keyed), never_run())
        .await
        .unwrap();
    assert_eq!(first.how, How::Hit);
    assert!(Arc::ptr_eq(&first.value, &second.value));
    assert_eq!(first.into_value().unwrap(), Text("a".into()));
}

#[tokio::test(start_paused = true)]
async fn only_a_rejection_gives_a_new_idempotency_key() {
    for (kind, verdict, keeps) in [
        (ErrorKind::Panicked, None, true),
        (ErrorKind::Failed, Some(Verdict::Rejected), false),
    ] {
        let [keeper] = processes();
        let [other] = processes();
        let fresh = idempotency_key(&other, job(Repeat::Keyed)).await;
        obtain(&keeper, job(Repeat::Keyed), failure(kind, verdict))
            .await
            .unwrap_err();
        assert_eq!(
            idempotency_key(&keeper, job(Repeat::Keyed)).await == fresh,
            keeps,
            "{kind:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn under_never_failures_are_final_and_doubts_stay() {
    for (kind, verdict, later) in [
        (ErrorKind::Failed, None, ErrorKind::Failed),
        (ErrorKind::TimedOut, None, ErrorKind::InDoubt),
        (
            ErrorKind::InDoubt,
            Some(Verdict::InDoubt),
            ErrorKind::InDoubt,
        ),
    ] {
        let [keeper] = processes();
        let error = obtain(&keeper, job(Repeat::Never), failure(kind, verdict))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), kind);
        let error = obtain(&keeper, job(Repeat::Never), never_run())
            .await
            .unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (later, 1));
        assert!(error.to_string().contains("card declined"), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_holder_that_was_lost_is_replaced_but_not_under_never() {
    for repeat in POLICIES {
        let [lost, keeper] = processes();
        lost.store()
            .claim(&lost.request(&job(repeat)))
            .await
            .unwrap();
        let start = Instant::now();
        let outcome = obtain(&keeper, job(repeat), value("a")).await;
        let waited = start.elapsed();
        assert!(
            waited >= LEASE && waited < LEASE + Duration::from_secs(1),
            "{waited:?}"
        );
        match repeat {
            Repeat::Never => assert_eq!(kind(outcome), ErrorKind::InDoubt),
            Repeat::Free | Repeat::Keyed => assert_eq!(told(outcome), ("a".into(), How::Ran)),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_long_run_keeps_its_row() {
    for repeat in POLICIES {
        let [slow, keeper] = processes();
        let run = |_| async {
            tokio::time::sleep(LEASE * 5).await;
            Ok::<_, Ended>(Text("slow".into()))
        };
        let theirs = tokio::spawn(async move { obtain(&slow, job(repeat), run).await });
        settle().await;
        let ours = obtain(&keeper, job(repeat), never_run()).await;
        assert_eq!(told(ours), ("slow".into(), How::Joined));
        assert_eq!(told(theirs.await.unwrap()), ("slow".into(), How::Ran));
    }
}

#[tokio::test(start_paused = true)]
async fn other_inputs_under_a_recorded_key_are_drift() {
    let [keeper] = processes();
    obtain(&keeper, job(Repeat::Keyed), value("a"))
        .await
        .unwrap();
    let other = Job {
        input_hash: InputHash([3; 32]),
        ..job(Repeat::Keyed)
    };
    assert_eq!(
        kind(obtain(&keeper, other, never_run()).await),
        ErrorKind::InputDrift
    );
}

/// What another release of the service made of the same step.
struct Other;

impl Value for Other {
    const CODEC: i16 = 8;

    fn encode(&self) -> Result<Vec<u8>, ValueError> {
        Ok(vec![])
    }

    fn decode(_: &[u8]) -> Result<Self, ValueError> {
        Ok(Self)
    }

    fn canonical(&self) -> Result<Vec<u8>, ValueError> {
        Ok(vec![])
    }
}

#[tokio::test(start_paused = true)]
async fn an_undecodable_value_is_made_anew_but_not_under_never() {
    for repeat in POLICIES {
        let [keeper] = processes();
        obtain(&keeper, job(repeat), |_| async { Ok::<_, Ended>(Other) })
            .await
            .unwrap();
        let outcome = obtain(&keeper, job(repeat), value("a")).await;
        match repeat {
            Repeat::Never => assert_eq!(kind(outcome), ErrorKind::Encoding),
            Repeat::Free | Repeat::Keyed => assert_eq!(told(outcome), ("a".into(), How::Ran)),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn callers_that_come_and_go_on_many_threads_cause_one_run_of_each_key() {
    const KEYS: u8 = 100;
    let log = Log::default();
    let keepers = processes::<3>();
    let mut calls = Vec::new();
    for n in 0..60 {
        for key in 0..KEYS {
            let (keeper, log) = (keepers[n % 3].clone(), log.clone());
            let job = Job {
                key: CacheKey([key; 32]),
                ..job(Repeat::Never)
            };
            let run = move |_| async move {
                log.add(format!("run {key}"));
                tokio::task::yield_now().await;
                Ok::<_, Ended>(Text("a".into()))
            };
            calls.push(tokio::spawn(async move { obtain(&keeper, job, run).await }));
        }
        // Two of three rounds leave again, at whatever point they are.
        if n % 3 != 2 {
            tokio::task::yield_now().await;
            calls.iter().for_each(|call| call.abort());
        }
    }
    for call in calls {
        match call.await {
            Ok(outcome) => assert_eq!(told(outcome).0, "a"),
            Err(left) => assert!(left.is_cancelled()),
        }
    }
    let mut runs = log.take();
    let n_runs = runs.len();
    runs.sort();
    runs.dedup();
    assert_eq!((n_runs, runs.len()), (KEYS.into(), KEYS.into()));
    assert!(keepers.iter().all(|keeper| keeper.inner.flights.len() == 0));
}
