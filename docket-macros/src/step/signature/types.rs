//! Looking into types, and saying them as a person would.

use proc_macro2::{Ident, TokenTree};
use quote::ToTokens;
use syn::{GenericArgument, PathArguments, Type, TypeReference};

/// `ty` without what it borrows, if it borrows: for a suggestion. Whether an alias hides a lifetime is left to the
/// compiler, and so are the lifetimes of function pointers.
pub(super) fn owned_form(ty: &Type) -> Option<String> {
    let text = ty.to_token_stream();
    let (mut borrows, mut is_function) = (false, false);
    let mut owned = owned_tokens(text, &mut borrows, &mut is_function);
    if !borrows || is_function {
        return None;
    }
    owned = owned.replace("& ", "");
    Some(owned)
}

/// Whether it borrows for ever, and so is a value as any other.
pub(crate) fn is_static(reference: &TypeReference) -> bool {
    let lifetime = &reference.lifetime;
    reference.mutability.is_none() && lifetime.as_ref().is_some_and(|it| it.ident == "static")
}

pub(super) fn owned_tokens(
    tokens: proc_macro2::TokenStream,
    borrows: &mut bool,
    is_function: &mut bool,
) -> String {
    let mut kept = proc_macro2::TokenStream::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match &token {
            TokenTree::Punct(punct) if punct.as_char() == '&' => {
                let is_static =
                    matches!(tokens.peek(), Some(TokenTree::Punct(next)) if next.as_char() == '\'');
                if !is_static {
                    *borrows = true;
                    continue;
                }
            }
            TokenTree::Punct(punct) if punct.as_char() == '\'' => {
                if let Some(TokenTree::Ident(name)) = tokens.next() {
                    *borrows |= name != "static";
                }
                kept.extend([
                    token,
                    TokenTree::Ident(Ident::new("static", proc_macro2::Span::call_site())),
                ]);
                continue;
            }
            TokenTree::Ident(ident) if ident == "fn" => *is_function = true,
            TokenTree::Group(group) => {
                let inside = owned_tokens(group.stream(), borrows, is_function);
                let inside = inside.parse().unwrap_or_else(|_| group.stream());
                kept.extend([TokenTree::Group(proc_macro2::Group::new(
                    group.delimiter(),
                    inside,
                ))]);
                continue;
            }
            _ => {}
        }
        kept.extend([token]);
    }
    bare(&kept)
}

pub(super) fn shared_reference(ty: &Type) -> Option<&Type> {
    match ty {
        Type::Reference(reference) if reference.mutability.is_none() => {
            Some(ungroup(&reference.elem))
        }
        _ => None,
    }
}

/// What a `macro_rules` parameter put around a type does not matter.
pub(crate) fn ungroup(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => ungroup(&group.elem),
        Type::Paren(paren) => ungroup(&paren.elem),
        ty => ty,
    }
}

/// The type inside of `&T`, `Option<&T>` and their like, for a suggestion.
pub(super) fn inner(ty: &Type) -> &Type {
    match ty {
        Type::Reference(reference) => match ungroup(&reference.elem) {
            Type::Slice(slice) => &slice.elem,
            target => target,
        },
        Type::Path(path) if last_is(path, "Option") || last_is(path, "Result") => {
            let Some(PathArguments::AngleBracketed(generic)) =
                path.path.segments.last().map(|it| &it.arguments)
            else {
                return ty;
            };
            match generic.args.first() {
                Some(GenericArgument::Type(first)) => shared_reference(first).unwrap_or(first),
                _ => ty,
            }
        }
        ty => ty,
    }
}

pub(super) fn last_is(path: &syn::TypePath, name: &str) -> bool {
    path.path
        .segments
        .last()
        .is_some_and(|segment| segment.ident == name)
}

/// A type as a person would write it.
pub(crate) fn bare(ty: &impl ToTokens) -> String {
    let mut text = ty.to_token_stream().to_string();
    for (spaced, tight) in [
        (" :: ", "::"),
        (":: ", "::"),
        (" < ", "<"),
        (" <", "<"),
        ("< ", "<"),
        (" >", ">"),
        (" ,", ","),
        ("& ", "&"),
    ] {
        text = text.replace(spaced, tight);
    }
    text
}
