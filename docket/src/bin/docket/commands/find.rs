//! Finding the one row that the beginning of a key means.

use docket::store::{Admin, Filter, KeyPrefix, RowView};

use crate::failure::Failure;
use crate::output::{plain, short_key, status};

/// How many rows are named when the beginning fits more than one.
const MAX_CANDIDATES: u32 = 8;

/// The row with its value.
pub(super) async fn find(store: &impl Admin, prefix: &KeyPrefix) -> Result<RowView, Failure> {
    let mut filter = Filter::default();
    filter.key = Some(prefix.clone());
    let candidates = store.list(&filter, MAX_CANDIDATES).await?;
    let [only] = &candidates[..] else {
        return Err(not_one(prefix, &candidates, store.count(&filter).await?));
    };
    store
        .show(&only.key)
        .await?
        .ok_or_else(|| not_one(prefix, &[], 0))
}

fn not_one(prefix: &KeyPrefix, candidates: &[RowView], n_rows: u64) -> Failure {
    let digits = prefix.digits();
    if candidates.is_empty() {
        return Failure::new(format!("no key begins with {digits}"))
            .help("`docket ls` lists the rows and the beginnings of their keys");
    }
    let mut named: Vec<_> = candidates
        .iter()
        .map(|row| {
            let step = plain(&row.step_name);
            format!("{} {step} {}", short_key(&row.key), status(row))
        })
        .collect();
    if n_rows > candidates.len() as u64 {
        named.push("…".to_owned());
    }
    Failure::new(format!("{digits} is the beginning of {n_rows} keys")).help(format!(
        "give more of the one you mean: {}",
        named.join(", ")
    ))
}
