//! Words for people.

use std::fmt::Write as _;
use std::time::Duration;

use docket::store::{CacheKey, RowStatus, RowView};

/// As much of a key as `ls` prints: two of a million rows are alike in it once in 500 tables.
pub(crate) fn short_key(key: &CacheKey) -> String {
    hex(&key.0[..6])
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // A `String` takes all that is written to it.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// `text` on one line, with signs escaped that would move the cursor or change colours: what stands in a row was written
/// by others.
pub(crate) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '\n' | '\r' | '\t' => plain.push(' '),
            // Of these, text that is written from right to left is made; they could show a line in another order.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                plain.extend(char.escape_unicode())
            }
            _ if char.is_control() => plain.extend(char.escape_unicode()),
            _ => plain.push(char),
        }
    }
    plain
}

/// At most `width` signs of `text`.
pub(crate) fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let beginning: String = text.chars().take(width - 1).collect();
    format!("{}…", beginning.trim_end())
}

/// A time in its largest unit that counts at least one, or two days: `12s`, `3m`, `47h`, `2d`.
pub(crate) fn age(time: Duration) -> String {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    match time.as_secs() {
        s if s < MINUTE => format!("{s}s"),
        s if s < HOUR => format!("{}m", s / MINUTE),
        s if s < 2 * DAY => format!("{}h", s / HOUR),
        s => format!("{}d", s / DAY),
    }
}

/// Milliseconds, for JSON.
pub(crate) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// `1 row`, `2 rows`.
pub(crate) fn rows(n: u64) -> String {
    match n {
        1 => "1 row".to_owned(),
        n => format!("{n} rows"),
    }
}

/// The status, and whether the holder of a running row is lost.
pub(crate) fn status(row: &RowView) -> String {
    match row.status {
        RowStatus::Running if is_in_doubt(row) => "running (lost)".to_owned(),
        status => status.to_string(),
    }
}

/// Whether nobody knows how the last attempt ended.
pub(crate) fn is_in_doubt(row: &RowView) -> bool {
    match row.status {
        RowStatus::Unknown => true,
        RowStatus::Running => row.lease.is_none_or(|it| it.is_zero()),
        RowStatus::Succeeded | RowStatus::Failed => false,
    }
}

/// When the row expires; nothing if it doesn't.
pub(crate) fn expiry(row: &RowView) -> String {
    match row.expires_in {
        None => String::new(),
        Some(left) if left.is_zero() => "expired".to_owned(),
        Some(left) => format!("in {}", age(left)),
    }
}

pub(crate) fn codec_name(codec: i16) -> String {
    match codec {
        1 => "protobuf".to_owned(),
        2 => "JSON".to_owned(),
        other => format!("codec {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_told_in_one_unit() {
        for (secs, text) in [
            (0, "0s"),
            (59, "59s"),
            (60, "1m"),
            (3599, "59m"),
            (3600, "1h"),
            (172_799, "47h"),
            (172_800, "2d"),
        ] {
            assert_eq!(age(Duration::from_secs(secs)), text);
        }
    }

    #[test]
    fn what_others_wrote_does_not_steer_the_terminal() {
        assert_eq!(plain("a\nb\x1b[31m\u{202e}c"), "a b\\u{1b}[31m\\u{202e}c");
        assert_eq!(cut("größer als es geht", 8), "größer…");
        assert_eq!(cut("größer", 6), "größer");
    }
}
