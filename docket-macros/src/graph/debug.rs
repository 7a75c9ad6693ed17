//! `DOCKET_DEBUG=UserGraph cargo check` prints what the graph of that name expands to.

use std::io::Write;
use std::process::{Command, Stdio};

use proc_macro2::{Ident, TokenStream};

pub(super) fn print(name: &Ident, expanded: &TokenStream) {
    if std::env::var("DOCKET_DEBUG").is_ok_and(|wanted| *name == wanted) {
        let source = expanded.to_string();
        eprintln!("{}", as_written(&formatted(&source).unwrap_or(source)));
    }
}

/// With documentation as comments, numbers without the name of their type, and a line between items.
fn as_written(source: &str) -> String {
    let mut written = String::new();
    let mut ended = false;
    for line in source.lines() {
        let text = line.trim_start();
        let indent = &line[..line.len() - text.len()];
        if ended && !text.starts_with('}') && indent.len() <= 8 {
            written.push('\n');
        }
        ended = text == "}" || text == "};" || (indent.len() <= 4 && text.ends_with(';'));
        match documentation(text) {
            Some(words) => written.extend([
                format!("{indent}/// {}", words.trim_start()).trim_end(),
                "\n",
            ]),
            None => written.extend([indent, &without_suffix(text), "\n"]),
        }
    }
    written
}

/// The text of `#[doc = "…"]`.
fn documentation(line: &str) -> Option<&str> {
    let text = line.strip_prefix("#[doc = ")?.strip_suffix(']')?;
    let text = text.trim_start_matches('r').trim_matches('#');
    text.strip_prefix('"')?.strip_suffix('"')
}

/// `0usize` as `0`.
fn without_suffix(line: &str) -> String {
    let mut parts = line.split("usize").peekable();
    let mut written = String::new();
    while let Some(part) = parts.next() {
        written.push_str(part);
        if parts.peek().is_some() && !part.ends_with(|letter: char| letter.is_ascii_digit()) {
            written.push_str("usize");
        }
    }
    written
}

/// As `rustfmt` would have it; `None` where there is no `rustfmt`.
fn formatted(source: &str) -> Option<String> {
    let mut rustfmt = Command::new("rustfmt")
        .args(["--edition", "2024"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    rustfmt.stdin.take()?.write_all(source.as_bytes()).ok()?;
    let output = rustfmt.wait_with_output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8(output.stdout).ok())
        .flatten()
}
