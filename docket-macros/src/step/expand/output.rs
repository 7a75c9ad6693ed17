//! The type of what the step makes, as it is written down.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::Type;

use crate::spans;
use crate::step::signature::{Output, bare};

/// The step's own type stands beside the result's, so that the compiler may rely on it: nobody else could say otherwise
/// of it, as somebody could of a `Result` alone.
pub(super) fn output_type(name: &Ident, output: &Output, bulk: Option<&Type>) -> TokenStream {
    let made = returned_value(name, output);
    match bulk {
        Some(item) => answers_item(
            &known_answers(name, &made),
            name,
            output,
            item,
            &quote!(Item),
        ),
        None => made,
    }
}

/// What the function returns, or has in its `Result`.
pub(super) fn returned_value(name: &Ident, output: &Output) -> TokenStream {
    if output.is_result {
        return outcome_item(&returned(name, output), name, output, &quote!(Value));
    }
    let ty = &output.ty;
    quote!(#ty)
}

/// The outputs that a bulk step returns, known to what follows only if they are such.
pub(super) fn known_answers(name: &Ident, made: &TokenStream) -> TokenStream {
    quote!(::docket::__private::Known<{ <#name as ::docket::__private::Step>::ANSWERS }, #made>)
}

/// See [`outcome_item`].
pub(super) fn answers_item(
    ty: &TokenStream,
    name: &Ident,
    output: &Output,
    asked: &Type,
    item: &TokenStream,
) -> TokenStream {
    let (start, end) = spans::ends(returned_as_written(output));
    let open = quote_spanned!(start=> <);
    let name = spans::name_at(name, end);
    let close = quote_spanned!(end=> as ::docket::__private::Answers<#name, #asked>>::);
    let item = spans::at(item.clone(), end);
    quote!(#open #ty #close #item)
}

/// That what the function returns is no `Result` that its name does not show.
pub(super) fn check_returned(output: &Output) -> TokenStream {
    let (ty, written) = (&output.ty, bare(&output.ty));
    let (start, end) = spans::ends(ty);
    let check = quote_spanned!(start=> ::docket::__private::check_returned);
    let call = quote_spanned!(end=> (<::docket::__private::Returned<#ty>>::IS_RESULT, #written));
    quote! {
        const _: () = {
            #[allow(unused_imports)]
            use ::docket::__private::NoResult as _;
            #check #call
        };
    }
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
pub(super) fn stored_type(name: &Ident, output: &Output, bulk: Option<&Type>) -> TokenStream {
    let made = made_type_as_written(output, bulk.is_some());
    // It shows if it is a part of what is written.
    let whole = match bulk {
        Some(_) => returned_as_written(output),
        None => &output.ty,
    };
    let shows = !std::ptr::eq(made, whole);
    if shows {
        quote!(#made)
    } else {
        output_type(name, output, bulk)
    }
}

/// The same as written, for people: where nothing shows, the name of what the function returns.
pub(super) fn made_type_as_written(output: &Output, is_bulk: bool) -> &Type {
    let value = returned_as_written(output);
    if !is_bulk {
        return value;
    }
    // The last of `Vec<T>` and `HashMap<In, T>`.
    let made = match arguments(value).as_slice() {
        [made] | [_, made] => Some(*made),
        _ => None,
    };
    made.unwrap_or(value)
}

/// What the function returns, or has in its `Result`, if that shows.
fn returned_as_written(output: &Output) -> &Type {
    result_arguments(output)
        .first()
        .copied()
        .unwrap_or(&output.ty)
}

/// The types between the angles of a `…Result<…>`.
pub(super) fn result_arguments(output: &Output) -> Vec<&Type> {
    if output.is_result {
        return arguments(&output.ty);
    }
    Vec::new()
}

fn arguments(ty: &Type) -> Vec<&Type> {
    if let Type::Path(path) = ty
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
