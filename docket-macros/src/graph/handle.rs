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
    }
}

/// The same of a graph that has a mistake.
pub(super) fn stand_in(graph: &Graph) -> TokenStream {
    let visibility = &graph.visibility;
    quote! {
        #visibility fn counts(&self) -> ::docket::Counts { ::core::unreachable!() }
        #visibility async fn shutdown(&self, grace: ::core::time::Duration) -> usize { ::core::unreachable!() }
    }
}
