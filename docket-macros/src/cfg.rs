//! `#[cfg]` on the entries of a list.
//!
//! A procedural macro cannot tell whether a condition holds, so it writes both cases down and lets the compiler choose.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Meta};

/// `#[cfg(not(all(…)))]` of the conditions `cfgs`.
pub(crate) fn negation(cfgs: &[&Attribute]) -> TokenStream {
    let conditions = cfgs.iter().map(|cfg| match &cfg.meta {
        Meta::List(list) => list.tokens.clone(),
        // The compiler has its own words for a `#[cfg]` without a condition.
        _ => TokenStream::new(),
    });
    quote!(#[cfg(not(all(#(#conditions),*)))])
}
