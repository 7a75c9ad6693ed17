//! What a holder records: how his attempt ended.

use std::time::Duration;

use sqlx::postgres::{PgRow, Postgres};
use sqlx::{SqlStr, query};

use super::super::coalesce::Batch;
use super::super::row::cut;
use super::super::sql::{Fields, Lender, in_order};
use super::super::{Completion, Failure, Stored, Write};
use super::error::{is_about_data, store_error};
use super::lent::{Query, fetch};
use super::statements::{Columns, Pair};
use super::text::{clean, clean_json};
use super::{ClaimRef, Inner, StoreError};
use crate::key::CacheKey;

pub(super) const COMPLETION: Columns = &[
    ("cache_key", "bytea"),
    ("claim_id", "bytea"),
    ("fence", "int8"),
    ("codec", "int2"),
    ("value", "bytea"),
    ("value_json", "text"),
    ("metadata", "text"),
    ("ttl", "float8"),
    ("kept_for", "float8"),
];

/// Of a row that has succeeded already nothing is changed: see [`SAID`].
pub(super) const COMPLETE: &str = "
UPDATE {table} AS held SET
       status = 'succeeded', lease_until = NULL, retry_at = NULL, error = NULL,
       codec = given.codec, value = given.value, value_json = given.value_json,
       metadata = given.metadata::jsonb
                  || CASE WHEN given.value IS NULL THEN '{\"value\":\"omitted\"}' ELSE '{}' END::jsonb
                  || jsonb_build_object('status', 'succeeded', 'attempt', held.attempt),
       finished_at = clock_timestamp(),
       expires_at  = clock_timestamp() + make_interval(secs => given.ttl),
       keep_until  = clock_timestamp() + make_interval(secs => given.kept_for)
  FROM {given}
 WHERE held.cache_key = given.cache_key AND held.claim_id = given.claim_id AND held.fence = given.fence
   AND held.status IN ('running', 'unknown')";

/// Those of the claims whose success stands in their rows. Said twice, the first time stands: whoever is told that nothing
/// was changed looks whether that is why.
pub(super) const SAID: &str = "
SELECT held.cache_key
  FROM {table} AS held
  JOIN unnest($1::bytea[], $2::bytea[], $3::int8[]) AS given (cache_key, claim_id, fence)
    ON held.cache_key = given.cache_key AND held.claim_id = given.claim_id AND held.fence = given.fence
 WHERE held.status = 'succeeded'";

pub(super) const FAILURE: Columns = &[
    ("cache_key", "bytea"),
    ("claim_id", "bytea"),
    ("fence", "int8"),
    ("status", "text"),
    ("error", "text"),
    ("metadata", "text"),
    ("code", "text"),
    ("retry_in", "float8"),
    ("ttl", "float8"),
];

/// Said twice, the first time stands here, too, if the words of the second are others. A value that may be used although it
/// has expired keeps its times, and one that may not makes room for those of the failure.
pub(super) const FAIL: &str = "
UPDATE {table} AS held SET
       status = given.status, lease_until = NULL,
       starts   = CASE held.status WHEN given.status THEN held.starts ELSE 0 END,
       error    = CASE held.status WHEN given.status THEN held.error ELSE given.error END,
       metadata = CASE held.status WHEN given.status THEN held.metadata ELSE given.metadata::jsonb
                  || jsonb_build_object('status', given.status, 'attempt', held.attempt, 'code', given.code, 'kind',
                       CASE WHEN given.code = 'rejected' THEN 'rejected'
                            WHEN given.metadata::jsonb ->> 'kind' = 'permanent' THEN 'permanent' ELSE 'transient' END) END,
       finished_at = CASE held.status WHEN given.status THEN held.finished_at ELSE clock.now END,
       retry_at    = CASE held.status WHEN given.status THEN held.retry_at
                                      ELSE clock.now + make_interval(secs => given.retry_in) END,
       codec       = CASE WHEN held.status = given.status OR held.keep_until > clock.now THEN held.codec END,
       type_fp     = CASE WHEN held.status = given.status OR held.keep_until > clock.now THEN held.type_fp END,
       value       = CASE WHEN held.status = given.status OR held.keep_until > clock.now THEN held.value END,
       value_json  = CASE WHEN held.status = given.status OR held.keep_until > clock.now THEN held.value_json END,
       expires_at  = CASE WHEN held.status = given.status OR held.keep_until > clock.now THEN held.expires_at
                          ELSE clock.now + make_interval(secs => given.ttl) END,
       keep_until  = CASE WHEN held.status = given.status OR held.keep_until > clock.now THEN held.keep_until
                          ELSE clock.now + make_interval(secs => given.ttl) END
  FROM {given} CROSS JOIN (SELECT clock_timestamp() AS now) AS clock
 WHERE held.cache_key = given.cache_key AND held.claim_id = given.claim_id AND held.fence = given.fence
   AND held.status IN ('running', 'unknown', given.status)";

/// Goes to the end of both.
pub(super) const RETURNING: &str = " RETURNING held.cache_key";

/// Goes before a change of several rows, whose keys are the first parameter.
pub(super) const LOCK: &str = "
WITH locked AS MATERIALIZED (
  SELECT cache_key FROM {table} WHERE cache_key = ANY ($1) ORDER BY cache_key FOR NO KEY UPDATE
)";
/// Goes to its conditions.
pub(super) const LOCKED: &str = " AND held.cache_key IN (SELECT cache_key FROM locked)";

impl Inner {
    pub(super) async fn complete(
        &self,
        claim: &ClaimRef,
        completion: &Completion,
    ) -> Result<Write, StoreError> {
        // The value itself is not sent, and should not be kept for it.
        let value = Stored {
            shared: None,
            ..completion.value.clone()
        };
        let completion = Completion {
            value,
            ..completion.clone()
        };
        self.completions.send(&(*claim, completion)).await
    }

    pub(super) async fn fail(
        &self,
        claim: &ClaimRef,
        failure: &Failure,
    ) -> Result<Write, StoreError> {
        self.failures.send(&(*claim, failure.clone())).await
    }
}

/// How successes are sent.
pub(super) struct Completions {
    pub(super) holders: Lender<Postgres>,
    pub(super) sql: Pair,
    pub(super) said: SqlStr,
}

impl Completions {
    async fn send_one(
        &self,
        (claim, completion): &(ClaimRef, Completion),
        metadata: &str,
    ) -> Result<Vec<PgRow>, sqlx::Error> {
        let Completion {
            value,
            json,
            ttl,
            stale: _,
            metadata: _,
        } = completion;
        let complete = query(self.sql.one.clone())
            .bind(&claim.key.0[..])
            .bind(&claim.claim_id.as_bytes()[..])
            .bind(claim.fence)
            .bind(value.codec)
            .bind(value.bytes.as_deref())
            .bind(json.as_deref().map(clean))
            .bind(clean_json(metadata))
            .bind(ttl.map(seconds))
            .bind(completion.kept_for().map(seconds));
        fetch(&self.holders, complete).await
    }

    async fn send_all(
        &self,
        completions: &[(ClaimRef, Completion)],
    ) -> Result<Vec<PgRow>, sqlx::Error> {
        let complete = bind_claims(query(self.sql.many.clone()), completions)
            .bind(all(completions, |it| it.value.codec))
            .bind(all(completions, |it| it.value.bytes.as_deref()))
            .bind(all(completions, |it| it.json.as_deref().map(clean)))
            .bind(all(completions, |it| clean_json(&it.metadata)))
            .bind(all(completions, |it| it.ttl.map(seconds)))
            .bind(all(completions, |it| it.kept_for().map(seconds)));
        fetch(&self.holders, complete).await
    }
}

impl Batch for Completions {
    type Operation = (ClaimRef, Completion);
    type Answer = Write;

    fn key((claim, _): &Self::Operation) -> &CacheKey {
        &claim.key
    }

    fn size(&self, (_, completion): &Self::Operation) -> usize {
        let value = completion.value.bytes.as_ref().map_or(0, |it| it.len());
        let json = completion.json.as_ref().map_or(0, |it| it.len());
        value + json + completion.metadata.len()
    }

    async fn send(&self, completions: &[Self::Operation]) -> Result<Vec<Write>, StoreError> {
        let rows = match completions {
            [one] => match self.send_one(one, &one.1.metadata).await {
                Err(error) if is_about_data(&error) => self.send_one(one, NO_METADATA).await,
                rows => rows,
            },
            _ => self.send_all(completions).await,
        };
        let written = written(rows, completions)?;
        if written.iter().all(Option::is_some) {
            return Ok(writes(written));
        }
        let said = bind_claims(query(self.said.clone()), completions);
        let said = self::written(fetch(&self.holders, said).await, completions)?;
        let either = written.into_iter().zip(said);
        Ok(writes(either.map(|(written, said)| written.or(said))))
    }
}

/// How failures are sent.
pub(super) struct Failures {
    pub(super) holders: Lender<Postgres>,
    pub(super) sql: Pair,
}

impl Failures {
    async fn send_one(
        &self,
        (claim, failure): &(ClaimRef, Failure),
        metadata: &str,
    ) -> Result<Vec<PgRow>, sqlx::Error> {
        let Failure {
            status: _,
            code,
            error,
            retry_in,
            ttl: _,
            metadata: _,
        } = failure;
        let fail = query(self.sql.one.clone())
            .bind(&claim.key.0[..])
            .bind(&claim.claim_id.as_bytes()[..])
            .bind(claim.fence)
            .bind(failure.row_status().as_str())
            .bind(clean(cut(error)))
            .bind(clean_json(metadata))
            .bind(clean(code))
            .bind(seconds(*retry_in))
            .bind(failure.kept_for().map(seconds));
        fetch(&self.holders, fail).await
    }

    async fn send_all(&self, failures: &[(ClaimRef, Failure)]) -> Result<Vec<PgRow>, sqlx::Error> {
        let fail = bind_claims(query(self.sql.many.clone()), failures)
            .bind(all(failures, |it| it.row_status().as_str()))
            .bind(all(failures, |it| clean(cut(&it.error))))
            .bind(all(failures, |it| clean_json(&it.metadata)))
            .bind(all(failures, |it| clean(it.code)))
            .bind(all(failures, |it| seconds(it.retry_in)))
            .bind(all(failures, |it| it.kept_for().map(seconds)));
        fetch(&self.holders, fail).await
    }
}

impl Batch for Failures {
    type Operation = (ClaimRef, Failure);
    type Answer = Write;

    fn key((claim, _): &Self::Operation) -> &CacheKey {
        &claim.key
    }

    fn size(&self, (_, failure): &Self::Operation) -> usize {
        cut(&failure.error).len() + failure.metadata.len()
    }

    async fn send(&self, failures: &[Self::Operation]) -> Result<Vec<Write>, StoreError> {
        let rows = match failures {
            [one] => match self.send_one(one, &one.1.metadata).await {
                Err(error) if is_about_data(&error) => self.send_one(one, NO_METADATA).await,
                rows => rows,
            },
            _ => self.send_all(failures).await,
        };
        Ok(writes(written(rows, failures)?))
    }
}

/// An outcome is never lost for the sake of what stands beside it.
const NO_METADATA: &str = r#"{"metadata":"omitted"}"#;

/// The first three parameters, as arrays: who moves which row.
fn bind_claims<'q, T>(query: Query<'q>, records: &'q [(ClaimRef, T)]) -> Query<'q> {
    let claims = || records.iter().map(|(claim, _)| claim);
    query
        .bind(claims().map(|it| &it.key.0[..]).collect::<Vec<_>>())
        .bind(
            claims()
                .map(|it| &it.claim_id.as_bytes()[..])
                .collect::<Vec<_>>(),
        )
        .bind(claims().map(|it| it.fence).collect::<Vec<_>>())
}

/// One column of all records.
fn all<'q, T, U>(records: &'q [(ClaimRef, T)], column: impl Fn(&'q T) -> U) -> Vec<U> {
    records.iter().map(|(_, record)| column(record)).collect()
}

/// Which of `records` stand in their rows: those whose keys came back.
fn written<T>(
    rows: Result<Vec<PgRow>, sqlx::Error>,
    records: &[(ClaimRef, T)],
) -> Result<Vec<Option<Write>>, StoreError> {
    let rows = rows.map_err(store_error)?;
    in_order(
        &rows,
        records,
        |(claim, _)| &claim.key,
        |row| Ok((Fields(row).fixed("cache_key")?, Write::Recorded)),
    )
}

/// Whoever finds that his row is not as his claim left it was fenced off.
fn writes(written: impl IntoIterator<Item = Option<Write>>) -> Vec<Write> {
    let written = written.into_iter();
    written.map(|it| it.unwrap_or(Write::Fenced)).collect()
}

/// Seconds as statements take them. The longest are some thirty thousand years, well before the server's dates end.
pub(super) fn seconds(duration: Duration) -> f64 {
    const LONGEST: f64 = 1e12;
    duration.as_secs_f64().min(LONGEST)
}
