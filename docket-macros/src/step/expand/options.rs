//! The options as a constant.

use proc_macro2::TokenStream;
use quote::quote;

use crate::step::options::{Persist, Repeat, Retry, StepOptions};
use crate::step::signature::StepSignature;

/// Only what was given: the rest is as in `Options::NONE`.
pub(super) fn constant_options(
    options: &StepOptions,
    signature: &StepSignature,
) -> Option<TokenStream> {
    let StepOptions {
        name: _,
        version: _,
        persist,
        ttl,
        stale,
        repeat,
        reconcile,
        timeout,
        retry,
        retry_if: _,
        fallback,
        max_concurrency,
        spawn,
        blocking,
        bulk,
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
    if let Some(stale) = stale {
        let stale = duration(stale.value);
        fields.extend(quote!(stale: ::core::option::Option::Some(#stale),));
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
    if let Some(bulk) = bulk {
        let n = bulk.value;
        fields.extend(quote!(bulk: ::core::option::Option::Some(#n),));
    }
    for (given, field) in [
        (spawn.is_some(), quote!(spawn)),
        (blocking.is_some(), quote!(blocking)),
        (fallback.is_some(), quote!(fallback)),
        (reconcile.is_some(), quote!(reconcile)),
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

pub(super) fn constant_retry(retry: &Retry) -> TokenStream {
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

pub(super) fn duration(duration: std::time::Duration) -> TokenStream {
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
