//! A [`Filter`] as the end of a `WHERE`.

use std::time::Duration;

use super::lent::Query;
use super::record::seconds;
use super::text::clean;
use crate::store::Filter;

/// Further back, PostgreSQL's dates end.
const LONGEST_AGE: Duration = Duration::from_secs(1000 * 365 * 24 * 60 * 60);

/// The conditions, with the parameters 1 to 8 of [`bind`]. A statement that is not kept is planned for its parameters, so
/// what is not set costs nothing, and the rest can use an index.
pub(super) const FILTER: &str = "
 WHERE ($1::text IS NULL OR step_name = $1)
   AND ($2::text IS NULL OR status = $2)
   AND ($2::text IS NULL OR $2 NOT IN ('failed', 'unknown') OR error IS NOT NULL)
   AND ($3::text IS NULL OR execution_id = $3)
   AND ($4::float8 IS NULL OR created_at <= {now} - make_interval(secs => $4))
   AND ($5::float8 IS NULL OR created_at >= {now} - make_interval(secs => $5))
   AND ($6::bytea IS NULL OR cache_key BETWEEN $6 AND $7::bytea)
   AND (NOT $8::bool OR keep_until <= {now} AND status IN ('succeeded', 'failed'))";

pub(super) fn bind<'q>(query: Query<'q>, filter: &'q Filter) -> Query<'q> {
    let Filter {
        step,
        status,
        execution,
        older_than,
        younger_than,
        key,
        expired,
    } = filter;
    let (first, last) = key.as_ref().map(|it| it.range()).unzip();
    query
        .bind(step.as_deref().map(clean))
        .bind(status.map(|it| it.as_str()))
        .bind(execution.as_deref().map(clean))
        .bind(older_than.map(ago))
        .bind(younger_than.map(ago))
        .bind(first.map(|it| it.0.to_vec()))
        .bind(last.map(|it| it.0.to_vec()))
        .bind(*expired)
}

fn ago(age: Duration) -> f64 {
    seconds(age.min(LONGEST_AGE))
}
