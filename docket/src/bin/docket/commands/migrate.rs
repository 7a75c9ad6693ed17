//! `docket migrate` and `docket schema`.

use std::io::{self, Write as _};

use docket::store::Admin;
use serde_json::json;

use super::Session;
use crate::failure::Failure;
use crate::output::said;

pub(super) async fn migrate(session: &Session, store: &impl Admin) -> Result<(), Failure> {
    store.migrate().await?;
    let text = format!("{} is up to date", session.target);
    said(session.output, &text, &json!({ "migrated": true }))
}

pub(super) fn schema(store: &impl Admin) -> Result<(), Failure> {
    let schema = store.schema();
    if schema.is_empty() {
        writeln!(io::stderr(), "a store of this kind has no table")?;
        return Ok(());
    }
    let mut out = io::stdout().lock();
    writeln!(out, "{}", schema.trim_end())?;
    Ok(out.flush()?)
}
