//! The statements, filled with the name of the table once per store.

use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

use super::super::sql::BySize;
use super::super::table::fill;
use super::TableName;

/// How many rows the statements for many rows are for: so few that each is prepared once, and a batch takes the next larger
/// one.
pub(super) const SIZES: [usize; 4] = [2, 8, 32, 128];

pub(super) struct Statements {
    pub(super) peek: BySize,
    pub(super) find: SqlStr,
    pub(super) insert: SqlStr,
    pub(super) take: SqlStr,
    pub(super) prolong: SqlStr,
    pub(super) complete: SqlStr,
    pub(super) fail: SqlStr,
    pub(super) renew: SqlStr,
    pub(super) mark_lost: SqlStr,
    pub(super) release_first: SqlStr,
    pub(super) release_later: SqlStr,
    pub(super) purge: SqlStr,
}

impl Statements {
    pub(super) fn new(table: &TableName) -> Self {
        let statement = |text| statement(&[text], table);
        let peek = |n_rows| {
            let text = PEEK.replace("{more}", &", ?".repeat(n_rows - 1));
            statement_of(&text, table)
        };
        Self {
            peek: BySize::new(&SIZES, peek),
            find: statement(FIND),
            insert: statement(INSERT),
            take: statement(TAKE),
            prolong: statement(PROLONG),
            complete: statement(COMPLETE),
            fail: statement(FAIL),
            renew: statement(RENEW),
            mark_lost: statement(MARK_LOST),
            release_first: statement(RELEASE_FIRST),
            release_later: statement(RELEASE_LATER),
            purge: statement(PURGE),
        }
    }
}

pub(super) fn statement(parts: &[&'static str], table: &TableName) -> SqlStr {
    statement_of(&parts.concat(), table)
}

/// The one place that vouches for text that is not constant: all of its parts are constant but the name of the table,
/// which [`TableName::new`] has checked, and how often a part is repeated.
fn statement_of(text: &str, table: &TableName) -> SqlStr {
    let text = fill(text, table)
        .replace("{migrations}", &migrations(table))
        .replace("{now}", NOW)
        .replace("{micros}", MICROS)
        .replace("{now_text}", NOW_TEXT);
    // A copy of it is then a copy of a pointer.
    AssertSqlSafe(std::sync::Arc::<str>::from(text)).into_sql_str()
}

/// The quoted name of the table that says which migrations were applied.
fn migrations(table: &TableName) -> String {
    let quoted = fill("{table}", table);
    format!("{}_migrations\"", quoted.trim_end_matches('"'))
}

/// The clock, in milliseconds. It stands still within a statement.
const NOW: &str = "CAST(unixepoch('subsec') * 1000 AS INTEGER)";
/// The same in microseconds, of which it counts a thousand at a time.
const MICROS: &str = "CAST(unixepoch('subsec') * 1000000 AS INTEGER)";
const NOW_TEXT: &str = "strftime('%Y-%m-%d %H:%M:%f', 'now')";

const PEEK: &str = "
SELECT input_hash, codec, value, expires_at - {now}, cache_key
  FROM {table} WHERE cache_key IN (?{more}) AND status = 'succeeded' AND (expires_at IS NULL OR expires_at > {now})";

const FIND: &str = "
SELECT {now} AS now, status, claim_id, fence, attempt, generation, starts, input_hash, repeat_never,
       (metadata ->> 'kind') IS 'rejected' AS is_rejected, lease_until, retry_at, expires_at,
       holder, codec, value, error
  FROM {table} WHERE cache_key = ?1";

const INSERT: &str = "
INSERT INTO {table}
  (cache_key, namespace, scope, execution_id, step_name, step_version, input_hash, status, fence, attempt, generation,
   starts, claim_id, holder, lease_until, repeat_never, created_at, metadata)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'running', MAX({micros}, ?12), 1, 0, 1,
        ?8, ?9, {now} + ?10, ?11, {now_text}, json_object('status', 'running', 'attempt', 1))
ON CONFLICT (cache_key) DO NOTHING
RETURNING fence";

/// The last four conditions say that the row is as it was read, so what was decided still holds. `?21` is whether its value
/// stays.
const TAKE: &str = "
UPDATE {table} SET
       namespace = ?2, scope = ?3, execution_id = ?4, step_name = ?5, step_version = ?6, input_hash = ?7,
       status = 'running', claim_id = ?8, holder = ?9, lease_until = {now} + ?10, repeat_never = ?11,
       attempt = ?12, generation = ?13, starts = ?20,
       fence = MAX(fence + 1, {micros}),
       created_at = CASE WHEN ?14 THEN {now_text} ELSE created_at END,
       metadata = json_object('status', 'running', 'attempt', ?12),
       codec = IIF(?21, codec, NULL), type_fp = IIF(?21, type_fp, NULL), value = IIF(?21, value, NULL),
       value_json = IIF(?21, value_json, NULL), finished_at = IIF(?21, finished_at, NULL),
       expires_at = IIF(?21, expires_at, NULL), keep_until = IIF(?21, keep_until, NULL),
       error = NULL, retry_at = NULL
 WHERE cache_key = ?1 AND claim_id = ?15 AND fence = ?16 AND status = ?17
   AND lease_until IS ?18 AND expires_at IS ?19
RETURNING fence";

const PROLONG: &str = "
UPDATE {table} SET lease_until = {now} + ?3 WHERE cache_key = ?1 AND claim_id = ?2 AND status = 'running'";

/// Said twice, the first time stands.
const COMPLETE: &str = "
UPDATE {table} SET
       status = 'succeeded', lease_until = NULL, retry_at = NULL, error = NULL,
       codec       = CASE status WHEN 'succeeded' THEN codec ELSE ?4 END,
       value       = CASE status WHEN 'succeeded' THEN value ELSE ?5 END,
       value_json  = CASE status WHEN 'succeeded' THEN value_json ELSE ?6 END,
       metadata    = CASE status WHEN 'succeeded' THEN metadata ELSE
                     json_patch(json_patch(?7, CASE WHEN ?5 IS NULL THEN '{\"value\":\"omitted\"}' ELSE '{}' END),
                                json_object('status', 'succeeded', 'attempt', attempt)) END,
       finished_at = CASE status WHEN 'succeeded' THEN finished_at ELSE {now_text} END,
       expires_at  = CASE status WHEN 'succeeded' THEN expires_at ELSE {now} + ?8 END,
       keep_until  = CASE status WHEN 'succeeded' THEN keep_until ELSE {now} + ?9 END
 WHERE cache_key = ?1 AND claim_id = ?2 AND fence = ?3 AND status IN ('running', 'unknown', 'succeeded')
RETURNING fence";

/// Said twice, the first time stands here, too, if the words of the second are others. A value that may be used although it
/// has expired keeps its times, and one that may not makes room for those of the failure.
const FAIL: &str = "
UPDATE {table} SET
       status = ?4, lease_until = NULL,
       starts   = CASE status WHEN ?4 THEN starts ELSE 0 END,
       error    = CASE status WHEN ?4 THEN error ELSE ?5 END,
       metadata = CASE status WHEN ?4 THEN metadata ELSE
                  json_patch(?6, json_object('status', ?4, 'attempt', attempt, 'code', ?7, 'kind',
                             CASE WHEN ?7 = 'rejected' THEN 'rejected'
                                  WHEN ?6 ->> 'kind' = 'permanent' THEN 'permanent' ELSE 'transient' END)) END,
       finished_at = CASE status WHEN ?4 THEN finished_at ELSE {now_text} END,
       retry_at    = CASE status WHEN ?4 THEN retry_at ELSE {now} + ?8 END,
       codec       = CASE WHEN status = ?4 OR keep_until > {now} THEN codec END,
       type_fp     = CASE WHEN status = ?4 OR keep_until > {now} THEN type_fp END,
       value       = CASE WHEN status = ?4 OR keep_until > {now} THEN value END,
       value_json  = CASE WHEN status = ?4 OR keep_until > {now} THEN value_json END,
       expires_at  = CASE WHEN status = ?4 OR keep_until > {now} THEN expires_at ELSE {now} + ?9 END,
       keep_until  = CASE WHEN status = ?4 OR keep_until > {now} THEN keep_until ELSE {now} + ?9 END
 WHERE cache_key = ?1 AND claim_id = ?2 AND fence = ?3 AND status IN ('running', 'unknown', ?4)
RETURNING fence";

/// The claims come as JSON, since a statement of one text is prepared once. `held` is the outer loop of the join.
const RENEW: &str = "
UPDATE {table} SET lease_until = {now} + ?2
  FROM (SELECT unhex(value ->> 0) AS held_key, unhex(value ->> 1) AS held_claim FROM json_each(?1)) AS held
 WHERE cache_key = held_key AND claim_id = held_claim AND status = 'running'
RETURNING cache_key, claim_id";

const MARK_LOST: &str = "
UPDATE {table} SET
       status = 'unknown', lease_until = NULL, error = ?3, finished_at = {now_text},
       metadata = json_object('status', 'unknown', 'attempt', attempt, 'code', 'lost', 'kind', 'transient')
 WHERE cache_key = ?1 AND fence = ?2 AND status = 'running' AND lease_until <= {now}";

/// Also of a row that was marked: its holder is there, and says that nothing was started.
const RELEASE_FIRST: &str = "
DELETE FROM {table}
 WHERE cache_key = ?1 AND claim_id = ?2 AND fence = ?3 AND attempt = 1 AND value IS NULL
   AND (status = 'running' OR status = 'unknown' AND metadata ->> 'code' = 'lost')";

/// The lease ends in 1970, by which a claim that is given back twice is known. A first attempt leaves a value behind here, which
/// has expired.
const RELEASE_LATER: &str = "
UPDATE {table} SET
       status = IIF(attempt = 1, 'succeeded', 'running'), lease_until = IIF(attempt = 1, NULL, 0), starts = starts - 1,
       error = NULL, finished_at = IIF(value IS NULL, NULL, finished_at),
       metadata = json_object('status', IIF(attempt = 1, 'succeeded', 'running'), 'attempt', attempt)
 WHERE cache_key = ?1 AND claim_id = ?2 AND fence = ?3
   AND (status = 'running' AND lease_until > 0 OR status = 'unknown' AND metadata ->> 'code' = 'lost')";

const PURGE: &str = "
DELETE FROM {table} WHERE cache_key IN (
  SELECT cache_key FROM {table}
   WHERE keep_until <= {now} AND status IN ('succeeded', 'failed')
   ORDER BY keep_until LIMIT ?1)";
