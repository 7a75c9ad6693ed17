//! A step that goes through the store.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

use super::output::stored_type;
use super::reconcile::reconcile;
use crate::spans;
use crate::step::options::StepOptions;
use crate::step::signature::{Output, Parameter, ParameterKind, StepSignature};

pub(super) fn persisted(
    name: &Ident,
    signature: &StepSignature,
    options: &StepOptions,
    output: &Output,
) -> TokenStream {
    let reconcile = options
        .reconcile
        .as_ref()
        .map(|path| reconcile(name, &path.value, signature));
    let hashes: Vec<TokenStream> = signature
        .parameters
        .iter()
        .filter_map(|it| hash(name, it))
        .collect();
    let hash = (!hashes.is_empty()).then(|| {
        quote! {
            fn hash<V_: ::docket::__private::View<GraphWithItsNeeds>>(
                view_: &V_,
                hashes_: &mut ::docket::__private::Hashes,
            ) -> ::core::result::Result<(), ::docket::__private::ValueError> {
                #(#hashes?;)*
                ::core::result::Result::Ok(())
            }
        }
    });
    let bulk = signature.bulk_item();
    let stored = storable(name, &stored_type(name, output, bulk));
    let through = match bulk {
        Some(_) => quote!(bulk::persisted_bulk),
        None => quote!(persisted),
    };
    quote! {
        #hash

        #reconcile

        fn persisted<W_, const NODE_: usize, V_: ::docket::__private::View<GraphWithItsNeeds> + ::core::clone::Clone + 'static>(
            view_: V_,
        ) -> impl ::core::future::Future<
            Output = ::core::result::Result<::docket::__private::Made<Self::Output>, ::docket::__private::Ended>
        > + ::core::marker::Send + 'static
        where
            W_: ::docket::__private::Node<NODE_, Graph = GraphWithItsNeeds, Step = Self>,
        {
            ::docket::__private::#through::<W_, NODE_, #name, V_, #stored>(view_)
        }
    }
}

pub(super) fn hash(name: &Ident, parameter: &Parameter) -> Option<TokenStream> {
    let (add, ty, read) = match &parameter.kind {
        ParameterKind::Need(ty) => (quote!(add), ty, quote!(view_.need::<#ty>())),
        ParameterKind::Key(ty) => (quote!(add_key), ty, quote!(view_.need::<#ty>())),
        ParameterKind::Soft(ty) | ParameterKind::SoftWithReason(ty, _) => {
            (quote!(add_soft), ty, quote!(view_.soft::<#ty>().ok()))
        }
        ParameterKind::All(ty) => (quote!(add_all), ty, quote!(view_.all::<#ty>())),
        ParameterKind::Resource(_) | ParameterKind::Context | ParameterKind::Wrong => return None,
    };
    let ty = storable(name, ty);
    Some(quote!(hashes_.#add::<#ty>(#read)))
}

/// `ty`, asked at its place whether it can be stored, and known to what follows only if it can. Of what can't be shared that is
/// not asked: it could not be stored either, and that is told already.
pub(super) fn storable(name: &Ident, ty: &impl ToTokens) -> TokenStream {
    let (start, end) = spans::ends(ty);
    let open = quote_spanned! {start=>
        <::docket::__private::Known<{ <#name as ::docket::__private::Step>::SHARED },
    };
    let close = quote_spanned!(end=> > as ::docket::__private::Value>::CODEC);
    quote!(::docket::__private::Known<{ ::docket::__private::is_codec(#open #ty #close) }, #ty>)
}
