//! Steps: what `#[step]` implements, the options of a step, and how its attempts are run.

mod attempts;
mod blocking;
mod called;
mod context;
mod events;
mod execution_id;
mod failure;
mod options;
mod persisted;
mod reconcile;
mod returned;
mod unwind;

use std::future;

use crate::bulk::AnyDesk;
use crate::error::Error;
use crate::execution::{Ended, Made, Readiness, View};
use crate::graph::{Graph, Node};
use crate::key::InputsHasher;
use crate::persist::Reconciled;
use crate::plan::{Need, StepInfo};
use crate::value::{Value, ValueError};

pub use attempts::attempts;
pub(crate) use attempts::{Callee, attempts_of, with_fallback};
pub(crate) use blocking::{call_blocking, call_plain};
pub use called::called;
pub(crate) use context::Record;
pub use context::{StepContext, context};
pub(crate) use events::softened;
pub(crate) use execution_id::ExecutionId;
pub use failure::{Failure, IntoFailure, Outcome};
pub use options::{Delay, Options, Policy, Retry, StepOptions};
pub use persisted::persisted;
pub(crate) use persisted::{job, made, refused};
pub use reconcile::{Answer, Answering, Asked, FunctionOf};
pub use returned::{NoResult, Returned};
pub(crate) use unwind::{CatchUnwind, panic_message};

/// A function marked by `#[step]`, known to the compiler under the function's own name.
///
/// It is implemented by the macro only; name it to address a step, as in
/// `builder.configure::<billing::score_credit>(…)`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a step",
    label = "not a step",
    note = "a step is a function with `#[step]` above it; a bundle made by `steps!` is listed as `..bundle`"
)]
pub trait Step: 'static {
    /// What the step makes.
    type Output: Send + Sync + 'static;
    /// Its name in keys, rows, spans and errors.
    const NAME: &'static str;
    /// The name of its function.
    const IDENT: &'static str;
    /// Its function as written.
    const INFO: StepInfo = StepInfo::NONE;
    /// The version of its code's meaning.
    const VERSION: u32 = 0;
    /// Its options as written.
    const OPTIONS: Options = Options::NONE;
    /// `false` for an entry of a list that is switched off.
    const PRESENT: bool = true;
    /// `false` where its function has a mistake, so that it is not known what it needs.
    const WHOLE: bool = true;
    /// `true`, of the [`SHARED`](Shared::SHARED) of all that its function takes and returns.
    const SHARED: bool = true;
    /// `true`, of the [`IS_RESULT`](Outcome::IS_RESULT) of what its function returns, if its name says that it is one.
    const FALLIBLE: bool = false;
    /// `true`, of the [`ARE_ANSWERS`](crate::bulk::Answers::ARE_ANSWERS) of what a function with `bulk` returns.
    const ANSWERS: bool = false;

    /// The value to go on with when the step has failed for good.
    fn fallback() -> Option<Self::Output> {
        None
    }
}

/// What a step makes, as the graph `G` sees it.
///
/// It is the same in all graphs. But two implementations of [`Produces`](crate::graph::Produces) are known to differ only
/// where nobody else could say what the types in them stand for, and of a trait and a type of other crates somebody could:
/// the graph's own type, among the parameters, makes it the graph's own affair.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a step",
    label = "not a step",
    note = "a step is a function with `#[step]` above it; a bundle made by `steps!` is listed as `..bundle`"
)]
pub trait Makes<G> {
    /// The same as [`Step::Output`].
    type Output;
    /// `true`. What asks for it depends on this being a step, and so has no mistake of its own where it is something else.
    const IS_STEP: bool = true;
}

/// What threads may share: an input, an output or a resource.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be shared between threads, and steps run on several",
    label = "not `Send + Sync + 'static`",
    note = "use `Arc` instead of `Rc`, a `Mutex` or an atomic instead of `Cell` or `RefCell`, and own what is borrowed"
)]
pub trait Shared {
    /// `true`. What asks for it depends on the type being one that threads may share, and so has no mistake of its own
    /// where it is not.
    const SHARED: bool = true;
}

#[diagnostic::do_not_recommend]
impl<T: Send + Sync + 'static> Shared for T {}

/// Why a value that a step can do without is not there.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not why a step failed",
    label = "a step fails with a `docket::Error`, whatever its function returns",
    note = "write `&docket::Error`; what the function returned is its `source`"
)]
pub trait Reason {
    /// The same.
    fn of(error: &Error) -> &Self;
}

impl Reason for Error {
    #[inline(always)]
    fn of(error: &Error) -> &Self {
        error
    }
}

/// A step whose needs are all met in the graph `G`.
pub trait StepIn<G: Graph>: Step {
    /// The nodes it needs, in the order of its parameters.
    const NEEDS: &'static [Need];

    /// Whether it can start.
    fn ready<V: View<G>>(_view: &V) -> Readiness {
        unreachable!("an absent step is never asked")
    }

    /// Calls the function once.
    fn call<'a, V: View<G>>(
        _view: &'a V,
        _context: Option<&'a StepContext>,
    ) -> impl Future<Output = Result<Self::Output, Failure>> + Send + 'a {
        async { unreachable!("an absent step is never called") }
    }

    /// Calls the function that finds out what became of a lost run.
    fn reconcile<'a, V: View<G>>(
        _view: &'a V,
        _context: Option<&'a StepContext>,
    ) -> Answering<'a, Self::Output> {
        Box::pin(async { Ok(Reconciled::StillUnknown) })
    }

    /// Adds what makes the identity of a persisted step to `hasher`.
    fn hash<V: View<G>>(_view: &V, _hasher: &mut Hashes) -> Result<(), ValueError> {
        Ok(())
    }

    /// Runs a persisted step through the store.
    fn persisted<W, const I: usize, V: View<G> + Clone + 'static>(
        _view: V,
    ) -> impl Future<Output = Result<Made<Self::Output>, Ended>> + Send + 'static
    where
        W: Node<I, Graph = G, Step = Self>,
    {
        future::ready(unreachable_unless_persisted())
    }

    /// Where the items of a batch ask for a step with `bulk`.
    fn desk() -> Option<Box<dyn AnyDesk>> {
        None
    }

    /// Asks for the output of a step with `bulk`, for one item of a batch together with others.
    fn bulk<'a, W, const I: usize, V: View<G>>(
        _view: &'a V,
    ) -> impl Future<Output = Result<Made<Self::Output>, Ended>> + Send + 'a
    where
        W: Node<I, Graph = G, Step = Self>,
    {
        future::ready(unreachable_unless_bulk())
    }
}

/// More bytes of inputs are not hashed: so many make a poor key, and whoever sends them may mean harm.
const MAX_INPUT_BYTES: usize = 4 << 20;

/// The two hashes of a persisted step's inputs.
#[derive(Debug, Default)]
pub struct Hashes {
    /// Over all inputs.
    pub inputs: InputsHasher,
    /// Over the `#[key]` parameters, if there are any.
    pub identity: Option<InputsHasher>,
    /// How many bytes were hashed.
    n_bytes: usize,
}

impl Hashes {
    /// Adds an input.
    ///
    /// # Errors
    ///
    /// Where it has no canonical form, or all of them together take more than 4 MiB.
    pub fn add<T: Value>(&mut self, value: &T) -> Result<(), ValueError> {
        let canonical = self.admit(value.canonical()?)?;
        self.inputs.add(&canonical, T::CODEC);
        Ok(())
    }

    /// Adds an input marked `#[key]`.
    ///
    /// # Errors
    ///
    /// As for [`add`](Hashes::add).
    pub fn add_key<T: Value>(&mut self, value: &T) -> Result<(), ValueError> {
        let canonical = self.admit(value.canonical()?)?;
        self.inputs.add(&canonical, T::CODEC);
        self.identity
            .get_or_insert_default()
            .add(&canonical, T::CODEC);
        Ok(())
    }

    /// Adds all of a batch.
    pub fn add_all<T: Value>(&mut self, values: &[T]) -> Result<(), ValueError> {
        self.inputs.add_list(values.len());
        values.iter().try_for_each(|value| self.add(value))
    }

    /// Adds a soft need: that it failed is part of what the step saw.
    ///
    /// # Errors
    ///
    /// As for [`add`](Hashes::add).
    pub fn add_soft<T: Value>(&mut self, value: Option<&T>) -> Result<(), ValueError> {
        match value {
            Some(value) => self.add(value),
            None => {
                self.inputs.add_missing();
                Ok(())
            }
        }
    }
}

impl Hashes {
    fn admit(&mut self, canonical: Vec<u8>) -> Result<Vec<u8>, ValueError> {
        self.n_bytes += canonical.len();
        if self.n_bytes > MAX_INPUT_BYTES {
            return Err(ValueError::new(
                "the inputs of a persisted step take 4 MiB at most in the form that its key is made of; mark what tells one \
                 call from another with `#[key]`, and pass what is large by reference or as a resource",
            ));
        }
        Ok(canonical)
    }
}

fn unreachable_unless_persisted<T>() -> T {
    unreachable!("only steps with `persist` go through the store")
}

fn unreachable_unless_bulk<T>() -> T {
    unreachable!("only steps with `bulk` ask for many items at once")
}
