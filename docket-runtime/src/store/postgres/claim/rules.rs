//! The statements of a claim.
//!
//! The rules stand here a second time, beside those of `row.rs` that the stores share which decide in Rust: a statement of
//! its own for each side of the decision would be a second round trip for each miss.

use super::super::statements::Columns;

/// The parameters of [`CLAIM`], in the order of [`bind`](super::bind).
pub(in crate::store::postgres) const COLUMNS: Columns = &[
    ("cache_key", "bytea"),
    ("namespace", "text"),
    ("scope", "text"),
    ("execution_id", "text"),
    ("step_name", "text"),
    ("step_version", "int8"),
    ("input_hash", "bytea"),
    ("claim_id", "bytea"),
    ("holder", "text"),
    ("lease", "float8"),
    ("retry_failed", "bool"),
    ("repeat_lost", "bool"),
    ("replace", "bool"),
    ("reconcile", "bool"),
    ("max_attempts", "int8"),
    ("stale", "float8"),
];

/// `seen` is the row as it was found, and what is decided about it. Of the decisions, those of `wanted` are for a write:
///
/// | decision | the caller has |
/// | --- | --- |
/// | `new` | a row where there was none |
/// | `anew` | one that has expired, and starts over |
/// | `mine` | his own, and asks again |
/// | `again` | the next attempt |
/// | `reconcile` | the same attempt, to find out how it ended |
///
/// A value that has expired, and that the caller may use all the same, is `is_stale`. It stays in the row.
///
/// The row's `xmin` says that it is as it was found: every change of a row changes it, and a mere lock does not. It is text
/// since the server can hash that, and looks each row up rather than go through `seen` for it.
pub(in crate::store::postgres) const CLAIM: &str = "
WITH seen AS MATERIALIZED (
  SELECT given.*, clock.now, held.xmin::text AS version, held.status, held.fence, held.attempt, held.generation, held.starts,
         held.repeat_never, held.created_at, held.holder AS held_by, held.input_hash AS held_hash, held.codec, held.value,
         held.error, held.lease_until, held.retry_at, held.expires_at, is_stale,
         CASE WHEN is_stale THEN held.value_json END AS value_json, held.type_fp, held.finished_at, held.keep_until,
         held.status = 'failed' AND held.metadata ->> 'kind' = 'rejected' AS is_rejected,
         CASE
           WHEN held.cache_key IS NULL THEN 'new'
           WHEN held.status = 'running' AND held.claim_id = given.claim_id THEN 'mine'
           WHEN held.status IN ('succeeded', 'failed') AND held.expires_at <= clock.now THEN 'anew'
           WHEN held.input_hash <> given.input_hash THEN 'drift'
           WHEN held.status = 'succeeded' THEN
             CASE WHEN given.replace AND NOT held.repeat_never THEN 'again' ELSE 'hit' END
           WHEN held.status = 'failed' THEN
             CASE WHEN given.retry_failed AND NOT held.repeat_never
                   AND (held.retry_at IS NULL OR held.retry_at <= clock.now) THEN 'again' ELSE 'failed' END
           WHEN held.status = 'running' AND held.lease_until > clock.now THEN 'busy'
           WHEN given.reconcile THEN 'reconcile'
           WHEN given.repeat_lost AND NOT held.repeat_never AND held.starts < given.max_attempts THEN 'again'
           ELSE 'unknown'
         END AS decision
    FROM {given}
   CROSS JOIN (SELECT clock_timestamp() AS now) AS clock
    LEFT JOIN {table} AS held ON held.cache_key = given.cache_key
   CROSS JOIN LATERAL (
     SELECT given.stale IS NOT NULL AND held.value IS NOT NULL AND held.input_hash = given.input_hash
            AND NOT held.repeat_never AND held.expires_at <= clock.now
            AND held.expires_at + make_interval(secs => given.stale) >= clock.now AS is_stale
   ) AS expired
), wanted AS (
  SELECT seen.*,
         CASE decision WHEN 'mine' THEN fence
                       ELSE GREATEST(fence + 1, (EXTRACT(EPOCH FROM now) * 1000000)::bigint) END AS next_fence,
         CASE WHEN decision IN ('new', 'anew') THEN 1
              WHEN decision = 'again' THEN attempt + 1
              ELSE attempt END AS next_attempt,
         CASE WHEN decision = 'new' THEN 0
              WHEN decision IN ('anew', 'again') AND is_rejected THEN generation + 1
              ELSE generation END AS next_generation,
         CASE WHEN decision IN ('new', 'anew') THEN 1
              WHEN decision = 'again' AND status IN ('succeeded', 'failed') THEN 1
              WHEN decision IN ('again', 'reconcile') THEN starts + 1
              ELSE starts END AS next_starts
    FROM seen WHERE decision IN ('new', 'anew', 'mine', 'again', 'reconcile')
), won AS (
  INSERT INTO {table} AS held
    (cache_key, namespace, scope, execution_id, step_name, step_version, input_hash, status, fence, attempt, generation,
     starts, claim_id, holder, lease_until, repeat_never, created_at, metadata,
     codec, type_fp, value, value_json, finished_at, expires_at, keep_until)
  SELECT cache_key, namespace, scope, execution_id, step_name, step_version, input_hash, 'running', next_fence,
         next_attempt, next_generation, next_starts, claim_id, holder, now + make_interval(secs => lease),
         NOT repeat_lost OR decision NOT IN ('new', 'anew') AND repeat_never,
         CASE WHEN decision IN ('new', 'anew') THEN now ELSE created_at END,
         jsonb_build_object('status', 'running', 'attempt', next_attempt),
         CASE WHEN is_stale THEN codec END, CASE WHEN is_stale THEN type_fp END, CASE WHEN is_stale THEN value END,
         value_json, CASE WHEN is_stale THEN finished_at END, CASE WHEN is_stale THEN expires_at END,
         CASE WHEN is_stale THEN keep_until END
    FROM wanted{order}
  ON CONFLICT (cache_key) DO UPDATE SET
         namespace = excluded.namespace, scope = excluded.scope, execution_id = excluded.execution_id,
         step_name = excluded.step_name, step_version = excluded.step_version, input_hash = excluded.input_hash,
         status = excluded.status, fence = excluded.fence, attempt = excluded.attempt,
         generation = excluded.generation, starts = excluded.starts, claim_id = excluded.claim_id,
         holder = excluded.holder, lease_until = excluded.lease_until, repeat_never = excluded.repeat_never,
         created_at = excluded.created_at, metadata = excluded.metadata,
         codec = excluded.codec, type_fp = excluded.type_fp, value = excluded.value, value_json = excluded.value_json,
         finished_at = excluded.finished_at, expires_at = excluded.expires_at, keep_until = excluded.keep_until,
         error = NULL, retry_at = NULL
   WHERE (held.cache_key, held.xmin::text) IN (SELECT cache_key, version FROM seen)
  RETURNING cache_key, fence, attempt, generation, starts
)
SELECT seen.cache_key,
       CASE WHEN won.cache_key IS NOT NULL THEN 'claimed' ELSE decision END AS outcome,
       COALESCE(won.fence, seen.fence) AS fence, COALESCE(won.attempt, seen.attempt) AS attempt, won.generation, won.starts,
       held_by, held_hash, codec, CASE WHEN decision = 'hit' OR is_stale THEN value END AS value, error,
       CASE WHEN is_stale THEN EXTRACT(EPOCH FROM now - expires_at)::float8 END AS stale_by,
       EXTRACT(EPOCH FROM CASE decision WHEN 'busy' THEN lease_until
                                        WHEN 'failed' THEN retry_at
                                        WHEN 'hit' THEN expires_at END - now)::float8 AS remaining
  FROM seen LEFT JOIN won ON won.cache_key = seen.cache_key";

/// Makes the row where there is none, as [`CLAIM`] makes it, and `made` is its fence. Where there is one, its result is read,
/// by the statement that goes between this and [`OR_PEEK`], if it has one that may be used.
///
/// A row that is in the way is found in the index before anything is written.
pub(in crate::store::postgres) const INSERT: &str = "
WITH new AS (
  INSERT INTO {table}
    (cache_key, namespace, scope, execution_id, step_name, step_version, input_hash, status, fence, attempt, generation,
     starts, claim_id, holder, lease_until, repeat_never, created_at, metadata)
  VALUES
    ($1, $2, $3, $4, $5, $6, $7, 'running', (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint, 1, 0,
     1, $8, $9, clock_timestamp() + make_interval(secs => $10), NOT $11, clock_timestamp(),
     '{\"status\":\"running\",\"attempt\":1}')
  ON CONFLICT (cache_key) DO NOTHING
  RETURNING fence
)
SELECT held.*, new.fence AS made
  FROM (VALUES (1)) AS one LEFT JOIN new ON true
  LEFT JOIN LATERAL (";
pub(in crate::store::postgres) const OR_PEEK: &str = " AND new.fence IS NULL) AS held ON true";
