//! Models for loom: what happens in every order in which threads may take turns.

use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Wake, Waker};

use loom::future::block_on;
use loom::thread;

use super::bells::Bells;
use super::{Empty as _, Filled, Slot};
use crate::sync::Told;

#[test]
fn who_sees_that_a_slot_is_full_sees_what_is_in_it() {
    loom::model(|| {
        let slot = Arc::new(Slot::<Told>::empty());
        let reader = {
            let slot = Arc::clone(&slot);
            thread::spawn(move || {
                if let Some(value) = slot.at().get() {
                    assert_eq!(value.expect("nothing failed").get(), 7);
                }
            })
        };
        // SAFETY: nobody else writes.
        unsafe { slot.at().set(Ok(Filled::Own(Told::new(7)))) };
        reader.join().expect("it reads");
        let slot = Arc::into_inner(slot).expect("the reader is gone");
        // SAFETY: nobody else has it.
        let taken = unsafe { slot.at().take_unread() };
        let value = taken.expect("it is full").expect("nothing failed");
        assert_eq!(value.into_value().expect("it is there").get(), 7);
    });
}

/// Whether the waker is another one at each poll.
#[derive(Clone, Copy, PartialEq)]
enum Wakers {
    Same,
    Others,
}

/// Another waker that wakes the same.
struct Forward(Waker);

impl Wake for Forward {
    fn wake(self: Arc<Self>) {
        self.0.wake_by_ref();
    }
}

/// An execution is woken, and sees what each of those who ring did before. If a bell were lost, it would wait for ever, which
/// loom calls a deadlock.
fn all_ring(n_ringing: usize, wakers: Wakers) {
    loom::model(move || {
        let told: Arc<Vec<Told>> = Arc::new((0..n_ringing).map(|_| Told::new(0)).collect());
        let bells: Mutex<Option<Arc<Bells<1>>>> = Mutex::new(None);
        let mut seen = 0;
        block_on(poll_fn(|cx| {
            let mut bells = bells.lock().expect("nobody panics");
            let bells = bells.get_or_insert_with(|| {
                let bells = Bells::new(cx.waker());
                for place in 0..n_ringing {
                    let (bell, told) = (bells.bell(place).clone(), Arc::clone(&told));
                    thread::spawn(move || {
                        told[place].set(1);
                        bell.wake();
                    });
                }
                bells
            });
            let waker = match wakers {
                Wakers::Same => cx.waker().clone(),
                Wakers::Others => Waker::from(Arc::new(Forward(cx.waker().clone()))),
            };
            // SAFETY: one execution is polled.
            unsafe { bells.hang(&waker) };
            let rung = bells.take(0);
            for place in 0..n_ringing {
                if rung & (1 << place) != 0 {
                    assert_eq!(told[place].get(), 1);
                }
            }
            seen |= rung;
            if seen == (1 << n_ringing) - 1 {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        }));
    });
}

#[test]
fn a_bell_is_heard() {
    all_ring(1, Wakers::Same);
}

#[test]
fn two_bells_are_heard() {
    all_ring(2, Wakers::Same);
}

#[test]
fn a_bell_is_heard_by_whoever_is_polled_next() {
    all_ring(1, Wakers::Others);
}
