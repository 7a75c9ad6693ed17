//! Observers that are made of others.

use std::sync::Arc;

use super::observers::guarded;
use super::{
    AttemptEnded, AttemptStarted, BatchProgress, ExecutionEnded, ExecutionStarted, Interest,
    Observer, Reconciling, Retrying, StepEnded, StepStarted, StoreAnswered, Waiting,
};

/// The methods of [`Observer`], each with the type of its event, handed to the macro `$then`.
macro_rules! each_event {
    ($then:ident! $argument:tt) => {
        $then! { $argument
            execution_started(ExecutionStarted),
            execution_ended(ExecutionEnded),
            step_started(StepStarted),
            attempt_started(AttemptStarted),
            attempt_ended(AttemptEnded),
            retrying(Retrying),
            waiting(Waiting),
            reconciling(Reconciling),
            store_answered(StoreAnswered),
            step_ended(StepEnded),
            batch_progress(BatchProgress),
        }
    };
}

/// Hands each event on to what is behind a pointer.
macro_rules! handed_on {
    (() $($event:ident($type:ident),)+) => {
        $(
            fn $event(&self, event: &$type<'_>) {
                (**self).$event(event);
            }
        )+
    };
}

/// Hands each event on to what is there, if it is.
macro_rules! handed_on_if_some {
    (() $($event:ident($type:ident),)+) => {
        $(
            fn $event(&self, event: &$type<'_>) {
                if let Some(observer) = self {
                    observer.$event(event);
                }
            }
        )+
    };
}

/// Hands each event on to the elements of a tuple, each of which may panic without the others being the worse for it.
macro_rules! handed_to_all {
    (($($place:tt)+) $($event:ident($type:ident),)+) => {
        handed_to_all! { @each [$($place)+] $($event($type),)+ }
    };
    (@each $places:tt $($event:ident($type:ident),)+) => {
        $(handed_to_all! { @one $places $event($type) })+
    };
    (@one [$($place:tt)+] $event:ident($type:ident)) => {
        fn $event(&self, event: &$type<'_>) {
            $(guarded(|| self.$place.$event(event));)+
        }
    };
}

/// Wants to know nothing, and costs nothing.
impl Observer for () {
    fn interest(&self) -> Interest {
        Interest::NONE
    }
}

/// The same observer, kept by whoever reads what it collects.
impl<O: Observer + ?Sized> Observer for Arc<O> {
    fn interest(&self) -> Interest {
        (**self).interest()
    }

    each_event! { handed_on!() }
}

impl<O: Observer + ?Sized> Observer for Box<O> {
    fn interest(&self) -> Interest {
        (**self).interest()
    }

    each_event! { handed_on!() }
}

/// `None` wants to know nothing.
impl<O: Observer> Observer for Option<O> {
    fn interest(&self) -> Interest {
        match self {
            Some(observer) => observer.interest(),
            None => Interest::NONE,
        }
    }

    each_event! { handed_on_if_some!() }
}

macro_rules! tuple {
    ($($observer:ident $place:tt)+) => {
        /// All of them, one after the other.
        impl<$($observer: Observer),+> Observer for ($($observer,)+) {
            fn interest(&self) -> Interest {
                Interest::NONE$(.and(self.$place.interest()))+
            }

            each_event! { handed_to_all!($($place)+) }
        }
    };
}

tuple!(A 0 B 1);
tuple!(A 0 B 1 C 2);
tuple!(A 0 B 1 C 2 D 3);
tuple!(A 0 B 1 C 2 D 3 E 4);
tuple!(A 0 B 1 C 2 D 3 E 4 F 5);
