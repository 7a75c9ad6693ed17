//! Load by `wrk`, for a few seconds.

use std::process::Command;

const SECONDS: u32 = 3;

/// What came of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    /// Per second.
    pub(crate) requests: f64,
    /// Milliseconds, within which 99 of 100 requests were answered.
    pub(crate) p99: f64,
}

/// Asks for `url` over so many connections.
pub(crate) fn run(url: &str, connections: u32) -> Result<Load, String> {
    let output = Command::new("wrk")
        .args(["--latency", "--threads", "1"])
        .args(["--connections", &connections.to_string()])
        .args(["--duration", &format!("{SECONDS}s"), url])
        .output()
        .map_err(|error| format!("wrk: {error}: is it installed?"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    match (field(&text, "Requests/sec:"), field(&text, "99%")) {
        _ if text.contains("Non-2xx") => Err(format!("{url} does not answer well:\n{text}")),
        (Some(requests), Some(p99)) => Ok(Load {
            requests: requests.parse().map_err(|_| requests.to_owned())?,
            p99: millis(p99).ok_or(p99.to_owned())?,
        }),
        _ => Err(format!(
            "wrk said\n{text}{}",
            String::from_utf8_lossy(&output.stderr)
        )),
    }
}

/// The word behind `name`.
fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines()
        .find_map(|line| line.trim().strip_prefix(name))
        .map(str::trim)
}

/// `1.5ms`, `980.00us` or `1.02s`.
fn millis(text: &str) -> Option<f64> {
    let number = text.trim_end_matches(char::is_alphabetic);
    let unit = match &text[number.len()..] {
        "us" => 1e-3,
        "ms" => 1.0,
        "s" => 1e3,
        _ => return None,
    };
    Some(number.parse::<f64>().ok()? * unit)
}
