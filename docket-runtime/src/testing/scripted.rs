//! [`Scripted`]: answers that are given one after the other.

use std::any::type_name;
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Answers that are given one after the other, and the calls that they were given to. A clone is the same script.
///
/// It is what a fake of a backend is made of: see [the example](super#fakes-of-resources).
pub struct Scripted<C, A> {
    script: Arc<Mutex<Script<C, A>>>,
}

struct Script<C, A> {
    calls: Vec<C>,
    answers: VecDeque<A>,
    /// What is answered when nothing else is left.
    rest: Option<Rest<C, A>>,
}

type Rest<C, A> = Arc<Mutex<dyn FnMut(&C) -> A + Send>>;

impl<C, A> Scripted<C, A> {
    /// These answers, in this order.
    pub fn new(answers: impl IntoIterator<Item = A>) -> Self {
        Self {
            script: Arc::new(Mutex::new(Script {
                calls: Vec::new(),
                answers: answers.into_iter().collect(),
                rest: None,
            })),
        }
    }

    /// After all others, what `answer` makes of each call, one at a time. It may look at this script, or add to it, but not
    /// call it.
    ///
    /// ```
    /// # use docket_runtime as docket;
    /// use docket::testing::Scripted;
    ///
    /// let squares = Scripted::new([0]).then(|n: &u32| n * n);
    /// assert_eq!([squares.call(3), squares.call(4)], [0, 16]);
    /// ```
    pub fn then(self, answer: impl FnMut(&C) -> A + Send + 'static) -> Self {
        self.lock().rest = Some(Arc::new(Mutex::new(answer)));
        self
    }

    /// Adds an answer behind the others.
    pub fn push(&self, answer: A) {
        self.lock().answers.push_back(answer);
    }

    /// Notes a call, and gives the next answer.
    ///
    /// # Panics
    ///
    /// When there is none left. In a step, that is an error of the step.
    #[track_caller]
    pub fn call(&self, call: C) -> A {
        let mut script = self.lock();
        let answer = script.answers.pop_front();
        let rest = script.rest.clone().filter(|_| answer.is_none());
        let Some(rest) = rest else {
            script.calls.push(call);
            let n_before = script.calls.len() - 1;
            drop(script);
            return answer.unwrap_or_else(|| no_answer::<C>(n_before));
        };
        // It may look at this script, or add to it.
        drop(script);
        let mut rest = rest.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = rest(&call);
        self.lock().calls.push(call);
        answer
    }

    /// The calls so far.
    pub fn calls(&self) -> Vec<C>
    where
        C: Clone,
    {
        self.lock().calls.clone()
    }

    /// How many answers have not been given.
    pub fn left(&self) -> usize {
        self.lock().answers.len()
    }

    fn lock(&self) -> MutexGuard<'_, Script<C, A>> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[track_caller]
fn no_answer<C>(n_before: usize) -> ! {
    panic!(
        "call {} has no answer: {n_before} were written down for `{}`",
        n_before + 1,
        type_name::<C>()
    )
}

impl<C, A> Clone for Scripted<C, A> {
    fn clone(&self) -> Self {
        Self {
            script: Arc::clone(&self.script),
        }
    }
}

impl<C, A> fmt::Debug for Scripted<C, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let script = self.lock();
        f.debug_struct("Scripted")
            .field("calls", &script.calls.len())
            .field("left", &script.answers.len())
            .finish_non_exhaustive()
    }
}
