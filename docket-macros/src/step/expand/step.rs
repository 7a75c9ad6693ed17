//! What is true of the step in any graph.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Attribute;

use super::options::constant_options;
use super::output::{
    answers_item, made_type_as_written, outcome_item, output_type, returned_value,
};
use crate::spans;
use crate::step::options::StepOptions;
use crate::step::signature::{Output, StepSignature, plain_name};

/// What is true of the step in any graph.
pub(super) fn step(
    name: &Ident,
    cfgs: &[&Attribute],
    output: &Output,
    options: &StepOptions,
    signature: &StepSignature,
    info: &TokenStream,
) -> TokenStream {
    let ident = plain_name(name);
    let public_name = options
        .name
        .as_ref()
        .map_or_else(|| ident.clone(), |name| name.value.clone());
    let bulk = signature.bulk_item();
    let ty = &output.ty;
    let mut made = quote!(#ty);
    let mut conditions = TokenStream::new();
    let fallible = output.is_result.then(|| {
        let is_result = outcome_item(&made, name, output, &quote!(IS_RESULT));
        conditions.extend(quote!(#made: ::docket::__private::Outcome<Graph_>,));
        made = quote!(<#ty as ::docket::__private::Outcome<Graph_>>::Value);
        quote!(const FALLIBLE: bool = #is_result;)
    });
    let answers = bulk.map(|item| {
        let returned = returned_value(name, output);
        let are_answers = answers_item(&returned, name, output, item, &quote!(ARE_ANSWERS));
        conditions.extend(quote!(#made: ::docket::__private::Answers<Graph_, #item>,));
        made = quote!(<#made as ::docket::__private::Answers<Graph_, #item>>::Item);
        quote!(const ANSWERS: bool = #are_answers;)
    });
    let place = made_type_as_written(output, bulk.is_some());
    let is_output = bulk
        .is_some()
        .then(|| is_bulk_output(place, &output_type(name, output, bulk)));
    let output = output_type(name, output, bulk);
    let version = options.version.as_ref().map(|version| {
        let version = version.value;
        quote!(const VERSION: u32 = #version;)
    });
    let fallback = options.fallback.as_ref().map(|path| {
        let path = &path.value;
        quote! {
            fn fallback() -> ::core::option::Option<Self::Output> {
                // Its form is asked of the function itself, at the place where it is named.
                const FALLBACK_: fn() -> <#name as ::docket::__private::Step>::Output = #path;
                ::core::option::Option::Some(FALLBACK_())
            }
        }
    });
    let options = constant_options(options, signature);
    let shared = shared(signature, &output, is_output);
    quote! {
        #[diagnostic::do_not_recommend]
        impl<Graph_> ::docket::__private::Makes<Graph_> for #name where #conditions {
            type Output = #made;
        }

        #(#cfgs)*
        #[automatically_derived]
        #[allow(unused_qualifications)]
        impl ::docket::__private::Step for #name {
            type Output = ::docket::__private::Known<{ <#name as ::docket::__private::Step>::SHARED }, #output>;
            const NAME: &'static str = #public_name;
            const IDENT: &'static str = #ident;
            #info
            #version
            #options
            #fallible
            #answers
            #shared
            #fallback
        }
    }
}

/// Asks once of each type that the function takes or returns, at its place, whether threads may share it.
/// With `bulk`, also whether it can be asked for many at once.
pub(super) fn shared(
    signature: &StepSignature,
    output: &TokenStream,
    is_output: Option<TokenStream>,
) -> TokenStream {
    let is_item = signature.bulk_item().map(is_bulk_item);
    let bulk = is_item.into_iter().chain(is_output);
    let types = signature
        .parameters
        .iter()
        .filter_map(|parameter| parameter.kind.ty())
        .map(is_shared);
    let output = is_shared(output);
    quote!(const SHARED: bool = ::docket::__private::are_shared(&[#(#types,)* #output #(,#bulk)*]);)
}

fn is_bulk_item(ty: &syn::Type) -> TokenStream {
    let (start, end) = spans::ends(ty);
    let open = quote_spanned!(start=> <);
    let close = quote_spanned!(end=> as ::docket::__private::BulkItem>::IS_ITEM);
    quote!(#open #ty #close)
}

/// The place is that of what the function returns, as far as it shows.
fn is_bulk_output(place: &syn::Type, ty: &TokenStream) -> TokenStream {
    let (start, end) = spans::ends(place);
    let open = quote_spanned!(start=> <);
    let close = quote_spanned!(end=> as ::docket::__private::BulkOutput>::IS_OUTPUT);
    quote!(#open #ty #close)
}

pub(super) fn is_shared(ty: &impl ToTokens) -> TokenStream {
    let (start, end) = spans::ends(ty);
    let open = quote_spanned!(start=> <);
    let close = quote_spanned!(end=> as ::docket::__private::Shared>::SHARED);
    quote!(#open #ty #close)
}
