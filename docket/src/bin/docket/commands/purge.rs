//! `docket purge`

use std::io::{self, IsTerminal as _, Write as _};
use std::pin::{Pin, pin};
use std::time::{Duration, Instant};

use docket::store::{Admin, Filter};
use serde_json::json;
use tokio::signal::ctrl_c;

use super::Session;
use crate::args::Purge;
use crate::confirm::confirm;
use crate::failure::Failure;
use crate::output::{rows, said};

/// A log gets a line so often.
const LOG_PAUSE: Duration = Duration::from_secs(1);

pub(super) async fn run(
    session: &Session,
    store: &impl Admin,
    args: &Purge,
) -> Result<(), Failure> {
    let mut filter = Filter::default();
    filter.expired = true;
    let n_expired = store.count(&filter).await?;
    if n_expired > 0 {
        let what = format!(
            "{} of {}, expired, will be deleted",
            rows(n_expired),
            session.target
        );
        confirm(&what, args.yes)?;
    }
    let mut progress = Progress::new(n_expired);
    // One for all statements, so that it is not missed between two of them.
    let mut interrupt = interrupt();
    loop {
        let batch = batch(store, args.batch, &mut interrupt).await;
        let Batch { n_rows, is_last } = match batch {
            Ok(batch) => batch,
            Err(failure) => {
                progress.end();
                return Err(failure);
            }
        };
        progress.add(n_rows);
        if is_last && n_rows > 0 {
            progress.end();
            return Err(Failure::new(format!(
                "stopped by Ctrl-C: {} of {n_expired} expired rows are deleted",
                progress.n_done
            ))
            .help("`docket purge` goes on from there"));
        }
        // What expires meanwhile is for the next purge, else this one might never end.
        if n_rows < u64::from(args.batch) || progress.n_done >= n_expired {
            break;
        }
    }
    progress.end();
    let text = format!("{} deleted", rows(progress.n_done));
    said(session.output, &text, &json!({ "purged": progress.n_done }))
}

struct Batch {
    n_rows: u64,
    /// Whether Ctrl-C was pressed meanwhile.
    is_last: bool,
}

type Interrupt = Pin<Box<dyn Future<Output = io::Result<()>> + Send>>;

/// Ends when Ctrl-C is pressed, from its first poll on.
fn interrupt() -> Interrupt {
    Box::pin(ctrl_c())
}

/// Deletes some rows. Ctrl-C waits for the end of the statement, so that what was deleted is known; pressed again, it does
/// not.
async fn batch(
    store: &impl Admin,
    limit: u32,
    interrupt: &mut Interrupt,
) -> Result<Batch, Failure> {
    let mut purge = pin!(store.purge(limit));
    let mut is_last = false;
    loop {
        tokio::select! {
            biased;
            _ = &mut *interrupt => {
                if is_last {
                    return Err(Failure::new("stopped by Ctrl-C, in the middle of a statement"));
                }
                is_last = true;
                *interrupt = self::interrupt();
            }
            n_rows = &mut purge => return Ok(Batch { n_rows: n_rows?, is_last }),
        }
    }
}

/// On a terminal one line that is written over, in a log a line now and then.
struct Progress {
    n_all: u64,
    n_done: u64,
    is_terminal: bool,
    last: Option<Instant>,
}

impl Progress {
    fn new(n_all: u64) -> Self {
        Self {
            n_all,
            n_done: 0,
            is_terminal: io::stderr().is_terminal(),
            last: None,
        }
    }

    fn add(&mut self, n_rows: u64) {
        self.n_done += n_rows;
        let (n_done, n_all) = (self.n_done, self.n_all);
        // Standard error may be closed; the rows go all the same.
        if self.is_terminal {
            let _ = write!(io::stderr(), "\rdeleted {n_done} of {n_all}");
        } else if n_done < n_all && self.last.is_none_or(|it| it.elapsed() >= LOG_PAUSE) {
            self.last = Some(Instant::now());
            let _ = writeln!(io::stderr(), "deleted {n_done} of {n_all}");
        }
    }

    fn end(&self) {
        if self.is_terminal && self.n_done > 0 {
            let _ = writeln!(io::stderr());
        }
    }
}
