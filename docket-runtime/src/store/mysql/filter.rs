//! A [`Filter`] as the end of a `WHERE`.

use super::micros;
use super::send::Bound;
use crate::store::Filter;

/// The conditions that are set, each with an `AND` before it. Only these stand in the statement, so that the server can use
/// an index for them.
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
        (step.is_some(), " AND step_name = ?"),
        (status.is_some(), " AND status = ?"),
        (filter.has_error(), " AND error IS NOT NULL"),
        (execution.is_some(), " AND execution_id = ?"),
        (
            older_than.is_some(),
            " AND created_at <= {now} - INTERVAL ? MICROSECOND",
        ),
        (
            younger_than.is_some(),
            " AND created_at >= {now} - INTERVAL ? MICROSECOND",
        ),
        (key.is_some(), " AND cache_key BETWEEN ? AND ?"),
        (
            *expired,
            " AND keep_until <= {now} AND status IN ('succeeded', 'failed')",
        ),
    ];
    all.into_iter()
        .filter_map(|(is_set, condition)| is_set.then_some(condition))
        .collect()
}

/// Binds the parameters of those [`conditions`], in their order.
pub(super) fn bind(mut statement: Bound, filter: &Filter) -> Bound {
    let Filter {
        step,
        status,
        execution,
        older_than,
        younger_than,
        key,
        expired: _,
    } = filter;
    if let Some(step) = step {
        statement = statement.bind(&**step);
    }
    if let Some(status) = status {
        statement = statement.bind(status.as_str());
    }
    if let Some(execution) = execution {
        statement = statement.bind(&**execution);
    }
    for age in [older_than, younger_than].into_iter().flatten() {
        statement = statement.bind(micros(*age));
    }
    if let Some(key) = key {
        let (first, last) = key.range();
        statement = statement.bind(&first.0[..]).bind(&last.0[..]);
    }
    statement
}
