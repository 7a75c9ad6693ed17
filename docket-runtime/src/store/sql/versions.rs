//! What is said of a table by its version, the greatest of its migrations.

use super::super::{Finding, StoreError, TableName};

impl TableName {
    /// Refuses to touch a table that a later release has made: `latest` is the version that this one writes.
    pub(in crate::store) fn refuse_newer(
        &self,
        version: i64,
        latest: i64,
    ) -> Result<(), StoreError> {
        if version <= latest {
            return Ok(());
        }
        Err(StoreError::refused(format!(
            "the table `{self}` is of version {version}, and this release of Docket knows none after {latest}: use a newer one"
        )))
    }

    /// What is said of a table that is somebody else's. `options` is where another name can be set.
    pub(in crate::store) fn not_ours(&self, options: &str, said: StoreError) -> StoreError {
        StoreError::refused(format!(
            "the table `{self}` is not one of Docket's; choose another name by `{options}::table`"
        ))
        .with_source(said)
    }

    /// Whether it is up to date.
    pub(in crate::store) fn finding(&self, version: i64, latest: i64) -> Finding {
        let subject = format!("table {self}");
        let value = format!("version {version}");
        match version {
            0 => Finding::bad(
                subject,
                "no migration is recorded",
                "`migrate` makes the table, or records the version of one that was made by hand",
            ),
            _ if version == latest => Finding::good(subject, value),
            _ if version > latest => Finding::bad(
                subject,
                value,
                format!("this release of Docket knows none after {latest}: use a newer one"),
            ),
            _ => Finding::bad(
                subject,
                value,
                format!("`migrate` brings it up to version {latest}"),
            ),
        }
    }
}
