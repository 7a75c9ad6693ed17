//! What an entry, or an item of it, keeps: slots, by the numbers of their nodes.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::expand::value_type;
use super::model::{Entry, Graph};

/// The slots of the nodes whose values an entry keeps, or an item of it: those that `keeps` says, of which `kept` is the list.
pub(super) fn slots(
    graph: &Graph,
    name: &Ident,
    kept: &TokenStream,
    keeps: impl Fn(usize) -> TokenStream,
) -> TokenStream {
    let names: Vec<Ident> = graph
        .nodes
        .iter()
        .enumerate()
        .map(|(i, node)| node.slot(i))
        .collect();
    let numbers: Vec<usize> = (0..graph.nodes.len()).collect();
    let values: Vec<TokenStream> = graph
        .nodes
        .iter()
        .enumerate()
        .map(|(i, node)| value_type(i, node))
        .collect();
    let types = values.iter().enumerate().map(|(i, ty)| {
        let keeps = keeps(i);
        quote!(docket_::Held<{ #keeps }, #ty>)
    });
    let (count, places) = (
        numbers.len(),
        format_ident!("{}PLACES_", name.to_string().to_uppercase()),
    );
    quote! {
        const #places: &[u16; #count] = &docket_::places(#kept);

        struct #name {
            fills_: docket_::Fills<{ docket_::n_places(#kept) }>,
            #(#names: #types,)*
        }

        impl docket_::Empty for #name {
            #[inline(always)]
            fn empty() -> Self {
                Self {
                    fills_: docket_::Empty::empty(),
                    #(#names: docket_::Empty::empty(),)*
                }
            }
        }

        // SAFETY: each number has a field of its own, and those that are kept have a place of their own.
        unsafe impl docket_::Slots for #name {
            const NEED_DROP: bool = docket_::any(&[#(::core::mem::needs_drop::<#values>(),)*]);

            #[inline(always)]
            fn slot(&self, node: usize) -> docket_::Found<'_> {
                let what: &dyn ::core::any::Any = match node {
                    #(#numbers => &self.#names,)*
                    _ => return docket_::Found::other(&docket_::Vacant),
                };
                // SAFETY: it is that of this number.
                unsafe { docket_::Found::spot(self.fills_.at(#places[node]), what) }
            }

            #[inline(always)]
            fn forget(&mut self) {
                self.fills_ = docket_::Empty::empty();
            }
        }

        impl ::core::ops::Drop for #name {
            #[inline(always)]
            fn drop(&mut self) {
                if !self.fills_.are_empty() {
                    self.clear();
                }
            }
        }

        impl #name {
            /// Out of line: it is the same at each point at which an execution may be dropped.
            #[inline(never)]
            fn clear(&mut self) {
                let fills_ = &raw mut self.fills_;
                // SAFETY: the place is that of this number, and these are the last to use it.
                unsafe {
                    let _ = (#(docket_::Clearing::new(fills_, #places[#numbers], &mut self.#names),)*);
                }
            }
        }
    }
}

/// The slots of the values that this entry returns and that stand beside its frame.
pub(super) fn outputs(plan: &Ident, entry: &Entry) -> TokenStream {
    let types = &entry.outputs;
    let empty = types.iter().map(|_| quote!(docket_::Empty::empty()));
    let asides = (0..types.len()).map(|at| quote!(#plan.is_beside(#at)));
    let arms = types.iter().enumerate().map(|(at, ty)| {
        let place = syn::Index::from(at);
        quote! {
            if node == const { #plan.output(#at) } {
                return docket_::Aside::<#ty>::found(&self.#place);
            }
        }
    });
    quote! {
        struct Outputs_(#(docket_::SetAside<{ #asides }, #types>,)*);

        impl Outputs_ {
            #[inline(always)]
            fn empty() -> Self {
                Self(#(#empty,)*)
            }
        }

        // SAFETY: each number has a field of its own, no two outputs being of one type.
        unsafe impl docket_::Slots for Outputs_ {
            #[inline(always)]
            fn slot(&self, node: usize) -> docket_::Found<'_> {
                #(#arms)*
                docket_::Found::other(&docket_::Vacant)
            }
        }
    }
}
