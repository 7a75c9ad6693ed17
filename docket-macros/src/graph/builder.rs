//! The builder of a graph: one setter for each resource, and a `build` that compiles when all are set.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use super::expand::tool_name;
use super::handle;
use super::model::{Graph, Resource};
use crate::spans;
use crate::step::{bare, plain_name};

fn builder_name(graph: &Graph) -> Ident {
    format_ident!("{}Builder", graph.name)
}

/// The type parameters that tell which resources are set: their setters in camel case.
fn parameters(graph: &Graph) -> Vec<Ident> {
    let mut parameters: Vec<Ident> = Vec::new();
    for (i, resource) in graph.resources.iter().enumerate() {
        let mut name = parameter(resource);
        if parameters.contains(&name) {
            // Two of one setter are two of which one is switched off.
            name = format_ident!("{name}{i}_");
        }
        parameters.push(name);
    }
    parameters
}

fn parameter(resource: &Resource) -> Ident {
    let name = plain_name(&resource.setter);
    let camel: String = name
        .split('_')
        .flat_map(|word| {
            word.chars().next().map(|first| {
                first
                    .to_uppercase()
                    .chain(word.chars().skip(1))
                    .collect::<String>()
            })
        })
        .collect();
    Ident::new(&format!("{camel}_"), resource.setter.span())
}

pub(super) fn definition(graph: &Graph) -> TokenStream {
    let Graph {
        visibility, name, ..
    } = graph;
    let builder = builder_name(graph);
    let parameters = parameters(graph);
    let doc = format!("Collects what a [`{name}`] works with; made by [`{name}::builder`].");
    quote! {
        #[doc = #doc]
        #[allow(non_camel_case_types, missing_debug_implementations)]
        #[must_use = "a builder does nothing until `build` is called"]
        #visibility struct #builder<#(#parameters = ::docket::__private::Unset,)* Store_ = ::docket::__private::NoStore> {
            core_: ::docket::__private::CoreBuilder,
            resources_: (#(#parameters,)*),
            store_: ::core::marker::PhantomData<fn() -> Store_>,
        }
    }
}

pub(super) fn methods(graph: &Graph) -> TokenStream {
    let Graph {
        visibility,
        name,
        resources,
        ..
    } = graph;
    let builder = builder_name(graph);
    let parameters = parameters(graph);
    let unset = resources.iter().map(|_| quote!(docket_::Unset));
    let setters = (0..resources.len()).map(|i| setter(graph, i));
    let common = common(graph);
    let traits = resources
        .iter()
        .enumerate()
        .map(|(i, resource)| required(graph, i, resource));
    let build = build(graph);
    let handle = handle::methods(graph);
    quote! {
        impl #name {
            /// Starts with nothing set.
            #visibility fn builder() -> #builder {
                #builder {
                    core_: ::core::default::Default::default(),
                    resources_: (#(#unset,)*),
                    store_: ::core::marker::PhantomData,
                }
            }

            #handle
        }

        #(#traits)*

        // Nobody calls all of them.
        #[allow(dead_code)]
        impl<#(#parameters,)* Store_> #builder<#(#parameters,)* Store_> {
            #(#setters)*
            #common
            #build
        }
    }
}

pub(super) fn stand_in(graph: &Graph) -> TokenStream {
    let Graph {
        visibility,
        name,
        resources,
        ..
    } = graph;
    let handle = handle::stand_in(graph);
    let builder = builder_name(graph);
    let parameters = parameters(graph);
    let setters = resources.iter().map(|resource| {
        let Resource { cfgs, docs: _, setter, ty } = resource;
        quote!(#(#cfgs)* #visibility fn #setter(self, value: #ty) -> Self { ::core::unreachable!() })
    });
    quote! {
        impl #name {
            #visibility fn builder() -> #builder {
                ::core::unreachable!()
            }
            #handle
        }

        impl<#(#parameters,)* Store_> #builder<#(#parameters,)* Store_> {
            #(#setters)*
            #visibility fn store(self, store: impl ::core::any::Any) -> Self { ::core::unreachable!() }
            #visibility fn observer(self, observer: impl ::core::any::Any) -> Self { ::core::unreachable!() }
            #visibility fn default_timeout(self, timeout: ::core::time::Duration) -> Self { ::core::unreachable!() }
            #visibility fn namespace(self, namespace: &str) -> Self { ::core::unreachable!() }
            #visibility fn lease(self, lease: ::core::time::Duration) -> Self { ::core::unreachable!() }
            #visibility fn max_attempts(self, n: u32) -> Self { ::core::unreachable!() }
            #visibility fn max_value_bytes(self, n: usize) -> Self { ::core::unreachable!() }
            #visibility fn configure<S>(self, options: ::docket::StepOptions) -> Self { ::core::unreachable!() }
            #visibility fn build(self) -> #name { ::core::unreachable!() }
        }
    }
}

fn setter(graph: &Graph, i: usize) -> TokenStream {
    let Graph {
        visibility,
        resources,
        ..
    } = graph;
    let builder = builder_name(graph);
    let Resource {
        cfgs,
        docs,
        setter,
        ty,
    } = &resources[i];
    let after = parameters(graph)
        .into_iter()
        .enumerate()
        .map(|(at, parameter)| {
            if at == i {
                quote!(docket_::Set<#ty>)
            } else {
                quote!(#parameter)
            }
        });
    let moved = (0..resources.len()).map(|at| {
        if at == i {
            return quote!(docket_::Set(#setter));
        }
        let place = syn::Index::from(at);
        quote!(self.resources_.#place)
    });
    let doc = format!("Sets the resource [`{}`].", bare(ty));
    let docs = if docs.is_empty() {
        quote!(#[doc = #doc])
    } else {
        quote!(#(#docs)*)
    };
    quote! {
        #(#cfgs)*
        #docs
        #visibility fn #setter(self, #setter: #ty) -> #builder<#(#after,)* Store_> {
            #builder {
                core_: self.core_,
                resources_: (#(#moved,)*),
                store_: ::core::marker::PhantomData,
            }
        }
    }
}

/// The trait that says, in the graph's own words, that a resource is missing.
fn required(graph: &Graph, i: usize, resource: &Resource) -> TokenStream {
    let name = &graph.name;
    let required = required_name(i);
    let message = format!("`{name}` lacks its resource `{}`", bare(&resource.ty));
    let label = format!("call `.{}(…)` before this", resource.setter);
    // Switched off, it is there as long as it is not set, which it can't be.
    let absent = (!resource.cfgs.is_empty()).then(|| {
        quote! {
            #[diagnostic::do_not_recommend]
            impl #required<docket_::Unset> for docket_::Unset {
                fn get(self) -> Self {
                    self
                }
            }
        }
    });
    quote! {
        #[doc(hidden)]
        #[diagnostic::on_unimplemented(message = #message, label = #label)]
        #[allow(unreachable_pub)]
        pub trait #required<T> {
            fn get(self) -> T;
        }

        impl<T> #required<T> for docket_::Set<T> {
            fn get(self) -> T {
                self.0
            }
        }

        #absent
    }
}

fn required_name(i: usize) -> Ident {
    format_ident!("Resource{i}_")
}

/// What every builder has.
fn common(graph: &Graph) -> TokenStream {
    let Graph {
        visibility, name, ..
    } = graph;
    let builder = builder_name(graph);
    let parameters = parameters(graph);
    let lists = quote_spanned!(name.span()=> #name: docket_::Lists<S>);
    quote! {
        /// Sets where the results of persisted steps are kept.
        #visibility fn store(mut self, store: impl ::docket::store::Store) -> #builder<#(#parameters,)* docket_::HasStore> {
            self.core_.store(store);
            #builder {
                core_: self.core_,
                resources_: self.resources_,
                store_: ::core::marker::PhantomData,
            }
        }

        /// Sets who is told what the steps do.
        #visibility fn observer(mut self, observer: impl ::docket::Observer) -> Self {
            self.core_.observer(observer);
            self
        }

        /// Limits each execution, from its start to its end. Without it, only the limit of an
        /// [`Execution`](::docket::Execution) counts.
        #visibility fn default_timeout(mut self, timeout: ::core::time::Duration) -> Self {
            self.core_.default_timeout(timeout);
            self
        }

        /// Keeps the records of this graph apart from those of others in the same table. `""` by default: then steps of one
        /// name, version and inputs share their records, whichever graphs they are in.
        #visibility fn namespace(mut self, namespace: &str) -> Self {
            self.core_.namespace(namespace);
            self
        }

        /// How long a persisted step is taken to be alive without a sign of life of its process. 30 seconds by default.
        #visibility fn lease(mut self, lease: ::core::time::Duration) -> Self {
            self.core_.lease(lease);
            self
        }

        /// How many processes a persisted step may take with it, one after the other, before it is in doubt under every
        /// `repeat` and not started again, unless its `reconcile` answers that it had no effect. 3 by default.
        ///
        /// # Panics
        ///
        /// When `n` is 0.
        #[track_caller]
        #visibility fn max_attempts(mut self, n: u32) -> Self {
            self.core_.max_attempts(n);
            self
        }

        /// How large the stored form of a value may be. 1 MiB (1,048,576) by default. A step that makes a larger one has
        /// run, and is recorded without it: its callers, and later ones, get an error of kind
        /// [`Encoding`](::docket::ErrorKind::Encoding).
        ///
        /// # Panics
        ///
        /// When `n` is 0.
        #[track_caller]
        #visibility fn max_value_bytes(mut self, n: usize) -> Self {
            self.core_.max_value_bytes(n);
            self
        }

        /// Sets options of the step `S`, each in place of the one in its attribute.
        ///
        /// # Panics
        ///
        /// When `ttl`, `stale` or `repeat` is set for a step without `persist`, or `bulk` for one that takes one item.
        #[track_caller]
        #visibility fn configure<S>(mut self, options: ::docket::StepOptions) -> Self
        where
            #lists,
        {
            <#name as docket_::Lists<S>>::configure(&mut self.core_, options);
            self
        }
    }
}

fn build(graph: &Graph) -> TokenStream {
    let Graph {
        visibility,
        name,
        resources,
        nodes,
        ..
    } = graph;
    // At the resource in the list, which is where the compiler then says that it is asked for.
    let bounds =
        resources
            .iter()
            .zip(parameters(graph))
            .enumerate()
            .map(|(i, (resource, parameter))| {
                let (required, tool) = (required_name(i), tool_name(graph, i));
                let (start, end) = spans::ends(&resource.ty);
                let open = spans::at(quote!(#parameter: #required <), start);
                let close = spans::at(quote!(#tool >,), end);
                quote!(#open #close)
            });
    let values = (0..resources.len()).map(|i| {
        let (place, required) = (syn::Index::from(i), required_name(i));
        quote!(#required::get(self.resources_.#place))
    });
    let n_nodes = nodes.len();
    let rows = nodes.iter().enumerate().map(|(i, node)| {
        if node.is_step {
            quote!(docket_::StepRow::step::<Wiring_, #i>())
        } else {
            quote!(docket_::StepRow::INPUT)
        }
    });
    let stored = quote_spanned!(name.span()=> docket_::Bool<{ GRAPH_.persists() }>: docket_::StoreFor<Store_>);
    quote! {
        /// The graph. It compiles when all resources are set, and a store if a step persists.
        ///
        /// # Panics
        ///
        /// When the store is too weak for a step with `repeat = "never"`, or such a step was configured to be retried; and when
        /// one with `persist` and `bulk` was configured with another `repeat` than `Repeat::Free`.
        #[track_caller]
        #visibility fn build(self) -> #name
        where
            #(#bounds)*
            #stored,
        {
            const ROWS_: &[docket_::StepRow; #n_nodes] = &[#(#rows),*];
            const NAMES_: &[&::core::primitive::str] = &docket_::StepRow::names(ROWS_);
            #name {
                handle_: docket_::Handle::new(docket_::Inner {
                    resources: (#(#values,)*),
                    core: self.core_.build(ROWS_, NAMES_),
                }),
            }
        }
    }
}
