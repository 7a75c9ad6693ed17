//! `retry(…)`.

use std::time::Duration;

use quote::ToTokens;
use syn::{Expr, ExprLit, Lit, Meta};

use super::values::{duration, flag, integer, value};
use super::{Given, Retry, metas, put};
use crate::report::{Errors, suggestion};

pub(super) const RETRY_NAMES: &[&str] = &[
    "attempts",
    "delay",
    "initial",
    "factor",
    "max_delay",
    "jitter",
];

pub(super) const INITIAL_DELAY: Duration = Duration::from_millis(100);

pub(super) const FACTOR: f64 = 2.0;

#[derive(Default)]
pub(super) struct RetryParts {
    attempts: Option<Given<u32>>,
    delay: Option<Given<Duration>>,
    initial: Option<Given<Duration>>,
    factor: Option<Given<f64>>,
    max_delay: Option<Given<Duration>>,
    jitter: Option<Given<()>>,
}

pub(super) fn retry(meta: &Meta, errors: &mut Errors) -> Option<Retry> {
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

pub(super) fn retry_part(meta: &Meta, parts: &mut RetryParts, errors: &mut Errors) {
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

pub(super) fn attempts(meta: &Meta, errors: &mut Errors) -> Option<u32> {
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

pub(super) fn factor(meta: &Meta, errors: &mut Errors) -> Option<f64> {
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
