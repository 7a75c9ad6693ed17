//! What the signature of a step says: what it needs, and what it makes.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::{Attribute, FnArg, GenericArgument, PathArguments, ReturnType, Type};

use super::parse::Function;
use crate::report::Errors;

pub(crate) struct StepSignature {
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) output: Option<Output>,
    pub(crate) is_async: bool,
}

pub(crate) struct Parameter {
    pub(crate) kind: ParameterKind,
    /// As written, for the place of an error.
    pub(crate) written: Type,
}

/// The forms of section "parameters" of the documentation of `#[step]`.
pub(crate) enum ParameterKind {
    /// `&T`
    Need(Type),
    /// `#[key] &T`
    Key(Type),
    /// `Option<&T>`
    Soft(Type),
    /// `Result<&T, &docket::Error>`
    SoftWithReason(Type),
    /// `#[resource] &T`
    Resource(Type),
    /// `&StepContext`
    Context,
    /// None of them; an error was reported.
    Wrong,
}

pub(crate) struct Output {
    pub(crate) ty: Type,
    /// Its name says that it is a `Result`.
    pub(crate) is_result: bool,
}

pub(super) fn is_mark(attribute: &Attribute) -> bool {
    attribute.path().is_ident("resource") || attribute.path().is_ident("key")
}

pub(crate) fn read(function: &Function, errors: &mut Errors) -> StepSignature {
    let signature = &function.signature;
    check_form(function, errors);
    StepSignature {
        parameters: signature.inputs.iter().filter_map(|input| parameter(input, errors)).collect(),
        output: output(function, errors),
        is_async: signature.asyncness.is_some(),
    }
}

fn check_form(function: &Function, errors: &mut Errors) {
    let signature = &function.signature;
    if let syn::Safety::Unsafe(token) = &signature.safety {
        errors.error(token, "a step can't be `unsafe`: the graph calls it, and can't know what it asks for");
    }
    if let Some(abi) = &signature.abi {
        errors.error(abi, "a step is a plain Rust function, without an ABI");
    }
    if !signature.generics.params.is_empty() {
        errors.error(
            &signature.generics,
            "a step can't be generic, since its types are what the graph is made of; write the types out, and leave \
             lifetimes to be inferred",
        );
    } else if let Some(clause) = &signature.generics.where_clause {
        errors.error(clause, "a step can't have a `where` clause, since it can't be generic");
    }
}

fn parameter(input: &FnArg, errors: &mut Errors) -> Option<Parameter> {
    let typed = match input {
        FnArg::Typed(typed) => typed,
        FnArg::Receiver(receiver) => {
            errors.error(
                receiver,
                "a step is a free function; give it what `self` holds as a parameter: `#[resource] tool: &Tool`",
            );
            return None;
        }
    };
    let mut marks = typed.attrs.iter().filter(|attribute| is_mark(attribute));
    let mark = marks.next();
    if let Some(second) = marks.next() {
        errors.error(second, "a parameter has one mark at most: `#[resource]` or `#[key]`");
    }
    for attribute in &typed.attrs {
        if attribute.path().is_ident("cfg") || attribute.path().is_ident("cfg_attr") {
            errors.error(attribute, "a parameter of a step can't be switched off; write two steps with `#[cfg]`");
        }
    }
    if let Some(mark) = mark
        && mark.meta.require_path_only().is_err()
    {
        errors.error(mark, format!("write `#[{}]` alone", mark.path().get_ident().map_or_else(String::new, Ident::to_string)));
    }
    let kind = kind(&typed.ty, mark, errors);
    Some(Parameter { kind, written: (*typed.ty).clone() })
}

fn kind(ty: &Type, mark: Option<&Attribute>, errors: &mut Errors) -> ParameterKind {
    let ty = ungroup(ty);
    let mark = mark.and_then(|mark| mark.path().get_ident()).map(Ident::to_string);
    match mark.as_deref() {
        Some("resource") => match shared_reference(ty) {
            Some(target) => ParameterKind::Resource(target.clone()),
            None => {
                errors.error(ty, format!("a resource is borrowed from the graph; write `&{}`", bare(ty)));
                ParameterKind::Wrong
            }
        },
        Some("key") => match shared_reference(ty) {
            Some(target) if !matches!(target, Type::Slice(_)) => ParameterKind::Key(target.clone()),
            _ => {
                errors.error(ty, format!("a key is a hard need; write `#[key] x: &{}`", bare(inner(ty))));
                ParameterKind::Wrong
            }
        },
        _ => unmarked(ty, errors),
    }
}

fn unmarked(ty: &Type, errors: &mut Errors) -> ParameterKind {
    if let Type::Reference(reference) = ty {
        if let Some(token) = &reference.mutability {
            errors.error(ty, "a step can't change its inputs, since others read them too; write `&T`");
            let _ = token;
            return ParameterKind::Wrong;
        }
        return match ungroup(&reference.elem) {
            Type::Slice(_) => {
                errors.error(
                    ty,
                    "an aggregate `&[T]` reads all items of a batch, and batches are not there yet; for a list as one \
                     value write `&Vec<T>`",
                );
                ParameterKind::Wrong
            }
            Type::Path(path) if path.path.is_ident("str") => {
                errors.error(ty, "a node has a size of its own; write `&String`, or a type that says what the text is");
                ParameterKind::Wrong
            }
            Type::TraitObject(_) | Type::ImplTrait(_) => {
                errors.error(ty, "a need names the one type that a step makes; write `&T` with that type");
                ParameterKind::Wrong
            }
            Type::Path(path) if last_is(path, "StepContext") => ParameterKind::Context,
            target => ParameterKind::Need(target.clone()),
        };
    }
    if let Type::Path(path) = ty {
        if let Some(target) = soft(path, "Option", 1) {
            return ParameterKind::Soft(target);
        }
        if let Some(target) = soft(path, "Result", 2) {
            return ParameterKind::SoftWithReason(target);
        }
        if last_is(path, "StepContext") {
            errors.error(ty, "the context is borrowed; write `&StepContext`");
            return ParameterKind::Wrong;
        }
        if last_is(path, "Option") || last_is(path, "Result") {
            let message = "a soft need borrows its value; write `Option<&T>`, or `Result<&T, &docket::Error>` for the reason";
            errors.error(ty, message);
            return ParameterKind::Wrong;
        }
    }
    if matches!(ty, Type::ImplTrait(_)) {
        errors.error(ty, "a step can't be generic, since its types are what the graph is made of; write `&T`");
        return ParameterKind::Wrong;
    }
    let message = format!("a step borrows its inputs, since others read them too; write `&{}`", bare(ty));
    errors.error(ty, message);
    ParameterKind::Wrong
}

/// The `T` of `Option<&T>` or `Result<&T, …>`.
fn soft(path: &syn::TypePath, name: &str, arguments: usize) -> Option<Type> {
    let last = path.path.segments.last()?;
    if last.ident != name {
        return None;
    }
    let PathArguments::AngleBracketed(generic) = &last.arguments else { return None };
    if generic.args.len() != arguments {
        return None;
    }
    let GenericArgument::Type(first) = generic.args.first()? else { return None };
    shared_reference(ungroup(first)).cloned()
}

fn shared_reference(ty: &Type) -> Option<&Type> {
    match ty {
        Type::Reference(reference) if reference.mutability.is_none() => Some(ungroup(&reference.elem)),
        _ => None,
    }
}

/// What a `macro_rules` parameter put around a type does not matter.
fn ungroup(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => ungroup(&group.elem),
        Type::Paren(paren) => ungroup(&paren.elem),
        ty => ty,
    }
}

/// The type inside of `&T`, `Option<&T>` and their like, for a suggestion.
fn inner(ty: &Type) -> &Type {
    match ty {
        Type::Reference(reference) => match ungroup(&reference.elem) {
            Type::Slice(slice) => &slice.elem,
            target => target,
        },
        ty => ty,
    }
}

fn last_is(path: &syn::TypePath, name: &str) -> bool {
    path.path.segments.last().is_some_and(|segment| segment.ident == name)
}

/// A type as a person would write it.
pub(crate) fn bare(ty: &impl ToTokens) -> String {
    let mut text = ty.to_token_stream().to_string();
    for (spaced, tight) in [(" :: ", "::"), (":: ", "::"), (" < ", "<"), (" <", "<"), ("< ", "<"), (" >", ">"), (" ,", ","), ("& ", "&")] {
        text = text.replace(spaced, tight);
    }
    text
}

fn output(function: &Function, errors: &mut Errors) -> Option<Output> {
    let signature = &function.signature;
    let ReturnType::Type(_, ty) = &signature.output else {
        let name = &signature.ident;
        errors.error(name, "a step returns what it makes; add `-> T` or `-> Result<T, E>`");
        return None;
    };
    match ungroup(ty) {
        Type::ImplTrait(_) => {
            errors.error(ty, "what a step makes is found by its type, so the type must have a name");
            None
        }
        Type::Reference(reference) => {
            let message = format!("a step hands over what it makes; return `{}`", bare(&reference.elem));
            errors.error(ty, message);
            None
        }
        Type::Never(_) => {
            errors.error(ty, "a step that never returns makes nothing");
            None
        }
        ty @ Type::Path(path) => {
            let last = path.path.segments.last().map(|segment| segment.ident.to_string());
            let is_result = last.is_some_and(|name| name.ends_with("Result"));
            Some(Output { ty: ty.clone(), is_result })
        }
        ty => Some(Output { ty: ty.clone(), is_result: false }),
    }
}

impl StepSignature {
    pub(crate) fn has_context(&self) -> bool {
        self.parameters.iter().any(|parameter| matches!(parameter.kind, ParameterKind::Context))
    }

    /// Whether each parameter has one of the forms, and there is an output.
    pub(crate) fn is_whole(&self, function: &Function) -> bool {
        self.output.is_some()
            && self.parameters.len() == function.signature.inputs.len()
            && !self.parameters.iter().any(|parameter| matches!(parameter.kind, ParameterKind::Wrong))
    }
}

/// The name of a function without `r#`.
pub(crate) fn plain_name(ident: &Ident) -> String {
    let name = ident.to_string();
    name.strip_prefix("r#").map(str::to_owned).unwrap_or(name)
}

