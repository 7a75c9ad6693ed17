//! What every graph value has beside its entries.

use proc_macro2::TokenStream;
use quote::quote;

use super::model::Graph;

pub(super) fn methods(graph: &Graph) -> TokenStream {
    let visibility = &graph.visibility;
    quote! {
        /// What this graph value and its clones have counted so far of their persisted steps.
        #[allow(dead_code)]
        #visibility fn counts(&self) -> ::docket::Counts {
            self.handle_.core.counts()
        }

        /// Gets ready for the end of the process. From now on no persisted step starts: whoever asks for one gets an
        /// error of kind [`Store`](::docket::ErrorKind::Store). Those under way go on; this waits until they are recorded,
        /// for `grace` at most, and says how many are left, which a later process will find as if this one had died.
        ///
        /// Calling it again waits again. Dropping it early changes nothing but the waiting. A graph without persisted
        /// steps has nothing to wait for.
        #[allow(dead_code)]
        #visibility async fn shutdown(&self, grace: ::core::time::Duration) -> usize {
            self.handle_.core.shutdown(grace).await
        }

        /// Says what an execution would do, and does nothing: which steps would run, which are recorded, and what the
        /// others wait for. The store is only looked at. `ask` asks an entry of the graph that it is given, with the
        /// execution that it is given. See [`explain`](::docket::explain).
        ///
        /// # Errors
        ///
        /// What `ask` returns, unless that is for the lack of a value which only a run would bring.
        #[allow(dead_code)]
        #visibility async fn explain<T_, Asked_>(
            &self,
            execution: impl ::core::convert::Into<::docket::Execution<'_>>,
            ask: impl ::core::ops::FnOnce(Self, ::docket::Execution<'static>) -> Asked_,
        ) -> ::docket::Result<::docket::explain::Explanation>
        where
            Asked_: ::core::future::Future<Output = ::docket::Result<T_>>,
        {
            docket_::explain(self, Self::plan(), ::core::convert::Into::into(execution), ask).await
        }
    }
}

/// The same of a graph that has a mistake.
pub(super) fn stand_in(graph: &Graph) -> TokenStream {
    let visibility = &graph.visibility;
    quote! {
        #visibility fn counts(&self) -> ::docket::Counts { ::core::unreachable!() }
        #visibility async fn shutdown(&self, grace: ::core::time::Duration) -> usize { ::core::unreachable!() }
        #visibility async fn explain<Execution_, Ask_>(
            &self,
            execution: Execution_,
            ask: Ask_,
        ) -> ::docket::Result<::docket::explain::Explanation> {
            ::core::unreachable!()
        }
    }
}
