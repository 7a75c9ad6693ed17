//! What the user wrote about an item, for the plan.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// The documentation among `attributes` as an expression. Most of it is text; what comes from elsewhere, as by
/// `include_str!`, is left to the compiler.
pub(crate) fn text(attributes: &[Attribute]) -> TokenStream {
    let lines: Vec<&Expr> = attributes.iter().filter_map(line).collect();
    let literals: Option<Vec<String>> = lines.iter().map(|line| literal(line)).collect();
    match literals {
        Some(lines) => {
            let text = lines.join("\n");
            quote!(#text)
        }
        None => quote!(::core::concat!(#(#lines, "\n"),*)),
    }
}

fn line(attribute: &Attribute) -> Option<&Expr> {
    match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => Some(&pair.value),
        _ => None,
    }
}

fn literal(line: &Expr) -> Option<String> {
    match line {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) => Some(text.value()),
        _ => None,
    }
}
