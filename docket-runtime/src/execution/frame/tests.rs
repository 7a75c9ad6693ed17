//! Frames of one slot.

use std::sync::Arc;
use std::thread;

use super::*;
use crate::execution::{Empty, Execution, Slot};
use crate::runtime::{Core, CoreBuilder};

#[derive(Clone)]
struct Texts(Arc<Core>);

impl Graph for Texts {
    fn core(&self) -> &Core {
        &self.0
    }
}

impl Produces<String> for Texts {
    const NODE: usize = 0;
}

struct One(Slot<String>);

// SAFETY: there is one slot.
unsafe impl Slots for One {
    fn slot(&self, _node: usize) -> Found<'_> {
        Found::slot(&self.0)
    }
}

impl Empty for One {
    fn empty() -> Self {
        Self(Slot::empty())
    }
}

const READS: &[Need] = &[Need {
    node: 0,
    soft: false,
    all: false,
    bulk: false,
}];

fn texts() -> Texts {
    Texts(Arc::new(CoreBuilder::default().build(&[], &[])))
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(future)
}

fn text(taken: Option<Result<Filled<String>, Error>>) -> String {
    taken.unwrap().unwrap().into_value().unwrap()
}

#[test]
fn a_value_is_taken_when_the_tasks_that_read_it_have_ended() {
    let graph = texts();
    let run = Execution::new("x").into_run();
    let mut frame = Place::<true>::open::<_, One>(&graph, run, Empty::empty);
    // SAFETY: nobody has a view yet.
    unsafe { frame.give(String::from("a")) };
    let view: Owned<_, _> = frame.owned(READS);
    let reader = thread::spawn(move || {
        let also = view.clone();
        drop(view);
        also.need::<String>().len()
    });
    assert_eq!(text(block_on(frame.take(0))), "a");
    assert_eq!(reader.join().unwrap(), 1);
}

#[test]
fn a_task_that_reads_something_else_is_not_waited_for() {
    let graph = texts();
    let run = Execution::new("x").into_run();
    let mut frame = Place::<true>::open::<_, One>(&graph, run, Empty::empty);
    // SAFETY: nobody has a view yet.
    unsafe { frame.give(String::from("a")) };
    let view: Owned<_, _> = frame.owned(&[]);
    assert_eq!(text(block_on(frame.take(0))), "a");
    drop(frame);
    drop(view);
}

#[test]
#[should_panic(expected = "a step reads what it says it needs")]
fn a_task_can_not_read_what_it_does_not_need() {
    let graph = texts();
    let run = Execution::new("x").into_run();
    let mut frame = Place::<true>::open::<_, One>(&graph, run, Empty::empty);
    // SAFETY: nobody has a view yet.
    unsafe { frame.give(String::from("a")) };
    frame.owned(&[]).slot::<String>();
}

#[test]
fn a_local_frame_gives_its_values_back() {
    let graph = texts();
    let run = Execution::new("x").into_run();
    let mut frame = Place::<false>::open::<_, One>(&graph, run, Empty::empty);
    // SAFETY: nobody has a view yet.
    unsafe { frame.give(String::from("a")) };
    assert_eq!(frame.need::<String>(), "a");
    assert_eq!(text(block_on(frame.take(0))), "a");
}
