//! Values that have expired, and are used while another is made.

use super::*;
use crate::store::{ClaimOutcome, ClaimRef, Completion, MemoryStore, Stored};

const TTL: Duration = Duration::from_secs(10);
const STALE: Duration = Duration::from_secs(60);

/// Processes that share a store.
fn processes<const N: usize>() -> [Keeper; N] {
    let store = AnyStore::new(MemoryStore::new());
    std::array::from_fn(|_| Keeper::new(store.clone(), "".into(), Settings::default()))
}

fn cached() -> Job {
    Job {
        ttl: Some(TTL),
        stale: Some(STALE),
        ..job(Repeat::Free)
    }
}

/// Code that takes a second, notes that it ran, and makes `text`.
fn slow(log: &Log, text: &'static str) -> impl FnOnce(Grant) -> BoxedRun + Send + Sync + 'static {
    let log = log.clone();
    move |_| {
        Box::pin(async move {
            log.add(format!("run {text}"));
            tokio::time::sleep(Duration::from_secs(1)).await;
            Ok(Text(text.into()))
        })
    }
}

fn failing(log: &Log) -> impl FnOnce(Grant) -> BoxedRun + Send + Sync + 'static {
    let log = log.clone();
    move |_| {
        Box::pin(async move {
            log.add("fail".to_owned());
            Err(Ended {
                error: Error::new(ErrorKind::Failed).with_source(BoxError::from("down")),
                verdict: None,
            })
        })
    }
}

/// A value that has just expired.
async fn expired(keeper: &Keeper, log: &Log) {
    obtain(keeper, cached(), slow(log, "old")).await.unwrap();
    tokio::time::sleep(TTL).await;
    log.take();
}

#[tokio::test(start_paused = true)]
async fn an_expired_value_is_used_at_once_and_made_anew_once() {
    let (log, [keeper, other]) = (Log::default(), processes());
    expired(&keeper, &log).await;
    let start = Instant::now();
    for keeper in [&keeper, &keeper, &other, &keeper] {
        let obtained = obtain(keeper, cached(), slow(&log, "new")).await;
        assert_eq!(told(obtained), ("old".into(), How::Stale));
    }
    assert_eq!(start.elapsed(), Duration::ZERO);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(log.take(), ["run new"]);
    for keeper in [&keeper, &other] {
        let obtained = obtain(keeper, cached(), slow(&log, "newer")).await;
        assert_eq!(told(obtained), ("new".into(), How::Hit));
    }
    let counts = keeper.counts();
    assert_eq!((counts.stale, counts.claimed), (3, 2), "{counts:?}");
}

#[tokio::test(start_paused = true)]
async fn a_value_that_expired_too_long_ago_is_waited_for() {
    let (log, [keeper]) = (Log::default(), processes());
    expired(&keeper, &log).await;
    tokio::time::sleep(STALE + Duration::from_secs(1)).await;
    let obtained = obtain(&keeper, cached(), slow(&log, "new")).await;
    assert_eq!(told(obtained), ("new".into(), How::Ran));
}

#[tokio::test(start_paused = true)]
async fn who_does_not_use_stale_values_waits_for_the_next() {
    let (log, [keeper, other]) = (Log::default(), processes());
    expired(&keeper, &log).await;
    let first = obtain(&keeper, cached(), slow(&log, "new")).await;
    assert_eq!(told(first), ("old".into(), How::Stale));
    let strict = Job {
        stale: None,
        ..cached()
    };
    let second = obtain(&other, strict, slow(&log, "newer")).await;
    assert_eq!(told(second), ("new".into(), How::Joined));
    assert_eq!(log.take(), ["run new"]);
}

#[tokio::test(start_paused = true)]
async fn a_failure_in_the_background_is_nobodys_and_the_next_caller_tries_again() {
    let (log, [keeper]) = (Log::default(), processes());
    expired(&keeper, &log).await;
    for _ in 0..2 {
        let obtained = obtain(&keeper, cached(), failing(&log)).await;
        assert_eq!(told(obtained), ("old".into(), How::Stale));
        settle().await;
    }
    assert_eq!(log.take(), ["fail", "fail"]);
    // The failures have not made it younger.
    tokio::time::sleep(STALE + Duration::from_secs(1)).await;
    let obtained = obtain(&keeper, cached(), failing(&log)).await;
    assert_eq!(kind(obtained), ErrorKind::Failed);
}

#[tokio::test(start_paused = true)]
async fn who_comes_when_its_time_is_over_hears_how_the_run_in_the_background_failed() {
    let (log, [keeper, other]) = (Log::default(), processes());
    expired(&keeper, &log).await;
    tokio::time::sleep(STALE - Duration::from_millis(500)).await;
    let late = |_: Grant| async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        Err::<Text, _>(Ended {
            error: Error::new(ErrorKind::Failed).with_source(BoxError::from("down")),
            verdict: None,
        })
    };
    let obtained = obtain(&keeper, cached(), late).await;
    assert_eq!(told(obtained), ("old".into(), How::Stale));
    tokio::time::sleep(Duration::from_millis(600)).await;
    let obtained = obtain(&other, cached(), slow(&log, "new")).await;
    assert_eq!(kind(obtained), ErrorKind::Failed);
    assert_eq!(log.take(), Vec::<String>::new(), "it does not run again");
}

#[tokio::test(start_paused = true)]
async fn the_run_in_the_background_goes_on_without_its_caller_and_is_waited_for_at_a_shutdown() {
    let (log, [keeper, other]) = (Log::default(), processes());
    expired(&keeper, &log).await;
    obtain(&keeper, cached(), slow(&log, "new")).await.unwrap();
    let start = Instant::now();
    assert_eq!(keeper.shutdown(Duration::from_secs(30)).await, 0);
    assert_eq!(start.elapsed(), Duration::from_secs(1));
    let obtained = obtain(&other, cached(), slow(&log, "newer")).await;
    assert_eq!(told(obtained), ("new".into(), How::Hit));
}

#[tokio::test(start_paused = true)]
async fn a_lost_refresh_is_taken_over_while_the_old_value_is_used() {
    let (log, [lost, keeper]) = (Log::default(), processes());
    expired(&keeper, &log).await;
    lost.store().claim(&lost.request(&cached())).await.unwrap();
    let obtained = obtain(&keeper, cached(), slow(&log, "new")).await;
    assert_eq!(told(obtained), ("old".into(), How::Stale));
    assert_eq!(log.take(), Vec::<String>::new(), "somebody else has it");
    tokio::time::sleep(LEASE).await;
    let obtained = obtain(&keeper, cached(), slow(&log, "new")).await;
    assert_eq!(told(obtained), ("old".into(), How::Stale));
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(log.take(), ["run new"]);
}

#[tokio::test(start_paused = true)]
async fn a_stale_value_that_cannot_be_decoded_is_as_good_as_none() {
    let (log, [keeper, other]) = (Log::default(), processes());
    expired(&keeper, &log).await;
    let claim = keeper.request(&cached());
    let Ok(ClaimOutcome::Stale {
        claimed: Some(claimed),
        ..
    }) = keeper.store().claim(&claim).await
    else {
        panic!("it is stale");
    };
    let claim = ClaimRef {
        key: claim.call.key,
        claim_id: claim.claim_id,
        fence: claimed.fence,
    };
    let odd = Completion {
        value: Stored {
            bytes: Some([1].as_slice().into()),
            codec: 99,
            shared: None,
            expires_in: None,
        },
        json: None,
        ttl: Some(TTL),
        stale: Some(STALE),
        metadata: "{}".into(),
    };
    keeper.store().complete(&claim, &odd).await.unwrap();
    tokio::time::sleep(TTL).await;
    let obtained = obtain(&other, cached(), slow(&log, "new")).await;
    assert_eq!(told(obtained), ("new".into(), How::Ran));
}
