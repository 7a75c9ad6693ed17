//! The observer that draws how far the batch is.

use docket::observe::{BatchProgress, Interest, Observer, StepEnded, StepOutcome};
use indicatif::{ProgressBar, ProgressStyle};

/// A bar on standard error, if that is a terminal.
///
/// No film is ranked before all are rated, so the bar shows how many are rated or failed, and the words beside it how many
/// are ranked.
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar for `n_rows` rows. One that is not drawn costs a counter.
    pub(crate) fn new(n_rows: usize) -> Self {
        let style = ProgressStyle::with_template("{bar:40} {human_pos}/{human_len} rows  {msg}")
            .expect("a template")
            .progress_chars("=> ");
        Self {
            bar: ProgressBar::new(n_rows as u64).with_style(style),
        }
    }

    /// A handle to take the bar away with at the end.
    pub(crate) fn bar(&self) -> ProgressBar {
        self.bar.clone()
    }
}

impl Observer for Progress {
    fn interest(&self) -> Interest {
        Interest::STEP_ENDS | Interest::BATCHES
    }

    fn step_ended(&self, event: &StepEnded<'_>) {
        if event.step == "rate" && matches!(event.outcome, StepOutcome::Made(_)) {
            self.bar.inc(1);
        }
    }

    fn batch_progress(&self, event: &BatchProgress<'_>) {
        if !event.is_ok {
            self.bar.inc(1);
        }
        let (done, failed) = (event.done, event.failed);
        self.bar
            .set_message(format!("{done} ranked, {failed} failed"));
    }
}
