//! Calling a `reconcile` function: what it may return, and for how long it may ask.

use std::pin::Pin;

use super::attempts::items_failed;
use super::context::{Record, StepContext};
use super::{IntoFailure, Step, StepIn};
use crate::error::BoxError;
use crate::execution::View;
use crate::graph::{Graph, Node};
use crate::persist::Reconciled;

/// The answer of a `reconcile` function, on its way. It is boxed, because it is asked for once in a blue moon.
pub type Answering<'a, T> =
    Pin<Box<dyn Future<Output = Result<Reconciled<T>, BoxError>> + Send + 'a>>;

/// A function of the parameters `Args`, a tuple.
#[diagnostic::on_unimplemented(
    message = "the `reconcile` of a step takes what the step takes, in the same order",
    label = "this is no function of `{Args}`",
    note = "it is asked about one run of the step, with the inputs, the resources and the context of that run"
)]
pub trait FunctionOf<Args> {
    /// What it returns.
    type Returned;

    /// Calls it.
    fn call_with(self, args: Args) -> Self::Returned;
}

macro_rules! function_of {
    ($($arg:ident)*) => {
        #[diagnostic::do_not_recommend]
        impl<F: FnOnce($($arg),*) -> R, R, $($arg),*> FunctionOf<($($arg,)*)> for F {
            type Returned = R;

            #[allow(non_snake_case)]
            fn call_with(self, ($($arg,)*): ($($arg,)*)) -> R {
                self($($arg),*)
            }
        }
    };
}

/// One for each number of parameters, up to 24, which the macro knows.
macro_rules! functions_of {
    ($($first:ident $($rest:ident)*)?) => {
        function_of!($($first $($rest)*)?);
        $(functions_of!($($rest)*);)?
    };
}

functions_of!(A B C D E G H I J K L M N O P Q S T U V W X Y Z);

/// What an `async fn` returns.
#[diagnostic::on_unimplemented(
    message = "the `reconcile` of a step is an `async fn`",
    label = "this is none: it returns `{Self}`"
)]
pub trait Asked {
    /// What it returns in the end.
    type Answer;

    /// The same future, boxed.
    fn boxed<'a>(self) -> Pin<Box<dyn Future<Output = Self::Answer> + Send + 'a>>
    where
        Self: Send + 'a;
}

#[diagnostic::do_not_recommend]
impl<F: Future> Asked for F {
    type Answer = F::Output;

    fn boxed<'a>(self) -> Pin<Box<dyn Future<Output = F::Output> + Send + 'a>>
    where
        Self: Send + 'a,
    {
        Box::pin(self)
    }
}

/// What the `reconcile` function of a step that makes a `T` may answer.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not answer what became of a run that made a `{T}`",
    label = "this returns `{Self}`",
    note = "a `reconcile` returns `docket::Reconciled<{T}>`, or a `Result` of it whose error says why it is still unknown"
)]
pub trait Answer<T> {
    /// What it found out, or why it did not.
    fn into_reconciled(self) -> Result<Reconciled<T>, BoxError>;
}

#[diagnostic::do_not_recommend]
impl<T> Answer<T> for Reconciled<T> {
    fn into_reconciled(self) -> Result<Reconciled<T>, BoxError> {
        Ok(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T, E: IntoFailure> Answer<T> for Result<Reconciled<T>, E> {
    fn into_reconciled(self) -> Result<Reconciled<T>, BoxError> {
        self.map_err(|error| error.into_failure().source)
    }
}

/// Asks the `reconcile` of the step at `I` once, within the time of an attempt.
pub(super) async fn reconcile<W: Node<I>, const I: usize, V: View<W::Graph>>(
    view: &V,
    record: Record,
) -> Result<Reconciled<<W::Step as Step>::Output>, BoxError> {
    let context = StepContext {
        execution_id: view.run().owned_id(),
        step: W::Step::NAME,
        attempt: 1,
        deadline: view.run().deadline(),
        record: Some(record),
        items_failed: items_failed::<W, I, V>(view),
        item: view.item(),
    };
    let answering = W::Step::reconcile(view, Some(&context));
    match view.graph().core().policy(I).timeout {
        Some(timeout) => match tokio::time::timeout(timeout, answering).await {
            Ok(answer) => answer,
            Err(_) => Err(format!("`reconcile` took longer than {timeout:?}").into()),
        },
        None => answering.await,
    }
}
