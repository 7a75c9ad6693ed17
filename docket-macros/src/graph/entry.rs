//! One entry: its plan, as a constant, and the method that carries it out.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use super::expand::{node_name, value_type};
use super::model::{Entry, Graph};
use crate::spans;
use crate::step::{bare, plain_name};

pub(super) fn plan_name(i: usize) -> Ident {
    format_ident!("ENTRY_{i}_")
}

/// The plan, and the checks of what the entry is given.
pub(super) fn plan(graph: &Graph, i: usize, entry: &Entry) -> TokenStream {
    let Entry { cfgs, name, parameters, outputs, .. } = entry;
    let count = graph.nodes.len();
    let plan = plan_name(i);
    let text = plain_name(name);
    let given = parameters.iter().map(|(_, ty)| node_of(graph, ty));
    let resolved = outputs.iter().map(|ty| node_of(graph, ty));
    let check = quote_spanned!(name.span()=> ::docket::__private::check_entry(GRAPH_, #plan, #text));
    let checks = parameters.iter().enumerate().map(|(at, (_, ty))| {
        let (start, end) = spans::ends(ty);
        let open = quote_spanned!(start=> ::docket::__private::check_given);
        let written = bare(ty);
        let call = quote_spanned!(end=> (GRAPH_, #plan, #text, #at, #written));
        quote! {
            #(#cfgs)*
            const _: () = #open #call;
        }
    });
    quote! {
        #(#cfgs)*
        const #plan: &::docket::__private::EntryPlan<#count> =
            &::docket::__private::EntryPlan::new(GRAPH_, &[#(#given),*], &[#(#resolved),*]);
        #(#cfgs)*
        const _: () = #check;
        #(#checks)*
    }
}

/// The number of the node of type `ty`, asked at the place where the user wrote it.
fn node_of(graph: &Graph, ty: &syn::Type) -> TokenStream {
    let name = &graph.name;
    let (start, end) = spans::ends(ty);
    let open = spans::at(quote!(::docket::__private::node::), start);
    let close = spans::at(quote!(()), end);
    let arguments = quote_spanned!(end=> <#name, #ty>);
    quote!(#open #arguments #close)
}

pub(super) fn method(graph: &Graph, i: usize, entry: &Entry) -> TokenStream {
    let body = body(graph, i, entry);
    signature(entry, &quote!(execution), &body)
}

pub(super) fn stand_in(entry: &Entry) -> TokenStream {
    signature(entry, &quote!(_execution), &quote!(::core::unreachable!()))
}

fn signature(entry: &Entry, execution: &TokenStream, body: &TokenStream) -> TokenStream {
    let Entry { attributes, cfgs, visibility, name, parameters, outputs: _, returned } = entry;
    let parameters = parameters.iter().map(|(name, ty)| quote!(#name: #ty));
    quote! {
        #(#cfgs)*
        #(#attributes)*
        #visibility async fn #name(
            &self,
            #execution: impl ::core::convert::Into<::docket::Execution<'_>>,
            #(#parameters,)*
        ) -> ::docket::Result<#returned> {
            #body
        }
    }
}

fn body(graph: &Graph, i: usize, entry: &Entry) -> TokenStream {
    let plan = plan_name(i);
    let name = &graph.name;
    let slots = slots(graph, &plan);
    let outputs = outputs(graph, entry);
    let gives = entry.parameters.iter().map(|(parameter, ty)| {
        quote!(::docket::__private::Frame::<#name>::give::<#ty>(&frame_, #parameter);)
    });
    let drivers = graph.steps().map(|(i, _)| {
        let node = node_name(i);
        quote! {
            let mut #node = ::core::pin::pin!(
                ::docket::__private::driver::<Wiring_, #i, { #plan.mode(#i) }, _, _>(at_)
            );
        }
    });
    let turns = graph.steps().map(|(i, _)| {
        let node = node_name(i);
        quote!(#i => ::docket::__private::PollStep::turn(#node.as_mut(), turn_),)
    });
    let takes = entry.outputs.iter().enumerate().map(|(at, ty)| {
        let place = syn::Index::from(at);
        quote!(::docket::__private::take::<#name, #ty, _>(&mut outputs_.#place, &mut frame_).await?)
    });
    let value = match &entry.returned {
        syn::Type::Tuple(tuple) if !tuple.elems.is_empty() => quote!((#(#takes,)*)),
        _ => quote!(#(#takes)*),
    };
    quote! {
        #slots
        #outputs

        let mut frame_ = <::docket::__private::Place<{ #plan.shared() }> as ::docket::__private::Home>::open(
            self,
            ::core::convert::Into::into(execution),
            Slots_::EMPTY,
        );
        #(#gives)*
        let mut outputs_ = Outputs_::EMPTY;
        {
            let at_ = ::docket::__private::At { frame: &frame_, outputs: &outputs_, hard: #plan.hards() };
            #(#drivers)*
            ::docket::__private::drive::<{ #plan.words() }>(
                #plan.order(),
                ::docket::__private::View::<#name>::run(&frame_),
                |node_, turn_| match node_ {
                    #(#turns)*
                    _ => ::docket::__private::no_such_step(),
                },
            )
            .await?;
        }
        ::core::result::Result::Ok(#value)
    }
}

/// The slots of the nodes whose values this entry keeps.
fn slots(graph: &Graph, plan: &Ident) -> TokenStream {
    let names: Vec<Ident> = (0..graph.nodes.len()).map(node_name).collect();
    let numbers: Vec<usize> = (0..graph.nodes.len()).collect();
    let types = graph.nodes.iter().enumerate().map(|(i, node)| {
        let ty = value_type(i, node);
        quote!(::docket::__private::Held<{ #plan.keeps(#i) }, #ty>)
    });
    quote! {
        struct Slots_ {
            #(#names: #types,)*
        }

        impl Slots_ {
            const EMPTY: Self = Self { #(#names: ::docket::__private::Empty::EMPTY,)* };
        }

        impl ::docket::__private::Slots for Slots_ {
            #[inline(always)]
            fn slot(&self, node: usize) -> &dyn ::core::any::Any {
                match node {
                    #(#numbers => &self.#names,)*
                    _ => &::docket::__private::Vacant,
                }
            }

            #[inline(always)]
            fn slot_mut(&mut self, node: usize) -> ::core::option::Option<&mut dyn ::core::any::Any> {
                match node {
                    #(#numbers => ::core::option::Option::Some(&mut self.#names),)*
                    _ => ::core::option::Option::None,
                }
            }
        }
    }
}

/// The slots of the values that this entry returns and no step of it reads.
fn outputs(graph: &Graph, entry: &Entry) -> TokenStream {
    let name = &graph.name;
    let types = &entry.outputs;
    let empty = types.iter().map(|_| quote!(::docket::__private::Slot::EMPTY));
    let arms = types.iter().enumerate().map(|(at, ty)| {
        let place = syn::Index::from(at);
        quote! {
            if node == ::docket::__private::node::<#name, #ty>() {
                return &self.#place;
            }
        }
    });
    quote! {
        struct Outputs_(#(::docket::__private::Slot<#types>,)*);

        impl Outputs_ {
            const EMPTY: Self = Self(#(#empty,)*);
        }

        impl ::docket::__private::Slots for Outputs_ {
            #[inline(always)]
            fn slot(&self, node: usize) -> &dyn ::core::any::Any {
                #(#arms)*
                &::docket::__private::Vacant
            }
        }
    }
}
