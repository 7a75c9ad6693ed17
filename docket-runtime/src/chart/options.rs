//! The options of a step as data.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::json::{is_default, optional_duration, text_duration};
use crate::persist::Repeat;
use crate::step;
use crate::store::Scope;

/// The options of `#[step(…)]`, as written. Printed, they are a short line.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Options {
    /// The version of its code's meaning.
    #[serde(skip_serializing_if = "is_default")]
    pub version: u32,
    /// How its results are recorded, if they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persist: Option<Persist>,
    /// The limit of one attempt.
    #[serde(with = "optional_duration", skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Duration>,
    /// How failed attempts are repeated, if they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry: Option<Retry>,
    /// Whether there is a value to go on with when it has failed for good.
    #[serde(skip_serializing_if = "is_default")]
    pub fallback: bool,
    /// At most so many at once in one graph value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_concurrency: Option<usize>,
    /// At most so many items of a batch in one call, if it takes many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bulk: Option<usize>,
    /// Where it runs.
    #[serde(skip_serializing_if = "is_default")]
    pub runs: Runs,
}

/// Where a step runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Runs {
    /// Inside the future of the caller, or, if it persists, in the task that carries it to its end.
    #[default]
    Inside,
    /// `spawn`: in a task of its own.
    Spawn,
    /// `blocking`: on the blocking pool.
    Blocking,
}

/// How results are recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Persist {
    /// For whom.
    #[serde(with = "ScopeText")]
    pub scope: Scope,
    /// What may happen again.
    #[serde(with = "RepeatText")]
    pub repeat: Repeat,
    /// How long a record counts. Without it, for ever.
    #[serde(
        default,
        with = "optional_duration",
        skip_serializing_if = "Option::is_none"
    )]
    pub ttl: Option<Duration>,
    /// How much longer a value is used while another is made. Without it, not at all.
    #[serde(
        default,
        with = "optional_duration",
        skip_serializing_if = "Option::is_none"
    )]
    pub stale: Option<Duration>,
    /// Whether there is a function that finds out what became of a lost run.
    #[serde(default, skip_serializing_if = "is_default")]
    pub reconcile: bool,
}

/// How failed attempts are repeated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Retry {
    /// How many there are at most, the first included.
    pub attempts: u32,
    /// The delay before the second.
    #[serde(with = "text_duration")]
    pub initial: Duration,
    /// What each delay is of the one before.
    pub factor: f64,
    /// No delay is longer.
    #[serde(
        default,
        with = "optional_duration",
        skip_serializing_if = "Option::is_none"
    )]
    pub max_delay: Option<Duration>,
    /// Whether each delay is drawn between half of it and the whole.
    #[serde(default, skip_serializing_if = "is_default")]
    pub jitter: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Scope", rename_all = "lowercase")]
enum ScopeText {
    Global,
    Workflow,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Repeat", rename_all = "lowercase")]
enum RepeatText {
    Free,
    Keyed,
    Never,
}

impl Options {
    pub(super) fn of(version: u32, written: &step::Options) -> Self {
        let step::Options {
            timeout,
            retry,
            persist,
            ttl,
            stale,
            repeat,
            reconcile,
            max_concurrency,
            spawn,
            blocking,
            fallback,
            // Taking the context is no option; it says how the step is run.
            context: _,
            bulk,
        } = *written;
        Self {
            version,
            persist: persist.map(|scope| Persist {
                scope,
                repeat,
                ttl,
                stale,
                reconcile,
            }),
            timeout,
            retry: retry.map(Retry::of),
            fallback,
            max_concurrency,
            bulk,
            runs: match (spawn, blocking) {
                (true, _) => Runs::Spawn,
                (false, true) => Runs::Blocking,
                (false, false) => Runs::Inside,
            },
        }
    }

    /// Each that differs from the default, in a word or two.
    pub(super) fn words(&self) -> Vec<String> {
        let Self {
            version,
            persist,
            timeout,
            retry,
            fallback,
            max_concurrency,
            bulk,
            runs,
        } = self;
        let mut words = Vec::new();
        if let Some(Persist {
            scope,
            repeat,
            ttl,
            stale,
            reconcile,
        }) = persist
        {
            words.push(match scope {
                Scope::Global => "persist global".to_owned(),
                Scope::Workflow => "persist workflow".to_owned(),
            });
            match repeat {
                Repeat::Free => words.push("repeat free".to_owned()),
                Repeat::Keyed => {}
                Repeat::Never => words.push("repeat never".to_owned()),
            }
            words.extend(ttl.map(|ttl| format!("ttl {}", duration(ttl))));
            words.extend(stale.map(|stale| format!("stale {}", duration(stale))));
            words.extend(reconcile.then(|| "reconcile".to_owned()));
        }
        words.extend(timeout.map(|timeout| format!("timeout {}", duration(timeout))));
        words.extend(retry.as_ref().map(ToString::to_string));
        words.extend(fallback.then(|| "fallback".to_owned()));
        words.extend(max_concurrency.map(|n| format!("max {n} at once")));
        words.extend(bulk.map(|n| format!("{n} items a call")));
        match runs {
            Runs::Inside => {}
            Runs::Spawn => words.push("spawn".to_owned()),
            Runs::Blocking => words.push("blocking".to_owned()),
        }
        words.extend((*version > 0).then(|| format!("version {version}")));
        words
    }
}

impl fmt::Display for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words().join(" · "))
    }
}

impl Retry {
    fn of(retry: step::Retry) -> Self {
        let step::Retry { attempts, delay } = retry;
        let step::Delay {
            initial,
            factor,
            max,
            jitter,
        } = delay;
        Self {
            attempts,
            initial,
            factor,
            max_delay: max,
            jitter,
        }
    }
}

impl fmt::Display for Retry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} attempts", self.attempts)
    }
}

/// Without spaces, so that a line of several stays readable.
fn duration(duration: Duration) -> String {
    humantime::format_duration(duration)
        .to_string()
        .replace(' ', "")
}
