//! The type of what the step makes, as it is written down.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::Type;

use crate::spans;
use crate::step::signature::Output;

/// The step's own type stands beside the result's, so that the compiler may rely on it: nobody else could say otherwise
/// of it, as somebody could of a `Result` alone.
pub(super) fn output_type(name: &Ident, output: &Output) -> TokenStream {
    if output.is_result {
        return outcome_item(&returned(name, output), name, output, &quote!(Value));
    }
    let ty = &output.ty;
    quote!(#ty)
}

/// What the function returns, known to what follows only if it is a `Result`.
pub(super) fn returned(name: &Ident, output: &Output) -> TokenStream {
    let ty = &output.ty;
    quote!(::docket::__private::Known<{ <#name as ::docket::__private::Step>::FALLIBLE }, #ty>)
}

/// Written alike wherever it stands, since the compiler tells a mistake that it meets twice in one place once.
pub(super) fn outcome_item(
    ty: &TokenStream,
    name: &Ident,
    output: &Output,
    item: &TokenStream,
) -> TokenStream {
    let (start, end) = spans::ends(&output.ty);
    let open = quote_spanned!(start=> <);
    let name = spans::name_at(name, end);
    let close = quote_spanned!(end=> as ::docket::__private::Outcome<#name>>::);
    let item = spans::at(item.clone(), end);
    quote!(#open #ty #close #item)
}

/// The type to point at when it can't be stored: the first argument of a `Result`, if it shows.
pub(super) fn stored_type(name: &Ident, output: &Output) -> TokenStream {
    match result_arguments(output).first() {
        Some(ty) => quote!(#ty),
        None => output_type(name, output),
    }
}

/// The same as written, for people: where nothing shows, the name of what the function returns.
pub(super) fn stored_type_as_written(output: &Output) -> &Type {
    result_arguments(output)
        .first()
        .copied()
        .unwrap_or(&output.ty)
}

/// The types between the angles of a `…Result<…>`.
pub(super) fn result_arguments(output: &Output) -> Vec<&Type> {
    if output.is_result
        && let Type::Path(path) = &output.ty
        && let Some(last) = path.path.segments.last()
        && let syn::PathArguments::AngleBracketed(generic) = &last.arguments
    {
        let types = generic.args.iter().filter_map(|argument| match argument {
            syn::GenericArgument::Type(ty) => Some(ty),
            _ => None,
        });
        return types.collect();
    }
    Vec::new()
}
