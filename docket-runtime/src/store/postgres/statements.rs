//! The statements, filled with the name of the table once per store.
//!
//! Those of operations that are coalesced come in two forms of one text: for one operation, whose parameters are values,
//! and for many, whose parameters are arrays. Both give the text a relation with one row for each operation.

use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

use super::super::table::fill;
use super::TableName;
use super::claim::{CLAIM, COLUMNS as CLAIM_COLUMNS, INSERT, OR_PEEK};
use super::lease::{MARK_LOST, PURGE, RELEASE, RENEW};
use super::peek::{ONE_ROW, PEEK, ROWS};
use super::record::{COMPLETE, COMPLETION, FAIL, FAILURE, LOCK, LOCKED, RETURNING, SAID};

pub(super) struct Statements {
    pub(super) peek: Pair,
    pub(super) claim: Pair,
    pub(super) insert: SqlStr,
    pub(super) complete: Pair,
    pub(super) said: SqlStr,
    pub(super) fail: Pair,
    pub(super) renew: SqlStr,
    pub(super) mark_lost: SqlStr,
    pub(super) release: SqlStr,
    pub(super) purge: SqlStr,
}

impl Statements {
    pub(super) fn new(table: &TableName) -> Self {
        Self {
            peek: Pair {
                one: statement(&[PEEK, ONE_ROW], table),
                many: statement(&[PEEK, ROWS], table),
            },
            claim: Pair::new(CLAIM_COLUMNS, CLAIM, table),
            insert: statement(&[INSERT, PEEK, ONE_ROW, OR_PEEK], table),
            complete: Pair::record(COMPLETION, COMPLETE, table),
            said: statement(&[SAID], table),
            fail: Pair::record(FAILURE, FAIL, table),
            renew: statement(&[LOCK, RENEW], table),
            mark_lost: statement(&[MARK_LOST], table),
            release: statement(&[RELEASE], table),
            purge: statement(&[PURGE], table),
        }
    }
}

/// A statement for one operation, and for many.
#[derive(Clone)]
pub(super) struct Pair {
    pub(super) one: SqlStr,
    pub(super) many: SqlStr,
}

impl Pair {
    fn new(columns: Columns, text: &'static str, table: &TableName) -> Self {
        Self {
            one: filled(&[text], One(columns), table),
            many: filled(&[text], Many(columns), table),
        }
    }

    /// A change of rows that are locked in the order of their keys first, where there are several.
    fn record(columns: Columns, change: &'static str, table: &TableName) -> Self {
        Self {
            one: filled(&[change, RETURNING], One(columns), table),
            many: filled(&[LOCK, change, LOCKED, RETURNING], Many(columns), table),
        }
    }

    /// The text for so many operations.
    pub(super) fn of(&self, n_operations: usize) -> SqlStr {
        match n_operations {
            1 => self.one.clone(),
            _ => self.many.clone(),
        }
    }
}

/// The parameters of a statement: a name and a type for each.
pub(super) type Columns = &'static [(&'static str, &'static str)];

enum Parameters {
    One(Columns),
    Many(Columns),
}

use Parameters::{Many, One};

impl Parameters {
    /// Several rows are locked in the order of their keys. One has none, and sorting it costs.
    fn order(&self) -> &'static str {
        match self {
            Self::One(_) => "",
            Self::Many(_) => " ORDER BY cache_key",
        }
    }

    /// As a relation named `given`.
    fn as_relation(&self) -> String {
        let (Self::One(columns) | Self::Many(columns)) = self;
        let suffix = if matches!(self, Self::Many(_)) {
            "[]"
        } else {
            ""
        };
        let parameters = (1..).zip(*columns);
        let parameters: Vec<_> = parameters
            .map(|(i, (_, kind))| format!("${i}::{kind}{suffix}"))
            .collect();
        let names: Vec<_> = columns.iter().map(|(name, _)| *name).collect();
        let (parameters, names) = (parameters.join(", "), names.join(", "));
        match self {
            Self::One(_) => format!("(VALUES ({parameters})) AS given ({names})"),
            Self::Many(_) => format!("unnest({parameters}) AS given ({names})"),
        }
    }
}

/// A statement without parameters that repeat.
pub(super) fn statement(parts: &[&'static str], table: &TableName) -> SqlStr {
    filled(parts, One(&[]), table)
}

/// Texts of [`statement`] as one.
pub(super) fn joined(parts: &[SqlStr]) -> SqlStr {
    let text: String = parts.iter().map(SqlStr::as_str).collect();
    AssertSqlSafe(text).into_sql_str()
}

/// The one place that vouches for text that is not constant: all of its parts are constant but the name of the table,
/// which [`TableName::new`] has checked.
fn filled(parts: &[&'static str], parameters: Parameters, table: &TableName) -> SqlStr {
    let text = parts.concat().replace("{migrations}", MIGRATIONS);
    let text = fill(&text, table)
        .replace("{given}", &parameters.as_relation())
        .replace("{order}", parameters.order())
        .replace("{now}", NOW)
        .replace("{utc}", UTC);
    // A copy of it is then a copy of a pointer.
    AssertSqlSafe(std::sync::Arc::<str>::from(text)).into_sql_str()
}

/// The table that says which versions were applied. Its name must fit, too.
const MIGRATIONS: &str = "{schema}\"{prefix}_migrations\"";
/// The clock, as a value that an index can be searched by. It stands still within a statement. `NOW()` would stand still
/// within a transaction, too.
const NOW: &str = "(SELECT clock_timestamp())";
/// A time for people, with `to_char`.
const UTC: &str = "AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS'";
