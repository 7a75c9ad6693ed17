//! Asking a `reconcile` function.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::Path;

use super::inputs::{Inputs, inputs};
use crate::spans;
use crate::step::signature::StepSignature;

/// Each question about its form is asked at the place of the path, and what follows from the answer is asked of that.
pub(super) fn reconcile(name: &Ident, path: &Path, signature: &StepSignature) -> TokenStream {
    let Inputs {
        view,
        context,
        reads,
        names,
    } = inputs(name, signature);
    let place = spans::ends(path).0;
    let here = |tokens| spans::at(tokens, place);
    let written = signature.parameters.iter().map(|it| &it.written);
    // Where an input can't be shared, that is said where it stands, and nothing of what follows from it.
    let parameters = quote! {
        ::docket::__private::Known<{ <#name as ::docket::__private::Step>::SHARED }, (#(#written,)*)>
    };
    let function = here(quote!(::docket::__private::FunctionOf::<#parameters>::call_with));
    let arguments = here(quote!((#(#names,)*)));
    let asked = here(quote!(::docket::__private::Asked::boxed));
    let answered = here(quote!(
        ::docket::__private::Answer::<Self::Output>::into_reconciled(asked_.await)
    ));
    let asked = quote_spanned!(place=> #asked(#function(#path, #arguments)));
    quote! {
        fn reconcile<'a, V_: ::docket::__private::View<GraphWithItsNeeds>>(
            #view: &'a V_,
            #context: ::core::option::Option<&'a ::docket::__private::StepContext>,
        ) -> ::docket::__private::Answering<'a, Self::Output> {
            #reads
            let asked_ = #asked;
            ::std::boxed::Box::pin(async move { #answered })
        }
    }
}
