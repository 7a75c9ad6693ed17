//! Mistakes are collected, so that one does not hide the next.

use proc_macro2::TokenStream;
use quote::ToTokens;

/// The mistakes found so far.
#[derive(Default)]
pub(crate) struct Errors {
    found: Option<syn::Error>,
}

impl Errors {
    /// A mistake in `tokens`.
    pub(crate) fn error(&mut self, tokens: impl ToTokens, message: impl std::fmt::Display) {
        self.push(syn::Error::new_spanned(tokens, message));
    }

    pub(crate) fn push(&mut self, error: syn::Error) {
        match &mut self.found {
            Some(found) => found.combine(error),
            None => self.found = Some(error),
        }
    }

    /// Takes over the mistakes that `other` found.
    pub(crate) fn absorb(&mut self, other: Self) {
        if let Some(error) = other.found {
            self.push(error);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_none()
    }

    /// As calls of `compile_error!`, one for each mistake.
    pub(crate) fn into_tokens(self) -> TokenStream {
        self.found
            .map(|error| error.to_compile_error())
            .unwrap_or_default()
    }
}

/// The name in `known` that was probably meant by `word`, or all of them where none is close.
pub(crate) fn suggestion(word: &str, known: &[&str]) -> String {
    match nearest(word, known) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("there are {}", list(known)),
    }
}

/// The name closest to `word`, if it is close enough to be a slip of the finger.
pub(crate) fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let close = |name: &str| distance(word, name) <= 1 + name.len().min(word.len()) / 4;
    known
        .iter()
        .copied()
        .filter(|name| close(name))
        .min_by_key(|name| distance(word, name))
}

/// `a`, `b` and `c`, in backticks.
pub(crate) fn list(names: &[&str]) -> String {
    match names {
        [] => "none".to_owned(),
        [one] => format!("`{one}`"),
        [most @ .., last] => {
            let most: Vec<String> = most.iter().map(|name| format!("`{name}`")).collect();
            format!("{} and `{last}`", most.join(", "))
        }
    }
}

/// How many insertions, deletions and changes of one letter lead from `a` to `b`.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ch) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, other) in b.iter().enumerate() {
            let change = diagonal + usize::from(ch != *other);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_another_word_is_not() {
        let known = ["timeout", "retry", "retry_if", "persist"];
        assert_eq!(nearest("timout", &known), Some("timeout"));
        assert_eq!(nearest("retryif", &known), Some("retry_if"));
        assert_eq!(nearest("colour", &known), None);
        assert_eq!(
            suggestion("colour", &["a", "b", "c"]),
            "there are `a`, `b` and `c`"
        );
    }
}
