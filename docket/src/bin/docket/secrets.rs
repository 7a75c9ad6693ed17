//! Keeping passwords out of what is printed.

use std::env;

/// What must not be printed: the passwords of all URLs that this process was given.
pub(crate) struct Secrets {
    /// The longest first, so that one which is part of another leaves nothing of it.
    words: Vec<String>,
}

const HIDDEN: &str = "***";

impl Secrets {
    /// Those of the command line and of `DOCKET_STORE`. A URL that stands in the wrong place counts, too.
    pub(crate) fn of_process() -> Self {
        let given = env::args_os().skip(1).chain(env::var_os("DOCKET_STORE"));
        Self::of(given.map(|it| it.to_string_lossy().into_owned()))
    }

    fn of(given: impl Iterator<Item = String>) -> Self {
        let mut words = Vec::new();
        for url in given {
            for secret in passwords(&url) {
                words.push(decode(secret));
                words.push(secret.to_owned());
            }
        }
        words.retain(|it| !it.is_empty());
        words.sort_by_key(|it| std::cmp::Reverse(it.len()));
        words.dedup();
        Self { words }
    }

    /// `text` with each of them hidden.
    pub(crate) fn redact(&self, text: &str) -> String {
        self.words
            .iter()
            .fold(text.to_owned(), |text, it| text.replace(it, HIDDEN))
    }
}

/// `url` as it may be shown.
pub(crate) fn shown(url: &str) -> String {
    let hidden = passwords(url);
    hidden
        .into_iter()
        .fold(url.to_owned(), |shown, it| shown.replacen(it, HIDDEN, 1))
}

/// The parts of `url` that are passwords: between the first colon and the last `@` of its authority, and parameters of such
/// a name. A password that should have been percent-encoded may hold any sign, so more rather than less is taken for one.
fn passwords(url: &str) -> Vec<&str> {
    let mut found = Vec::new();
    // Where the scheme was forgotten, the rest is as secret.
    let rest = url.split_once("://").map_or(url, |(_, it)| it);
    if let Some((user, _)) = rest.rsplit_once('@')
        && let Some((_, password)) = user.split_once(':')
    {
        found.push(password);
    }
    let parameters = rest.split_once('?').map(|(_, it)| it).unwrap_or_default();
    for parameter in parameters.split('&') {
        if let Some((name, value)) = parameter.split_once('=')
            && name.to_ascii_lowercase().contains("pass")
        {
            found.push(value);
        }
    }
    found.retain(|it| !it.is_empty());
    found
}

/// `text` without its percent-encoding.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).and_then(|it| std::str::from_utf8(it).ok());
        match (first, hex.and_then(|it| u8::from_str_radix(it, 16).ok())) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_hidden_wherever_it_stands() {
        for (url, shown_as) in [
            ("postgres://me:s3cret@host/db", "postgres://me:***@host/db"),
            (
                "postgres://me:p@ss/w:rd@host/db",
                "postgres://me:***@host/db",
            ),
            ("redis://:s3cret@host", "redis://:***@host"),
            ("me:s3cret@host", "me:***@host"),
            ("mysql://me@host/db", "mysql://me@host/db"),
            ("mysql://host:3306/db", "mysql://host:3306/db"),
            ("sqlite://steps.db?mode=ro", "sqlite://steps.db?mode=ro"),
            (
                "postgres://host/db?user=me&password=s3cret",
                "postgres://host/db?user=me&password=***",
            ),
        ] {
            assert_eq!(shown(url), shown_as);
        }
    }

    #[test]
    fn as_it_was_given_and_as_it_is_meant() {
        let given = ["ls", "postgres://me:s%33cret@host/db"].map(str::to_owned);
        let secrets = Secrets::of(given.into_iter());
        assert_eq!(
            secrets.redact("no login with s3cret at me:s%33cret@host"),
            "no login with *** at me:***@host"
        );
    }
}
