//! Lines of JSON. Their fields are documented in `docs/cli.md`; they may get more, and lose none.

use std::io::{self, Write};

use docket::store::RowView;
use serde::Serialize;
use serde_json::value::RawValue;

use super::text::{hex, is_in_doubt, millis};
use crate::failure::Failure;

/// A row.
#[derive(Serialize)]
pub(crate) struct Row<'a> {
    key: String,
    step: &'a str,
    version: u32,
    status: &'a str,
    in_doubt: bool,
    scope: &'a str,
    namespace: &'a str,
    execution: &'a str,
    attempt: u32,
    generation: u32,
    fence: i64,
    holder: &'a str,
    lease_ms: Option<u64>,
    age_ms: u64,
    created_at: String,
    finished_at: Option<String>,
    expires_in_ms: Option<u64>,
    codec: Option<i16>,
    value_bytes: Option<u64>,
    error: Option<&'a str>,
    metadata: Box<RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value_hex: Option<String>,
}

impl<'a> Row<'a> {
    pub(crate) fn new(row: &'a RowView) -> Result<Self, Failure> {
        Ok(Self {
            key: hex(&row.key.0),
            step: &row.step_name,
            version: row.step_version,
            status: row.status.as_str(),
            in_doubt: is_in_doubt(row),
            scope: &row.scope,
            namespace: &row.namespace,
            execution: &row.execution_id,
            attempt: row.attempt,
            generation: row.generation,
            fence: row.fence,
            holder: &row.holder,
            lease_ms: row.lease.map(millis),
            age_ms: millis(row.age),
            created_at: rfc3339(&row.created_at),
            finished_at: row.finished_at.as_deref().map(rfc3339),
            expires_in_ms: row.expires_in.map(millis),
            codec: row.codec,
            value_bytes: row.value_len,
            error: row.error.as_deref(),
            metadata: raw(&row.metadata)?,
            value: None,
            value_hex: None,
        })
    }

    /// The same with the value: as JSON where it has that form, else its bytes.
    pub(crate) fn with_value(row: &'a RowView) -> Result<Self, Failure> {
        let value = row.value_json.as_deref().map(raw).transpose()?;
        let value_hex = match value {
            Some(_) => None,
            None => row.value.as_deref().map(hex),
        };
        Ok(Self {
            value,
            value_hex,
            ..Self::new(row)?
        })
    }
}

pub(crate) fn json_line(out: &mut impl Write, line: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    writeln!(out)
}

/// JSON as it stands in the row, digit for digit, on one line: what ends a line can only stand between its tokens.
fn raw(json: &str) -> Result<Box<RawValue>, Failure> {
    RawValue::from_string(json.replace(['\n', '\r'], " "))
        .map_err(|error| Failure::new(format!("a row holds something that is not JSON: {error}")))
}

/// A time of a row, which is UTC, with a letter between date and time and one that says so.
fn rfc3339(time: &str) -> String {
    format!("{}Z", time.replacen(' ', "T", 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_of_rows_is_kept_digit_for_digit_on_one_line() {
        let json = "{\n\"n\": 340282366920938463463374607431768211455}";
        assert_eq!(
            raw(json).unwrap().get(),
            "{ \"n\": 340282366920938463463374607431768211455}"
        );
        assert!(raw("{").is_err());
        assert_eq!(
            rfc3339("2026-11-25 09:30:00.000"),
            "2026-11-25T09:30:00.000Z"
        );
    }
}
