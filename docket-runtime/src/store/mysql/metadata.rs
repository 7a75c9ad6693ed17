//! Metadata that MariaDB takes.

use super::super::row::REJECTED;

/// MariaDB reads no JSON that is nested more than 32 deep, and MySQL none of more than 100. Some is left for what is
/// around it.
const MAX_DEPTH: usize = 24;

/// `metadata`, or a word in its place where it is nested too deeply: a record must not be lost for what stands beside it.
pub(super) fn fitting(metadata: &str) -> &str {
    if depth(metadata) <= MAX_DEPTH {
        metadata
    } else {
        r#"{"annotations":"omitted"}"#
    }
}

/// How deep the brackets of a JSON text are nested.
fn depth(json: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let (mut is_text, mut is_escaped) = (false, false);
    for byte in json.bytes() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = is_text,
            b'"' => is_text = !is_text,
            b'{' | b'[' if !is_text => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !is_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// What a failure of `code` is: for a `rejected` one it is certain that nothing was done.
pub(super) fn kind(code: &str, metadata: &str) -> &'static str {
    let is_permanent = || {
        let metadata = serde_json::from_str::<serde_json::Value>(metadata).ok()?;
        Some(metadata.get("kind")? == "permanent")
    };
    match code {
        REJECTED => REJECTED,
        _ if is_permanent() == Some(true) => "permanent",
        _ => "transient",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_nested_too_deeply_is_left_out() {
        let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let of = |depth| format!(r#"{{"a":{},"b":"\"[[["}}"#, nested(depth - 1));
        for deep in [2, MAX_DEPTH] {
            assert_eq!(depth(&of(deep)), deep);
            assert_eq!(fitting(&of(deep)), of(deep));
        }
        assert_eq!(fitting(&of(MAX_DEPTH + 1)), r#"{"annotations":"omitted"}"#);
        let wide = format!("{{\"a\":[{}[]]}}", "[],".repeat(100));
        assert_eq!(depth(&wide), 3);
        assert_eq!(depth(r#"{"a":"\\","b":"{[\"{"}"#), 1);
    }

    #[test]
    fn a_kind_is_of_the_code_before_it_is_of_the_metadata() {
        assert_eq!(kind("rejected", r#"{"kind":"permanent"}"#), "rejected");
        assert_eq!(kind("failed", r#"{"kind":"permanent"}"#), "permanent");
        assert_eq!(kind("failed", r#"{"kind":"odd"}"#), "transient");
        assert_eq!(kind("failed", "{}"), "transient");
    }
}
