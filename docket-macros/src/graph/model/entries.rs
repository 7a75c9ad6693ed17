//! The entries.

use proc_macro2::Ident;
use syn::{FnArg, Pat, Type};

use super::items::{self, Form, Items, form};
use super::{Entry, owned, split, stream};
use crate::graph::parse::WrittenEntry;
use crate::report::Errors;
use crate::step::{bare, is_static, ungroup};

pub(super) const TAKEN_NAMES: &[&str] =
    &["builder", "plan", "clone", "counts", "shutdown", "explain"];

/// The entries, without those that would be a second method of their name.
pub(super) fn check_names(entries: Vec<Entry>, errors: &mut Errors) -> Vec<Entry> {
    let mut kept: Vec<Entry> = Vec::new();
    for entry in entries {
        let name = &entry.name;
        if TAKEN_NAMES.contains(&name.to_string().as_str()) {
            errors.error(
                name,
                format!("each graph has a `{name}` already; give this entry another name"),
            );
        } else if kept
            .iter()
            .any(|other| other.name == *name && other.cfgs.is_empty() && entry.cfgs.is_empty())
        {
            errors.error(
                name,
                format!("two entries are named `{name}`; give this one another name"),
            );
        } else {
            kept.push(entry);
        }
    }
    kept
}

pub(super) fn entry(entry: WrittenEntry, errors: &mut Errors) -> Option<Entry> {
    let signature = &entry.signature;
    let name = signature.ident.clone();
    let streamed = entry
        .returned()
        .and_then(|returned| stream::streamed(returned, errors));
    if signature.asyncness.is_none() && streamed.is_none() {
        errors.error(
            signature.fn_token,
            "an entry waits for its steps; write `async fn`",
        );
    }
    if let syn::Safety::Unsafe(token) = &signature.safety {
        errors.error(token, "an entry is a plain `async fn`");
    }
    if !signature.generics.params.is_empty() {
        errors.error(
            &signature.generics,
            "an entry can't be generic, since its types say which steps run",
        );
    }
    if let Some(clause) = &signature.generics.where_clause {
        errors.error(
            clause,
            "an entry can't have a `where` clause, since it can't be generic",
        );
    }
    let mut parameters = Vec::new();
    let mut items: Option<Items> = None;
    for (place, parameter) in entry.parameters().enumerate() {
        let Some((name, ty)) = self::parameter(parameter, errors) else {
            continue;
        };
        match &ty {
            Type::Slice(slice) => items::add(&mut items, place, name, slice, errors),
            _ => parameters.push((name, ty)),
        }
    }
    let Some(returned) = entry.returned() else {
        errors.error(
            &name,
            "an entry returns what it resolves; add `-> T`, or a tuple of several",
        );
        return None;
    };
    let written: Vec<&Type> = match ungroup(streamed.as_ref().unwrap_or(returned)) {
        Type::Tuple(tuple) if !tuple.elems.is_empty() => tuple.elems.iter().map(ungroup).collect(),
        other => vec![other],
    };
    let (forms, outputs): (Vec<Form>, Vec<Type>) = match &streamed {
        Some(value) => {
            stream::check(signature, items.is_some(), value, errors);
            let outputs = written.into_iter().cloned();
            outputs.map(|output| (Form::One, output)).unzip()
        }
        None => written.into_iter().map(form).unzip(),
    };
    for (form, output) in forms.iter().zip(&outputs) {
        check_output(output, errors);
        if matches!(form, Form::Each | Form::Tried) && items.is_none() {
            items::missing(returned, output, errors);
            break;
        }
    }
    let returned = returned.clone();
    let (cfgs, attributes) = split(entry.attributes);
    Some(Entry {
        attributes,
        cfgs,
        visibility: entry.visibility,
        name,
        parameters,
        items,
        outputs,
        forms,
        returned,
        streamed,
    })
}

pub(super) fn parameter(parameter: &FnArg, errors: &mut Errors) -> Option<(Ident, Type)> {
    let typed = match parameter {
        FnArg::Typed(typed) => typed,
        FnArg::Receiver(receiver) => {
            errors.error(receiver, "`&self` is added; write the inputs only");
            return None;
        }
    };
    for attribute in &typed.attrs {
        errors.error(
            attribute,
            "a parameter of an entry takes no attribute; what a step asks of it stands at the step",
        );
    }
    let Pat::Ident(pattern) = &*typed.pat else {
        errors.error(
            &typed.pat,
            "an entry has no body that could take a value apart; write a name",
        );
        return None;
    };
    let ty = ungroup(&typed.ty);
    if let Type::Reference(reference) = ty
        && !is_static(reference)
    {
        if let Type::Slice(slice) = &*reference.elem {
            let item = bare(&slice.elem);
            errors.error(
                &typed.ty,
                format!(
                    "a caller hands items over, and does not lend them; write `[{item}]`, or `Vec<{item}>` for a list as \
                     one value"
                ),
            );
            return Some((pattern.ident.clone(), (*reference.elem).clone()));
        }
        let elem = owned(&reference.elem);
        errors.error(
            &typed.ty,
            format!("a caller hands inputs over, and does not lend them; write `{elem}`"),
        );
        return None;
    }
    Some((pattern.ident.clone(), ty.clone()))
}

pub(super) fn check_output(output: &Type, errors: &mut Errors) {
    match output {
        Type::Slice(_) => errors.error(
            output,
            "a batch is a list of items, and not of lists; for a list as one value write `Vec<T>`",
        ),
        Type::Reference(reference) if !is_static(reference) => {
            errors.error(
                output,
                format!(
                    "an entry hands over what it resolves; return `{}`",
                    owned(&reference.elem)
                ),
            );
        }
        Type::ImplTrait(_) => {
            errors.error(
                output,
                "what an entry resolves is found by its type, so the type must have a name",
            );
        }
        Type::Path(path)
            if path
                .path
                .segments
                .last()
                .is_some_and(|segment| segment.ident == "Result") =>
        {
            errors.error(
                output,
                "an entry returns the value; `Result<_, docket::Error>` is put around it",
            );
        }
        _ => {}
    }
}
