//! The statements, filled with the name of the table once per store.
//!
//! They are the same for MySQL and MariaDB, and need neither `RETURNING` nor a second look to learn a fence: what is
//! assigned by `LAST_INSERT_ID(…)` comes back with the answer to the statement.
//!
//! Parameters have no numbers here, so each stands where it is used, and is bound in that order. An `UPDATE` sees the
//! columns that were assigned to its left as they are then, so `status` comes last, and whatever asks for it before.

use std::sync::Arc;

use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

use super::super::sql::BySize;
use super::super::table::fill_quoted;
use super::TableName;

/// How many rows the statements for many rows are for: so few that each is prepared once, and a batch takes the next
/// larger one.
pub(super) const SIZES: [usize; 5] = [2, 4, 8, 16, 32];

/// How many rows are inserted at once at most.
pub(super) const MAX_INSERTS: usize = 16;

pub(super) struct Statements {
    pub(super) peek: BySize,
    pub(super) find: BySize,
    pub(super) existing: BySize,
    /// For one row, for two, and so on up to [`MAX_INSERTS`]: a row can't be there twice to fill them.
    pub(super) insert: Vec<SqlStr>,
    pub(super) take: SqlStr,
    pub(super) prolong: SqlStr,
    pub(super) complete: BySize,
    pub(super) fail: SqlStr,
    pub(super) renew: SqlStr,
    pub(super) still_held: SqlStr,
    pub(super) mark_lost: SqlStr,
    pub(super) release_first: SqlStr,
    pub(super) release_later: SqlStr,
    pub(super) purge: SqlStr,
}

impl Statements {
    pub(super) fn new(table: &TableName) -> Self {
        let statement = |text| statement(&[text], table);
        let of_rows = |text| BySize::new(&SIZES, |n_rows| of_rows(text, n_rows, table));
        Self {
            peek: of_rows(PEEK),
            find: of_rows(FIND),
            existing: of_rows(EXISTING),
            insert: (1..=MAX_INSERTS)
                .map(|n_rows| insert(n_rows, table))
                .collect(),
            take: statement(TAKE),
            prolong: statement(PROLONG),
            complete: BySize::new(&SIZES, |n_rows| complete(n_rows, table)),
            fail: statement(FAIL),
            renew: statement(RENEW),
            still_held: statement(STILL_HELD),
            mark_lost: statement(MARK_LOST),
            release_first: statement(RELEASE_FIRST),
            release_later: statement(RELEASE_LATER),
            purge: statement(PURGE),
        }
    }
}

/// A statement of constant parts, with the name of the table in it.
pub(super) fn statement(parts: &[&'static str], table: &TableName) -> SqlStr {
    statement_of(&parts.concat(), table)
}

/// An [`INSERT`] of so many rows.
fn insert(n_rows: usize, table: &TableName) -> SqlStr {
    let rows = vec![INSERTED; n_rows].join(",");
    statement_of(&INSERT.replace("{rows}", &rows), table)
}

/// A statement that reads so many rows.
fn of_rows(text: &str, n_rows: usize, table: &TableName) -> SqlStr {
    let more = ", ?".repeat(n_rows - 1);
    statement_of(&text.replace("{more}", &more), table)
}

/// A [`COMPLETE`] of so many rows, in which each value is that of its key. The type of a parameter follows from the column
/// where it is assigned to one, and is said where it is not.
fn complete(n_rows: usize, table: &TableName) -> SqlStr {
    let value = |kind: &str| match n_rows {
        1 => "?".to_owned(),
        _ => {
            let value = format!("WHEN ? THEN CAST(? AS {kind}) ");
            format!("CASE cache_key {}END", value.repeat(n_rows))
        }
    };
    let rows = match n_rows {
        1 => "cache_key = ? AND claim_id = ? AND fence = ?".to_owned(),
        _ => {
            let more = ", (?, ?, ?)".repeat(n_rows - 1);
            format!("(cache_key, claim_id, fence) IN ((?, ?, ?){more})")
        }
    };
    let text = COMPLETE
        .replace("{signed}", &value("SIGNED"))
        .replace("{binary}", &value("BINARY"))
        .replace("{text}", &value("CHAR CHARACTER SET utf8mb4"))
        .replace("{rows}", &rows);
    statement_of(&text, table)
}

/// The one place that vouches for text that is not constant: all of its parts are constant but the name of the table,
/// which [`TableName::new`] has checked, and how often a part is repeated.
fn statement_of(text: &str, table: &TableName) -> SqlStr {
    let text = text
        .replace("{migrations}", MIGRATIONS)
        .replace("{held}", HELD)
        .replace("{micros}", MICROS)
        .replace("{since}", SINCE)
        .replace("{now}", NOW);
    let text = fill_quoted(&text, table, '`');
    // A copy of it is then a copy of a pointer.
    AssertSqlSafe(Arc::<str>::from(text)).into_sql_str()
}

/// The table that says which migrations were applied.
const MIGRATIONS: &str = "{schema}`{prefix}_migrations`";

/// The clock, of the time at which the statement began, in whatever time zone the session is.
const NOW: &str = "UTC_TIMESTAMP(6)";
/// The same in microseconds since 1970.
const MICROS: &str = "TIMESTAMPDIFF({since}, {now})";
/// `TIMESTAMPDIFF({since}, column)` is a time in microseconds.
const SINCE: &str = "MICROSECOND, '1970-01-01'";

const PEEK: &str = "
SELECT input_hash, codec, value, TIMESTAMPDIFF(MICROSECOND, {now}, expires_at), cache_key
  FROM {table} WHERE cache_key IN (?{more}) AND status = 'succeeded' AND (expires_at IS NULL OR expires_at > {now})";

const FIND: &str = "
SELECT {micros} AS now, cache_key, status, claim_id, fence, attempt, generation, starts, input_hash, repeat_never,
       status = 'failed' AND JSON_UNQUOTE(JSON_EXTRACT(metadata, '$.kind')) <=> 'rejected' AS is_rejected,
       TIMESTAMPDIFF({since}, lease_until) AS lease_until, TIMESTAMPDIFF({since}, retry_at) AS retry_at,
       TIMESTAMPDIFF({since}, expires_at) AS expires_at,
       holder, codec, value, error
  FROM {table} WHERE cache_key IN (?{more})";

const EXISTING: &str = "
SELECT cache_key FROM {table} WHERE cache_key IN (?{more})";

const INSERT: &str = "
INSERT INTO {table}
  (cache_key, namespace, scope, execution_id, step_name, step_version, input_hash, claim_id, holder, lease_until,
   repeat_never, fence, status, attempt, generation, starts, created_at, metadata)
VALUES {rows}";
const INSERTED: &str = "
       (?, ?, ?, ?, ?, ?, ?, ?, ?, {now} + INTERVAL ? MICROSECOND,
        ?, LAST_INSERT_ID(GREATEST({micros}, ?)), 'running', 1, 0, 1, {now}, JSON_OBJECT('status', 'running', 'attempt', 1))";

/// How many columns are those of a value, each with a parameter that says whether it stays.
pub(super) const KEPT_COLUMNS: usize = 7;

/// The last four conditions say that the row is as it was read, so what was decided still holds.
const TAKE: &str = "
UPDATE {table} SET
       namespace = ?, scope = ?, execution_id = ?, step_name = ?, step_version = ?, input_hash = ?,
       claim_id = ?, holder = ?, lease_until = {now} + INTERVAL ? MICROSECOND, repeat_never = ?,
       fence = LAST_INSERT_ID(GREATEST(fence + 1, {micros})),
       attempt = ?, generation = ?, starts = ?,
       created_at = IF(?, {now}, created_at),
       metadata = JSON_OBJECT('status', 'running', 'attempt', CAST(? AS UNSIGNED)),
       codec = IF(?, codec, NULL), type_fp = IF(?, type_fp, NULL), value_json = IF(?, value_json, NULL),
       value = IF(?, value, NULL), finished_at = IF(?, finished_at, NULL),
       keep_until = IF(?, keep_until, NULL), expires_at = IF(?, expires_at, NULL),
       error = NULL, retry_at = NULL,
       status = 'running'
 WHERE cache_key = ? AND claim_id = ? AND fence = ? AND status = ?
   AND TIMESTAMPDIFF({since}, lease_until) <=> ? AND TIMESTAMPDIFF({since}, expires_at) <=> ?";

const PROLONG: &str = "
UPDATE {table} SET lease_until = {now} + INTERVAL ? MICROSECOND
 WHERE cache_key = ? AND claim_id = ? AND status = 'running'";

/// Said twice, the first time stands.
const COMPLETE: &str = "
UPDATE {table} SET
       codec = IF(status = 'succeeded', codec, {signed}),
       value = IF(status = 'succeeded', value, {binary}),
       value_json = IF(status = 'succeeded', value_json, {text}),
       metadata = IF(status = 'succeeded', metadata,
                     JSON_MERGE_PATCH({text}, {text}, JSON_OBJECT('status', 'succeeded', 'attempt', attempt))),
       finished_at = IF(status = 'succeeded', finished_at, {now}),
       expires_at = IF(status = 'succeeded', expires_at, {now} + INTERVAL {signed} MICROSECOND),
       keep_until = IF(status = 'succeeded', keep_until, {now} + INTERVAL {signed} MICROSECOND),
       lease_until = NULL, retry_at = NULL, error = NULL,
       status = 'succeeded'
 WHERE {rows} AND status IN ('running', 'unknown', 'succeeded')";

/// Said twice, the first time stands here, too, if the words of the second are others. A value that may be used although it
/// has expired keeps its times, and one that may not makes room for those of the failure. `keep_until` says which, so it comes
/// after those that ask for it.
const FAIL: &str = "
UPDATE {table} SET
       error = IF(status = ?, error, ?),
       metadata = IF(status = ?, metadata,
                     JSON_MERGE_PATCH(?, JSON_OBJECT('status', ?, 'attempt', attempt, 'code', ?, 'kind', ?))),
       finished_at = IF(status = ?, finished_at, {now}),
       retry_at = IF(status = ?, retry_at, {now} + INTERVAL ? MICROSECOND),
       codec = IF(status = ? OR keep_until > {now}, codec, NULL),
       type_fp = IF(status = ? OR keep_until > {now}, type_fp, NULL),
       value_json = IF(status = ? OR keep_until > {now}, value_json, NULL),
       value = IF(status = ? OR keep_until > {now}, value, NULL),
       expires_at = IF(status = ? OR keep_until > {now}, expires_at, {now} + INTERVAL ? MICROSECOND),
       keep_until = IF(status = ? OR keep_until > {now}, keep_until, {now} + INTERVAL ? MICROSECOND),
       lease_until = NULL, starts = IF(status = ?, starts, 0),
       status = ?
 WHERE cache_key = ? AND claim_id = ? AND fence = ? AND status IN ('running', 'unknown', ?)";

/// The claims come as JSON, since a statement of one text is prepared once. They are the outer loop of the join.
const HELD: &str = "
       JSON_TABLE(?, '$[*]' COLUMNS (held_key CHAR(64) PATH '$[0]', held_claim CHAR(32) PATH '$[1]')) AS held
       STRAIGHT_JOIN {table} AS it ON it.cache_key = UNHEX(held_key) AND it.claim_id = UNHEX(held_claim)";

const RENEW: &str = "
UPDATE {held} SET it.lease_until = {now} + INTERVAL ? MICROSECOND WHERE it.status = 'running'";

const STILL_HELD: &str = "
SELECT it.cache_key, it.claim_id FROM {held} WHERE it.status = 'running'";

const MARK_LOST: &str = "
UPDATE {table} SET
       lease_until = NULL, error = ?, finished_at = {now},
       metadata = JSON_OBJECT('status', 'unknown', 'attempt', attempt, 'code', 'lost', 'kind', 'transient'),
       status = 'unknown'
 WHERE cache_key = ? AND fence = ? AND status = 'running' AND lease_until <= {now}";

/// Also of a row that was marked: its holder is there, and says that nothing was started.
const RELEASE_FIRST: &str = "
DELETE FROM {table}
 WHERE cache_key = ? AND claim_id = ? AND fence = ? AND attempt = 1 AND value IS NULL
   AND (status = 'running' OR status = 'unknown' AND JSON_UNQUOTE(JSON_EXTRACT(metadata, '$.code')) = 'lost')";

/// The lease ends in 1970, by which a claim that is given back twice is known. A first attempt leaves a value behind here, which
/// has expired.
const RELEASE_LATER: &str = "
UPDATE {table} SET
       lease_until = IF(attempt = 1, NULL, '1970-01-01'), starts = starts - 1, error = NULL,
       finished_at = IF(value IS NULL, NULL, finished_at),
       metadata = JSON_OBJECT('status', IF(attempt = 1, 'succeeded', 'running'), 'attempt', attempt),
       status = IF(attempt = 1, 'succeeded', 'running')
 WHERE cache_key = ? AND claim_id = ? AND fence = ?
   AND (status = 'running' AND lease_until > '1970-01-01'
        OR status = 'unknown' AND JSON_UNQUOTE(JSON_EXTRACT(metadata, '$.code')) = 'lost')";

const PURGE: &str = "
DELETE FROM {table}
 WHERE keep_until <= {now} AND status IN ('succeeded', 'failed')
 ORDER BY keep_until LIMIT ?";
