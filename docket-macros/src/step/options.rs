//! The options of `#[step(…)]`: one table of names, one parser for each kind of value, then what excludes what.

use std::time::Duration;

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Expr, ExprLit, ExprPath, Lit, LitStr, Meta, Path, Token};

use super::parse::Function;
use super::signature::{ParameterKind, StepSignature};
use crate::report::{Errors, suggestion};

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
    pub(crate) repeat: Option<Given<Repeat>>,
    pub(crate) timeout: Option<Given<Duration>>,
    pub(crate) retry: Option<Given<Retry>>,
    pub(crate) retry_if: Option<Given<Path>>,
    pub(crate) fallback: Option<Given<Path>>,
    pub(crate) max_concurrency: Option<Given<usize>>,
    pub(crate) spawn: Option<Given<()>>,
    pub(crate) blocking: Option<Given<()>>,
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

const RETRY_NAMES: &[&str] = &[
    "attempts",
    "delay",
    "initial",
    "factor",
    "max_delay",
    "jitter",
];

const INITIAL_DELAY: Duration = Duration::from_millis(100);
const FACTOR: f64 = 2.0;

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
        "version" => put(&mut options.version, meta, errors, |meta, errors| integer(meta, u32::MAX.into(), errors)),
        "persist" => put(&mut options.persist, meta, errors, persist),
        "ttl" => put(&mut options.ttl, meta, errors, duration),
        "repeat" => put(&mut options.repeat, meta, errors, repeat),
        "timeout" => put(&mut options.timeout, meta, errors, duration),
        "retry" => put(&mut options.retry, meta, errors, retry),
        "retry_if" => put(&mut options.retry_if, meta, errors, path),
        "fallback" => put(&mut options.fallback, meta, errors, path),
        "max_concurrency" => put(&mut options.max_concurrency, meta, errors, at_least_one),
        "spawn" => put(&mut options.spawn, meta, errors, flag),
        "blocking" => put(&mut options.blocking, meta, errors, flag),
        "bulk" => errors.error(
            meta.path(),
            "`bulk` asks for many items of a batch at once, and batches are not there yet; take it away until they are",
        ),
        "reconcile" => errors.error(
            meta.path(),
            "`reconcile` finds out what became of a step in doubt, and is not there yet; until it is, resolve the row by \
             hand",
        ),
        _ => errors.error(meta.path(), format!("unknown option `{name}`; {}", suggestion(&name, NAMES))),
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

fn value<'a>(meta: &'a Meta, form: &str, errors: &mut Errors) -> Option<&'a Expr> {
    match meta {
        Meta::NameValue(pair) => Some(&pair.value),
        _ => {
            errors.error(
                meta,
                format!(
                    "`{0}` needs a value: `{0} = {form}`",
                    meta.path().to_token_stream()
                ),
            );
            None
        }
    }
}

fn string<'a>(meta: &'a Meta, form: &str, errors: &mut Errors) -> Option<&'a LitStr> {
    match value(meta, form, errors)? {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) => Some(text),
        other => {
            errors.error(
                other,
                format!(
                    "this takes a string: `{} = {form}`",
                    meta.path().to_token_stream()
                ),
            );
            None
        }
    }
}

fn step_name(meta: &Meta, errors: &mut Errors) -> Option<String> {
    const MAX_BYTES: usize = 190;
    let text = string(meta, "\"ChargeCard\"", errors)?;
    let name = text.value();
    if name.is_empty() || name.len() > MAX_BYTES || name.chars().any(char::is_control) {
        errors.error(text, "a name has 1 to 190 bytes and no control characters, so that it fits into a row and a log");
        return None;
    }
    Some(name)
}

fn persist(meta: &Meta, errors: &mut Errors) -> Option<Persist> {
    one_of(
        meta,
        &[("global", Persist::Global), ("workflow", Persist::Workflow)],
        errors,
    )
}

fn repeat(meta: &Meta, errors: &mut Errors) -> Option<Repeat> {
    one_of(
        meta,
        &[
            ("free", Repeat::Free),
            ("keyed", Repeat::Keyed),
            ("never", Repeat::Never),
        ],
        errors,
    )
}

fn one_of<T: Copy>(meta: &Meta, values: &[(&str, T)], errors: &mut Errors) -> Option<T> {
    let text = string(meta, &format!("\"{}\"", values[0].0), errors)?;
    let found = values.iter().find(|(name, _)| *name == text.value());
    if found.is_none() {
        let names: Vec<&str> = values.iter().map(|(name, _)| *name).collect();
        let option = meta.path().to_token_stream();
        errors.error(
            text,
            format!(
                "unknown value of `{option}`; {}",
                suggestion(&text.value(), &names)
            ),
        );
    }
    found.map(|(_, value)| *value)
}

fn duration(meta: &Meta, errors: &mut Errors) -> Option<Duration> {
    if let Meta::NameValue(pair) = meta
        && let Expr::Lit(ExprLit {
            lit: Lit::Int(number),
            ..
        }) = &pair.value
    {
        let option = meta.path().to_token_stream();
        let message = format!(
            "a duration is a string with its unit: `{option} = \"{number}s\"`, or `\"{number}ms\"`"
        );
        errors.error(number, message);
        return None;
    }
    let text = string(meta, "\"800ms\"", errors)?;
    match humantime::parse_duration(&text.value()) {
        Ok(duration) if duration.is_zero() => {
            errors.error(
                text,
                "this is no time at all; write a duration above zero, or leave the option out",
            );
            None
        }
        Ok(duration) => Some(duration),
        Err(error) => {
            let message = format!(
                "not a duration: {error}; write for example \"800ms\", \"2s\", \"1h 30m\" or \"7days\""
            );
            errors.error(text, message);
            None
        }
    }
}

fn integer<T: TryFrom<u64>>(meta: &Meta, max: u64, errors: &mut Errors) -> Option<T> {
    let value = value(meta, "2", errors)?;
    let number = match value {
        Expr::Lit(ExprLit {
            lit: Lit::Int(number),
            ..
        }) => number.base10_parse::<u64>().ok(),
        Expr::Unary(_) => None,
        other => {
            errors.error(
                other,
                format!(
                    "this takes a whole number: `{} = 2`",
                    meta.path().to_token_stream()
                ),
            );
            return None;
        }
    };
    let fitting = number
        .filter(|number| *number <= max)
        .and_then(|number| T::try_from(number).ok());
    if fitting.is_none() {
        errors.error(value, format!("this takes a whole number from 0 to {max}"));
    }
    fitting
}

fn at_least_one(meta: &Meta, errors: &mut Errors) -> Option<usize> {
    let n: usize = integer(meta, u32::MAX.into(), errors)?;
    if n == 0 {
        errors.error(
            meta,
            "a step that may run 0 times at once never runs; write 1 or more",
        );
        return None;
    }
    Some(n)
}

fn path(meta: &Meta, errors: &mut Errors) -> Option<Path> {
    match value(meta, "path::to::function", errors)? {
        Expr::Path(ExprPath {
            path,
            qself: None,
            attrs,
        }) if attrs.is_empty() => Some(path.clone()),
        other => {
            let option = meta.path().to_token_stream();
            errors.error(
                other,
                format!("this takes the path of a function: `{option} = path::to::function`"),
            );
            None
        }
    }
}

fn flag(meta: &Meta, errors: &mut Errors) -> Option<()> {
    match meta {
        Meta::Path(_) => Some(()),
        _ => {
            errors.error(
                meta,
                format!(
                    "`{0}` takes no value: write `{0}` alone",
                    meta.path().to_token_stream()
                ),
            );
            None
        }
    }
}

#[derive(Default)]
struct RetryParts {
    attempts: Option<Given<u32>>,
    delay: Option<Given<Duration>>,
    initial: Option<Given<Duration>>,
    factor: Option<Given<f64>>,
    max_delay: Option<Given<Duration>>,
    jitter: Option<Given<()>>,
}

fn retry(meta: &Meta, errors: &mut Errors) -> Option<Retry> {
    const FORM: &str = "`retry(attempts = 3, initial = \"100ms\")`";
    let Meta::List(arguments) = meta else {
        errors.error(meta, format!("`retry` says how often and how soon: {FORM}"));
        return None;
    };
    let metas = match arguments.parse_args_with(metas) {
        Ok(metas) => metas,
        Err(error) => {
            errors.push(error);
            return None;
        }
    };
    let mut own = Errors::default();
    let mut parts = RetryParts::default();
    for meta in &metas {
        retry_part(meta, &mut parts, &mut own);
    }
    let whole = own.is_empty();
    errors.absorb(own);
    if !whole {
        return None;
    }
    let RetryParts {
        attempts,
        delay,
        initial,
        factor,
        max_delay,
        jitter,
    } = parts;
    let Some(attempts) = attempts else {
        errors.error(
            meta,
            format!("`retry` needs the number of attempts, the first included: {FORM}"),
        );
        return None;
    };
    if let Some(delay) = delay {
        let grows = [
            initial.map(|it| it.written),
            factor.map(|it| it.written),
            max_delay.map(|it| it.written),
        ];
        if let Some(other) = grows.into_iter().flatten().next() {
            let name = other.path().to_token_stream();
            errors.error(
                &other,
                format!(
                    "`delay` is the same after each attempt, so `{name}` has no meaning; keep one"
                ),
            );
            return None;
        }
        let jitter = jitter.is_some();
        return Some(Retry {
            attempts: attempts.value,
            initial: delay.value,
            factor: 1.0,
            max_delay: None,
            jitter,
        });
    }
    let initial = initial.map_or(INITIAL_DELAY, |it| it.value);
    if let Some(max) = &max_delay
        && max.value < initial
    {
        errors.error(
            &max.written,
            "`max_delay` is shorter than the first delay; write a fixed `delay` instead",
        );
        return None;
    }
    Some(Retry {
        attempts: attempts.value,
        initial,
        factor: factor.map_or(FACTOR, |it| it.value),
        max_delay: max_delay.map(|it| it.value),
        jitter: jitter.is_some(),
    })
}

fn retry_part(meta: &Meta, parts: &mut RetryParts, errors: &mut Errors) {
    let name = meta
        .path()
        .get_ident()
        .map(ToString::to_string)
        .unwrap_or_default();
    match name.as_str() {
        "attempts" => put(&mut parts.attempts, meta, errors, attempts),
        "delay" => put(&mut parts.delay, meta, errors, duration),
        "initial" => put(&mut parts.initial, meta, errors, duration),
        "factor" => put(&mut parts.factor, meta, errors, factor),
        "max_delay" => put(&mut parts.max_delay, meta, errors, duration),
        "jitter" => put(&mut parts.jitter, meta, errors, flag),
        _ => errors.error(
            meta.path(),
            format!(
                "unknown option of `retry`; {}",
                suggestion(&name, RETRY_NAMES)
            ),
        ),
    }
}

fn attempts(meta: &Meta, errors: &mut Errors) -> Option<u32> {
    let n: u32 = integer(meta, u32::MAX.into(), errors)?;
    if n < 2 {
        errors.error(
            meta,
            "`attempts` counts the first, so a retry starts at 2; to try once, leave `retry` out",
        );
        return None;
    }
    Some(n)
}

fn factor(meta: &Meta, errors: &mut Errors) -> Option<f64> {
    let expr = value(meta, "2.0", errors)?;
    let factor = match expr {
        Expr::Lit(ExprLit {
            lit: Lit::Float(number),
            ..
        }) => number.base10_parse::<f64>().ok(),
        Expr::Lit(ExprLit {
            lit: Lit::Int(number),
            ..
        }) => number.base10_parse::<f64>().ok(),
        _ => None,
    };
    match factor {
        Some(factor) if factor >= 1.0 && factor.is_finite() => Some(factor),
        _ => {
            errors.error(
                expr,
                "a factor is a number from 1.0: what each delay is of the one before",
            );
            None
        }
    }
}

/// What excludes what, and what needs what.
pub(crate) fn check(
    options: &StepOptions,
    signature: &StepSignature,
    function: &Function,
    errors: &mut Errors,
) {
    let StepOptions {
        persist,
        repeat,
        retry,
        retry_if,
        spawn,
        blocking,
        ..
    } = options;
    if persist.is_none() {
        check_recorded(options, signature, errors);
    }
    if let Some(blocking) = blocking {
        if signature.is_async {
            errors.error(&blocking.written, "`blocking` is for a plain `fn`; an `async fn` must not block, so take one of the two away");
        }
        if let Some(spawn) = spawn {
            errors.error(
                &spawn.written,
                "a `blocking` step is on another thread already; take `spawn` away",
            );
        }
    }
    if let (Some(repeat), Some(retry)) = (repeat, retry)
        && repeat.value == Repeat::Never
    {
        errors.error(&retry.written, "a step that must not happen twice can't be retried; take `retry` away, or use `repeat = \"keyed\"`");
    }
    if let Some(retry_if) = retry_if {
        if retry.is_none() {
            errors.error(&retry_if.written, "`retry_if` chooses among errors to retry, and this step has no retry; add `retry(attempts = 3)`");
        }
        if signature
            .output
            .as_ref()
            .is_some_and(|output| !output.is_result)
        {
            errors.error(
                &retry_if.written,
                "`retry_if` looks at the step's error, and this step returns none",
            );
        }
    }
    check_twice(function, errors);
}

/// What is about recorded results. Leaving `persist` out is one mistake, however much there is that wants it.
fn check_recorded(options: &StepOptions, signature: &StepSignature, errors: &mut Errors) {
    let needs = "this step records none; add `persist = \"global\"` or `persist = \"workflow\"`";
    let key = signature
        .parameters
        .iter()
        .find(|parameter| matches!(parameter.kind, ParameterKind::Key(_)));
    if let Some(ttl) = &options.ttl {
        errors.error(
            &ttl.written,
            format!("`ttl` limits the age of a recorded result, and {needs}"),
        );
    } else if let Some(repeat) = &options.repeat {
        errors.error(
            &repeat.written,
            format!("`repeat` is about recorded results, and {needs}"),
        );
    } else if let Some(key) = key {
        errors.error(
            &key.written,
            format!("`#[key]` is about recorded results, and {needs}"),
        );
    }
}

fn check_twice(function: &Function, errors: &mut Errors) {
    for attribute in &function.attributes {
        if attribute.path().is_ident("step") {
            errors.error(attribute, "`#[step]` is given twice; keep one");
        }
    }
}
