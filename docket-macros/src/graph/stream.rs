//! An entry that hands out its items as they finish: the check of it, and its method.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::Type;

use super::batch::{
    batch_name, batch_slots, item_slots, item_steps, makers, site, taken_apart, turn,
};
use super::entry::{execution_name, gives, path, plan_name, together};
use super::model::{Entry, Graph, Items};
use crate::step::{bare, plain_name};

/// That no step of it waits for all items.
pub(super) fn check(name: &Ident, plan: &Ident, batch: &Ident, streamed: &Type) -> TokenStream {
    let text = plain_name(name);
    let tried = |ty: &Type| format!("[docket::Result<{}>]", bare(ty));
    let each = match streamed {
        Type::Tuple(tuple) if !tuple.elems.is_empty() => {
            let elems: Vec<String> = tuple.elems.iter().map(tried).collect();
            format!("({})", elems.join(", "))
        }
        ty => tried(ty),
    };
    quote_spanned!(name.span()=> docket_::check_stream(GRAPH_, #plan, #batch, #text, #each))
}

pub(super) fn body(graph: &Graph, i: usize, entry: &Entry, items: &Items) -> TokenStream {
    let (plan, batch) = (plan_name(i), batch_name(i));
    let (name, given) = (&graph.name, &items.name);
    let slots = batch_slots(graph, &batch);
    let item_slots = item_slots(graph, &batch);
    let item_steps = item_steps(&batch);
    let execution = execution_name(entry);
    let entry_name = path(graph, entry);
    let gives = gives(entry);
    let makers = makers(graph, &plan, &batch);
    let turn = turn();
    let item = item(&plan, &batch, entry, items);
    quote! {
        type Graph_ = docket_::Known<{ #plan.is_known() }, #name>;
        #slots
        #item_slots
        #item_steps
        #makers

        let graph_ = ::core::clone::Clone::clone(self);
        let execution_ = ::docket::Execution::into_owned(::core::convert::Into::into(#execution));
        let items_ = ::docket::IntoItems::into_items(#given);
        ::docket::ItemStream::new(move |outbox_| async move {
            let limit_ = execution_.items_in_flight();
            let mut site_ = docket_::Site {
                frame: <Home_ as docket_::Home>::open(
                    &graph_,
                    execution_.into_run(),
                    || Slots_::with_room(0),
                ),
                outputs: docket_::Vacant,
            };
            #gives
            docket_::Frame::<Graph_>::start(&mut site_.frame, #entry_name);
            let board_ = docket_::batch::Board::new();
            let frame_ = &site_.frame;
            // SAFETY: the drivers below are those that work there, and one future asks them, one after the other.
            let at_ = unsafe { docket_::At::new(&site_) };
            let mut drivers_ = ::core::pin::pin!(shared_drivers_(at_));
            let ran_ = docket_::batch::stream::<{ #plan.words() }, Graph_, _, _, _, _>(
                docket_::batch::Streaming {
                    shared: #batch.shared_order(),
                    items: ITEMS_,
                    limit: limit_,
                    board: &board_,
                    desks: #batch.desks(),
                },
                frame_,
                items_,
                &outbox_,
                #turn,
                #item,
            )
            .await;
            docket_::noted::<Graph_, _>(frame_, ran_)?;
            docket_::resolved::<Graph_>(frame_);
            ::core::result::Result::Ok(())
        })
    }
}

/// The future of one item.
fn item(plan: &Ident, batch: &Ident, entry: &Entry, items: &Items) -> TokenStream {
    let (ty, parts) = (&items.ty, &items.parts);
    let (pattern, values) = taken_apart(items);
    let site = site(batch);
    let turn = turn();
    let outputs = &entry.outputs;
    let takes = outputs
        .iter()
        .map(|ty| quote!(docket_::take::<Graph_, #ty, _>(&mut its_.frame).await?));
    let value = together(entry, takes);
    quote! {
        |item_: usize, #pattern: #ty| {
            let board_ = &board_;
            async move {
                #site
                // SAFETY: the frame was opened just now, and each part of an item is of another type.
                unsafe { #(docket_::batch::give::<Graph_, Known_<#parts>>(&mut its_.frame, #values);)* }
                let settled_ = {
                    // SAFETY: the drivers below are those that work there, and the future of the item asks them, one after the
                    // other.
                    let at_ = unsafe { docket_::At::new(&its_) };
                    let mut drivers_ = ::core::pin::pin!(item_drivers_(at_));
                    docket_::batch::one::<{ #plan.words() }>(
                        ITEMS_,
                        board_,
                        docket_::View::<Graph_>::run(frame_),
                        #turn,
                        || docket_::batch::together([#(docket_::batch::settled::<Graph_, #outputs>(&its_.frame)),*]),
                    )
                    .await?
                };
                match settled_ {
                    ::core::result::Result::Ok(()) => ::core::result::Result::Ok(::core::result::Result::Ok(#value)),
                    ::core::result::Result::Err(error_) => {
                        ::core::result::Result::Ok(::core::result::Result::Err(error_))
                    }
                }
            }
        }
    }
}
