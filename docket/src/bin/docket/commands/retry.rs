//! `docket retry`

use docket::store::{Admin, Filter, RowStatus};
use serde_json::json;

use super::Session;
use crate::args::Retry;
use crate::confirm::confirm;
use crate::failure::Failure;
use crate::output::{rows, said};

pub(super) async fn run(
    session: &Session,
    store: &impl Admin,
    args: &Retry,
) -> Result<(), Failure> {
    let mut filter = Filter::from(&args.rows);
    filter.status = Some(RowStatus::Failed);
    let n_failed = store.count(&filter).await?;
    let mut expired = filter.clone();
    expired.expired = true;
    // Those that have expired are free to run already.
    let n_rows = n_failed.saturating_sub(store.count(&expired).await?);
    if n_rows > 0 {
        let what = format!("{} of {} will run anew", failed(n_rows), session.target);
        confirm(&what, args.yes)?;
    }
    let n_retried = match n_rows {
        0 => 0,
        _ => store.retry_failed(&filter).await?,
    };
    let text = match n_retried {
        0 => "no failed rows that are not free to run already".to_owned(),
        n => format!("{} will run at the next call of each", rows(n)),
    };
    said(session.output, &text, &json!({ "retried": n_retried }))
}

fn failed(n: u64) -> String {
    match n {
        1 => "1 failed row".to_owned(),
        n => format!("{n} failed rows"),
    }
}
