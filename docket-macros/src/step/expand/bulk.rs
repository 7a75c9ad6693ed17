//! A step that is asked for many items at once.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::Type;

use super::inputs::{Inputs, inputs};
use super::output::{known_answers, returned_value};
use super::step_in::{bound, future, outcome};
use crate::step::options::StepOptions;
use crate::step::signature::{Output, StepSignature};

/// What a graph calls: outside of a batch, for one item, and in a batch, at the desk.
pub(super) fn call(name: &Ident, item: &Type) -> TokenStream {
    let known = known_view(name);
    let bulk_in = quote!(<#name as ::docket::__private::bulk::BulkIn<GraphWithItsNeeds>>);
    let node = quote!(::docket::__private::Node<NODE_, Graph = GraphWithItsNeeds, Step = Self>);
    quote! {
        fn call<'a, V_: ::docket::__private::View<GraphWithItsNeeds>>(
            view_: &'a V_,
            context_: ::core::option::Option<&'a ::docket::__private::StepContext>,
        ) -> impl ::core::future::Future<
            Output = ::core::result::Result<Self::Output, ::docket::__private::Failure>
        > + ::core::marker::Send + 'a {
            #known
            async move {
                let items_ = ::core::slice::from_ref(#bulk_in::item(view_));
                ::docket::__private::bulk::one(#bulk_in::call_all(view_, items_, context_).await?)
            }
        }

        fn desk() -> ::core::option::Option<::std::boxed::Box<dyn ::docket::__private::bulk::AnyDesk>> {
            ::core::option::Option::Some(
                ::docket::__private::bulk::desk::<#item, <#name as ::docket::__private::Step>::Output>()
            )
        }

        fn bulk<'a, W_, const NODE_: usize, V_: ::docket::__private::View<GraphWithItsNeeds>>(
            view_: &'a V_,
        ) -> impl ::core::future::Future<
            Output = ::core::result::Result<::docket::__private::Made<Self::Output>, ::docket::__private::Ended>
        > + ::core::marker::Send + 'a
        where
            W_: #node,
        {
            ::docket::__private::bulk::ask::<W_, NODE_, #name, V_>(view_)
        }
    }
}

/// The function itself, called for many items. It is called nowhere else, so that a mistake in it is told once.
pub(super) fn bulk_in(
    name: &Ident,
    signature: &StepSignature,
    options: &StepOptions,
    output: &Output,
    item: &Type,
) -> TokenStream {
    let bounds = signature.parameters.iter().filter_map(bound);
    let Inputs {
        context,
        reads,
        names,
        ..
    } = inputs(name, signature);
    let known = known_view(name);
    let answers = known_answers(name, &returned_value(name, output));
    let future = future(name, signature, &names, |made| {
        let outcome = outcome(name, made, options, output);
        quote! {
            match #outcome {
                ::core::result::Result::Ok(made_) => {
                    <#answers as ::docket::__private::Answers<#name, Self::Item>>::for_each(made_, items_)
                }
                ::core::result::Result::Err(failure_) => ::core::result::Result::Err(failure_),
            }
        }
    });
    let span = name.span();
    let returned = quote_spanned! {span=>
        impl ::core::future::Future<
            Output = ::core::result::Result<
                ::std::vec::Vec<::core::option::Option<Self::Output>>,
                ::docket::__private::Failure,
            >
        > + ::core::marker::Send + 'a
    };
    quote! {
        #[automatically_derived]
        #[allow(unused_qualifications)]
        impl<GraphWithItsNeeds: ::docket::__private::Graph> ::docket::__private::bulk::BulkIn<GraphWithItsNeeds> for #name
        where
            #(#bounds,)*
        {
            type Item = ::docket::__private::Known<{ <#name as ::docket::__private::Step>::SHARED }, #item>;

            fn item<V_: ::docket::__private::View<GraphWithItsNeeds>>(view_: &V_) -> &Self::Item {
                view_.need::<#item>()
            }

            fn call_all<'a, V_: ::docket::__private::View<GraphWithItsNeeds>>(
                view_: &'a V_,
                items_: &'a [Self::Item],
                #context: ::core::option::Option<&'a ::docket::__private::StepContext>,
            ) -> #returned {
                #known
                #reads
                #future
            }
        }
    }
}

fn known_view(name: &Ident) -> TokenStream {
    quote! {
        let view_: &'a ::docket::__private::Known<{ <#name as ::docket::__private::Step>::SHARED }, V_> = view_;
    }
}
