//! What PostgreSQL can't keep in a text.

use std::borrow::Cow;

/// `text` without U+0000, which no text of PostgreSQL may have.
pub(super) fn clean(text: &str) -> Cow<'_, str> {
    if text.contains('\0') {
        text.replace('\0', "\u{fffd}").into()
    } else {
        text.into()
    }
}

/// `json` without U+0000 in its strings, which a JSONB may not have.
pub(super) fn clean_json(json: &str) -> Cow<'_, str> {
    const NUL: &str = r"\u0000";
    if !json.contains(NUL) {
        return clean(json);
    }
    let mut cleaned = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        cleaned.push_str(before);
        // An escaped backslash may stand before the letters `u0000`.
        let len = if escape.starts_with(NUL) {
            cleaned.push_str(r"\ufffd");
            NUL.len()
        } else {
            let mut chars = escape.chars();
            cleaned.extend(chars.by_ref().take(2));
            escape.len() - chars.as_str().len()
        };
        rest = &escape[len..];
    }
    cleaned.push_str(rest);
    clean(&cleaned).into_owned().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_character_itself_is_replaced() {
        assert_eq!(clean("a\0b"), "a\u{fffd}b");
        assert!(matches!(clean("ab"), Cow::Borrowed(_)));
        for (json, cleaned) in [
            (r#"{"a":"b"}"#, r#"{"a":"b"}"#),
            (
                r#"{"a\u0000":"\u0000\u0000"}"#,
                r#"{"a\ufffd":"\ufffd\ufffd"}"#,
            ),
            (
                r#"{"a":"\\u0000\n\\\u0000"}"#,
                r#"{"a":"\\u0000\n\\\ufffd"}"#,
            ),
            (r#"["\u00001","\\","语"]"#, r#"["\ufffd1","\\","语"]"#),
            (r#""\u0000\"#, r#""\ufffd\"#),
        ] {
            assert_eq!(clean_json(json), cleaned, "{json}");
        }
    }
}
