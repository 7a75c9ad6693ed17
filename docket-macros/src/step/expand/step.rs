//! What is true of the step in any graph.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Attribute;

use super::options::constant_options;
use super::output::{outcome_item, output_type};
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
    let (made, condition, fallible) = match output.is_result {
        false => {
            let ty = &output.ty;
            (quote!(#ty), None, None)
        }
        true => {
            let ty = &output.ty;
            let is_result = outcome_item(&quote!(#ty), name, output, &quote!(IS_RESULT));
            (
                quote!(<#ty as ::docket::__private::Outcome<Graph_>>::Value),
                Some(quote!(where #ty: ::docket::__private::Outcome<Graph_>)),
                Some(quote!(const FALLIBLE: bool = #is_result;)),
            )
        }
    };
    let output = output_type(name, output);
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
    let shared = shared(signature, &output);
    quote! {
        #[diagnostic::do_not_recommend]
        impl<Graph_> ::docket::__private::Makes<Graph_> for #name #condition {
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
            #shared
            #fallback
        }
    }
}

/// Asks once of each type that the function takes or returns, at its place, whether threads may share it.
pub(super) fn shared(signature: &StepSignature, output: &TokenStream) -> TokenStream {
    let types = signature
        .parameters
        .iter()
        .filter_map(|parameter| parameter.kind.ty())
        .map(is_shared);
    let output = is_shared(output);
    quote!(const SHARED: bool = ::docket::__private::are_shared(&[#(#types,)* #output]);)
}

pub(super) fn is_shared(ty: &impl ToTokens) -> TokenStream {
    let (start, end) = spans::ends(ty);
    let open = quote_spanned!(start=> <);
    let close = quote_spanned!(end=> as ::docket::__private::Shared>::SHARED);
    quote!(#open #ty #close)
}
