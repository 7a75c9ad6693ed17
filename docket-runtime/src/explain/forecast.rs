//! [`Forecast`]: what would become of a step.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::chart::json::{optional_duration, text_duration};

/// What would become of a step, if its execution were for real.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "forecast", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Forecast {
    /// The caller gives the value.
    Given,
    /// The store has the result.
    #[non_exhaustive]
    Hit {
        /// How much longer it counts; `None` is for ever.
        #[serde(
            with = "optional_duration",
            default,
            skip_serializing_if = "Option::is_none"
        )]
        expires_in: Option<Duration>,
    },
    /// The store has the result, which has expired and may be used for a while longer: the step's `stale`.
    #[non_exhaustive]
    Stale {
        /// How long ago it expired.
        #[serde(with = "text_duration")]
        by: Duration,
        /// Whether it would be made anew in the background; otherwise somebody is at it, or it failed lately.
        refreshes: bool,
    },
    /// Its code would run.
    Runs(Reason),
    /// It depends on these steps, which would have to come to something first.
    #[non_exhaustive]
    Waits {
        /// The steps that it needs and that have no value yet.
        on: Vec<String>,
    },
    /// A process runs it, and would be waited for.
    #[non_exhaustive]
    Busy {
        /// The process.
        holder: String,
        /// What is left of its lease, which it renews while it is alive.
        #[serde(with = "text_duration")]
        lease: Duration,
    },
    /// An attempt was started, and nobody knows how it ended.
    #[non_exhaustive]
    InDoubt {
        /// How many attempts there were.
        attempt: u32,
        /// What is known of it.
        error: String,
        /// Whether the step's `reconcile` would be asked. Otherwise it would fail, until an operator resolves it.
        reconciles: bool,
    },
    /// The store can't say. The stores of Docket can; one of another may have no [`preview`](crate::store::Store::preview).
    #[non_exhaustive]
    Unseen {
        /// What the store said.
        error: String,
    },
    /// It would fail without being run.
    #[non_exhaustive]
    Fails {
        /// Why.
        error: String,
    },
}

/// Why the code of a step would run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "because", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// The step is not persisted.
    NotPersisted,
    /// Nothing is recorded for these inputs.
    NotRecorded,
    /// What was recorded has expired.
    Expired,
    /// The last attempt failed, and another is allowed.
    #[non_exhaustive]
    Failed {
        /// How many attempts there were.
        attempt: u32,
        /// What the last one said.
        error: String,
    },
    /// The process that ran it was lost, and it may run again.
    #[non_exhaustive]
    Lost {
        /// How many attempts there were.
        attempt: u32,
    },
    /// What is recorded can't be read.
    #[non_exhaustive]
    Unreadable {
        /// Why not.
        error: String,
    },
    /// The store can't be asked, and the step does without: `repeat = "free"`.
    #[non_exhaustive]
    StoreDown {
        /// What the store said.
        error: String,
    },
}

impl Forecast {
    /// In a word or two: `hit`, `would run`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Hit { .. } => "hit",
            Self::Stale { .. } => "stale",
            Self::Runs(_) => "would run",
            Self::Waits { .. } | Self::Unseen { .. } => "unknown",
            Self::Busy { .. } => "running",
            Self::InDoubt { .. } => "in doubt",
            Self::Fails { .. } => "would fail",
        }
    }

    /// Whether the value is known: given, or in the store.
    pub fn is_known(&self) -> bool {
        matches!(self, Self::Given | Self::Hit { .. } | Self::Stale { .. })
    }

    /// Whether two items of a batch count as one line.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Runs(one), Self::Runs(other)) => {
                std::mem::discriminant(one) == std::mem::discriminant(other)
            }
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }
}

/// What is to be said beside the [word](Forecast::word); nothing, in some cases.
impl fmt::Display for Forecast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given => Ok(()),
            Self::Hit { expires_in: None } => f.write_str("recorded"),
            Self::Hit {
                expires_in: Some(left),
            } => write!(f, "recorded, for another {}", rough(*left)),
            Self::Stale { by, refreshes } => {
                write!(f, "expired {} ago", rough(*by))?;
                if *refreshes {
                    f.write_str(", would be made anew in the background")?;
                }
                Ok(())
            }
            Self::Runs(reason) => reason.fmt(f),
            Self::Waits { on } => write!(f, "depends on {}", on.join(", ")),
            Self::Busy { holder, lease } => {
                write!(
                    f,
                    "by process {holder}, lease for another {}",
                    rough(*lease)
                )
            }
            Self::InDoubt {
                attempt,
                error,
                reconciles,
            } => {
                let way_out = if *reconciles {
                    "`reconcile` would be asked"
                } else {
                    "it would fail, until it is resolved"
                };
                write!(f, "attempt {attempt}")?;
                if !error.is_empty() {
                    write!(f, ", {error}")?;
                }
                write!(f, "; {way_out}")
            }
            Self::Unseen { error } | Self::Fails { error } => f.write_str(error),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotPersisted => f.write_str("not persisted"),
            Self::NotRecorded => f.write_str("nothing recorded"),
            Self::Expired => f.write_str("the record has expired"),
            Self::Failed { attempt, error } => write!(f, "attempt {attempt} failed: {error}"),
            Self::Lost { attempt } => write!(f, "the process of attempt {attempt} was lost"),
            Self::Unreadable { error } => write!(f, "the record can't be read: {error}"),
            Self::StoreDown { error } => write!(f, "unrecorded, the store is down: {error}"),
        }
    }
}

/// The two greatest units of a time: nobody plans by the rest.
fn rough(time: Duration) -> String {
    let text = humantime::format_duration(time).to_string();
    text.split(' ').take(2).collect::<Vec<_>>().join(" ")
}
