//! [`Rehearsal`]: what happens in the place of running steps, where something does.
//!
//! It is part of an execution that was asked for by `explain` or by a test, and `None` in all others, which pay one
//! comparison for it. An execution that has one does not take the straight pass.

use std::any::Any;
use std::fmt;
use std::future::ready;
use std::sync::Arc;

use crate::execution::{Boxed, Ended, Filled, Frame, Made};
use crate::explain::Explaining;
use crate::graph::Node;
use crate::observe::Origin;
use crate::step::{Failure, Step, with_fallback};

/// What happens in the place of running steps.
pub enum Rehearsal {
    /// No step runs, and it is noted what would.
    Explain(Explaining),
    /// Some steps are not run, but are given what they come to; and what others come to may be written down. Of several, the
    /// first that knows of a step says what it comes to.
    Play(Vec<Arc<dyn Play>>),
}

/// Knows what steps come to, or writes it down.
pub trait Play: Send + Sync + 'static {
    /// What `step` comes to; `None` if it is to run. The value is of the type that the step makes.
    fn cue(&self, step: &'static str) -> Option<Result<Box<dyn Any + Send>, Failure>>;

    /// The step has come to `value`, which is from `origin`.
    fn made(&self, step: &'static str, value: &dyn Any, origin: Origin);
}

impl Rehearsal {
    /// One of `play` alone.
    pub(crate) fn play(play: impl Play) -> Arc<Self> {
        Arc::new(Self::Play(vec![Arc::new(play)]))
    }

    /// `later`, where `earlier` was asked for already: both play. What is explained is only explained.
    pub(crate) fn both(earlier: &Self, later: Arc<Self>) -> Arc<Self> {
        match (&*later, earlier) {
            (Self::Play(later), Self::Play(earlier)) => {
                let plays = later.iter().chain(earlier);
                Arc::new(Self::Play(plays.map(Arc::clone).collect()))
            }
            (Self::Explain(_), _) | (_, Self::Explain(_)) => later,
        }
    }

    /// Its notes, if the execution is explained.
    pub(crate) fn explaining(&self) -> Option<&Explaining> {
        match self {
            Self::Explain(explaining) => Some(explaining),
            Self::Play(_) => None,
        }
    }

    /// What is done in the place of the step at `I`, all of whose inputs are there. `None` if it goes its usual way.
    #[cold]
    pub(crate) fn instead<'a, W: Node<I>, const I: usize, H: Frame<W::Graph>>(
        &self,
        frame: &'a H,
    ) -> Option<Boxed<'a, <W::Step as Step>::Output>> {
        let ended = match self {
            Self::Explain(explaining) => {
                Err(explaining.instead::<W::Graph, W::Step, H>(frame)?.into())
            }
            Self::Play(plays) => match plays.iter().find_map(|it| it.cue(W::Step::NAME))? {
                Ok(value) => Ok(given(value)),
                Err(failure) => {
                    let ended = Ended::from(failure).of_step(frame.run(), W::Step::NAME, 0);
                    with_fallback::<W::Step>(ended, frame.run())
                }
            },
        };
        Some(Box::pin(ready(ended)))
    }

    /// A step has come to `value`, which is from `origin`.
    #[cold]
    pub(crate) fn made<T: 'static>(&self, step: &'static str, value: &Filled<T>, origin: Origin) {
        let Self::Play(plays) = self else {
            return;
        };
        let value: &dyn Any = match value {
            Filled::Own(value) => value,
            Filled::Shared(shared) => shared.value(),
            Filled::Lent(_) => return,
        };
        plays.iter().for_each(|it| it.made(step, value, origin));
    }
}

fn given<T: 'static>(value: Box<dyn Any + Send>) -> Made<T> {
    let value = value
        .downcast()
        .unwrap_or_else(|_| unreachable!("a step is given what it makes"));
    Made {
        value: Filled::Own(*value),
        origin: Origin::Given,
    }
}

impl fmt::Debug for Rehearsal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Explain(_) => "Explain",
            Self::Play(_) => "Play",
        })
    }
}
