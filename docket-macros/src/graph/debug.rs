//! `DOCKET_DEBUG=UserGraph cargo check` prints what the graph of that name expands to.

use std::io::Write;
use std::process::{Command, Stdio};

use proc_macro2::{Ident, TokenStream};

pub(super) fn print(name: &Ident, expanded: &TokenStream) {
    if std::env::var("DOCKET_DEBUG").is_ok_and(|wanted| *name == wanted) {
        let source = expanded.to_string();
        eprintln!("{}", formatted(&source).unwrap_or(source));
    }
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
    output.status.success().then(|| String::from_utf8(output.stdout).ok()).flatten()
}
