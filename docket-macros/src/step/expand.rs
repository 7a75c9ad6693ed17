//! What `#[step]` adds to a function. It cannot fail: what was wrong is told beside what could be made of the rest.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Attribute, Type};

use super::options::{Persist, Repeat, Retry, StepOptions};
use super::parse::Function;
use super::signature::{Output, Parameter, ParameterKind, StepSignature, plain_name};
use crate::report::Errors;
use crate::spans;

pub(crate) fn expand(
    function: &Function,
    signature: &StepSignature,
    options: &StepOptions,
    errors: Errors,
) -> TokenStream {
    let is_whole = errors.is_empty() && signature.is_whole(function);
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
    let step = step(name, &cfgs, output, options, signature);
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

        #errors
    }
}

/// What is true of the step in any graph.
fn step(
    name: &Ident,
    cfgs: &[&Attribute],
    output: &Output,
    options: &StepOptions,
    signature: &StepSignature,
) -> TokenStream {
    let ident = plain_name(name);
    let public_name = options
        .name
        .as_ref()
        .map_or_else(|| ident.clone(), |name| name.value.clone());
    let (made, condition, fallible) = match output.is_result {
        false => {
            let ty = &output.ty;
            (quote!(#ty), None, None)
        }
        true => {
            let ty = &output.ty;
            let is_result = outcome_item(&quote!(#ty), name, output, &quote!(IS_RESULT));
            (
                quote!(<#ty as ::docket::__private::Outcome<Graph_>>::Value),
                Some(quote!(where #ty: ::docket::__private::Outcome<Graph_>)),
                Some(quote!(const FALLIBLE: bool = #is_result;)),
            )
        }
    };
    let output = output_type(name, output);
    let version = options.version.as_ref().map(|version| {
        let version = version.value;
        quote!(const VERSION: u32 = #version;)
    });
    let fallback = options.fallback.as_ref().map(|path| {
        let path = &path.value;
        quote! {
            fn fallback() -> ::core::option::Option<Self::Output> {
                // Its form is asked of the function itself, at the place where it is named.
                const FALLBACK_: fn() -> <#name as ::docket::__private::Step>::Output = #path;
                ::core::option::Option::Some(FALLBACK_())
            }
        }
    });
    let options = constant_options(options, signature);
    let shared = shared(signature, &output);
    quote! {
        #[diagnostic::do_not_recommend]
        impl<Graph_> ::docket::__private::Makes<Graph_> for #name #condition {
            type Output = #made;
        }

        #(#cfgs)*
        #[automatically_derived]
        #[allow(unused_qualifications)]
        impl ::docket::__private::Step for #name {
            type Output = ::docket::__private::Known<{ <#name as ::docket::__private::Step>::SHARED }, #output>;
            const NAME: &'static str = #public_name;
            const IDENT: &'static str = #ident;
            #version
            #options
            #fallible
            #shared
            #fallback
        }
    }
}

/// Asks once of each type that the function takes or returns, at its place, whether threads may share it.
fn shared(signature: &StepSignature, output: &TokenStream) -> TokenStream {
    let types = signature
        .parameters
        .iter()
        .filter_map(|parameter| parameter.kind.ty())
        .map(is_shared);
    let output = is_shared(output);
    quote!(const SHARED: bool = ::docket::__private::are_shared(&[#(#types,)* #output]);)
}

fn is_shared(ty: &impl ToTokens) -> TokenStream {
    let (start, end) = spans::ends(ty);
    let open = quote_spanned!(start=> <);
    let close = quote_spanned!(end=> as ::docket::__private::Shared>::SHARED);
    quote!(#open #ty #close)
}

/// The step's own type stands beside the result's, so that the compiler may rely on it: nobody else could say otherwise
/// of it, as somebody could of a `Result` alone.
fn output_type(name: &Ident, output: &Output) -> TokenStream {
    if output.is_result {
        return outcome_item(&returned(name, output), name, output, &quote!(Value));
    }
    let ty = &output.ty;
    quote!(#ty)
}

/// What the function returns, known to what follows only if it is a `Result`.
fn returned(name: &Ident, output: &Output) -> TokenStream {
    let ty = &output.ty;
    quote!(::docket::__private::Known<{ <#name as ::docket::__private::Step>::FALLIBLE }, #ty>)
}

/// Written alike wherever it stands, since the compiler tells a mistake that it meets twice in one place once.
fn outcome_item(
    ty: &TokenStream,
    name: &Ident,
    output: &Output,
    item: &TokenStream,
) -> TokenStream {
    let (start, end) = spans::ends(&output.ty);
    let open = quote_spanned!(start=> <);
    let name = spans::name_at(name, end);
    let close = quote_spanned!(end=> as ::docket::__private::Outcome<#name>>::);
    let item = spans::at(item.clone(), end);
    quote!(#open #ty #close #item)
}

/// Only what was given: the rest is as in `Options::NONE`.
fn constant_options(options: &StepOptions, signature: &StepSignature) -> Option<TokenStream> {
    let StepOptions {
        name: _,
        version: _,
        persist,
        ttl,
        repeat,
        timeout,
        retry,
        retry_if: _,
        fallback,
        max_concurrency,
        spawn,
        blocking,
    } = options;
    let mut fields = TokenStream::new();
    if let Some(timeout) = timeout {
        let timeout = duration(timeout.value);
        fields.extend(quote!(timeout: ::core::option::Option::Some(#timeout),));
    }
    if let Some(given) = retry {
        let retry = constant_retry(&given.value);
        fields.extend(quote!(retry: ::core::option::Option::Some(#retry),));
    }
    if let Some(persist) = persist {
        let scope = match persist.value {
            Persist::Global => quote!(Global),
            Persist::Workflow => quote!(Workflow),
        };
        fields.extend(
            quote!(persist: ::core::option::Option::Some(::docket::__private::Scope::#scope),),
        );
    }
    if let Some(ttl) = ttl {
        let ttl = duration(ttl.value);
        fields.extend(quote!(ttl: ::core::option::Option::Some(#ttl),));
    }
    if let Some(repeat) = repeat {
        let repeat = match repeat.value {
            Repeat::Free => quote!(Free),
            Repeat::Keyed => quote!(Keyed),
            Repeat::Never => quote!(Never),
        };
        fields.extend(quote!(repeat: ::docket::__private::Repeat::#repeat,));
    }
    if let Some(n) = max_concurrency {
        let n = n.value;
        fields.extend(quote!(max_concurrency: ::core::option::Option::Some(#n),));
    }
    for (given, field) in [
        (spawn.is_some(), quote!(spawn)),
        (blocking.is_some(), quote!(blocking)),
        (fallback.is_some(), quote!(fallback)),
        (signature.has_context(), quote!(context)),
    ] {
        if given {
            fields.extend(quote!(#field: true,));
        }
    }
    (!fields.is_empty()).then(|| {
        quote! {
            const OPTIONS: ::docket::__private::Options =
                ::docket::__private::Options { #fields ..::docket::__private::Options::NONE };
        }
    })
}

fn constant_retry(retry: &Retry) -> TokenStream {
    let Retry {
        attempts,
        initial,
        factor,
        max_delay,
        jitter,
    } = retry;
    let initial = duration(*initial);
    let max_delay = max_delay.map(|max| {
        let max = duration(max);
        quote!(.max_delay(#max))
    });
    let jitter = jitter.then(|| quote!(.jitter()));
    quote! {
        ::docket::__private::Retry::exponential(#attempts, #initial).factor(#factor)#max_delay #jitter
    }
}

fn duration(duration: std::time::Duration) -> TokenStream {
    let (seconds, nanos) = (duration.as_secs(), duration.subsec_nanos());
    if nanos == 0 {
        return quote!(::core::time::Duration::from_secs(#seconds));
    }
    if nanos % 1_000_000 == 0
        && let Ok(millis) = u64::try_from(duration.as_millis())
    {
        return quote!(::core::time::Duration::from_millis(#millis));
    }
    quote!(::core::time::Duration::new(#seconds, #nanos))
}

/// What is true of the step in a graph that has all it needs: one bound for each parameter, at that parameter's place.
/// Without `output`, something was wrong with the step, and it is there only so that a graph that lists it has no
/// mistake of its own.
fn step_in(
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
        let call = call(name, signature, options, output);
        let persisted = options
            .persist
            .is_some()
            .then(|| persisted(name, parameters, output));
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
    quote! {
        #keyword<GraphWithItsNeeds: ::docket::__private::Graph> #head
        where
            #(#bounds,)*
        #items
    }
}

fn bound(parameter: &Parameter) -> Option<TokenStream> {
    let (bound, ty) = match &parameter.kind {
        ParameterKind::Need(ty)
        | ParameterKind::Key(ty)
        | ParameterKind::Soft(ty)
        | ParameterKind::SoftWithReason(ty) => (quote!(Produces), ty),
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

fn need(parameter: &Parameter) -> Option<TokenStream> {
    match &parameter.kind {
        ParameterKind::Need(ty) | ParameterKind::Key(ty) => {
            Some(quote!(::docket::__private::need::<GraphWithItsNeeds, #ty>()))
        }
        ParameterKind::Soft(ty) | ParameterKind::SoftWithReason(ty) => {
            Some(quote!(::docket::__private::soft_need::<GraphWithItsNeeds, #ty>()))
        }
        ParameterKind::Resource(_) | ParameterKind::Context | ParameterKind::Wrong => None,
    }
}

fn ready(parameters: &[Parameter]) -> TokenStream {
    let mut needs = parameters
        .iter()
        .filter_map(|parameter| match &parameter.kind {
            ParameterKind::Need(ty) | ParameterKind::Key(ty) => {
                Some(quote!(::docket::__private::Readiness::of(view_.slot::<#ty>())))
            }
            ParameterKind::Soft(ty) | ParameterKind::SoftWithReason(ty) => {
                Some(quote!(::docket::__private::Readiness::of_soft(view_.slot::<#ty>())))
            }
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

fn call(
    name: &Ident,
    signature: &StepSignature,
    options: &StepOptions,
    output: &Output,
) -> TokenStream {
    let names: Vec<Ident> = (0..signature.parameters.len())
        .map(|i| format_ident!("input_{i}_"))
        .collect();
    let reads = names
        .iter()
        .zip(&signature.parameters)
        .map(|(name, parameter)| {
            let value = match &parameter.kind {
                ParameterKind::Need(ty) | ParameterKind::Key(ty) => quote!(view_.need::<#ty>()),
                ParameterKind::Soft(ty) => quote!(view_.soft::<#ty>().ok()),
                ParameterKind::SoftWithReason(ty) => quote!(view_.soft::<#ty>()),
                ParameterKind::Resource(ty) => quote!(view_.resource::<#ty>()),
                ParameterKind::Context => quote!(::docket::__private::context(context_)),
                ParameterKind::Wrong => quote!(::core::unreachable!()),
            };
            quote!(let #name = #value;)
        });
    // The call stands at the place of the step's name, and so does the promise that its future is `Send`: that is where
    // a future that is not is told.
    let span = name.span();
    let awaited = signature.is_async.then(|| quote_spanned!(span=> .await));
    let called = quote_spanned!(span=> #name(#(#names),*) #awaited);
    let outcome = if output.is_result {
        result(name, &called, options, output)
    } else {
        quote!(::core::result::Result::Ok(#called))
    };
    let future = quote_spanned! {span=>
        impl ::core::future::Future<
            Output = ::core::result::Result<Self::Output, ::docket::__private::Failure>
        > + ::core::marker::Send + 'a
    };
    let view = if signature
        .parameters
        .iter()
        .all(|parameter| matches!(parameter.kind, ParameterKind::Context))
    {
        quote!(_view)
    } else {
        quote!(view_)
    };
    let known = signature.takes_values().then(|| {
        quote! {
            let view_: &'a ::docket::__private::Known<{ <#name as ::docket::__private::Step>::SHARED }, V_> = view_;
        }
    });
    let context = if signature.has_context() {
        quote!(context_)
    } else {
        quote!(_context)
    };
    quote! {
        #[inline]
        fn call<'a, V_: ::docket::__private::View<GraphWithItsNeeds>>(
            #view: &'a V_,
            #context: ::core::option::Option<&'a ::docket::__private::StepContext>,
        ) -> #future {
            #known
            #(#reads)*
            async move { #outcome }
        }
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
    let failure = quote_spanned!(place=> ::docket::__private::IntoFailure::into_failure(error_));
    let failed = match &options.retry_if {
        Some(retry_if) => {
            let retry_if = &retry_if.value;
            let error = outcome_item(&returned(name, output), name, output, &quote!(Error));
            quote! {{
                const RETRY_IF_: fn(&#error) -> bool = #retry_if;
                let retry_ = RETRY_IF_(&error_);
                ::core::result::Result::Err(#failure.retry_if(retry_))
            }}
        }
        None => quote!(::core::result::Result::Err(#failure)),
    };
    let into_result = outcome_item(&returned(name, output), name, output, &quote!(into_result));
    quote! {
        match #into_result(#called) {
            ::core::result::Result::Ok(value_) => ::core::result::Result::Ok(value_),
            ::core::result::Result::Err(error_) => #failed,
        }
    }
}

fn persisted(name: &Ident, parameters: &[Parameter], output: &Output) -> TokenStream {
    let hashes: Vec<TokenStream> = parameters.iter().filter_map(hash).collect();
    let hash = (!hashes.is_empty()).then(|| {
        quote! {
            fn hash<V_: ::docket::__private::View<GraphWithItsNeeds>>(
                view_: &V_,
                hashes_: &mut ::docket::__private::Hashes,
            ) -> ::core::result::Result<(), ::docket::__private::ValueError> {
                #(#hashes?;)*
                ::core::result::Result::Ok(())
            }
        }
    });
    let stored = storable(&stored_type(name, output));
    quote! {
        #hash

        fn persisted<W_, const NODE_: usize, V_: ::docket::__private::View<GraphWithItsNeeds> + ::core::clone::Clone + 'static>(
            view_: V_,
        ) -> impl ::core::future::Future<
            Output = ::core::result::Result<::docket::__private::Made<Self::Output>, ::docket::__private::Ended>
        > + ::core::marker::Send + 'static
        where
            W_: ::docket::__private::Node<NODE_, Graph = GraphWithItsNeeds, Step = Self>,
        {
            ::docket::__private::persisted::<W_, NODE_, #name, V_, #stored>(view_)
        }
    }
}

/// The type to point at when it can't be stored: the first argument of a `Result`, if it shows.
fn stored_type(name: &Ident, output: &Output) -> TokenStream {
    match result_arguments(output).first() {
        Some(ty) => quote!(#ty),
        None => output_type(name, output),
    }
}

/// The types between the angles of a `…Result<…>`.
fn result_arguments(output: &Output) -> Vec<&Type> {
    if output.is_result
        && let Type::Path(path) = &output.ty
        && let Some(last) = path.path.segments.last()
        && let syn::PathArguments::AngleBracketed(generic) = &last.arguments
    {
        let types = generic.args.iter().filter_map(|argument| match argument {
            syn::GenericArgument::Type(ty) => Some(ty),
            _ => None,
        });
        return types.collect();
    }
    Vec::new()
}

fn hash(parameter: &Parameter) -> Option<TokenStream> {
    let (add, ty, read) = match &parameter.kind {
        ParameterKind::Need(ty) => (quote!(add), ty, quote!(view_.need::<#ty>())),
        ParameterKind::Key(ty) => (quote!(add_key), ty, quote!(view_.need::<#ty>())),
        ParameterKind::Soft(ty) | ParameterKind::SoftWithReason(ty) => {
            (quote!(add_soft), ty, quote!(view_.soft::<#ty>().ok()))
        }
        ParameterKind::Resource(_) | ParameterKind::Context | ParameterKind::Wrong => return None,
    };
    let ty = storable(ty);
    Some(quote!(hashes_.#add::<#ty>(#read)))
}

/// `ty`, asked at its place whether it can be stored, and known to what follows only if it can.
fn storable(ty: &impl ToTokens) -> TokenStream {
    let (start, end) = spans::ends(ty);
    let open = quote_spanned!(start=> <);
    let close = quote_spanned!(end=> as ::docket::__private::Value>::CODEC);
    quote!(::docket::__private::Known<{ ::docket::__private::is_codec(#open #ty #close) }, #ty>)
}
