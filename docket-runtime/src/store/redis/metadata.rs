//! The `metadata` of a row, as all stores write it. It is made here and not by the JSON of Lua, which has one kind of number
//! and takes an empty array for an object.
//!
//! The scripts know the attempt, so what they get is an object without its end, `{"status":"…",…,"attempt":`.

use serde_json::{Map, Value};

use super::super::row::REJECTED;
use super::{Failure, StoreError};

pub(super) fn of_success(metadata: &str, has_value: bool) -> Result<String, StoreError> {
    let mut metadata = parse(metadata)?;
    if !has_value {
        metadata.insert("value".to_owned(), "omitted".into());
    }
    Ok(open("succeeded", metadata))
}

pub(super) fn of_failure(failure: &Failure) -> Result<String, StoreError> {
    let mut metadata = parse(&failure.metadata)?;
    let is_permanent = metadata.get("kind").is_some_and(|it| it == "permanent");
    let kind = match failure.code {
        REJECTED => REJECTED,
        _ if is_permanent => "permanent",
        _ => "transient",
    };
    metadata.insert("code".to_owned(), failure.code.into());
    metadata.insert("kind".to_owned(), kind.into());
    Ok(open(failure.row_status().as_str(), metadata))
}

/// Of an attempt in doubt that took effect, as somebody has found out: annotations stay, and the words of the failure go.
pub(super) fn of_applied(metadata: &str, note: &str) -> Result<String, StoreError> {
    let mut metadata = parse(metadata)?;
    metadata.remove("code");
    metadata.remove("kind");
    metadata.insert("note".to_owned(), note.into());
    Ok(open("succeeded", metadata))
}

/// Of one that took none.
pub(super) fn of_not_applied(metadata: &str, note: &str) -> Result<String, StoreError> {
    let mut metadata = parse(metadata)?;
    metadata.insert("code".to_owned(), "not_applied".into());
    metadata.insert("kind".to_owned(), "transient".into());
    metadata.insert("note".to_owned(), note.into());
    Ok(open("failed", metadata))
}

fn parse(metadata: &str) -> Result<Map<String, Value>, StoreError> {
    serde_json::from_str(metadata)
        .map_err(|error| StoreError::refused("metadata is not a JSON object").with_source(error))
}

fn open(status: &str, mut metadata: Map<String, Value>) -> String {
    metadata.remove("attempt");
    metadata.remove("status");
    let rest = Value::Object(metadata).to_string();
    let members = rest
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'));
    match members {
        Some(members) if !members.is_empty() => {
            format!(r#"{{"status":"{status}",{members},"attempt":"#)
        }
        _ => format!(r#"{{"status":"{status}","attempt":"#),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_kept_but_for_what_the_row_says_itself() {
        let told = r#"{"attempt":9,"empty":[],"half":0.5,"id":9007199254740993,"nothing":null,"status":"x"}"#;
        assert_eq!(
            of_success(told, true).unwrap(),
            r#"{"status":"succeeded","empty":[],"half":0.5,"id":9007199254740993,"nothing":null,"attempt":"#
        );
        assert_eq!(
            of_success("{}", true).unwrap(),
            r#"{"status":"succeeded","attempt":"#
        );
        assert_eq!(
            of_success("{}", false).unwrap(),
            r#"{"status":"succeeded","value":"omitted","attempt":"#
        );
        assert!(of_success("[]", true).is_err());
    }

    #[test]
    fn members_may_begin_and_end_like_objects() {
        assert_eq!(
            of_success(r#"{"{":{"}":{}}}"#, true).unwrap(),
            r#"{"status":"succeeded","{":{"}":{}},"attempt":"#
        );
    }
}
