//! What `graph!` emits: the graph's type, the questions it asks of the compiler, its entries and its builder.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::model::{Graph, Node, Resource};
use super::{builder, entry, plan};
use crate::step::{bare, plain_name};
use crate::{cfg, spans};

pub(crate) fn expand(graph: &Graph) -> TokenStream {
    let Graph {
        attributes,
        visibility,
        struct_token,
        name,
        braces: _,
        nodes,
        resources,
        entries,
    } = graph;
    let count = nodes.len();
    let tools: Vec<_> = (0..resources.len()).map(|i| tool_name(graph, i)).collect();
    let tool_types = resources
        .iter()
        .enumerate()
        .map(|(i, resource)| tool(graph, i, resource));
    let fields = graph.body(quote!(handle_: ::docket::__private::Handle<(#(#tools,)*)>,));
    let builder_type = builder::definition(graph);
    let aliases = nodes
        .iter()
        .enumerate()
        .map(|(i, node)| alias(graph, i, node));
    let productions = nodes
        .iter()
        .enumerate()
        .map(|(i, node)| production(graph, i, node));
    let steps = graph.steps().map(|(i, node)| step(graph, i, node));
    let provisions = resources.iter().enumerate().map(|(i, resource)| {
        let (ty, cfgs) = (&resource.ty, &resource.cfgs);
        let place = syn::Index::from(i);
        quote! {
            #(#cfgs)*
            #[diagnostic::do_not_recommend]
            impl docket_::Provides<#ty> for #name {
                fn provide(&self) -> &#ty {
                    &self.handle_.resources.#place
                }
            }
        }
    });
    let present = graph.steps().map(|(i, node)| {
        let (alias, name) = (node.alias(i), graph.name_at(node.place()));
        quote_spanned!(node.place()=> <#alias as docket_::Makes<#name>>::IS_STEP)
    });
    let infos = nodes
        .iter()
        .enumerate()
        .map(|(i, node)| info(graph, i, node));
    let plans = entries
        .iter()
        .enumerate()
        .map(|(i, it)| entry::plan(graph, i, it));
    let plan_names = entries.iter().enumerate().map(|(i, it)| {
        let plan = entry::plan_name(i);
        let cfgs = &it.cfgs;
        quote!(#(#cfgs)* #plan)
    });
    let checks = graph.steps().map(|(i, node)| {
        quote_spanned!(node.place()=> const _: () = docket_::check_step(GRAPH_, ENTRIES_, #i);)
    });
    let methods = entries
        .iter()
        .enumerate()
        .map(|(i, it)| entry::method(graph, i, it));
    let plan = plan::method(graph);
    let build = builder::methods(graph);
    quote! {
        #(#attributes)*
        #visibility #struct_token #name #fields

        #(#tool_types)*

        #builder_type

        #[automatically_derived]
        #[allow(non_camel_case_types, non_snake_case, unused_qualifications, clippy::all)]
        const _: () = {
            use ::docket::__private as docket_;

            #(#aliases)*

            impl docket_::Graph for #name {
                fn core(&self) -> &docket_::Core {
                    &self.handle_.core
                }
            }

            #(#productions)*

            enum Wiring_ {}
            impl docket_::Wiring for Wiring_ {
                type Graph = #name;
            }
            #(#steps)*
            #(#provisions)*

            const STEPS_: bool = docket_::are_steps(&[#(#present),*]);
            // The compiler checks the constant in a type wherever it is written, and so only here.
            #[allow(dead_code)]
            type Listed_<T_> = docket_::Known<STEPS_, T_>;
            const GRAPH_: &docket_::GraphPlan<#count> = &docket_::GraphPlan::new([#(#infos),*]);
            const KNOWN_: bool = GRAPH_.is_known();
            #[allow(dead_code)]
            type Known_<T_> = docket_::Known<KNOWN_, T_>;
            #(#plans)*
            const ENTRIES_: &[&docket_::EntryPlan<#count>] = &[#(#plan_names),*];
            #(#checks)*

            impl #name {
                #(#methods)*
                #plan
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
    let Graph {
        attributes,
        visibility,
        struct_token,
        name,
        entries,
        ..
    } = graph;
    let methods = entries.iter().map(entry::stand_in);
    let fields = graph.body(TokenStream::new());
    let builder_type = builder::definition(graph);
    let plan = plan::stand_in(graph);
    let build = builder::stand_in(graph);
    quote! {
        #(#attributes)*
        #[derive(Clone)]
        #visibility #struct_token #name #fields

        #builder_type

        #[automatically_derived]
        #[allow(unused, clippy::all)]
        const _: () = {
            impl #name {
                #(#methods)*
                #plan
            }

            #build
        };
    }
}

/// One name for the type of a resource, at which it is asked once whether threads may share it. It stands beside the
/// graph, since the graph's fields need it.
fn tool(graph: &Graph, i: usize, resource: &Resource) -> TokenStream {
    let Resource {
        cfgs,
        docs: _,
        setter: _,
        ty,
    } = resource;
    let alias = tool_name(graph, i);
    let (start, end) = spans::ends(ty);
    let open = quote_spanned!(start=> <);
    let close = quote_spanned!(end=> as ::docket::__private::Shared>::SHARED);
    let present = quote! {
        #(#cfgs)*
        #[doc(hidden)]
        #[allow(non_camel_case_types)]
        type #alias = ::docket::__private::Known<{ #open #ty #close }, #ty>;
    };
    if cfgs.is_empty() {
        return present;
    }
    let absent = cfg::negation(&cfgs.iter().collect::<Vec<_>>());
    quote! {
        #present
        #absent
        #[doc(hidden)]
        #[allow(non_camel_case_types)]
        type #alias = ::docket::__private::Unset;
    }
}

pub(super) fn tool_name(graph: &Graph, i: usize) -> proc_macro2::Ident {
    proc_macro2::Ident::new(
        &format!("{}Resource{i}_", plain_name(&graph.name)),
        proc_macro2::Span::call_site(),
    )
}

/// One name for the type of a node, so that what the user wrote is looked up once, and a mistake in it is told once; and
/// one for what is asked of it later.
fn alias(graph: &Graph, i: usize, node: &Node) -> TokenStream {
    let (alias, known, ty, cfgs) = (node.alias(i), node.known(i), &node.ty, &node.cfgs);
    let listed = node.is_step.then(|| {
        let listed = node.listed(i);
        quote!(type #listed = Listed_<#alias>;)
    });
    let absent = (!cfgs.is_empty()).then(|| {
        let (absent, name) = (cfg::negation(&cfgs.iter().collect::<Vec<_>>()), &graph.name);
        quote! {
            #absent
            type #alias = docket_::Absent<#name, #i>;
        }
    });
    quote! {
        #(#cfgs)*
        type #alias = #ty;
        #absent
        #listed
        type #known = Known_<#alias>;
    }
}

/// "The graph has a node whose value is of this type": two of one type are a mistake that the compiler finds, and shows
/// both.
fn production(graph: &Graph, i: usize, node: &Node) -> TokenStream {
    let name = graph.name_at(node.place());
    let ty = produced_type(graph, i, node);
    quote_spanned! {node.place()=>
        #[diagnostic::do_not_recommend]
        impl docket_::Produces<#ty> for #name {
            const NODE: usize = #i;
        }
    }
}

fn step(graph: &Graph, i: usize, node: &Node) -> TokenStream {
    let name = graph.name_at(node.place());
    let (alias, known) = (node.alias(i), node.known(i));
    quote_spanned! {node.place()=>
        impl docket_::Node<#i> for Wiring_ {
            type Step = #known;
        }
        #[diagnostic::do_not_recommend]
        impl docket_::Lists<#alias> for #name {
            #[track_caller]
            fn configure(core: &mut docket_::CoreBuilder, options: docket_::StepOptions) {
                core.configure::<#known>(#i, options);
            }
        }
    }
}

/// The one place where a step is asked whether the graph has all that it needs, so that a missing producer is told once:
/// all that follows from a plan that could not be made is [`Known`](docket_runtime::graph::Known) to nobody.
fn info(graph: &Graph, i: usize, node: &Node) -> TokenStream {
    if node.is_step {
        let (name, listed, may_be_unused) = (
            graph.name_at(node.place()),
            node.listed(i),
            node.may_be_unused,
        );
        let path = node.path();
        return quote_spanned! {node.place()=>
            docket_::step::<#listed>(
                #path,
                <#listed as docket_::StepIn<#name>>::NEEDS,
                #may_be_unused,
            )
        };
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
    quote!(docket_::input(#ident, #present))
}

/// The type of a node's value, as the compiler compares it with others.
fn produced_type(graph: &Graph, i: usize, node: &Node) -> TokenStream {
    let (alias, name) = (node.alias(i), graph.name_at(node.place()));
    if node.is_step {
        return quote_spanned!(node.place()=> <#alias as docket_::Makes<#name>>::Output);
    }
    quote!(#alias)
}

/// The same where the graph has no mistake.
pub(super) fn value_type(i: usize, node: &Node) -> TokenStream {
    let known = node.known(i);
    if node.is_step {
        return quote!(<#known as docket_::Step>::Output);
    }
    quote!(#known)
}
