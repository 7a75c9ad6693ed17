//! One parser for each kind of value.

use std::time::Duration;

use quote::ToTokens;
use syn::{Expr, ExprLit, ExprPath, Lit, LitStr, Meta, Path};

use super::{Persist, Repeat};
use crate::report::{Errors, suggestion};

pub(super) fn value<'a>(meta: &'a Meta, form: &str, errors: &mut Errors) -> Option<&'a Expr> {
    match meta {
        Meta::NameValue(pair) => Some(ungrouped(&pair.value)),
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

/// What a `macro_rules` parameter put around a value does not matter.
fn ungrouped(value: &Expr) -> &Expr {
    match value {
        Expr::Group(group) => ungrouped(&group.expr),
        value => value,
    }
}

pub(super) fn string<'a>(meta: &'a Meta, form: &str, errors: &mut Errors) -> Option<&'a LitStr> {
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

pub(super) fn step_name(meta: &Meta, errors: &mut Errors) -> Option<String> {
    const MAX_BYTES: usize = 190;
    let text = string(meta, "\"ChargeCard\"", errors)?;
    let name = text.value();
    if name.is_empty() || name.len() > MAX_BYTES || name.chars().any(char::is_control) {
        errors.error(text, "a name has 1 to 190 bytes and no control characters, so that it fits into a row and a log");
        return None;
    }
    Some(name)
}

pub(super) fn persist(meta: &Meta, errors: &mut Errors) -> Option<Persist> {
    one_of(
        meta,
        &[("global", Persist::Global), ("workflow", Persist::Workflow)],
        errors,
    )
}

pub(super) fn repeat(meta: &Meta, errors: &mut Errors) -> Option<Repeat> {
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

pub(super) fn one_of<T: Copy>(meta: &Meta, values: &[(&str, T)], errors: &mut Errors) -> Option<T> {
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

pub(super) fn duration(meta: &Meta, errors: &mut Errors) -> Option<Duration> {
    if let Meta::NameValue(pair) = meta
        && let Expr::Lit(ExprLit {
            lit: lit @ (Lit::Int(_) | Lit::Float(_)),
            ..
        }) = ungrouped(&pair.value)
    {
        let option = meta.path().to_token_stream();
        let written = lit.to_token_stream().to_string();
        let number = written.trim_end_matches(|it: char| it.is_ascii_alphabetic());
        let way_out = if humantime::parse_duration(&written).is_ok() {
            format!("`{option} = \"{written}\"`")
        } else {
            format!("`{option} = \"{number}s\"`, or `\"{number}ms\"`")
        };
        let message = format!("a duration is a string with its unit: {way_out}");
        errors.error(lit, message);
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

pub(super) fn integer<T: TryFrom<u64>>(meta: &Meta, max: u64, errors: &mut Errors) -> Option<T> {
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

pub(super) fn at_least_one(meta: &Meta, errors: &mut Errors) -> Option<usize> {
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

/// How many items are asked for in one call where the option does not say.
const ITEMS_IN_A_CALL: usize = 500;

pub(super) fn bulk(meta: &Meta, errors: &mut Errors) -> Option<usize> {
    if let Meta::Path(_) = meta {
        return Some(ITEMS_IN_A_CALL);
    }
    let n: usize = integer(meta, u32::MAX.into(), errors)?;
    if n == 0 {
        errors.error(
            meta,
            "a call for 0 items asks for nothing; write 1 or more, or `bulk` alone for 500",
        );
        return None;
    }
    Some(n)
}

pub(super) fn path(meta: &Meta, errors: &mut Errors) -> Option<Path> {
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

pub(super) fn flag(meta: &Meta, errors: &mut Errors) -> Option<()> {
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
