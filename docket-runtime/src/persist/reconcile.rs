//! Finding out what became of a run that was lost, before anything is run again.
//!
//! Whoever has won the row of such a run holds it like any other, with heartbeats, and asks the step's `reconcile` once. Its
//! claim is never given back as one that started nothing is: the row would look as if there had been no run at all. So
//! where nothing was found out, or what was found out is of no use to anybody, the row is in doubt again.

use crate::error::{BoxError, Error, ErrorKind};
use crate::value::Value;

use super::code::{Code, Reconciled};
use super::flight::{Phase, TakeOff};
use super::record::Recorder;
use super::run::guarded;
use super::shutdown::is_shut_down;
use super::{How, events};

/// Asks what became of the last run, and goes on from there.
pub(super) async fn reconcile<T, C>(mut record: Recorder, code: C)
where
    T: Value,
    C: Code<T>,
{
    record.pilot.report(Phase::Running);
    record.pilot.keeper.inner.counters.reconciles.add();
    let observers = &record.pilot.keeper.inner.observers;
    record.job.about().reconciles(observers);
    let grant = record.grant();
    let answer = match guarded(async { code.reconcile(grant).await }).await {
        Ok(answer) => answer,
        Err(words) => Err(format!("`reconcile` panicked: {words}").into()),
    };
    let inner = &record.pilot.keeper.inner;
    match answer {
        Ok(Reconciled::Applied(value)) => {
            events::reconciled(inner, &record.job, true);
            record.hold.recording();
            record.succeed(value, How::Reconciled).await;
        }
        Ok(Reconciled::NotApplied) => {
            events::reconciled(inner, &record.job, false);
            let max_starts = inner.settings.max_attempts;
            if record.claimed.starts > max_starts {
                let error = stopped(&record, max_starts);
                return record.give_up(error).await;
            }
            let unwanted = match record.pilot.take_off() {
                TakeOff::Cleared => return record.run(code).await,
                TakeOff::Deserted => in_doubt(&record, None),
                TakeOff::Closed => is_shut_down(),
            };
            let words = "`reconcile` found that it was not applied, but nobody waited for it to be run any more";
            record.leave_in_doubt(words.to_owned(), unwanted).await;
        }
        Ok(Reconciled::StillUnknown) => {
            events::still_unknown(&record.job);
            let words = "`reconcile` could not find out either".to_owned();
            let error = in_doubt(&record, None);
            record.leave_in_doubt(words, error).await;
        }
        Err(reason) => {
            events::still_unknown(&record.job);
            let words = events::chain(&*reason);
            let error = in_doubt(&record, Some(reason));
            record.leave_in_doubt(words, error).await;
        }
    }
}

/// The step has taken one process after the other with it, each before it had an effect.
fn stopped(record: &Recorder, max_starts: u32) -> Error {
    Error::new(ErrorKind::InDoubt)
        .with_attempts(record.claimed.attempt)
        .with_detail(format!(
            "`reconcile` found that it was not applied, but {max_starts} processes or more were lost with it, which is as \
             many as `max_attempts` allows; find out whether it is what ends them, then have it run again by `docket \
             resolve --not-applied`"
        ))
}

fn in_doubt(record: &Recorder, reason: Option<BoxError>) -> Error {
    let error = Error::new(ErrorKind::InDoubt)
        .with_attempts(record.claimed.attempt)
        .with_detail(
            "it was started and nobody knows how it ended, and `reconcile` could not find out; the next call asks again",
        );
    match reason {
        Some(reason) => error.with_source(reason),
        None => error,
    }
}
