//! [`Counts`]: what a graph value has counted.

use std::sync::atomic::{AtomicU64, Ordering};

/// Declares each counter once: as it is counted, and as it is read.
macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident,)+) => {
        /// What one graph value and its clones have counted since it was built: what became of its persisted steps in
        /// this process, by `graph.counts()`. No counter ever falls.
        ///
        /// They are for dashboards and alarms. `fenced`, `unknown` and `drift` should stay at zero; `unrecorded`,
        /// `heartbeats_missed` and `record_retries` grow while the store is away.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Counts {
            $($(#[$doc])* pub $name: u64,)+
        }

        /// The counters behind [`Counts`].
        #[derive(Default)]
        pub(super) struct Counters {
            $(pub(super) $name: Counter,)+
        }

        impl Counters {
            pub(super) fn read(&self) -> Counts {
                Counts {
                    $($name: self.$name.get(),)+
                }
            }
        }
    };
}

counters! {
    /// Answers of the store that gave the row to this process, so that it ran the step, or asked its `reconcile`.
    claimed,
    /// Of those, the ones for an attempt after the first: the one before had failed, or its process was lost.
    reclaimed,
    /// Of `claimed`, those after a process that was lost with the row: whatever it had begun was begun once more, or asked
    /// about. `reclaimed` counts the retries of failures, too.
    taken_over,
    /// Answers with a recorded value.
    hit,
    /// Answers with a value that had expired and was used all the same, while another was made.
    stale,
    /// Answers that another process has the row. Who waits asks again and again, and each answer counts.
    busy,
    /// Answers that the last attempt failed and no other is allowed yet.
    failed,
    /// Answers that nobody knows how the last attempt ended. Each is asked twice before it is believed.
    unknown,
    /// Answers that the row of a `#[key]` was made from other inputs.
    drift,
    /// Times that a `reconcile` function was asked.
    reconciles,
    /// Of those, the ones that found out whether the effect took place.
    reconciled,
    /// Ends of runs that were recorded after their lease had lapsed or their row was marked, since nobody had taken it over.
    healed,
    /// Runs that found their row in other hands at the end: each may be a second effect.
    fenced,
    /// Runs of `free` steps that the store knows nothing of.
    unrecorded,
    /// Recorded values that could not be decoded.
    undecodable,
    /// Records of an ended run that did not arrive and had to be sent again.
    record_retries,
    /// Heartbeats that did not arrive. Each is for all claims of this process.
    heartbeats_missed,
}

#[derive(Default)]
pub(super) struct Counter(AtomicU64);

impl Counter {
    pub(super) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
