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

    /// The schema, where there is one, and the table.
    #[cfg(feature = "mysql")]
    pub(super) fn parts(&self) -> (Option<&str>, &str) {
        (self.schema.as_deref(), &self.table)
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

/// Fills a statement with the name of the table, in double quotes. This and [`fill_quoted`] are the one place where text
/// becomes part of a statement, and [`TableName::new`] is what makes it safe.
///
/// | placeholder | becomes |
/// | --- | --- |
/// | `{table}` | the quoted name with its schema |
/// | `{bare}` | the quoted name without it |
/// | `{schema}` | the quoted schema and a point, or nothing |
/// | `{prefix}` | the name, unquoted; a long one is cut, with a digest, so that a suffix of 13 characters fits a name of 63 |
#[cfg(any(feature = "sqlite", feature = "postgres", test))]
pub(super) fn fill(statement: &str, name: &TableName) -> String {
    fill_quoted(statement, name, '"')
}

/// The same in quotes of another kind: a name is free of all of them.
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql", test))]
pub(super) fn fill_quoted(statement: &str, name: &TableName, quote: char) -> String {
    let TableName { schema, table } = name;
    let schema = schema
        .as_ref()
        .map(|it| format!("{quote}{it}{quote}."))
        .unwrap_or_default();
    let bare = format!("{quote}{table}{quote}");
    statement
        .replace("{table}", &format!("{schema}{bare}"))
        .replace("{bare}", &bare)
        .replace("{schema}", &schema)
        .replace("{prefix}", &prefix(table))
}

/// At most 50 characters, and another for each name.
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql", test))]
fn prefix(table: &str) -> String {
    use sha2::{Digest as _, Sha256};
    if table.len() <= 50 {
        return table.to_owned();
    }
    let digest = Sha256::digest(table);
    let digits: String = digest
        .iter()
        .take(4)
        .map(|it| format!("{it:02x}"))
        .collect();
    format!("{}_{digits}", &table[..41])
}

#[cfg(test)]
mod tests {
    use super::{TableName, fill, fill_quoted};

    #[test]
    fn names_are_quoted_as_the_database_does() {
        let name = TableName::new("app.steps").unwrap();
        let all = "{table} {bare} {schema} {prefix}";
        assert_eq!(fill(all, &name), r#""app"."steps" "steps" "app". steps"#);
        assert_eq!(
            fill_quoted(all, &name, '`'),
            "`app`.`steps` `steps` `app`. steps"
        );
        let bare = TableName::new("steps").unwrap();
        assert_eq!(fill(all, &bare), r#""steps" "steps"  steps"#);
    }

    #[test]
    fn long_names_have_prefixes_of_their_own() {
        let prefix = |name: &str| fill("{prefix}", &TableName::new(name).unwrap());
        assert_eq!(prefix(&"a".repeat(50)), "a".repeat(50));
        let (one, other) = (prefix(&"a".repeat(62)), prefix(&"a".repeat(63)));
        assert_eq!((one.len(), other.len()), (50, 50));
        assert_ne!(one, other);
    }

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
