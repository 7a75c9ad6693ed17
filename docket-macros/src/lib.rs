//! The macros of Docket. Use them through the crate `docket`, which documents them.

#![warn(missing_docs)]

mod bundle;
mod cfg;
mod docs;
mod graph;
mod report;
mod spans;
mod step;
mod value;

use proc_macro::TokenStream;

/// See `docket::step`.
#[proc_macro_attribute]
pub fn step(attribute: TokenStream, item: TokenStream) -> TokenStream {
    step::step(attribute.into(), item.into()).into()
}

/// See `docket::graph`.
#[proc_macro]
pub fn graph(input: TokenStream) -> TokenStream {
    graph::graph(input.into()).into()
}

/// See `docket::steps`.
#[proc_macro]
pub fn steps(input: TokenStream) -> TokenStream {
    bundle::steps(input.into()).into()
}

/// See `derive(docket::Value)`.
#[proc_macro_derive(Value)]
pub fn value(input: TokenStream) -> TokenStream {
    value::expand(input.into()).into()
}
