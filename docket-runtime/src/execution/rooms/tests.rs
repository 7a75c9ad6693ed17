use std::future::{pending, poll_fn, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Waker};

use super::super::Nobody;
use super::*;

/// Has the room that `R` chooses, and runs an `F`.
struct Sitter<R, F>(PhantomData<fn() -> (R, F)>);

impl<R: Choose, F: Send> Tenant for Sitter<R, F> {
    type Own = F;
    type Other = Pin<Box<dyn Future<Output = u32> + Send>>;
    type Room = R;
}

/// Three steps, of which the last two have one room. What they run is told by the arguments, which are not used.
macro_rules! three {
    ($a:expr, $b:expr, $c:expr) => {{
        fn sitter<const ROOM: u8, F: Send>(_: &impl Fn() -> F) -> Sitter<RoomAt<ROOM>, F> {
            Sitter(PhantomData)
        }
        let (a, b, c) = (sitter::<0, _>($a), sitter::<5, _>($b), sitter::<5, _>($c));
        Block::new(
            a, b, c, Nobody, Nobody, Nobody, Nobody, Nobody, Nobody, Nobody, Nobody, Nobody,
            Nobody, Nobody, Nobody, Nobody,
        )
    }};
}

type In<'b, D> = (&'b D, Room<'b, D>);

fn cx() -> Context<'static> {
    Context::from_waker(Waker::noop())
}

fn is_taken<D: Tenant>((_, mut room): In<'_, D>) -> bool {
    room.own().is_taken()
}

fn start<F, D>((_, mut room): In<'_, D>, future: F) -> Poll<F::Output>
where
    F: Future,
    D: Tenant<Own = F>,
{
    room.own().start(future, |it| it.poll(&mut cx()))
}

fn go_on<F, D>((_, mut room): In<'_, D>) -> Poll<F::Output>
where
    F: Future,
    D: Tenant<Own = F>,
{
    room.own().go_on(|it| it.poll(&mut cx()))
}

/// Holds `held` across a wait, and points into itself.
async fn wait(held: Arc<()>, polls: u32) -> u32 {
    let numbers = [1, 2, 3];
    let last = &numbers[2];
    let mut left = polls;
    poll_fn(|_| {
        left = left.saturating_sub(1);
        if left == 0 {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    drop(held);
    *last
}

#[test]
fn what_runs_in_a_room_is_dropped_when_it_has_ended_and_another_goes_in() {
    let held = Arc::new(());
    let long = || wait(Arc::clone(&held), 2);
    let short = || ready(7);
    let mut block = pin!(three!(&long, &long, &short));
    assert_eq!(start(block.as_mut().at1(), long()), Poll::Pending);
    assert!(is_taken(block.as_mut().at1()));
    assert_eq!(Arc::strong_count(&held), 2);
    assert_eq!(start(block.as_mut().at0(), long()), Poll::Pending);
    assert_eq!(go_on(block.as_mut().at1()), Poll::Ready(3));
    assert!(!is_taken(block.as_mut().at1()));
    assert_eq!(start(block.as_mut().at2(), short()), Poll::Ready(7));
    assert!(!is_taken(block.as_mut().at2()));
    assert_eq!(go_on(block.as_mut().at0()), Poll::Ready(3));
    assert_eq!(Arc::strong_count(&held), 1);
}

#[test]
fn nobody_gets_into_a_room_that_is_taken() {
    let held = Arc::new(());
    let long = || wait(Arc::clone(&held), 2);
    let mut block = pin!(three!(&long, &long, &long));
    assert_eq!(start(block.as_mut().at2(), long()), Poll::Pending);
    for again in [true, false] {
        let other = catch_unwind(AssertUnwindSafe(|| match again {
            true => start(block.as_mut().at2(), long()),
            false => start(block.as_mut().at1(), long()),
        }));
        assert!(other.is_err());
        assert_eq!(Arc::strong_count(&held), 2);
    }
    assert!(catch_unwind(AssertUnwindSafe(|| go_on(block.as_mut().at1()))).is_err());
    assert_eq!(go_on(block.as_mut().at2()), Poll::Ready(3));
}

#[test]
fn what_leaves_is_dropped() {
    let held = Arc::new(());
    let long = || wait(Arc::clone(&held), 2);
    let mut block = pin!(three!(&long, &long, &long));
    assert_eq!(start(block.as_mut().at1(), long()), Poll::Pending);
    block.as_mut().at2().1.leave();
    assert_eq!(Arc::strong_count(&held), 2, "it is not there");
    block.as_mut().at1().1.leave();
    block.as_mut().at1().1.leave();
    assert_eq!(Arc::strong_count(&held), 1);
    assert_eq!(start(block.as_mut().at2(), long()), Poll::Pending);
}

#[test]
fn what_stands_in_the_stead_of_another_has_its_room() {
    let held = Arc::new(());
    let long = || wait(Arc::clone(&held), 2);
    let short = || ready(7);
    let mut block = pin!(three!(&short, &short, &long));
    for ends in [true, false] {
        let (_, mut room) = block.as_mut().at1();
        let polled = room
            .other()
            .start(Box::pin(long()), |it| it.get_mut().as_mut().poll(&mut cx()));
        assert_eq!(polled, Poll::Pending);
        assert!(!room.own().is_taken());
        let other = catch_unwind(AssertUnwindSafe(|| start(block.as_mut().at2(), long())));
        assert!(other.is_err());
        let (_, mut room) = block.as_mut().at1();
        if ends {
            let polled = room
                .other()
                .go_on(|it| it.get_mut().as_mut().poll(&mut cx()));
            assert_eq!(polled, Poll::Ready(3));
        } else {
            room.leave();
        }
        assert_eq!(Arc::strong_count(&held), 1);
    }
    assert_eq!(start(block.as_mut().at1(), short()), Poll::Ready(7));
    let (_, mut room) = block.as_mut().at0();
    let polled = room
        .other()
        .start(Box::pin(long()), |it| it.get_mut().as_mut().poll(&mut cx()));
    assert_eq!(polled, Poll::Pending);
    block.set(three!(&short, &short, &long));
    assert_eq!(Arc::strong_count(&held), 1, "the block drops it");
}

#[test]
fn what_panics_is_dropped_and_gives_its_room_back() {
    let held = Arc::new(());
    let panics = |polls| {
        let held = Arc::clone(&held);
        async move {
            let three = wait(held, polls).await;
            assert_eq!(three, 4, "it panics");
        }
    };
    let mut block = pin!(three!(&|| panics(1), &|| panics(1), &|| panics(1)));
    let mut first = || start(block.as_mut().at1(), panics(1));
    assert!(catch_unwind(AssertUnwindSafe(&mut first)).is_err());
    assert!(!is_taken(block.as_mut().at1()));
    assert_eq!(start(block.as_mut().at2(), panics(2)), Poll::Pending);
    let mut later = || go_on(block.as_mut().at2());
    assert!(catch_unwind(AssertUnwindSafe(&mut later)).is_err());
    block.as_mut().at2().1.leave();
    assert_eq!(Arc::strong_count(&held), 1);
}

#[test]
fn a_block_that_is_dropped_drops_all_that_runs_though_a_drop_panics() {
    struct Panics(Arc<AtomicU32>);
    impl Drop for Panics {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
            panic!("it panicked in its drop");
        }
    }

    let (held, drops) = (Arc::new(()), Arc::<AtomicU32>::default());
    let panics = || {
        let panics = Panics(Arc::clone(&drops));
        async move {
            pending::<()>().await;
            drop(panics);
        }
    };
    let long = || wait(Arc::clone(&held), 2);
    let dropped = catch_unwind(AssertUnwindSafe(|| {
        let mut block = pin!(three!(&panics, &long, &long));
        assert_eq!(start(block.as_mut().at0(), panics()), Poll::Pending);
        assert_eq!(start(block.as_mut().at2(), long()), Poll::Pending);
    }));
    assert!(dropped.is_err());
    assert_eq!(drops.load(Ordering::Relaxed), 1);
    assert_eq!(Arc::strong_count(&held), 1);
}

#[test]
fn a_room_is_as_large_as_the_largest_that_goes_in_there() {
    let (small, large) = (|| [0_u8; 3], || [0_u64; 5]);
    let block = three!(&small, &small, &large);
    assert_eq!(
        size_of_val(&block.rooms),
        16 + 40,
        "a box, and the large one"
    );
    let block = three!(&large, &small, &small);
    assert_eq!(size_of_val(&block), 40 + 16 + 8, "the same, and the bits");
}
