//! Whole executions of a graph written by hand, small enough for Miri: a text is made, then measured.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::*;
use crate::error::ErrorKind;
use crate::graph::{Graph, Node, Produces, Wiring, need};
use crate::plan::{Need, mode};
use crate::runtime::{Core, CoreBuilder, StepRow};
use crate::step::{Failure, Step, StepContext, StepIn, StepOptions};

/// What each of the two steps does.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Does {
    End,
    Yield,
    Fail,
    Panic,
}

use Does::{End as Ends, Fail, Panic, Yield};

#[derive(Clone)]
struct Texts {
    core: Arc<Core>,
    does: [Does; 2],
}

impl Graph for Texts {
    fn core(&self) -> &Core {
        &self.core
    }
}

struct Length(usize);

impl Produces<String> for Texts {
    const NODE: usize = 0;
}

impl Produces<Length> for Texts {
    const NODE: usize = 1;
}

enum Resolve {}

impl Entry for Resolve {
    type Word = Word<1>;
    type Crowd = Crowd<false>;
    const STEPS: &'static Steps = &Steps {
        order: &[0, 1],
        readers: &[(1, 2), (u32::MAX, 0)],
        needs: &[(0, 0), (0, 1)],
        roots: (0, 1),
        hard: &[true, true],
        in_order: true,
    };
}

/// Holds something to drop while it waits.
async fn act(does: Does) -> Result<(), Failure> {
    let held = vec![String::from("held")];
    match does {
        Ends => {}
        Yield => tokio::task::yield_now().await,
        Fail => return Err(Failure::new("it failed")),
        Panic => panic!("it panicked"),
    }
    drop(held);
    Ok(())
}

struct Make;

impl Step for Make {
    type Output = String;
    const NAME: &'static str = "make";
    const IDENT: &'static str = "make";
}

impl StepIn<Texts> for Make {
    const NEEDS: &'static [Need] = &[];

    fn ready<V: View<Texts>>(_view: &V) -> Readiness {
        Readiness::Ready
    }

    async fn call<'a, V: View<Texts>>(
        view: &'a V,
        _context: Option<&'a StepContext>,
    ) -> Result<String, Failure> {
        act(view.graph().does[0]).await?;
        Ok(String::from("abc"))
    }
}

struct Measure;

impl Step for Measure {
    type Output = Length;
    const NAME: &'static str = "measure";
    const IDENT: &'static str = "measure";
}

impl StepIn<Texts> for Measure {
    const NEEDS: &'static [Need] = &[need::<Texts, String>()];

    fn ready<V: View<Texts>>(view: &V) -> Readiness {
        Readiness::of(view.slot::<String>())
    }

    fn call<'a, V: View<Texts>>(
        view: &'a V,
        _context: Option<&'a StepContext>,
    ) -> impl Future<Output = Result<Length, Failure>> + Send + 'a {
        let text = view.need::<String>();
        async move { act(view.graph().does[1]).await.map(|()| Length(text.len())) }
    }
}

enum Wires {}

impl Wiring for Wires {
    type Graph = Texts;
}

impl Node<0> for Wires {
    type Step = Make;
}

impl Node<1> for Wires {
    type Step = Measure;
}

struct Kept(Slot<String>);

// SAFETY: there is one slot.
unsafe impl Slots for Kept {
    fn slot(&self, node: usize) -> Found<'_> {
        match node {
            0 => Found::slot(&self.0),
            _ => Found::other(&Vacant),
        }
    }
}

impl Empty for Kept {
    fn empty() -> Self {
        Self(Slot::empty())
    }
}

struct Output(Slot<Length>);

// SAFETY: there is one slot.
unsafe impl Slots for Output {
    fn slot(&self, node: usize) -> Found<'_> {
        match node {
            1 => Found::slot(&self.0),
            _ => Found::other(&Vacant),
        }
    }
}

fn texts(does: [Does; 2], options: Option<StepOptions>) -> Texts {
    let mut core = CoreBuilder::default();
    if let Some(options) = options {
        core.configure::<Measure>(1, options);
    }
    const ROWS: &[StepRow; 2] = &[StepRow::step::<Wires, 0>(), StepRow::step::<Wires, 1>()];
    const NAMES: &[&str] = &StepRow::names(ROWS);
    let core = Arc::new(core.build(ROWS, NAMES));
    Texts { core, does }
}

/// What an entry does.
async fn resolve(graph: &Texts) -> Result<usize, crate::Error> {
    let run = Execution::new("x").into_run();
    let mut site = Site {
        frame: Place::<false>::open::<_, Kept>(graph, run, Empty::empty),
        outputs: Output(Slot::empty()),
    };
    site.frame.start("Texts::x");
    {
        // SAFETY: as in the code of an entry, here and below.
        let at = unsafe { At::new(&site) };
        let drivers = Drivers(
            block(
                at,
                driver::<Wires, 0, { mode::PLAIN << 4 }, _, _>(at),
                driver::<Wires, 1, { mode::PLAIN << 4 }, _, _>(at),
                Nobody,
                Nobody,
                Nobody,
                Nobody,
                Nobody,
                Nobody,
                Nobody,
                Nobody,
                Nobody,
                Nobody,
                Nobody,
                Nobody,
                Nobody,
                Nobody,
            ),
            First::<0>,
        );
        // SAFETY: none has had a turn.
        unsafe { execute::<1, Resolve, Texts, _, _, _>(at, drivers) }.await?;
    }
    let Length(length) = site.outputs.0.take().unwrap()?.into_value()?;
    Ok(length)
}

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

fn outcome(graph: &Texts) -> Result<usize, ErrorKind> {
    let mut future = pin!(resolve(graph));
    loop {
        if let Poll::Ready(outcome) = poll(future.as_mut()) {
            return outcome.map_err(|error| error.kind());
        }
    }
}

#[test]
fn what_the_steps_do_is_what_comes_of_the_execution() {
    for first in [Ends, Yield, Fail, Panic] {
        for second in [Ends, Yield, Fail, Panic] {
            let expected = match [first, second] {
                [Fail, _] | [Ends | Yield, Fail] => Err(ErrorKind::Failed),
                [Panic, _] | [Ends | Yield, Panic] => Err(ErrorKind::Panicked),
                _ => Ok(3),
            };
            let graph = texts([first, second], None);
            assert_eq!(outcome(&graph), expected, "{first:?}, then {second:?}");
        }
    }
}

#[test]
fn an_execution_that_is_dropped_in_the_middle_drops_what_its_steps_hold() {
    for does in [[Yield, Ends], [Ends, Yield]] {
        let graph = texts(does, None);
        let mut future = Box::pin(resolve(&graph));
        assert!(poll(future.as_mut()).is_pending());
    }
}

#[test]
fn a_step_that_was_given_options_at_run_time_makes_its_value_too() {
    let once = StepOptions::new().max_concurrency(1);
    assert_eq!(outcome(&texts([Ends, Ends], Some(once))), Ok(3));
}
