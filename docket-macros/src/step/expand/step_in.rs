//! What is true of the step in a graph that has all it needs.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};

use super::bulk;
use super::inputs::{Inputs, inputs};
use super::output::{outcome_item, result_arguments, returned};
use super::persisted::persisted;
use crate::spans;
use crate::step::options::StepOptions;
use crate::step::signature::{Output, Parameter, ParameterKind, StepSignature};

/// What is true of the step in a graph that has all it needs: one bound for each parameter, at that parameter's place.
/// Without `output`, something was wrong with the step, and it is there only so that a graph that lists it has no
/// mistake of its own.
pub(super) fn step_in(
    name: &Ident,
    signature: &StepSignature,
    options: &StepOptions,
    output: Option<&Output>,
) -> TokenStream {
    let parameters = &signature.parameters;
    let bounds = parameters.iter().filter_map(bound);
    let needs = parameters.iter().filter_map(need);
    let body = output.map(|output| {
        let ready = ready(parameters);
        let call = match signature.bulk_item() {
            Some(item) => bulk::call(name, item),
            None => call(name, signature, options, output),
        };
        let persisted = options
            .persist
            .is_some()
            .then(|| persisted(name, signature, options, output));
        quote!(#ready #call #persisted)
    });
    // A graph whose step takes what can't be shared has no mistake of its own.
    let needs =
        quote!(if <#name as ::docket::__private::Step>::SHARED { &[#(#needs),*] } else { &[] });
    let place = name.span();
    let (keyword, head) = (
        quote_spanned!(place=> impl),
        quote_spanned!(place=> ::docket::__private::StepIn<GraphWithItsNeeds> for #name),
    );
    let items = spans::braced(
        quote! {
            const NEEDS: &'static [::docket::__private::Need] = #needs;
            #body
        },
        place,
    );
    let bulk = output
        .zip(signature.bulk_item())
        .map(|(output, item)| bulk::bulk_in(name, signature, options, output, item));
    quote! {
        #keyword<GraphWithItsNeeds: ::docket::__private::Graph> #head
        where
            #(#bounds,)*
        #items

        #bulk
    }
}

pub(super) fn bound(parameter: &Parameter) -> Option<TokenStream> {
    let (bound, ty) = match &parameter.kind {
        ParameterKind::Need(ty)
        | ParameterKind::Key(ty)
        | ParameterKind::Soft(ty)
        | ParameterKind::SoftWithReason(ty, _)
        | ParameterKind::All(ty) => (quote!(Produces), ty),
        ParameterKind::Resource(ty) => (quote!(Provides), ty),
        ParameterKind::Context | ParameterKind::Wrong => return None,
    };
    let (start, end) = spans::ends(&parameter.written);
    let open = spans::at(
        quote!(GraphWithItsNeeds: ::docket::__private::#bound <),
        start,
    );
    let close = quote_spanned!(end=> >);
    Some(quote!(#open #ty #close))
}

pub(super) fn need(parameter: &Parameter) -> Option<TokenStream> {
    match &parameter.kind {
        ParameterKind::Need(ty) | ParameterKind::Key(ty) if parameter.is_bulk => {
            Some(quote!(::docket::__private::need_bulk::<GraphWithItsNeeds, #ty>()))
        }
        ParameterKind::Need(ty) | ParameterKind::Key(ty) => {
            Some(quote!(::docket::__private::need::<GraphWithItsNeeds, #ty>()))
        }
        ParameterKind::Soft(ty) | ParameterKind::SoftWithReason(ty, _) => {
            Some(quote!(::docket::__private::soft_need::<GraphWithItsNeeds, #ty>()))
        }
        ParameterKind::All(ty) => {
            Some(quote!(::docket::__private::need_all::<GraphWithItsNeeds, #ty>()))
        }
        ParameterKind::Resource(_) | ParameterKind::Context | ParameterKind::Wrong => None,
    }
}

pub(super) fn ready(parameters: &[Parameter]) -> TokenStream {
    let mut needs = parameters
        .iter()
        .filter_map(|parameter| match &parameter.kind {
            ParameterKind::Need(ty) | ParameterKind::Key(ty) => {
                Some(quote!(::docket::__private::Readiness::of(view_.slot::<#ty>())))
            }
            ParameterKind::Soft(ty) | ParameterKind::SoftWithReason(ty, _) => {
                Some(quote!(::docket::__private::Readiness::of_soft(view_.slot::<#ty>())))
            }
            ParameterKind::All(ty) => Some(quote!(view_.ready_all::<#ty>())),
            ParameterKind::Resource(_) | ParameterKind::Context | ParameterKind::Wrong => None,
        });
    let first = needs.next();
    let (view, ready) = match first {
        Some(first) => (quote!(view_), quote!(#first #(.and(|| #needs))*)),
        None => (quote!(_view), quote!(::docket::__private::Readiness::Ready)),
    };
    quote! {
        #[inline]
        fn ready<V_: ::docket::__private::View<GraphWithItsNeeds>>(#view: &V_) -> ::docket::__private::Readiness {
            #ready
        }
    }
}

pub(super) fn call(
    name: &Ident,
    signature: &StepSignature,
    options: &StepOptions,
    output: &Output,
) -> TokenStream {
    let Inputs {
        view,
        context,
        reads,
        names,
    } = inputs(name, signature);
    let span = name.span();
    let future = future(name, signature, &names, |made| {
        outcome(name, made, options, output)
    });
    let returned = quote_spanned! {span=>
        impl ::core::future::Future<
            Output = ::core::result::Result<Self::Output, ::docket::__private::Failure>
        > + ::core::marker::Send + 'a
    };
    quote! {
        #[inline(always)]
        fn call<'a, V_: ::docket::__private::View<GraphWithItsNeeds>>(
            #view: &'a V_,
            #context: ::core::option::Option<&'a ::docket::__private::StepContext>,
        ) -> #returned {
            #reads
            #future
        }
    }
}

/// The future of one call of the function, of what it comes to `outcome` makes that of the step.
///
/// The call stands at the place of the step's name, and so does the promise that its future is `Send`: that is where a future
/// that is not is told.
pub(super) fn future(
    name: &Ident,
    signature: &StepSignature,
    names: &[Ident],
    outcome: impl FnOnce(&TokenStream) -> TokenStream,
) -> TokenStream {
    let span = name.span();
    let called = quote_spanned!(span=> #name(#(#names),*));
    if !signature.is_async {
        let outcome = outcome(&called);
        return quote!(async move { #outcome });
    }
    let (future, output) = (quote!(future_), quote!(output_));
    let outcome = outcome(&output);
    // Of a future that holds what can't be shared, nobody asks whether it can be sent: it has a mistake already.
    let ty = if signature.takes_values() {
        quote!(::docket::__private::Known<{ <#name as ::docket::__private::Step>::SHARED }, _>)
    } else {
        quote!(_)
    };
    let wrapped =
        quote_spanned!(span=> ::docket::__private::called(#future, move |#output| #outcome));
    quote! {
        let #future: #ty = #called;
        #wrapped
    }
}

pub(super) fn outcome(
    name: &Ident,
    called: &TokenStream,
    options: &StepOptions,
    output: &Output,
) -> TokenStream {
    if output.is_result {
        result(name, called, options, output)
    } else {
        quote!(::core::result::Result::Ok(#called))
    }
}

fn result(
    name: &Ident,
    called: &TokenStream,
    options: &StepOptions,
    output: &Output,
) -> TokenStream {
    // An error that can't become ours is told at the type that names it.
    let place = match result_arguments(output).get(1) {
        Some(error) => spans::ends(error).0,
        None => spans::ends(&output.ty).0,
    };
    // What stands there may be from another macro, which knows no variable of ours: so this one is all of that macro.
    let error_ = Ident::new("error_", place);
    let failure = quote_spanned!(place=> ::docket::__private::IntoFailure::into_failure(#error_));
    let failed = match &options.retry_if {
        Some(retry_if) => {
            let retry_if = &retry_if.value;
            let error = outcome_item(&returned(name, output), name, output, &quote!(Error));
            quote! {{
                const RETRY_IF_: fn(&#error) -> bool = #retry_if;
                let retry_ = RETRY_IF_(&#error_);
                ::core::result::Result::Err(#failure.retry_if(retry_))
            }}
        }
        None => quote!(::core::result::Result::Err(#failure)),
    };
    let into_result = outcome_item(&returned(name, output), name, output, &quote!(into_result));
    quote! {
        match #into_result(#called) {
            ::core::result::Result::Ok(value_) => ::core::result::Result::Ok(value_),
            ::core::result::Result::Err(#error_) => #failed,
        }
    }
}
