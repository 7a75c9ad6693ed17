//! One entry: its plan, as a constant, and the method that carries it out.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use super::drivers::{drivers, first_step, hows};
use super::model::{Entry, Form, Graph, Items};
use super::slots::{outputs, slots};
use super::{batch, stream};
use crate::spans;
use crate::step::{bare, plain_name};

pub(super) fn plan_name(i: usize) -> Ident {
    format_ident!("ENTRY_{i}_")
}

/// The plan, and the checks of what the entry is given.
pub(super) fn plan(graph: &Graph, i: usize, entry: &Entry) -> TokenStream {
    let Entry {
        cfgs,
        name,
        outputs,
        ..
    } = entry;
    let count = graph.nodes.len();
    let plan = plan_name(i);
    let text = plain_name(name);
    let given = entry.given().map(|ty| node_of(graph, ty, "Takes"));
    let resolved = outputs.iter().map(|ty| node_of(graph, ty, "Produces"));
    let check = quote_spanned!(name.span()=> docket_::check_entry(GRAPH_, #plan, #text));
    let batch = batch::plan(graph, i, entry);
    let checks = entry.given().enumerate().map(|(at, ty)| {
        let (start, end) = spans::ends(ty);
        let open = quote_spanned!(start=> docket_::check_given);
        let written = bare(ty);
        let call = quote_spanned!(end=> (GRAPH_, #plan, #text, #at, #written));
        quote! {
            #(#cfgs)*
            const _: () = #open #call;
        }
    });
    let once = outputs.iter().enumerate().skip(1).map(|(at, ty)| {
        let (start, end) = spans::ends(ty);
        let open = quote_spanned!(start=> docket_::check_output);
        let written = bare(ty);
        let call = quote_spanned!(end=> (#plan, #text, #at, #written));
        quote! {
            #(#cfgs)*
            const _: () = #open #call;
        }
    });
    quote! {
        #(#cfgs)*
        const #plan: &docket_::EntryPlan<#count> =
            &docket_::EntryPlan::new(GRAPH_, &[#(#given),*], &[#(#resolved),*]);
        #(#cfgs)*
        const _: () = #check;
        #(#checks)*
        #(#once)*
        #batch
    }
}

/// The number of the node of type `ty`, asked at the place where the user wrote it.
pub(super) fn node_of(graph: &Graph, ty: &syn::Type, asked: &str) -> TokenStream {
    let (start, end) = spans::ends(ty);
    let (name, asked) = (graph.name_at(start), Ident::new(asked, start));
    let open = quote_spanned!(start=> <Listed_<#name> as docket_::#asked);
    let ty = quote_spanned!(end=> <#ty>);
    let close = quote_spanned!(end=> >::NODE);
    quote!(#open #ty #close)
}

pub(super) fn method(graph: &Graph, i: usize, entry: &Entry) -> TokenStream {
    let body = match &entry.items {
        Some(items) if entry.streamed.is_some() => stream::body(graph, i, entry, items),
        Some(items) => batch::body(graph, i, entry, items),
        None => body(graph, i, entry),
    };
    let returned = returned(entry, entry.outputs.iter().map(|ty| quote!(#ty)));
    let execution = execution_name(entry);
    if entry.items.is_none() {
        return one(graph, entry, &execution, &returned, &body);
    }
    signature(entry, &quote!(#execution), &returned, &body)
}

/// The method of an entry without items. What it does is a function of its own, without the parameter for the type of the
/// execution: all that the compiler finds out about the graph there, it has found out for its constants already.
fn one(
    graph: &Graph,
    entry: &Entry,
    execution: &Ident,
    returned: &TokenStream,
    body: &TokenStream,
) -> TokenStream {
    let Entry {
        attributes,
        cfgs,
        visibility,
        name,
        parameters,
        ..
    } = entry;
    let graph_name = &graph.name;
    let given = parameters.iter().map(|(name, _)| name);
    let parameters: Vec<TokenStream> = parameters
        .iter()
        .map(|(name, ty)| quote!(#name: #ty))
        .collect();
    quote! {
        #(#cfgs)*
        #(#attributes)*
        #visibility fn #name<'execution_>(
            &self,
            #execution: impl ::core::convert::Into<::docket::Execution<'execution_>>,
            #(#parameters,)*
        ) -> impl ::core::future::Future<Output = ::docket::Result<#returned>> {
            // It is no `async fn`: what such a function is given it moves before it uses it, and has room for both.
            fn execute_(
                graph_: &#graph_name,
                run_: docket_::Run<'_>,
                #(#parameters,)*
            ) -> impl ::core::future::Future<Output = ::docket::Result<#returned>> {
                #body
            }
            let #execution: ::docket::Execution<'_> = ::core::convert::Into::into(#execution);
            execute_(self, #execution.into_run(), #(#given,)*)
        }
    }
}

pub(super) fn stand_in(entry: &Entry) -> TokenStream {
    // Where it is the mistake, what was probably meant.
    let outputs = entry.outputs.iter().map(|ty| match ty {
        syn::Type::Slice(_) | syn::Type::Reference(_) | syn::Type::ImplTrait(_) => quote!(()),
        ty => quote!(#ty),
    });
    let returned = returned(entry, outputs);
    signature(
        entry,
        &quote!(_execution),
        &returned,
        &quote!(::core::unreachable!()),
    )
}

/// What the method returns, where the values it resolves are of the types `outputs`.
fn returned(entry: &Entry, outputs: impl Iterator<Item = TokenStream>) -> TokenStream {
    let outputs = outputs.zip(&entry.forms).map(|(ty, form)| match form {
        Form::One => ty,
        Form::Each => quote!(::std::vec::Vec<#ty>),
        Form::Tried => quote!(::std::vec::Vec<::core::result::Result<#ty, ::docket::Error>>),
    });
    together(entry, outputs)
}

/// Several as a tuple, one as it is.
pub(super) fn together(
    entry: &Entry,
    of_outputs: impl Iterator<Item = TokenStream>,
) -> TokenStream {
    match entry.streamed.as_ref().unwrap_or(&entry.returned) {
        syn::Type::Tuple(tuple) if !tuple.elems.is_empty() => quote!((#(#of_outputs,)*)),
        _ => quote!(#(#of_outputs)*),
    }
}

/// The name of the entry to those who observe: `PageGraph::greeting`.
pub(super) fn path(graph: &Graph, entry: &Entry) -> String {
    format!("{}::{}", plain_name(&graph.name), plain_name(&entry.name))
}

/// A name that none of the user's parameters has.
pub(super) fn execution_name(entry: &Entry) -> Ident {
    let is_taken = |name: &Ident| {
        let is_items = entry.items.as_ref().is_some_and(|it| it.name == *name);
        is_items
            || entry
                .parameters
                .iter()
                .any(|(parameter, _)| parameter == name)
    };
    let mut name = format_ident!("execution");
    while is_taken(&name) {
        name = format_ident!("{name}_");
    }
    name
}

fn signature(
    entry: &Entry,
    execution: &TokenStream,
    returned: &TokenStream,
    body: &TokenStream,
) -> TokenStream {
    let Entry {
        attributes,
        cfgs,
        visibility,
        name,
        parameters,
        items,
        outputs: _,
        forms: _,
        returned: _,
        streamed,
    } = entry;
    let mut parameters: Vec<TokenStream> = parameters
        .iter()
        .map(|(name, ty)| quote!(#name: #ty))
        .collect();
    if let Some(Items {
        name, place, ty, ..
    }) = items
    {
        let items = if streamed.is_some() {
            // What is no source of them is told of here, where the user says what they are.
            let (open, _) = spans::ends(ty);
            let source = quote_spanned! {open=>
                impl ::docket::IntoItems<#ty, Kind_, Items: ::core::marker::Send + 'static>
            };
            quote!(#name: #source)
        } else {
            quote! {
                #name: impl ::core::iter::IntoIterator<Item = #ty, IntoIter: ::core::marker::Send> + ::core::marker::Send
            }
        };
        // After a mistake there may be fewer before it than were written.
        parameters.insert((*place).min(parameters.len()), items);
    }
    if streamed.is_some() {
        return quote! {
            #(#cfgs)*
            #(#attributes)*
            #visibility fn #name<'execution_, Kind_>(
                &self,
                #execution: impl ::core::convert::Into<::docket::Execution<'execution_>>,
                #(#parameters,)*
            ) -> ::docket::ItemStream<#returned> {
                #body
            }
        };
    }
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
    let slots = slots(
        graph,
        &format_ident!("Slots_"),
        &quote!(#plan.framed()),
        |i| quote!(#plan.frames(#i)),
    );
    let outputs = outputs(&plan, entry);
    let entry_name = path(graph, entry);
    let gives = gives(entry);
    let hows = hows(graph, &quote!(#plan.modes()), &quote!(#plan.order()));
    let (drivers, first) = (drivers(graph), first_step(graph));
    let takes = entry.outputs.iter().enumerate().map(|(at, ty)| {
        let place = syn::Index::from(at);
        quote! {
            match docket_::take_now::<Graph_, #ty, _>(&mut site_.frame, &mut site_.outputs.#place) {
                ::core::option::Option::Some(taken_) => docket_::noted::<Graph_, _>(&site_.frame, taken_)?,
                ::core::option::Option::None => {
                    let taken_ = docket_::take::<Graph_, #ty, _>(&mut site_.frame).await;
                    docket_::noted::<Graph_, _>(&site_.frame, taken_)?
                }
            }
        }
    });
    let value = together(entry, takes);
    quote! {
        type Graph_ = docket_::Known<{ #plan.is_known() }, #name>;
        type Home_ = docket_::Place<{ #plan.shared() }>;
        type Frame_<'graph_, 'run_> = <Home_ as docket_::Home>::Frame<'graph_, 'run_, Graph_, Slots_>;
        #hows
        #slots
        #outputs

        enum Entry_ {}

        impl docket_::Entry for Entry_ {
            type Word = docket_::Word<{ #plan.word_bytes() }>;
            type Crowd = docket_::Crowd<{ docket_::n_rooms(HOWS_, #first) > docket_::A_FEW as usize }>;
            const STEPS: &'static docket_::Steps = &docket_::Steps {
                order: #plan.order(),
                readers: #plan.readers(),
                needs: #plan.known_needs(),
                roots: #plan.roots(),
                hard: #plan.hards(),
                in_order: #plan.in_order(),
            };
        }

        // What it returns has a short name, whatever the number of steps: the compiler, which looks at the types of all that
        // is around an `await`, need not look at those of all drivers each time.
        #[inline(always)]
        fn drivers_<'at_, 'graph_, 'run_>(
            at_: docket_::At<'at_, Frame_<'graph_, 'run_>, Outputs_>,
        ) -> impl docket_::Turns<'at_, Frame_<'graph_, 'run_>, Outputs_> {
            #drivers
        }

        // What the caller gives stands in its slot from the beginning: there is no other place for it in the future.
        let mut site_ = docket_::Site {
            frame: <Home_ as docket_::Home>::open::<_, Slots_>(graph_, run_, <Slots_ as docket_::Empty>::empty),
            outputs: Outputs_::empty(),
        };
        #gives
        async move {
            docket_::Frame::<Graph_>::start(&mut site_.frame, #entry_name);
            let are_own_;
            {
                // SAFETY: the drivers below are those that work there, and one future asks them, one after the other.
                let at_ = unsafe { docket_::At::new(&site_) };
                // SAFETY: none has had a turn, and each makes the value of one node, of a step: what is given is an input, or
                // the value of a step that does not run.
                let driven_ = unsafe {
                    docket_::execute::<{ #plan.words() }, Entry_, Graph_, _, _, _>(at_, drivers_(at_))
                }
                .await;
                are_own_ = docket_::noted::<Graph_, _>(&site_.frame, driven_)?;
            }
            let value_ = #value;
            docket_::Frame::<Graph_>::end(&mut site_.frame, are_own_);
            ::core::result::Result::Ok(value_)
        }
    }
}

/// Puts what the caller gives, beside items, into the frame.
pub(super) fn gives(entry: &Entry) -> TokenStream {
    let gives = entry.parameters.iter().map(|(parameter, ty)| {
        quote! {
            // SAFETY: nobody has a view of it yet, and each type is given once.
            unsafe { docket_::Frame::<Graph_>::give::<Known_<#ty>>(&mut site_.frame, #parameter) };
        }
    });
    quote!(#(#gives)*)
}
