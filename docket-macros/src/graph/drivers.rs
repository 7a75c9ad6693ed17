//! The code that makes the drivers of a graph's steps, in blocks of sixteen.

use proc_macro2::TokenStream;
use quote::quote;

use super::model::Graph;

/// How many drivers stand in a block.
const PLACES: usize = 16;

/// How many blocks stand in a group, or groups in one of groups.
const GROUP: usize = 8;

/// The number of the first step. All nodes after it are steps.
pub(super) fn first_step(graph: &Graph) -> usize {
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
    let blocks: Vec<TokenStream> = (0..n_blocks)
        .map(|block| {
            let drivers = drivers.iter().skip(block).step_by(n_blocks).cloned();
            let places = drivers.chain(std::iter::repeat(quote!(docket_::Nobody)));
            let places = places.take(PLACES);
            quote!(docket_::block(at_, #(#places),*))
        })
        .collect();
    let (first, blocks) = (first_step(graph), tree(&blocks));
    quote!(docket_::Drivers(#blocks, docket_::First::<#first>))
}

/// The blocks, in groups of eight where there is more than one, and of groups.
fn tree(blocks: &[TokenStream]) -> TokenStream {
    match blocks {
        [] => quote!(()),
        [block] => block.clone(),
        _ => {
            let children = blocks.chunks(blocks.len().div_ceil(GROUP)).map(tree);
            let nothing = std::iter::repeat(quote!(()));
            let children = children.chain(nothing).take(GROUP);
            quote!(docket_::Group(#(#children),*))
        }
    }
}
