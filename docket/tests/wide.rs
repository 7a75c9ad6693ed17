//! Many steps in flight at once, without a runtime and small enough for Miri: who is polled when somebody is woken.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use docket::{Error, graph, step};

/// What each step waits for, and who was polled.
#[derive(Default)]
struct Doors {
    doors: Mutex<[Door; 12]>,
    log: Mutex<Vec<usize>>,
}

#[derive(Default)]
struct Door {
    is_open: bool,
    waker: Option<Waker>,
}

impl Doors {
    async fn pass(self: Arc<Self>, door: usize) {
        poll_fn(move |cx| {
            self.log.lock().unwrap().push(door);
            let door = &mut self.doors.lock().unwrap()[door];
            if door.is_open {
                return Poll::Ready(());
            }
            door.waker = Some(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }

    fn open(&self, door: usize) {
        let waker = {
            let door = &mut self.doors.lock().unwrap()[door];
            door.is_open = true;
            door.waker.take()
        };
        waker.expect("somebody waits").wake();
    }

    /// Who was polled since this was asked last.
    fn polled(&self) -> Vec<usize> {
        std::mem::take(&mut self.log.lock().unwrap())
    }
}

struct Id(usize);
#[derive(Debug, PartialEq)]
struct Sum(usize);

macro_rules! twelve {
    ($($step:ident $value:ident $door:literal)*) => {
        $(
            struct $value(usize);
            #[step]
            async fn $step(id: &Id, #[resource] doors: &Arc<Doors>) -> $value {
                Arc::clone(doors).pass($door).await;
                assert!(id.0 != $door, "it panics");
                $value(1)
            }
        )*
    };
}

twelve! {
    s0 V0 0
    s1 V1 1
    s2 V2 2
    s3 V3 3
    s4 V4 4
    s5 V5 5
    s6 V6 6
    s7 V7 7
    s8 V8 8
    s9 V9 9
    s10 V10 10
    s11 V11 11
}

#[expect(clippy::too_many_arguments, reason = "that is what it is about")]
#[step]
fn sum(
    v0: Option<&V0>,
    v1: Option<&V1>,
    v2: Option<&V2>,
    v3: Option<&V3>,
    v4: Option<&V4>,
    v5: Option<&V5>,
    v6: Option<&V6>,
    v7: Option<&V7>,
    v8: Option<&V8>,
    v9: Option<&V9>,
    v10: Option<&V10>,
    v11: Option<&V11>,
) -> Sum {
    let made = [
        v0.map_or(0, |it| it.0),
        v1.map_or(0, |it| it.0),
        v2.map_or(0, |it| it.0),
        v3.map_or(0, |it| it.0),
        v4.map_or(0, |it| it.0),
        v5.map_or(0, |it| it.0),
        v6.map_or(0, |it| it.0),
        v7.map_or(0, |it| it.0),
        v8.map_or(0, |it| it.0),
        v9.map_or(0, |it| it.0),
        v10.map_or(0, |it| it.0),
        v11.map_or(0, |it| it.0),
    ];
    Sum(made.iter().sum())
}

graph! {
    struct Wide {
        inputs { Id }
        resources { Arc<Doors> }
        steps { s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, sum }
        async fn resolve(id: Id) -> Sum;
    }
}

const NOBODY: usize = 99;

#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn wide() -> (Wide, Arc<Doors>) {
    let doors = Arc::<Doors>::default();
    let graph = Wide::builder().arc(Arc::clone(&doors)).build();
    (graph, doors)
}

fn poll<F: Future>(future: &mut Pin<&mut F>, waker: &Waker) -> Poll<F::Output> {
    future.as_mut().poll(&mut Context::from_waker(waker))
}

/// Polls until each of the twelve has been asked with a waker of its own.
fn settle<F: Future>(future: &mut Pin<&mut F>, waker: &Waker, doors: &Doors) {
    assert!(poll(future, waker).is_pending());
    assert_eq!(doors.polled(), (0..12).collect::<Vec<_>>());
    assert!(poll(future, waker).is_pending());
    doors.polled();
}

#[test]
fn a_wake_polls_only_what_was_woken() {
    let (graph, doors) = wide();
    let woken = Arc::<Woken>::default();
    let waker = Waker::from(Arc::clone(&woken));
    let mut execution = pin!(graph.resolve("x", Id(NOBODY)));
    settle(&mut execution, &waker, &doors);
    for door in [7, 0, 11] {
        doors.open(door);
        assert!(poll(&mut execution, &waker).is_pending());
        assert_eq!(doors.polled(), [door]);
    }
    assert_eq!(woken.0.load(Ordering::Relaxed), 3);
    doors.open(3);
    doors.open(2);
    assert!(poll(&mut execution, &waker).is_pending());
    assert_eq!(doors.polled(), [2, 3]);
}

/// As many as eight at once would have no wakers of their own, had there not been more.
#[test]
fn the_last_of_many_are_not_polled_for_each_other() {
    let (graph, doors) = wide();
    let mut execution = pin!(graph.resolve("x", Id(NOBODY)));
    settle(&mut execution, Waker::noop(), &doors);
    for door in 2..12 {
        doors.open(door);
        assert!(poll(&mut execution, Waker::noop()).is_pending());
        assert_eq!(doors.polled(), [door]);
    }
    for door in [1, 0] {
        assert!(poll(&mut execution, Waker::noop()).is_pending());
        assert!(doors.polled().is_empty(), "nobody was woken");
        doors.open(door);
        let _ = poll(&mut execution, Waker::noop());
        assert_eq!(doors.polled(), [door]);
    }
}

#[test]
fn all_come_to_their_end_in_whatever_order_they_are_woken() {
    for order in [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
        [11, 3, 7, 0, 9, 1, 10, 2, 8, 4, 6, 5],
    ] {
        let (graph, doors) = wide();
        let woken = Arc::<Woken>::default();
        let waker = Waker::from(Arc::clone(&woken));
        let mut execution = pin!(graph.resolve("x", Id(NOBODY)));
        for (before, door) in order.into_iter().enumerate() {
            assert!(poll(&mut execution, &waker).is_pending());
            assert_eq!(woken.0.load(Ordering::Relaxed), before);
            doors.open(door);
        }
        let Poll::Ready(made) = poll(&mut execution, &waker) else {
            panic!("all doors are open");
        };
        assert_eq!(made.unwrap(), Sum(12));
    }
}

#[test]
fn whoever_polls_last_is_woken() {
    let (graph, doors) = wide();
    let [first, second] = [(); 2].map(|()| Arc::<Woken>::default());
    let mut execution = pin!(graph.resolve("x", Id(NOBODY)));
    settle(&mut execution, &Waker::from(Arc::clone(&first)), &doors);
    assert!(poll(&mut execution, &Waker::from(Arc::clone(&second))).is_pending());
    assert!(doors.polled().is_empty(), "nobody was woken");
    doors.open(4);
    let woken = [first, second].map(|it| it.0.load(Ordering::Relaxed));
    assert_eq!(woken, [0, 1]);
}

#[test]
fn a_panic_forgets_nobody_who_was_woken_with_the_one_that_panics() {
    let (graph, doors) = wide();
    let mut execution = pin!(graph.resolve("x", Id(2)));
    settle(&mut execution, Waker::noop(), &doors);
    doors.open(5);
    doors.open(2);
    assert!(poll(&mut execution, Waker::noop()).is_pending());
    assert_eq!(doors.polled(), [2, 5]);
    for door in [0, 1, 3, 4, 6, 7, 8, 9, 10, 11] {
        doors.open(door);
    }
    let Poll::Ready(made) = poll(&mut execution, Waker::noop()) else {
        panic!("all doors are open");
    };
    let made: Result<Sum, Error> = made;
    assert_eq!(made.unwrap(), Sum(11));
}

#[test]
fn a_waker_that_outlives_the_execution_wakes_nobody_it_could_harm() {
    let (graph, doors) = wide();
    {
        let mut execution = pin!(graph.resolve("x", Id(NOBODY)));
        settle(&mut execution, Waker::noop(), &doors);
    }
    doors.open(1);
    assert!(doors.polled().is_empty());
}
