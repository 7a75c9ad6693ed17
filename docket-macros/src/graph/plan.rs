//! `plan`: the graph as data. What the compiler worked out is in constants already; this says what the user wrote.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::batch::batch_name;
use super::entry::plan_name;
use super::expand::tool_name;
use super::model::{Entry, Graph, Resource};
use crate::docs;
use crate::step::{bare, plain_name};

/// It is `#[inline]`, so that a program that does not call it has no code for it.
pub(super) fn method(graph: &Graph) -> TokenStream {
    let Graph {
        attributes,
        visibility,
        name,
        nodes,
        resources,
        entries,
        ..
    } = graph;
    let (text, doc) = (plain_name(name), docs::text(attributes));
    let inputs = nodes.iter().enumerate().filter(|(_, node)| !node.is_step);
    let inputs = inputs.map(|(i, node)| {
        let alias = node.alias(i);
        quote!(::core::any::type_name::<#alias>)
    });
    let resources = resources
        .iter()
        .enumerate()
        .map(|(i, it)| resource(graph, i, it));
    let entries = entries.iter().enumerate().map(|(i, it)| entry(i, it));
    let usage = format!(
        "`{text}::plan().to_svg()` draws it, and `docket::assert_plan!(\"plans/{text}.svg\", {text})` in a test keeps the \
         picture true."
    );
    let new = quote_spanned!(name.span()=> docket_::GraphSource::new::<#name>);
    let source = quote_spanned! {name.span()=>
        #new(#text, #doc, GRAPH_.nodes(), GRAPH_.order(), &[#(#inputs),*], &[#(#resources),*], &[#(#entries),*])
    };
    quote! {
        /// This graph as data: its steps, what they need of each other, and its entries. See [`Plan`](::docket::Plan).
        ///
        #[doc = #usage]
        #[allow(dead_code)]
        #[inline]
        #[must_use]
        #visibility fn plan() -> ::docket::Plan {
            #source.plan()
        }
    }
}

/// The same of a graph that has a mistake.
pub(super) fn stand_in(graph: &Graph) -> TokenStream {
    let visibility = &graph.visibility;
    quote!(#visibility fn plan() -> ::docket::Plan { ::core::unreachable!() })
}

fn resource(graph: &Graph, i: usize, resource: &Resource) -> TokenStream {
    let Resource {
        cfgs,
        docs,
        setter,
        ty,
    } = resource;
    let (tool, setter, text, doc) = (
        tool_name(graph, i),
        plain_name(setter),
        bare(ty),
        docs::text(docs),
    );
    quote!(#(#cfgs)* docket_::ResourceSource::of::<#tool>(#setter, #text, #doc))
}

fn entry(i: usize, entry: &Entry) -> TokenStream {
    let Entry {
        attributes,
        cfgs,
        visibility: _,
        name,
        parameters,
        items,
        outputs: _,
        forms: _,
        returned,
        streamed: _,
    } = entry;
    let (plan, name, doc) = (plan_name(i), plain_name(name), docs::text(attributes));
    let parameters = parameters.iter().map(|(name, ty)| {
        let (name, ty) = (plain_name(name), bare(ty));
        quote!((#name, #ty))
    });
    let each = items.as_ref().map(|_| {
        let batch = batch_name(i);
        quote!(.with_items(#batch.eaches()))
    });
    // After the others, as the plan of the entry has them.
    let items = items.iter().flat_map(|items| {
        let name = plain_name(&items.name);
        items.parts.iter().map(move |ty| {
            let ty = format!("[{}]", bare(ty));
            quote!((#name, #ty))
        })
    });
    let parameters = parameters.chain(items);
    let returned = bare(returned);
    quote! {
        #(#cfgs)*
        docket_::EntrySource::new(
            #name, #doc, &[#(#parameters),*], #returned, #plan.given(), #plan.outputs(), #plan.order(),
        )
        #each
    }
}
