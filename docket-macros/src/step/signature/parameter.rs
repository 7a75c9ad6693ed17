//! The forms of a parameter.

use proc_macro2::Ident;
use syn::{Attribute, FnArg, GenericArgument, PathArguments, Type};

use super::types::{bare, inner, is_static, last_is, owned_form, shared_reference, ungroup};
use super::{Parameter, ParameterKind, is_mark};
use crate::report::Errors;

pub(super) fn parameter(input: &FnArg, is_bulk: bool, errors: &mut Errors) -> Option<Parameter> {
    let typed = match input {
        FnArg::Typed(typed) => typed,
        FnArg::Receiver(receiver) => {
            errors.error(
                receiver,
                "a step is a function outside of any `impl`; take what `self` is as `#[resource] name: &Type`",
            );
            return None;
        }
    };
    let mut marks = typed.attrs.iter().filter(|attribute| is_mark(attribute));
    let mark = marks.next();
    if let Some(second) = marks.next() {
        errors.error(
            second,
            "a parameter has one mark at most: `#[resource]` or `#[key]`",
        );
    }
    for attribute in &typed.attrs {
        if attribute.path().is_ident("cfg") || attribute.path().is_ident("cfg_attr") {
            errors.error(
                attribute,
                "a parameter of a step can't be switched off; write two steps with `#[cfg]`",
            );
        }
    }
    if let Some(mark) = mark
        && mark.meta.require_path_only().is_err()
    {
        errors.error(
            mark,
            format!(
                "write `#[{}]` alone",
                mark.path()
                    .get_ident()
                    .map_or_else(String::new, Ident::to_string)
            ),
        );
    }
    let slice = is_bulk.then(|| slice(&typed.ty)).flatten();
    let is_key = mark.is_some_and(|mark| mark.path().is_ident("key"));
    let kind = match slice {
        // Each of its items is a need of its own.
        Some(item) if mark.is_none() || is_key => match all(&typed.ty, item, errors) {
            ParameterKind::All(item) if is_key => ParameterKind::Key(item),
            ParameterKind::All(item) => ParameterKind::Need(item),
            other => other,
        },
        _ => kind(&typed.ty, mark, errors),
    };
    Some(Parameter {
        name: bare(&typed.pat),
        is_bulk: slice.is_some() && matches!(kind, ParameterKind::Need(_) | ParameterKind::Key(_)),
        kind,
        written: (*typed.ty).clone(),
    })
}

pub(super) fn kind(ty: &Type, mark: Option<&Attribute>, errors: &mut Errors) -> ParameterKind {
    let ty = ungroup(ty);
    let mark = mark
        .and_then(|mark| mark.path().get_ident())
        .map(Ident::to_string);
    match mark.as_deref() {
        Some("resource") => match shared_reference(ty) {
            Some(target) if is_context(target) => {
                errors.error(
                    ty,
                    "the context is no resource, and always there; take `#[resource]` away",
                );
                ParameterKind::Wrong
            }
            Some(target) => match unsized_type(target, "resources") {
                Some(problem) => {
                    errors.error(ty, problem);
                    ParameterKind::Wrong
                }
                None => ParameterKind::Resource(target.clone()),
            },
            None => {
                errors.error(
                    ty,
                    format!(
                        "a resource is borrowed from the graph; write `&{}`",
                        bare(inner(ty))
                    ),
                );
                ParameterKind::Wrong
            }
        },
        Some("key") => match shared_reference(ty) {
            Some(target) if !matches!(target, Type::Slice(_)) => ParameterKind::Key(target.clone()),
            _ => {
                errors.error(
                    ty,
                    format!(
                        "a key is always there, and borrowed; write `&{}`",
                        bare(inner(ty))
                    ),
                );
                ParameterKind::Wrong
            }
        },
        _ => unmarked(ty, errors),
    }
}

pub(super) fn unmarked(ty: &Type, errors: &mut Errors) -> ParameterKind {
    if let Type::Reference(reference) = ty {
        if reference.mutability.is_some() {
            let target = bare(&reference.elem);
            let message = format!(
                "a step can't change its inputs, since others read them too; write `&{target}`"
            );
            errors.error(ty, message);
            return ParameterKind::Wrong;
        }
        if is_static(reference) {
            let target = bare(&reference.elem);
            let message = format!(
                "what a step reads lives no longer than its execution; write `&{target}`, or `&&'static {target}` for what \
                 is a `&'static {target}` itself"
            );
            errors.error(ty, message);
            return ParameterKind::Wrong;
        }
        return match ungroup(&reference.elem) {
            Type::Slice(slice) => all(ty, ungroup(&slice.elem), errors),
            target if is_context(target) => ParameterKind::Context,
            target => match unsized_type(target, "inputs") {
                Some(problem) => {
                    errors.error(ty, problem);
                    ParameterKind::Wrong
                }
                None => ParameterKind::Need(target.clone()),
            },
        };
    }
    if let Type::Path(path) = ty {
        let kind = match soft(path, "Option", 1) {
            Some(target) => Some(ParameterKind::Soft(target)),
            None => soft(path, "Result", 2)
                .map(|target| ParameterKind::SoftWithReason(target, reason(path))),
        };
        if let Some(kind) = kind {
            let problem = match kind.ty() {
                Some(target) if is_context(target) => {
                    Some("the context is always there; write `&StepContext`".to_owned())
                }
                target => target.and_then(|target| unsized_type(target, "inputs")),
            };
            let Some(problem) = problem else {
                return kind;
            };
            errors.error(ty, problem);
            return ParameterKind::Wrong;
        }
        if last_is(path, "StepContext") {
            errors.error(ty, "the context is borrowed; write `&StepContext`");
            return ParameterKind::Wrong;
        }
        if last_is(path, "Option") || last_is(path, "Result") {
            let value = match inner(ty) {
                Type::Reference(reference) => bare(&reference.elem),
                ty => bare(ty),
            };
            let message = format!(
                "what may be missing is borrowed too; write `Option<&{value}>`, or `Result<&{value}, &docket::Error>` to \
                 see why it is missing",
            );
            errors.error(ty, message);
            return ParameterKind::Wrong;
        }
    }
    if matches!(ty, Type::ImplTrait(_)) {
        errors.error(
            ty,
            "a step can't be generic, since its types are what the graph is made of; write `&T`",
        );
        return ParameterKind::Wrong;
    }
    if matches!(ty, Type::Tuple(_)) {
        errors.error(
            ty,
            "each input is a parameter of its own, and borrowed; write `a: &A, b: &B`",
        );
        return ParameterKind::Wrong;
    }
    let message = format!(
        "a step borrows its inputs, since others read them too; write `&{}`",
        bare(ty)
    );
    errors.error(ty, message);
    ParameterKind::Wrong
}

fn is_context(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if last_is(path, "StepContext"))
}

/// The `T` of `&[T]`.
fn slice(ty: &Type) -> Option<&Type> {
    match shared_reference(ungroup(ty))? {
        Type::Slice(slice) => Some(ungroup(&slice.elem)),
        _ => None,
    }
}

/// `&[item]`
fn all(ty: &Type, item: &Type, errors: &mut Errors) -> ParameterKind {
    let problem = match owned_form(item) {
        Some(owned) => Some(format!(
            "the items of a batch live on their own, so nothing in them is borrowed; write `&[{owned}]`"
        )),
        None => unsized_type(item, "items"),
    };
    match problem {
        Some(problem) => {
            errors.error(ty, problem);
            ParameterKind::Wrong
        }
        None => ParameterKind::All(item.clone()),
    }
}

/// Why a parameter can't borrow `target`, where it is no type of a value.
pub(super) fn unsized_type(target: &Type, what: &str) -> Option<String> {
    match target {
        Type::Path(path) if path.path.is_ident("str") => Some(
            "no step can return a `str`; write `&String`, or a type that says what the text is"
                .to_owned(),
        ),
        Type::Slice(slice) => Some(format!(
            "no step can return a slice; write `&Vec<{}>`",
            bare(&slice.elem)
        )),
        Type::TraitObject(object) => {
            let object = bare(object);
            Some(format!(
                "{what} are found by their one type; write `&Box<{object}>`, or `&Arc<{object}>`"
            ))
        }
        Type::ImplTrait(_) => Some(format!(
            "{what} are found by their one type, so write that type"
        )),
        _ if let Some(owned) = owned_form(target) => Some(format!(
            "{what} live on their own, so nothing in them is borrowed; write `&{owned}`"
        )),
        _ => None,
    }
}

/// The `T` of `Option<&T>` or `Result<&T, …>`.
pub(super) fn soft(path: &syn::TypePath, name: &str, arguments: usize) -> Option<Type> {
    let last = path.path.segments.last()?;
    if last.ident != name {
        return None;
    }
    let PathArguments::AngleBracketed(generic) = &last.arguments else {
        return None;
    };
    if generic.args.len() != arguments {
        return None;
    }
    let GenericArgument::Type(first) = generic.args.first()? else {
        return None;
    };
    shared_reference(ungroup(first)).cloned()
}

/// The type of the reason in `Result<&T, &…>`. Whether it is `docket::Error`, the compiler is asked.
fn reason(path: &syn::TypePath) -> Option<Box<Type>> {
    let PathArguments::AngleBracketed(generic) = &path.path.segments.last()?.arguments else {
        return None;
    };
    match generic.args.last()? {
        GenericArgument::Type(reason) => shared_reference(ungroup(reason)).cloned().map(Box::new),
        _ => None,
    }
}
