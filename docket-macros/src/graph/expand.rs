//! What `graph!` emits: the graph's type, the questions it asks of the compiler, its entries and its builder.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};

use super::model::{Graph, Node};
use super::{builder, entry};
use crate::cfg;
use crate::step::bare;

pub(crate) fn expand(graph: &Graph) -> TokenStream {
    let Graph { attributes, visibility, name, nodes, resources, entries } = graph;
    let count = nodes.len();
    let kinds = resources.iter().map(|resource| &resource.ty);
    let builder_type = builder::definition(graph);
    let aliases = nodes.iter().enumerate().map(|(i, node)| alias(graph, i, node));
    let productions = nodes.iter().enumerate().map(|(i, node)| production(graph, i, node));
    let steps = graph.steps().map(|(i, node)| step(graph, i, node));
    let provisions = resources.iter().enumerate().map(|(i, resource)| {
        let ty = &resource.ty;
        let place = syn::Index::from(i);
        quote! {
            impl ::docket::__private::Provides<#ty> for #name {
                fn provide(&self) -> &#ty {
                    &self.handle_.resources.#place
                }
            }
        }
    });
    let infos = nodes.iter().enumerate().map(|(i, node)| info(i, node));
    let plans = entries.iter().enumerate().map(|(i, it)| entry::plan(graph, i, it));
    let plan_names = entries.iter().enumerate().map(|(i, it)| {
        let plan = entry::plan_name(i);
        let cfgs = &it.cfgs;
        quote!(#(#cfgs)* #plan)
    });
    let checks = graph.steps().map(|(i, node)| {
        quote_spanned!(node.place()=> const _: () = ::docket::__private::check_step(GRAPH_, ENTRIES_, #i);)
    });
    let methods = entries.iter().enumerate().map(|(i, it)| entry::method(graph, i, it));
    let build = builder::methods(graph);
    quote! {
        #(#attributes)*
        #visibility struct #name {
            handle_: ::docket::__private::Handle<(#(#kinds,)*)>,
        }

        #builder_type

        #[automatically_derived]
        #[allow(non_camel_case_types, clippy::all)]
        const _: () = {
            #(#aliases)*

            impl ::docket::__private::Graph for #name {
                fn core(&self) -> &::docket::__private::Core {
                    &self.handle_.core
                }
            }

            #(#productions)*

            enum Wiring_ {}
            impl ::docket::__private::Wiring for Wiring_ {
                type Graph = #name;
            }
            #(#steps)*
            #(#provisions)*

            const GRAPH_: &::docket::__private::GraphPlan<#count> =
                &::docket::__private::GraphPlan::new([#(#infos),*]);
            #(#plans)*
            const ENTRIES_: &[&::docket::__private::EntryPlan<#count>] = &[#(#plan_names),*];
            #(#checks)*

            impl #name {
                #(#methods)*
            }

            #build

            impl ::core::clone::Clone for #name {
                fn clone(&self) -> Self {
                    Self { handle_: ::core::clone::Clone::clone(&self.handle_) }
                }
            }

            impl ::core::fmt::Debug for #name {
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    f.debug_struct(::core::stringify!(#name)).finish_non_exhaustive()
                }
            }
        };
    }
}

/// In place of a graph with a mistake: what it is called and what it answers, so that its users have none of their own.
pub(crate) fn stand_in(graph: &Graph) -> TokenStream {
    let Graph { attributes, visibility, name, entries, .. } = graph;
    let methods = entries.iter().map(entry::stand_in);
    let builder_type = builder::definition(graph);
    let build = builder::stand_in(graph);
    quote! {
        #(#attributes)*
        #[derive(Clone)]
        #visibility struct #name {}

        #builder_type

        #[automatically_derived]
        #[allow(unused_variables, dead_code)]
        const _: () = {
            impl #name {
                #(#methods)*
            }

            #build
        };
    }
}

/// One name for the type of a node, so that what the user wrote is looked up once, and a mistake in it is told once.
fn alias(graph: &Graph, i: usize, node: &Node) -> TokenStream {
    let (alias, ty, cfgs) = (node.alias(i), &node.ty, &node.cfgs);
    if cfgs.is_empty() {
        return quote!(type #alias = #ty;);
    }
    let absent = cfg::negation(&cfgs.iter().collect::<Vec<_>>());
    let name = &graph.name;
    quote! {
        #(#cfgs)*
        type #alias = #ty;
        #absent
        type #alias = ::docket::__private::Absent<#name, #i>;
    }
}

/// "The graph has a node whose value is of this type": two of one type are a mistake that the compiler finds, and shows
/// both.
fn production(graph: &Graph, i: usize, node: &Node) -> TokenStream {
    let name = graph.name_at(node.place());
    let ty = value_type(i, node);
    quote_spanned! {node.place()=>
        impl ::docket::__private::Produces<#ty> for #name {
            const NODE: usize = #i;
        }
    }
}

fn step(graph: &Graph, i: usize, node: &Node) -> TokenStream {
    let name = graph.name_at(node.place());
    let alias = node.alias(i);
    quote_spanned! {node.place()=>
        impl ::docket::__private::Node<#i> for Wiring_ {
            type Step = #alias;
        }
        impl ::docket::__private::Lists<#alias> for #name {
            const NODE: usize = #i;
        }
    }
}

fn info(i: usize, node: &Node) -> TokenStream {
    if node.is_step {
        let may_be_unused = node.may_be_unused;
        return quote!(::docket::__private::step::<Wiring_, #i>(#may_be_unused));
    }
    let ident = bare(&node.ty);
    let present = if node.cfgs.is_empty() {
        quote!(true)
    } else {
        let conditions = node.cfgs.iter().filter_map(|cfg| match &cfg.meta {
            syn::Meta::List(list) => Some(&list.tokens),
            _ => None,
        });
        quote!(::core::cfg!(all(#(#conditions),*)))
    };
    quote!(::docket::__private::input(#ident, #present))
}

/// The type of a node's value.
pub(super) fn value_type(i: usize, node: &Node) -> TokenStream {
    if node.is_step {
        return output_of(i, node);
    }
    let alias = node.alias(i);
    quote!(#alias)
}

fn output_of(i: usize, node: &Node) -> TokenStream {
    let alias = node.alias(i);
    quote_spanned!(node.place()=> <#alias as ::docket::__private::Step>::Output)
}

/// The name of a node in the bodies of entries.
pub(super) fn node_name(i: usize) -> proc_macro2::Ident {
    format_ident!("node_{i}")
}
