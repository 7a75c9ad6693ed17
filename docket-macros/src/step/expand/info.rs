//! The function as written, as a constant for the plan.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::output::made_type_as_written;
use crate::docs;
use crate::step::parse::Function;
use crate::step::signature::{Output, Parameter, ParameterKind, StepSignature, bare};

pub(super) fn info(function: &Function, output: &Output, signature: &StepSignature) -> TokenStream {
    let made = bare(made_type_as_written(
        output,
        signature.bulk_item().is_some(),
    ));
    let doc = docs::text(&function.attributes);
    let parameters = signature.parameters.iter().filter_map(parameter);
    // At the name of the function, which is then the place that the plan tells.
    let new = quote_spanned!(function.signature.ident.span()=> ::docket::__private::StepInfo::new);
    let call = quote_spanned! {function.signature.ident.span()=>
        #new(#made, #doc, &[#(#parameters),*])
    };
    quote!(const INFO: ::docket::__private::StepInfo = #call;)
}

fn parameter(parameter: &Parameter) -> Option<TokenStream> {
    let Parameter {
        name,
        kind,
        is_bulk: _,
        written: _,
    } = parameter;
    let (form, ty) = match kind {
        ParameterKind::Need(ty) => (quote!(need), ty),
        ParameterKind::Key(ty) => (quote!(key), ty),
        ParameterKind::Soft(ty) | ParameterKind::SoftWithReason(ty, _) => (quote!(soft), ty),
        ParameterKind::All(ty) => (quote!(all), ty),
        ParameterKind::Resource(ty) => {
            let text = bare(ty);
            return Some(quote!(::docket::__private::ParameterInfo::resource::<#ty>(#name, #text)));
        }
        ParameterKind::Context | ParameterKind::Wrong => return None,
    };
    let text = bare(ty);
    Some(quote!(::docket::__private::ParameterInfo::#form(#name, #text)))
}
