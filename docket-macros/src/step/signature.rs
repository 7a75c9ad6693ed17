//! What the signature of a step says: what it needs, and what it makes.

use proc_macro2::{Ident, TokenTree};
use quote::ToTokens;
use syn::{Attribute, FnArg, GenericArgument, PathArguments, ReturnType, Type};

use super::parse::Function;
use crate::report::Errors;

pub(crate) struct StepSignature {
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) output: Option<Output>,
    pub(crate) is_async: bool,
    /// It stands in an `impl`, where nothing can stand beside it.
    pub(crate) has_self: bool,
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

impl ParameterKind {
    /// The type of the value that is borrowed.
    pub(crate) fn ty(&self) -> Option<&Type> {
        match self {
            Self::Need(ty)
            | Self::Key(ty)
            | Self::Soft(ty)
            | Self::SoftWithReason(ty)
            | Self::Resource(ty) => Some(ty),
            Self::Context | Self::Wrong => None,
        }
    }
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
        parameters: signature
            .inputs
            .iter()
            .filter_map(|input| parameter(input, errors))
            .collect(),
        output: output(function, errors),
        is_async: signature.asyncness.is_some(),
        has_self: signature
            .inputs
            .iter()
            .any(|input| matches!(input, FnArg::Receiver(_))),
    }
}

fn check_form(function: &Function, errors: &mut Errors) {
    let signature = &function.signature;
    if !function.has_body() {
        errors.error(
            &signature.ident,
            "a step has a body, and stands outside of traits",
        );
    }
    if let syn::Safety::Unsafe(token) = &signature.safety {
        errors.error(
            token,
            "a step can't be `unsafe`: the graph calls it, and can't know what it asks for",
        );
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
        errors.error(
            clause,
            "a step can't have a `where` clause, since it can't be generic",
        );
    }
}

fn parameter(input: &FnArg, errors: &mut Errors) -> Option<Parameter> {
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
    let kind = kind(&typed.ty, mark, errors);
    Some(Parameter {
        kind,
        written: (*typed.ty).clone(),
    })
}

fn kind(ty: &Type, mark: Option<&Attribute>, errors: &mut Errors) -> ParameterKind {
    let ty = ungroup(ty);
    let mark = mark
        .and_then(|mark| mark.path().get_ident())
        .map(Ident::to_string);
    match mark.as_deref() {
        Some("resource") => match shared_reference(ty) {
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

fn unmarked(ty: &Type, errors: &mut Errors) -> ParameterKind {
    if let Type::Reference(reference) = ty {
        if reference.mutability.is_some() {
            let target = bare(&reference.elem);
            let message = format!(
                "a step can't change its inputs, since others read them too; write `&{target}`"
            );
            errors.error(ty, message);
            return ParameterKind::Wrong;
        }
        return match ungroup(&reference.elem) {
            Type::Slice(slice) => {
                let message = format!(
                    "`&[T]` reads all items of a batch, and batches are not there yet; for a list as one value write \
                     `&Vec<{}>`",
                    bare(&slice.elem),
                );
                errors.error(ty, message);
                ParameterKind::Wrong
            }
            Type::Path(path) if last_is(path, "StepContext") => ParameterKind::Context,
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
            let value = bare(inner(ty));
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

/// Why a parameter can't borrow `target`, where it is no type of a value.
fn unsized_type(target: &Type, what: &str) -> Option<String> {
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

/// `ty` without what it borrows, if it borrows: for a suggestion. Whether an alias hides a lifetime is left to the
/// compiler, and so are the lifetimes of function pointers.
fn owned_form(ty: &Type) -> Option<String> {
    let text = ty.to_token_stream();
    let (mut borrows, mut is_function) = (false, false);
    let mut owned = owned_tokens(text, &mut borrows, &mut is_function);
    if !borrows || is_function {
        return None;
    }
    owned = owned.replace("& ", "");
    Some(owned)
}

fn owned_tokens(
    tokens: proc_macro2::TokenStream,
    borrows: &mut bool,
    is_function: &mut bool,
) -> String {
    let mut kept = proc_macro2::TokenStream::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match &token {
            TokenTree::Punct(punct) if punct.as_char() == '&' => {
                let is_static =
                    matches!(tokens.peek(), Some(TokenTree::Punct(next)) if next.as_char() == '\'');
                if !is_static {
                    *borrows = true;
                    continue;
                }
            }
            TokenTree::Punct(punct) if punct.as_char() == '\'' => {
                if let Some(TokenTree::Ident(name)) = tokens.next() {
                    *borrows |= name != "static";
                }
                kept.extend([
                    token,
                    TokenTree::Ident(Ident::new("static", proc_macro2::Span::call_site())),
                ]);
                continue;
            }
            TokenTree::Ident(ident) if ident == "fn" => *is_function = true,
            TokenTree::Group(group) => {
                let inside = owned_tokens(group.stream(), borrows, is_function);
                let inside = inside.parse().unwrap_or_else(|_| group.stream());
                kept.extend([TokenTree::Group(proc_macro2::Group::new(
                    group.delimiter(),
                    inside,
                ))]);
                continue;
            }
            _ => {}
        }
        kept.extend([token]);
    }
    bare(&kept)
}

/// The `T` of `Option<&T>` or `Result<&T, …>`.
fn soft(path: &syn::TypePath, name: &str, arguments: usize) -> Option<Type> {
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

fn shared_reference(ty: &Type) -> Option<&Type> {
    match ty {
        Type::Reference(reference) if reference.mutability.is_none() => {
            Some(ungroup(&reference.elem))
        }
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
        Type::Path(path) if last_is(path, "Option") || last_is(path, "Result") => {
            let Some(PathArguments::AngleBracketed(generic)) =
                path.path.segments.last().map(|it| &it.arguments)
            else {
                return ty;
            };
            match generic.args.first() {
                Some(GenericArgument::Type(first)) => shared_reference(first).unwrap_or(first),
                _ => ty,
            }
        }
        ty => ty,
    }
}

fn last_is(path: &syn::TypePath, name: &str) -> bool {
    path.path
        .segments
        .last()
        .is_some_and(|segment| segment.ident == name)
}

/// A type as a person would write it.
pub(crate) fn bare(ty: &impl ToTokens) -> String {
    let mut text = ty.to_token_stream().to_string();
    for (spaced, tight) in [
        (" :: ", "::"),
        (":: ", "::"),
        (" < ", "<"),
        (" <", "<"),
        ("< ", "<"),
        (" >", ">"),
        (" ,", ","),
        ("& ", "&"),
    ] {
        text = text.replace(spaced, tight);
    }
    text
}

fn output(function: &Function, errors: &mut Errors) -> Option<Output> {
    let signature = &function.signature;
    let ReturnType::Type(_, ty) = &signature.output else {
        let name = &signature.ident;
        errors.error(
            name,
            "a step returns what it makes; add `-> T` or `-> Result<T, E>`",
        );
        return None;
    };
    match ungroup(ty) {
        Type::ImplTrait(_) => {
            errors.error(
                ty,
                "what a step makes is found by its type, so the type must have a name",
            );
            None
        }
        Type::Reference(reference) => {
            let owned = match ungroup(&reference.elem) {
                Type::Path(path) if path.path.is_ident("str") => "String".to_owned(),
                Type::Slice(slice) => format!("Vec<{}>", bare(&slice.elem)),
                elem => bare(elem),
            };
            errors.error(
                ty,
                format!("a step hands over what it makes; return `{owned}`"),
            );
            None
        }
        returned if let Some(owned) = owned_form(returned) => {
            errors.error(ty, format!("a step hands over what it makes, so nothing in it is borrowed; return `{owned}`"));
            None
        }
        Type::Never(_) => {
            errors.error(ty, "a step that never returns makes nothing");
            None
        }
        ty @ Type::Path(path) => {
            let last = path
                .path
                .segments
                .last()
                .map(|segment| segment.ident.to_string());
            let is_result = last.is_some_and(|name| name.ends_with("Result"));
            Some(Output {
                ty: ty.clone(),
                is_result,
            })
        }
        ty => Some(Output {
            ty: ty.clone(),
            is_result: false,
        }),
    }
}

impl StepSignature {
    /// Whether it takes anything but the context.
    pub(crate) fn takes_values(&self) -> bool {
        self.parameters
            .iter()
            .any(|parameter| parameter.kind.ty().is_some())
    }

    pub(crate) fn has_context(&self) -> bool {
        self.parameters
            .iter()
            .any(|parameter| matches!(parameter.kind, ParameterKind::Context))
    }

    /// Whether each parameter has one of the forms, and there is an output.
    pub(crate) fn is_whole(&self, function: &Function) -> bool {
        self.output.is_some()
            && self.parameters.len() == function.signature.inputs.len()
            && !self
                .parameters
                .iter()
                .any(|parameter| matches!(parameter.kind, ParameterKind::Wrong))
    }
}

/// The name of a function without `r#`.
pub(crate) fn plain_name(ident: &Ident) -> String {
    let name = ident.to_string();
    name.strip_prefix("r#").map(str::to_owned).unwrap_or(name)
}
