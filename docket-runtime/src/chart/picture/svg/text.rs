//! Text in a picture.

/// The sizes of letters: of names, and of the rest.
pub(crate) const NAME: f64 = 13.0;
pub(crate) const SMALL: f64 = 11.0;

/// How wide a letter of a monospaced font is, for its size; none in use is wider.
const LETTER: f64 = 0.605;

/// How wide `text` is drawn at most.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    let letters: usize = text.chars().map(columns).sum();
    letters as f64 * LETTER * size
}

/// Letters of Asia, and pictures, take two columns. That others beyond them do not only leaves some room.
fn columns(letter: char) -> usize {
    if letter >= '\u{1100}' && !('\u{2000}'..'\u{2e80}').contains(&letter) {
        2
    } else {
        1
    }
}

/// `text` on one line of at most `max` letters, with `…` for what is too long.
pub(crate) fn cut(text: &str, max: usize) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() <= max {
        return text;
    }
    let mut short: String = text.chars().take(max.saturating_sub(1)).collect();
    short.push('…');
    short
}

/// `text` between tags or quotes. What XML can't hold is left out.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(letter),
            letter if letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}') => {}
            letter => out.push(letter),
        }
    }
    out
}

pub(super) fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_characters_come_back() {
        let odd = r#"Page<'a, "x"> & &lt; 日本"#;
        assert!(!escape(odd).contains(['<', '>', '"']));
        assert_eq!(unescape(&escape(odd)), odd);
        assert_eq!(escape("bell\u{7} and null\0"), "bell and null");
    }
}
