//! [`Execution`]: the id and the limits that a caller gives to one execution.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::deadline::Deadline;
use crate::rehearsal::Rehearsal;
use crate::step::ExecutionId;

/// The id of one execution, and its options.
///
/// A `&str` of any lifetime and a `String` convert into it, without an allocation.
///
/// ```
/// use std::time::Duration;
/// use docket_runtime::Execution;
///
/// let execution = Execution::new("request-123").timeout(Duration::from_secs(2));
/// assert_eq!(execution.id(), "request-123");
/// ```
#[derive(Clone)]
pub struct Execution<'a> {
    id: Cow<'a, str>,
    deadline: Option<Instant>,
    max_concurrency: usize,
    rehearsal: Option<Arc<Rehearsal>>,
}

/// How many items of a batch are in flight where the caller does not say.
const MAX_CONCURRENCY: usize = 64;

impl<'a> Execution<'a> {
    /// The execution `id`. With `persist = "workflow"`, running an id again goes on where it was left.
    pub fn new(id: impl Into<Cow<'a, str>>) -> Self {
        Self {
            id: id.into(),
            deadline: None,
            max_concurrency: MAX_CONCURRENCY,
            rehearsal: None,
        }
    }

    /// An execution with an id that no other has: `x` and 32 hexadecimal digits of randomness.
    ///
    /// # Panics
    ///
    /// When the operating system has no randomness to give.
    pub fn unique() -> Self {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
        Self::new(format!("x{:032x}", u128::from_be_bytes(bytes)))
    }

    /// Ends the execution at `deadline` with [`ErrorKind::DeadlineExceeded`](crate::ErrorKind::DeadlineExceeded) if it
    /// is not done by then. Of this and the graph's `default_timeout`, the earlier counts. Takes the `Instant` of the
    /// standard library or of tokio.
    pub fn deadline(mut self, deadline: impl Into<Instant>) -> Self {
        self.deadline = Some(deadline.into());
        self
    }

    /// A [`deadline`](Execution::deadline) so long from now.
    pub fn timeout(self, timeout: Duration) -> Self {
        match Instant::now().checked_add(timeout) {
            Some(deadline) => self.deadline(deadline),
            None => self,
        }
    }

    /// At most `n` items of a batch are in flight at once; 64 where nothing is said. It bounds the memory that a batch
    /// takes beside its inputs, its results, and what its aggregates read. An item that only waits for an aggregate, or
    /// for a call of a step with `bulk`, is not in flight; of such a step, so many calls are at once. A stream holds no
    /// more items than that, whatever they wait for, and 1,048,576 at most. Has no meaning for an execution without items.
    ///
    /// # Panics
    ///
    /// When `n` is 0.
    #[track_caller]
    pub fn max_concurrency(mut self, n: usize) -> Self {
        assert!(
            n > 0,
            "a batch with no item in flight would never end; `max_concurrency` is 1 or more"
        );
        self.max_concurrency = n;
        self
    }

    /// The same, in which `rehearsal` says what happens in the place of running a step.
    pub(crate) fn rehearsed(mut self, rehearsal: Arc<Rehearsal>) -> Self {
        self.rehearsal = Some(match self.rehearsal {
            Some(earlier) => Rehearsal::both(&earlier, rehearsal),
            None => rehearsal,
        });
        self
    }

    #[doc(hidden)]
    pub fn items_in_flight(&self) -> usize {
        self.max_concurrency
    }

    #[doc(hidden)]
    pub fn into_owned(self) -> Execution<'static> {
        let Self {
            id,
            deadline,
            max_concurrency,
            rehearsal,
        } = self;
        Execution {
            id: Cow::Owned(id.into_owned()),
            deadline,
            max_concurrency,
            rehearsal,
        }
    }

    /// The id.
    pub fn id(&self) -> &str {
        &self.id
    }

    #[doc(hidden)]
    #[inline(always)]
    pub fn into_run(self) -> Run<'a> {
        let Self {
            id,
            deadline,
            max_concurrency: _,
            rehearsal,
        } = self;
        Run {
            name: match rehearsal {
                None => Name::Plain(id),
                Some(rehearsal) => Name::Rehearsed(Box::new((id, rehearsal))),
            },
            deadline: deadline.map_or(Deadline::NONE, Deadline::at),
        }
    }
}

/// Of `deadline` and `timeout` from now, the one that is first.
#[inline(never)]
fn earlier(deadline: Deadline, timeout: Duration) -> Deadline {
    let default = Instant::now().checked_add(timeout);
    deadline.min(default.map_or(Deadline::NONE, Deadline::at))
}

impl<'a> From<&'a str> for Execution<'a> {
    fn from(id: &'a str) -> Self {
        Self::new(id)
    }
}

impl<'a> From<&'a String> for Execution<'a> {
    fn from(id: &'a String) -> Self {
        Self::new(id.as_str())
    }
}

impl From<String> for Execution<'_> {
    fn from(id: String) -> Self {
        Self::new(id)
    }
}

impl fmt::Debug for Execution<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            id,
            deadline,
            max_concurrency,
            rehearsal: _,
        } = self;
        f.debug_struct("Execution")
            .field("id", id)
            .field("deadline", deadline)
            .field("max_concurrency", max_concurrency)
            .finish()
    }
}

/// An execution under way, or about to be. It is part of each future, so it is as small as can be.
#[derive(Debug)]
pub struct Run<'a> {
    name: Name<'a>,
    deadline: Deadline,
}

/// The id of an execution, and what happens in the place of running a step, where something does: that is rare, and may
/// take an allocation.
enum Name<'a> {
    Plain(Cow<'a, str>),
    Rehearsed(Box<(Cow<'a, str>, Arc<Rehearsal>)>),
}

impl Run<'_> {
    /// The execution starts now, and has so long where its caller did not give it less.
    #[inline(always)]
    pub(crate) fn start(&mut self, default_timeout: Option<Duration>) {
        // Reading the clock costs as much as a small graph, so nobody pays for it who set no limit.
        if let Some(timeout) = default_timeout {
            self.deadline = earlier(self.deadline, timeout);
        }
    }

    pub(crate) fn id(&self) -> &str {
        match &self.name {
            Name::Plain(id) => id,
            Name::Rehearsed(both) => &both.0,
        }
    }

    pub(crate) fn owned_id(&self) -> ExecutionId {
        ExecutionId::new(self.id())
    }

    /// Whether the deadline is here. Without one, the clock is not asked.
    #[inline]
    pub(crate) fn is_overdue(&self) -> bool {
        self.deadline.is_some() && self.deadline.is_here()
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.deadline.get()
    }

    #[inline(always)]
    pub(crate) fn has_deadline(&self) -> bool {
        self.deadline.is_some()
    }

    /// What happens in the place of running a step, where something does.
    #[inline]
    pub(crate) fn rehearsal(&self) -> Option<&Rehearsal> {
        match &self.name {
            Name::Plain(_) => None,
            Name::Rehearsed(both) => Some(&both.1),
        }
    }

    pub(crate) fn into_owned(self) -> Run<'static> {
        let Self { name, deadline } = self;
        let owned = |id: Cow<'_, str>| Cow::Owned(id.into_owned());
        let name = match name {
            Name::Plain(id) => Name::Plain(owned(id)),
            Name::Rehearsed(both) => {
                let (id, rehearsal) = *both;
                Name::Rehearsed(Box::new((owned(id), rehearsal)))
            }
        };
        Run { name, deadline }
    }
}

impl fmt::Debug for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(id) => id.fmt(f),
            Self::Rehearsed(both) => both.0.fmt(f),
        }
    }
}
