//! `graph!`: from three lists and some signatures to a type that resolves them.

mod batch;
mod builder;
mod debug;
mod drivers;
mod entry;
mod expand;
mod handle;
mod model;
mod parse;
mod plan;
mod slots;
mod stream;

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::Parser;

use crate::report::Errors;

pub(crate) fn graph(input: TokenStream) -> TokenStream {
    let written = match parse::Written::parse.parse2(input) {
        Ok(written) => written,
        Err(error) => return error.to_compile_error(),
    };
    // The names in a bundle are known to its macro only: ask it, and come back.
    if let Some(bundle) = written.next_bundle() {
        let (groups, graph) = (written.groups(), &written.tokens);
        return quote!(#bundle! { @names [#groups] #graph });
    }
    let mut errors = Errors::default();
    let graph = model::model(written, &mut errors);
    let expanded = match errors.is_empty() {
        true => expand::expand(&graph),
        false => expand::stand_in(&graph),
    };
    let errors = errors.into_tokens();
    debug::print(&graph.name, &expanded);
    quote!(#expanded #errors)
}
