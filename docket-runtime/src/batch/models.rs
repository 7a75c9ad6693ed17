//! Models for loom: what happens in every order in which threads may take turns.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use loom::future::block_on;
use loom::thread;

use super::Column;
use super::bells::Bells;
use crate::sync::Told;

/// A batch is woken, and sees what each of those who ring did before. If a bell were lost, it would wait for ever, which loom
/// calls a deadlock.
fn all_ring(n_ringing: usize) {
    loom::model(move || {
        let told: Arc<Vec<Told>> = Arc::new((0..n_ringing).map(|_| Told::new(0)).collect());
        let bells = Bells::new(n_ringing);
        let mut ringing: Vec<_> = (0..n_ringing)
            .map(|place| (place, bells.bell(place)))
            .collect();
        let mut seen = 0;
        block_on(poll_fn(|cx| {
            bells.hang(cx.waker());
            for (place, bell) in ringing.drain(..) {
                let told = Arc::clone(&told);
                thread::spawn(move || {
                    told[place].set(1);
                    bell.wake();
                });
            }
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
    all_ring(1);
}

#[test]
fn two_bells_are_heard() {
    all_ring(2);
}

#[test]
fn who_sees_that_a_column_is_sealed_sees_its_values() {
    loom::model(|| {
        let column = Arc::new(Column::<Told>::new(2));
        let reader = {
            let column = Arc::clone(&column);
            thread::spawn(move || {
                if column.is_sealed() {
                    let values: Vec<u32> = column.all().iter().map(Told::get).collect();
                    assert_eq!(values, [7, 8]);
                }
            })
        };
        column.put(1, Told::new(8));
        column.put(0, Told::new(7));
        assert!(column.is_complete());
        // SAFETY: it has no gaps.
        unsafe { column.seal() };
        reader.join().expect("it reads");
    });
}
