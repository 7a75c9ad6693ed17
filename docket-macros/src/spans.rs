//! Giving tokens we write the place of tokens the user wrote.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;

/// The places of the first and the last token of `tokens`.
///
/// A compiler that underlines what we write from its first to its last token then underlines `tokens` whole; on a stable
/// compiler there is no other way to say so.
pub(crate) fn ends(tokens: &impl ToTokens) -> (Span, Span) {
    let mut tokens = tokens.to_token_stream().into_iter();
    let Some(first) = tokens.next() else {
        return (Span::call_site(), Span::call_site());
    };
    let last = tokens
        .last()
        .map_or_else(|| close(&first), |last| close(&last));
    (open(&first), last)
}

/// `{ content }`, where the user wrote braces: so that the compiler, which underlines an item from its first token to its
/// last, underlines what the user wrote.
pub(crate) fn braced(content: TokenStream, place: Span) -> TokenTree {
    let mut braces = proc_macro2::Group::new(proc_macro2::Delimiter::Brace, content);
    braces.set_span(place);
    TokenTree::Group(braces)
}

/// The same name at another place.
pub(crate) fn name_at(name: &Ident, place: Span) -> Ident {
    let mut name = name.clone();
    name.set_span(place);
    name
}

fn open(token: &TokenTree) -> Span {
    match token {
        TokenTree::Group(group) if group.delimiter() == proc_macro2::Delimiter::None => {
            ends(&group.stream()).0
        }
        TokenTree::Group(group) => group.span_open(),
        token => token.span(),
    }
}

fn close(token: &TokenTree) -> Span {
    match token {
        TokenTree::Group(group) if group.delimiter() == proc_macro2::Delimiter::None => {
            ends(&group.stream()).1
        }
        TokenTree::Group(group) => group.span_close(),
        token => token.span(),
    }
}

/// `tokens`, each at `span` as far as names we invent are looked up where the macro was called.
pub(crate) fn at(tokens: TokenStream, span: Span) -> TokenStream {
    tokens
        .into_iter()
        .map(|mut token| {
            if let TokenTree::Group(group) = &token {
                let mut moved =
                    proc_macro2::Group::new(group.delimiter(), at(group.stream(), span));
                moved.set_span(span);
                return TokenTree::Group(moved);
            }
            token.set_span(span);
            token
        })
        .collect()
}
