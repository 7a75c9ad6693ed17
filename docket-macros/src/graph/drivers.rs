//! The drivers of a graph's steps, in blocks of sixteen: their type, and the code that makes them.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::model::Graph;

/// How many drivers stand in a block.
const PLACES: usize = 16;

/// The number of the first step. All nodes after it are steps.
fn first_step(graph: &Graph) -> usize {
    graph.nodes.len() - graph.steps().count()
}

/// How each step runs, and where, as a constant, of those that run in such modes and such an order.
pub(super) fn hows(graph: &Graph, modes: &TokenStream, order: &TokenStream) -> TokenStream {
    let (count, first) = (graph.nodes.len(), first_step(graph));
    quote!(const HOWS_: &[u8; #count] = &docket_::hows(GRAPH_, #modes, #order, #first);)
}

/// The drivers of all steps, which run as `HOWS_` says, in a frame that `at_` names. They are dealt out to the blocks one by
/// one: see `hows` of the plan.
pub(super) fn drivers(graph: &Graph) -> TokenStream {
    let drivers: Vec<TokenStream> = graph
        .steps()
        .map(|(i, _)| quote!(docket_::driver::<Wiring_, #i, { HOWS_[#i] }, _, _>(at_)))
        .collect();
    let n_blocks = drivers.len().div_ceil(PLACES);
    let blocks = (0..n_blocks).map(|block| {
        let drivers = drivers.iter().skip(block).step_by(n_blocks).cloned();
        let places = drivers.chain(std::iter::repeat(quote!(docket_::Nobody)));
        let places = places.take(PLACES);
        quote!(docket_::block(at_, #(#places),*))
    });
    quote!(Drivers_(#(#blocks,)*))
}

/// The type of all drivers: a struct with a parameter for the type of each block.
pub(super) fn drivers_type(graph: &Graph) -> TokenStream {
    let n_steps = graph.steps().count();
    let first_step = first_step(graph);
    // There may be no step.
    let n_blocks = n_steps.div_ceil(PLACES).max(1);
    let types: Vec<Ident> = (0..n_steps.div_ceil(PLACES))
        .map(|i| format_ident!("B{i}_"))
        .collect();
    let blocks: Vec<Ident> = (0..types.len())
        .map(|i| format_ident!("block_{i}_"))
        .collect();
    let places: Vec<_> = (0..types.len()).map(syn::Index::from).collect();
    let numbers = 0..types.len();
    let steps = (0..n_steps).map(|step| {
        let (block, pass) = (
            &blocks[step % n_blocks],
            format_ident!("pass{}", step / n_blocks),
        );
        quote! {
            if !docket_::BlockTurns::#pass(self.as_mut().#block(), pass_) {
                return false;
            }
        }
    });
    quote! {
        // A graph may have no entry.
        #[allow(dead_code)]
        struct Drivers_<#(#types,)*>(#(#types,)*);

        #[allow(dead_code)]
        impl<#(#types,)*> Drivers_<#(#types,)*> {
            #(
                #[inline(always)]
                fn #blocks(self: ::core::pin::Pin<&mut Self>) -> ::core::pin::Pin<&mut #types> {
                    // SAFETY: what is pinned is not moved, here or anywhere else.
                    unsafe { self.map_unchecked_mut(|it_| &mut it_.#places) }
                }
            )*
        }

        impl<'a_, H_, O_, #(#types: docket_::BlockTurns<'a_, H_, O_>,)*> docket_::Turns<'a_, H_, O_>
            for Drivers_<#(#types,)*>
        {
            #[inline(always)]
            unsafe fn pass<P_: docket_::Pass<'a_, H_, O_>>(
                mut self: ::core::pin::Pin<&mut Self>,
                pass_: &mut P_,
            ) -> bool {
                // SAFETY: the caller promises it.
                unsafe { #(#steps)* }
                true
            }

            #[inline(always)]
            fn turn(
                self: ::core::pin::Pin<&mut Self>,
                node_: usize,
                at_: docket_::At<'a_, H_, O_>,
                turn_: docket_::Turn<'_, '_>,
            ) -> docket_::Turned {
                let step_ = node_ - #first_step;
                match step_ % #n_blocks {
                    #(
                        #numbers => {
                            docket_::BlockTurns::turn(self.#blocks(), step_ / #n_blocks, at_, turn_)
                        }
                    )*
                    _ => docket_::no_such_step(),
                }
            }
        }
    }
}
