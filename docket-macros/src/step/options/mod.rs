//! The options of `#[step(…)]`: one table of names, one parser for each kind of value, then what excludes what.

mod check;
mod retry;
mod values;

use std::time::Duration;

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Meta, Path, Token};

use crate::report::{Errors, suggestion};

pub(crate) use check::check;
use retry::retry;
use values::{at_least_one, bulk, duration, flag, integer, path, persist, repeat, step_name};

/// A value, and the option that gave it, for the place of an error.
pub(crate) struct Given<T> {
    pub(crate) value: T,
    pub(crate) written: Meta,
}

#[derive(Default)]
pub(crate) struct StepOptions {
    pub(crate) name: Option<Given<String>>,
    pub(crate) version: Option<Given<u32>>,
    pub(crate) persist: Option<Given<Persist>>,
    pub(crate) ttl: Option<Given<Duration>>,
    pub(crate) stale: Option<Given<Duration>>,
    pub(crate) repeat: Option<Given<Repeat>>,
    pub(crate) reconcile: Option<Given<Path>>,
    pub(crate) timeout: Option<Given<Duration>>,
    pub(crate) retry: Option<Given<Retry>>,
    pub(crate) retry_if: Option<Given<Path>>,
    pub(crate) fallback: Option<Given<Path>>,
    pub(crate) max_concurrency: Option<Given<usize>>,
    pub(crate) spawn: Option<Given<()>>,
    pub(crate) blocking: Option<Given<()>>,
    pub(crate) bulk: Option<Given<usize>>,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Persist {
    Global,
    Workflow,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Repeat {
    Free,
    Keyed,
    Never,
}

#[derive(Clone, Copy)]
pub(crate) struct Retry {
    pub(crate) attempts: u32,
    pub(crate) initial: Duration,
    pub(crate) factor: f64,
    pub(crate) max_delay: Option<Duration>,
    pub(crate) jitter: bool,
}

const NAMES: &[&str] = &[
    "name",
    "version",
    "persist",
    "ttl",
    "stale",
    "repeat",
    "reconcile",
    "timeout",
    "retry",
    "retry_if",
    "fallback",
    "max_concurrency",
    "spawn",
    "blocking",
    "bulk",
];

pub(crate) fn read(attribute: TokenStream, errors: &mut Errors) -> StepOptions {
    let mut options = StepOptions::default();
    let metas = match metas.parse2(attribute) {
        Ok(metas) => metas,
        Err(error) => {
            errors.push(error);
            return options;
        }
    };
    for meta in &metas {
        option(meta, &mut options, errors);
    }
    options
}

fn metas(input: ParseStream<'_>) -> syn::Result<Punctuated<Meta, Token![,]>> {
    Punctuated::parse_terminated_with(input, |input| {
        if !input.peek(Ident::peek_any) && !input.peek(Token![::]) {
            return Err(input.error("an option is written `name`, `name = value` or `name(…)`"));
        }
        input.parse()
    })
}

fn option(meta: &Meta, options: &mut StepOptions, errors: &mut Errors) {
    let Some(name) = meta.path().get_ident().map(ToString::to_string) else {
        let last = meta
            .path()
            .segments
            .last()
            .map(|segment| segment.ident.to_string())
            .unwrap_or_default();
        let written = super::bare(meta.path());
        errors.error(
            meta.path(),
            format!("unknown option `{written}`; {}", suggestion(&last, NAMES)),
        );
        return;
    };
    match name.as_str() {
        "name" => put(&mut options.name, meta, errors, step_name),
        "version" => put(&mut options.version, meta, errors, |meta, errors| {
            integer(meta, u32::MAX.into(), errors)
        }),
        "persist" => put(&mut options.persist, meta, errors, persist),
        "ttl" => put(&mut options.ttl, meta, errors, duration),
        "stale" => put(&mut options.stale, meta, errors, duration),
        "repeat" => put(&mut options.repeat, meta, errors, repeat),
        "reconcile" => put(&mut options.reconcile, meta, errors, path),
        "timeout" => put(&mut options.timeout, meta, errors, duration),
        "retry" => put(&mut options.retry, meta, errors, retry),
        "retry_if" => put(&mut options.retry_if, meta, errors, path),
        "fallback" => put(&mut options.fallback, meta, errors, path),
        "max_concurrency" => put(&mut options.max_concurrency, meta, errors, at_least_one),
        "spawn" => put(&mut options.spawn, meta, errors, flag),
        "blocking" => put(&mut options.blocking, meta, errors, flag),
        "bulk" => put(&mut options.bulk, meta, errors, bulk),
        _ => errors.error(
            meta.path(),
            format!("unknown option `{name}`; {}", suggestion(&name, NAMES)),
        ),
    }
}

/// Reads the value of `meta` into `place`, which no option before it may have filled.
fn put<T>(
    place: &mut Option<Given<T>>,
    meta: &Meta,
    errors: &mut Errors,
    parse: impl FnOnce(&Meta, &mut Errors) -> Option<T>,
) {
    if place.is_some() {
        errors.error(
            meta,
            format!(
                "`{}` is given twice; keep one",
                meta.path().to_token_stream()
            ),
        );
        return;
    }
    *place = parse(meta, errors).map(|value| Given {
        value,
        written: meta.clone(),
    });
}
