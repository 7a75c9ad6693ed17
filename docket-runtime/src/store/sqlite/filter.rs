//! A [`Filter`] as the end of a `WHERE`.

use std::time::Duration;

use super::record::Query;
use crate::store::Filter;

/// Further back, SQLite's dates end.
const LONGEST_AGE: Duration = Duration::from_secs(1000 * 365 * 24 * 60 * 60);

/// The conditions that are set, each with an `AND` before it. Only these stand in the statement, so that SQLite can use an
/// index for them. Their parameters are those of [`bind`].
pub(super) fn conditions(filter: &Filter) -> Vec<&'static str> {
    let Filter {
        step,
        status,
        execution,
        older_than,
        younger_than,
        key,
        expired,
    } = filter;
    let all = [
        (step.is_some(), " AND step_name = ?1"),
        (status.is_some(), " AND status = ?2"),
        (filter.has_error(), " AND error IS NOT NULL"),
        (execution.is_some(), " AND execution_id = ?3"),
        (
            older_than.is_some(),
            " AND created_at <= strftime('%Y-%m-%d %H:%M:%f', 'now', ?4)",
        ),
        (
            younger_than.is_some(),
            " AND created_at >= strftime('%Y-%m-%d %H:%M:%f', 'now', ?5)",
        ),
        (key.is_some(), " AND cache_key BETWEEN ?6 AND ?7"),
        (
            *expired,
            " AND keep_until <= {now} AND status IN ('succeeded', 'failed')",
        ),
    ];
    all.into_iter()
        .filter_map(|(is_set, condition)| is_set.then_some(condition))
        .collect()
}

/// Binds the parameters 1 to 7, also those that the statement does not name.
pub(super) fn bind<'q>(query: Query<'q>, filter: &'q Filter) -> Query<'q> {
    let range = filter.key.as_ref().map(|it| it.range());
    let (first, last) = range.unzip();
    query
        .bind(filter.step.as_deref())
        .bind(filter.status.map(|it| it.as_str()))
        .bind(filter.execution.as_deref())
        .bind(filter.older_than.map(ago))
        .bind(filter.younger_than.map(ago))
        .bind(first.map(|it| it.0.to_vec()))
        .bind(last.map(|it| it.0.to_vec()))
}

/// A time so long ago, as SQLite's dates take it.
fn ago(age: Duration) -> String {
    let age = age.min(LONGEST_AGE);
    format!("-{}.{:03} seconds", age.as_secs(), age.subsec_millis())
}
