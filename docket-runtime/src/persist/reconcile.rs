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
