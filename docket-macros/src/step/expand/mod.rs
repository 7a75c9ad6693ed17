//! What `#[step]` adds to a function. It cannot fail: what was wrong is told beside what could be made of the rest.

mod bulk;
mod info;
mod inputs;
mod options;
mod output;
mod persisted;
mod reconcile;
mod step;
mod step_in;

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use crate::report::Errors;
use crate::spans;
use crate::step::options::StepOptions;
use crate::step::parse::Function;
use crate::step::signature::StepSignature;

use step::step;
use step_in::step_in;

pub(crate) fn expand(
    function: &Function,
    signature: &StepSignature,
    options: &StepOptions,
    errors: Errors,
) -> TokenStream {
    let is_understood = signature.is_whole(function);
    let is_whole = errors.is_empty() && is_understood;
    let errors = errors.into_tokens();
    let is_free = !signature.has_self && function.has_body();
    let Some(output) = signature.output.as_ref().filter(|_| is_free) else {
        return quote!(#function #errors);
    };
    let name = &function.signature.ident;
    let visibility = &function.visibility;
    let cfgs: Vec<_> = function.cfgs().collect();
    // Found among the function's own words by whoever asks the compiler where the type stands.
    let (keyword, braces) = (
        function.signature.fn_token.span,
        spans::braced(TokenStream::new(), name.span()),
    );
    let definition = quote_spanned!(keyword=> struct #name #braces);
    let mut info = info::info(function, output, signature);
    if !is_understood {
        info.extend(quote!(
            const WHOLE: bool = false;
        ));
    }
    let step = step(name, &cfgs, output, options, signature, &info);
    let returned = (options.retry.is_some() && !output.is_result)
        .then(|| output::check_returned(output))
        .map(|check| quote!(#(#cfgs)* #check));
    let step_in = step_in(name, signature, options, is_whole.then_some(output));
    quote! {
        #function

        #(#cfgs)*
        #[doc(hidden)]
        #[allow(non_camel_case_types, dead_code, missing_debug_implementations)]
        #visibility #definition

        #(#cfgs)*
        #[automatically_derived]
        #[allow(unused_qualifications)]
        #step

        #(#cfgs)*
        #[automatically_derived]
        #[allow(unused_qualifications)]
        #step_in

        #returned

        #errors
    }
}
