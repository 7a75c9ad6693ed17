//! One entry that takes items: the constants beside its plan, and the method that carries it out.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use super::drivers::{drivers, hows};
use super::entry::{execution_name, gives, node_of, path, plan_name, together};
use super::expand::value_type;
use super::model::{Entry, Form, Graph, Items};
use super::slots::slots;
use super::stream;
use crate::spans;
use crate::step::{bare, plain_name};

pub(super) fn batch_name(i: usize) -> Ident {
    format_ident!("BATCH_{i}_")
}

/// Which nodes are there for each item, and the checks of that; of an entry without items, that no step asks for some.
pub(super) fn plan(graph: &Graph, i: usize, entry: &Entry) -> TokenStream {
    let Entry {
        cfgs,
        name,
        items,
        outputs,
        forms,
        streamed,
        ..
    } = entry;
    let (count, plan, batch) = (graph.nodes.len(), plan_name(i), batch_name(i));
    let text = plain_name(name);
    let Some(items) = items else {
        let check = quote_spanned!(name.span()=> docket_::check_alone(GRAPH_, #plan, #text));
        return quote! {
            #(#cfgs)*
            const _: () = #check;
        };
    };
    let parts = items.parts.iter().map(|ty| node_of(graph, ty, "Takes"));
    let forms = forms.iter().map(|form| match form {
        Form::One if streamed.is_some() => quote!(docket_::BatchOutput::Streamed),
        Form::One => quote!(docket_::BatchOutput::One),
        Form::Each => quote!(docket_::BatchOutput::Each),
        Form::Tried => quote!(docket_::BatchOutput::Tried),
    });
    let check = match streamed {
        Some(value) => stream::check(name, &plan, &batch, value),
        None => quote_spanned!(name.span()=> docket_::check_batch(GRAPH_, #plan, #batch, #text)),
    };
    let checks = outputs.iter().enumerate().map(|(at, ty)| {
        let (start, end) = spans::ends(ty);
        let open = quote_spanned!(start=> docket_::check_batch_output);
        let written = bare(ty);
        let call = quote_spanned!(end=> (GRAPH_, #plan, #batch, #text, #at, #written));
        quote! {
            #(#cfgs)*
            const _: () = #open #call;
        }
    });
    quote! {
        #(#cfgs)*
        const #batch: &docket_::BatchPlan<#count> =
            &docket_::BatchPlan::new(GRAPH_, #plan, &[#(#parts),*], &[#(#forms),*]);
        #(#cfgs)*
        const _: () = #check;
        #(#checks)*
    }
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
    let adopted = adopted(items);
    let makers = makers(graph, &plan, &batch);
    let turn = turn();
    let columns = columns(graph, &batch);
    let item = item(&plan, &batch, entry, items);
    let takes = entry
        .outputs
        .iter()
        .zip(&entry.forms)
        .map(|(ty, form)| match form {
            Form::One => quote! {
                docket_::take::<Graph_, #ty, _>(&mut site_.frame).await
            },
            // SAFETY of both: the items are gone with the engine, which has ended.
            Form::Each => {
                quote!(unsafe { docket_::batch::take_each::<Graph_, #ty>(&mut site_.frame).await })
            }
            Form::Tried => {
                quote!(unsafe { docket_::batch::take_tried::<Graph_, #ty>(&mut site_.frame).await })
            }
        })
        .map(|taken| {
            quote!({
                let taken_ = #taken;
                docket_::noted::<Graph_, _>(&site_.frame, taken_)?
            })
        });
    let value = together(entry, takes);
    quote! {
        type Graph_ = docket_::Known<{ #plan.is_known() }, #name>;
        #slots
        #item_slots
        #item_steps
        #makers
        #columns

        let execution_: ::docket::Execution<'_> = ::core::convert::Into::into(#execution);
        let limit_ = execution_.items_in_flight();
        let feed_ = docket_::batch::Feed::new(
            ::core::iter::IntoIterator::into_iter(#given),
            #batch.keeps_inputs(),
        );
        let n_ = feed_.len();
        let mut site_ = docket_::Site {
            frame: <Home_ as docket_::Home>::open(
                self,
                execution_.into_run(),
                || Slots_::with_room(n_),
            ),
            outputs: docket_::Vacant,
        };
        #gives
        docket_::Frame::<Graph_>::start(&mut site_.frame, #entry_name);
        let feed_ = if #batch.keeps_inputs() {
            #adopted
            ::core::option::Option::None
        } else {
            ::core::option::Option::Some(feed_)
        };
        let board_ = docket_::batch::Board::new();
        {
            let frame_ = &site_.frame;
            // SAFETY: the drivers below are those that work there, and one future asks them, one after the other.
            let at_ = unsafe { docket_::At::new(&site_) };
            let mut drivers_ = ::core::pin::pin!(shared_drivers_(at_));
            let ran_ = docket_::batch::run::<{ #plan.words() }, Graph_, _, _, _>(
                docket_::batch::Batch {
                    shared: #batch.shared_order(),
                    lones: #batch.lones(),
                    items: ITEMS_,
                    columns: #batch.columns(),
                    bits: #batch.bits(),
                    n: n_,
                    limit: limit_,
                    board: &board_,
                    desks: #batch.desks(),
                },
                frame_,
                feed_,
                #turn,
                |node_, is_idle_| seal_(frame_, node_, is_idle_),
                #item,
            )
            .await;
            docket_::noted::<Graph_, _>(frame_, ran_)?;
        }
        let value_ = #value;
        docket_::resolved::<Graph_>(&site_.frame);
        ::core::result::Result::Ok(value_)
    }
}

/// Puts all items into their columns.
fn adopted(items: &Items) -> TokenStream {
    let parts = &items.parts;
    if !matches!(items.ty, syn::Type::Tuple(_)) {
        return quote!(#(docket_::batch::adopt::<Graph_, #parts>(&site_.frame, feed_.into_vec());)*);
    }
    let names = part_names(items);
    let lists: Vec<Ident> = (0..names.len())
        .map(|i| format_ident!("parts_{i}_"))
        .collect();
    quote! {
        #(let mut #lists = ::std::vec::Vec::with_capacity(n_);)*
        for (#(#names,)*) in feed_ {
            #(#lists.push(#names);)*
        }
        #(docket_::batch::adopt::<Graph_, #parts>(&site_.frame, #lists);)*
    }
}

fn part_names(items: &Items) -> Vec<Ident> {
    (0..items.parts.len())
        .map(|i| format_ident!("part_{i}_"))
        .collect()
}

/// A pattern for one item, and the names of what is in it.
pub(super) fn taken_apart(items: &Items) -> (TokenStream, Vec<Ident>) {
    match items.ty {
        syn::Type::Tuple(_) => {
            let names = part_names(items);
            (quote!((#(#names,)*)), names)
        }
        _ => {
            let name = format_ident!("value_");
            (quote!(#name), vec![name])
        }
    }
}

/// The future of one item.
fn item(plan: &Ident, batch: &Ident, entry: &Entry, items: &Items) -> TokenStream {
    let (ty, parts) = (&items.ty, &items.parts);
    let (pattern, values) = taken_apart(items);
    let site = site(batch);
    let outputs = entry.outputs.iter().zip(&entry.forms);
    let asked = outputs
        .filter(|(_, form)| **form != Form::One)
        .map(|it| it.0);
    quote! {
        |ticket_: docket_::batch::Ticket<#ty, { #plan.words() }>| {
            let board_ = &board_;
            async move {
                let docket_::batch::Ticket { item: item_, input: input_, left: left_, rested: rested_ } = ticket_;
                #site
                if let ::core::option::Option::Some(#pattern) = input_ {
                    // SAFETY: the frame was opened just now, and each part of an item is of another type.
                    unsafe { #(docket_::batch::give::<Graph_, Known_<#parts>>(&mut its_.frame, #values);)* }
                }
                recall_(frame_, &mut its_.frame, item_, rested_);
                // SAFETY: the drivers below are those that work there, and the future of the item asks them, one after the other.
                let at_ = unsafe { docket_::At::new(&its_) };
                let mut drivers_ = ::core::pin::pin!(item_drivers_(at_));
                docket_::batch::item::<{ #plan.words() }>(
                    ITEMS_,
                    board_,
                    docket_::View::<Graph_>::run(frame_),
                    left_,
                    |node_, turn_| {
                        let turned_ = docket_::Turns::turn(drivers_.as_mut(), node_, at_, turn_);
                        settle_(frame_, &its_.frame, item_, node_, turned_)
                    },
                    || {
                        // Only those who watch want to know.
                        ::core::option::Option::is_none(&docket_::View::<Graph_>::watch(frame_))
                            || docket_::batch::are_good([
                                #(docket_::batch::settled::<Graph_, #asked>(&its_.frame)),*
                            ])
                    },
                )
                .await
            }
        }
    }
}

/// Where the item `item_` runs: `its_`.
pub(super) fn site(batch: &Ident) -> TokenStream {
    quote! {
        let mut its_ = docket_::Site {
            frame: <Home_ as docket_::batch::ItemHome>::open::<Graph_, _, _>(
                frame_,
                item_,
                #batch.reads(),
                <Items_ as docket_::Empty>::empty(),
            ),
            outputs: docket_::Vacant,
        };
    }
}

/// What makes the drivers of the shared steps, and those of one item: functions, of which all that is around an `await` has
/// short names, as in `entry`.
pub(super) fn makers(graph: &Graph, plan: &Ident, batch: &Ident) -> TokenStream {
    let drivers = drivers(graph);
    let shared = hows(
        graph,
        &quote!(#batch.shared_modes()),
        &quote!(#batch.shared_order()),
    );
    let of_item = hows(
        graph,
        &quote!(#batch.item_modes()),
        &quote!(#batch.item_order()),
    );
    quote! {
        type Home_ = docket_::Place<{ #plan.shared() }>;
        type Frame_<'graph_, 'run_> = <Home_ as docket_::Home>::Frame<'graph_, 'run_, Graph_, Slots_>;
        type Item_<'batch_, 'graph_, 'run_> =
            <Home_ as docket_::batch::ItemHome>::Item<'batch_, Graph_, Frame_<'graph_, 'run_>, Items_>;

        fn shared_drivers_<'at_, 'graph_, 'run_>(
            at_: docket_::At<'at_, Frame_<'graph_, 'run_>, docket_::Vacant>,
        ) -> impl docket_::Turns<'at_, Frame_<'graph_, 'run_>, docket_::Vacant> {
            #shared
            #drivers
        }

        fn item_drivers_<'at_, 'batch_, 'graph_, 'run_>(
            at_: docket_::At<'at_, Item_<'batch_, 'graph_, 'run_>, docket_::Vacant>,
        ) -> impl docket_::Turns<'at_, Item_<'batch_, 'graph_, 'run_>, docket_::Vacant> {
            #of_item
            #drivers
        }
    }
}

/// What goes into columns and out of them, of each node: functions, since the method that calls them has a parameter for the
/// type of what the items come from, and where there is such a parameter the compiler finds out all about the graph anew.
fn columns(graph: &Graph, batch: &Ident) -> TokenStream {
    let seals = graph.nodes.iter().enumerate().map(|(i, node)| {
        let ty = value_type(i, node);
        quote! {
            // SAFETY: it is the frame of the batch, which says whether it is idle.
            #i => unsafe { docket_::batch::seal::<Graph_, #ty>(frame_, is_idle_) },
        }
    });
    let recalls = graph.nodes.iter().enumerate().map(|(i, node)| {
        let ty = value_type(i, node);
        quote! {
            if const { #batch.is_kept_input(#i) } || rested_ && const { #batch.has_column(#i) } {
                // SAFETY: the frame is that of the item, which is a part of the future of the batch, and there is no driver yet.
                unsafe { docket_::batch::recall::<Graph_, #ty>(frame_, its_, item_) };
            }
        }
    });
    let settles = graph.steps().map(|(i, node)| {
        let ty = value_type(i, node);
        quote! {
            #i if const { #batch.has_column(#i) } => {
                // SAFETY: the frame is that of the item, which is a part of the future of the batch, and the turn has just
                // ended. A task has a view of what was there when it started.
                unsafe { docket_::batch::settle::<Graph_, #ty>(frame_, its_, item_, turned_) }
            }
        }
    });
    quote! {
        fn seal_(frame_: &Frame_<'_, '_>, node_: usize, is_idle_: bool) -> docket_::batch::Sealing {
            match node_ {
                #(#seals)*
                _ => docket_::batch::Sealing::Open,
            }
        }

        #[inline(always)]
        fn recall_<'batch_, 'graph_, 'run_>(
            frame_: &'batch_ Frame_<'graph_, 'run_>,
            its_: &mut Item_<'batch_, 'graph_, 'run_>,
            item_: usize,
            rested_: bool,
        ) {
            #(#recalls)*
        }

        #[inline(always)]
        fn settle_<'batch_, 'graph_, 'run_>(
            frame_: &'batch_ Frame_<'graph_, 'run_>,
            its_: &Item_<'batch_, 'graph_, 'run_>,
            item_: usize,
            node_: usize,
            turned_: docket_::Turned,
        ) -> docket_::Turned {
            match node_ {
                #(#settles)*
                _ => turned_,
            }
        }
    }
}

/// A turn of the step `node_`.
pub(super) fn turn() -> TokenStream {
    quote! {
        |node_, turn_| docket_::Turns::turn(drivers_.as_mut(), node_, at_, turn_)
    }
}

/// The steps of each item, as a constant.
pub(super) fn item_steps(batch: &Ident) -> TokenStream {
    quote! {
        const ITEMS_: docket_::batch::Items = docket_::batch::Items {
            order: #batch.item_order(),
            fatals: #batch.fatals(),
            waits: #batch.waits(),
            asks: #batch.asks(),
            is_bulk: !#batch.desks().is_empty(),
        };
    }
}

/// What the batch keeps: slots of what is there once, and columns.
pub(super) fn batch_slots(graph: &Graph, batch: &Ident) -> TokenStream {
    let names = names(graph);
    let numbers: Vec<usize> = (0..names.len()).collect();
    let types = graph.nodes.iter().enumerate().map(|(i, node)| {
        let ty = value_type(i, node);
        quote!(docket_::batch::Seated<{ #batch.place(#i) }, #ty>)
    });
    let desks = graph.steps().map(|(i, node)| {
        let known = node.known(i);
        quote!(#i => <#known as docket_::StepIn<Graph_>>::desk(),)
    });
    quote! {
        struct Slots_ {
            #(#names: #types,)*
            desks_: docket_::bulk::Desks,
        }

        impl Slots_ {
            fn with_room(n: usize) -> Self {
                Self {
                    #(#names: docket_::batch::Room::with_room(n),)*
                    desks_: docket_::bulk::Desks::new(#batch.desks(), |node_| match node_ {
                        #(#desks)*
                        _ => ::core::option::Option::None,
                    }),
                }
            }
        }

        // SAFETY: each number has a field of its own.
        unsafe impl docket_::Slots for Slots_ {
            #[inline(always)]
            fn slot(&self, node: usize) -> docket_::Found<'_> {
                match node {
                    #(#numbers => docket_::batch::Room::found(&self.#names),)*
                    _ => docket_::Found::other(&docket_::Vacant),
                }
            }

            fn items_missing(&self, node: usize) -> usize {
                match node {
                    #(#numbers => docket_::batch::Room::missing(&self.#names),)*
                    _ => 0,
                }
            }

            fn desk(&self, node: usize) -> ::core::option::Option<&dyn docket_::bulk::AnyDesk> {
                self.desks_.get(node)
            }
        }
    }
}

/// What an item keeps.
pub(super) fn item_slots(graph: &Graph, batch: &Ident) -> TokenStream {
    slots(
        graph,
        &format_ident!("Items_"),
        &quote!(#batch.kept_by_items()),
        |i| quote!(#batch.keeps_item(#i)),
    )
}

fn names(graph: &Graph) -> Vec<Ident> {
    graph
        .nodes
        .iter()
        .enumerate()
        .map(|(i, node)| node.slot(i))
        .collect()
}
