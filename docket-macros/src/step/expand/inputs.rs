//! What the parameters of a function get, once all of it is there.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use crate::spans;
use crate::step::signature::{ParameterKind, StepSignature};

/// The arguments of a call.
pub(super) struct Inputs {
    /// The parameters of the method that calls: one that is not used has a name that says so.
    pub(super) view: TokenStream,
    pub(super) context: TokenStream,
    /// Gives each argument its name.
    pub(super) reads: TokenStream,
    pub(super) names: Vec<Ident>,
}

pub(super) fn inputs(name: &Ident, signature: &StepSignature) -> Inputs {
    let names: Vec<Ident> = (0..signature.parameters.len())
        .map(|i| format_ident!("input_{i}_"))
        .collect();
    let reads = names
        .iter()
        .zip(&signature.parameters)
        .map(|(name, parameter)| {
            let value = match &parameter.kind {
                _ if parameter.is_bulk => quote!(items_),
                ParameterKind::Need(ty) | ParameterKind::Key(ty) => quote!(view_.need::<#ty>()),
                ParameterKind::Soft(ty) => quote!(view_.soft::<#ty>().ok()),
                ParameterKind::SoftWithReason(ty, None) => quote!(view_.soft::<#ty>()),
                ParameterKind::SoftWithReason(ty, Some(reason)) => {
                    let (start, end) = spans::ends(reason);
                    let open = quote_spanned!(start=> <);
                    let close = quote_spanned!(end=> as ::docket::__private::Reason>::of);
                    quote! {
                        match view_.soft::<#ty>() {
                            ::core::result::Result::Ok(value_) => ::core::result::Result::Ok(value_),
                            ::core::result::Result::Err(error_) => {
                                ::core::result::Result::Err(#open #reason #close(error_))
                            }
                        }
                    }
                }
                ParameterKind::All(ty) => quote!(view_.all::<#ty>()),
                ParameterKind::Resource(ty) => quote!(view_.resource::<#ty>()),
                ParameterKind::Context => quote!(::docket::__private::context(context_)),
                ParameterKind::Wrong => quote!(::core::unreachable!()),
            };
            quote!(let #name = #value;)
        });
    let known = signature.takes_values().then(|| {
        quote! {
            let view_: &'a ::docket::__private::Known<{ <#name as ::docket::__private::Step>::SHARED }, V_> = view_;
        }
    });
    let reads = quote!(#known #(#reads)*);
    let takes_view = signature
        .parameters
        .iter()
        .any(|parameter| !matches!(parameter.kind, ParameterKind::Context));
    Inputs {
        view: if takes_view {
            quote!(view_)
        } else {
            quote!(_view)
        },
        context: if signature.has_context() {
            quote!(context_)
        } else {
            quote!(_context)
        },
        reads,
        names,
    }
}
