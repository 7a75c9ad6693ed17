//! [`TableName`]: a name that may stand in a statement.

use std::fmt;

use super::StoreError;

/// The name of the table of a SQL store, `step_cache` by default; with a schema or database before it if need be.
///
/// Names of tables can't be bound like values, so they are checked before they become part of a statement.
///
/// ```
/// # use docket_runtime::store::TableName;
/// let name = TableName::new("orders.step_cache")?;
/// assert!(TableName::new("step_cache; drop table users").is_err());
/// # Ok::<(), docket_runtime::store::StoreError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TableName {
    schema: Option<String>,
    table: String,
}

impl TableName {
    /// A table, or a schema and a table with a point between.
    ///
    /// # Errors
    ///
    /// If a part is not a letter of `A-Za-z_` followed by at most 62 of `A-Za-z0-9_`.
    pub fn new(name: &str) -> Result<Self, StoreError> {
        let (schema, table) = match name.split_once('.') {
            Some((schema, table)) => (Some(schema), table),
            None => (None, name),
        };
        if !schema.is_none_or(is_plain) || !is_plain(table) {
            return Err(StoreError::refused(format!(
                "{name:?} can't be the name of a table: each part is a letter or `_`, then at most 62 letters, digits or `_`"
            )));
        }
        Ok(Self {
            schema: schema.map(str::to_owned),
            table: table.to_owned(),
        })
    }
}

fn is_plain(part: &str) -> bool {
    let mut chars = part.bytes();
    let starts_well = chars
        .next()
        .is_some_and(|it| it == b'_' || it.is_ascii_alphabetic());
    starts_well && part.len() <= 63 && chars.all(|it| it == b'_' || it.is_ascii_alphanumeric())
}

impl Default for TableName {
    fn default() -> Self {
        Self {
            schema: None,
            table: "step_cache".to_owned(),
        }
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{schema}.")?;
        }
        f.write_str(&self.table)
    }
}

/// Fills a statement with the name of the table. This is the one place where text becomes part of a statement, and
/// [`TableName::new`] is what makes it safe.
///
/// | placeholder | becomes |
/// | --- | --- |
/// | `{table}` | the quoted name with its schema |
/// | `{bare}` | the quoted name without it |
/// | `{schema}` | the quoted schema and a point, or nothing |
/// | `{prefix}` | the name, unquoted and cut so that a suffix of 13 characters fits a name of 63 |
#[cfg_attr(not(feature = "sqlite"), expect(dead_code))]
pub(super) fn fill(statement: &str, name: &TableName) -> String {
    let TableName { schema, table } = name;
    let schema = schema
        .as_ref()
        .map(|it| format!("\"{it}\"."))
        .unwrap_or_default();
    let bare = format!("\"{table}\"");
    statement
        .replace("{table}", &format!("{schema}{bare}"))
        .replace("{bare}", &bare)
        .replace("{schema}", &schema)
        .replace("{prefix}", &table[..table.len().min(50)])
}

#[cfg(test)]
mod tests {
    use super::TableName;

    #[test]
    fn only_plain_names_are_taken() {
        for name in ["step_cache", "_", "T1", "app.step_cache", &"a".repeat(63)] {
            assert_eq!(TableName::new(name).unwrap().to_string(), name);
        }
        let long = "a".repeat(64);
        let bad = [
            "", ".", "a.", ".a", "a.b.c", "1a", "a-b", "a b", "a\"b", "a;b", "ä", "a\0", &long,
        ];
        for name in bad {
            assert!(TableName::new(name).is_err(), "{name:?}");
        }
    }
}
