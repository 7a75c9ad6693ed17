//! What the signature of a step says: what it needs, and what it makes.

mod output;
mod parameter;
mod types;

use proc_macro2::Ident;
use syn::{Attribute, FnArg, Type};

use super::parse::Function;
use crate::report::Errors;

use output::output;
use parameter::parameter;
pub(crate) use types::{bare, is_static, ungroup};

pub(crate) struct StepSignature {
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) output: Option<Output>,
    pub(crate) is_async: bool,
    /// It stands in an `impl`, where nothing can stand beside it.
    pub(crate) has_self: bool,
}

pub(crate) struct Parameter {
    /// The pattern before its type, which is a name as a rule.
    pub(crate) name: String,
    pub(crate) kind: ParameterKind,
    /// It is a slice of items that the step is asked for at once: what it needs of each is its kind.
    pub(crate) is_bulk: bool,
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
    /// `Result<&T, &docket::Error>`, and the type of the reason.
    SoftWithReason(Type, Option<Box<Type>>),
    /// `&[T]`
    All(Type),
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
            | Self::SoftWithReason(ty, _)
            | Self::All(ty)
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

/// Reads the signature, in which slices are what a step is asked for at once if it `is_bulk`.
pub(crate) fn read(function: &Function, is_bulk: bool, errors: &mut Errors) -> StepSignature {
    let signature = &function.signature;
    check_form(function, errors);
    StepSignature {
        parameters: signature
            .inputs
            .iter()
            .filter_map(|input| parameter(input, is_bulk, errors))
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

impl StepSignature {
    /// Whether it takes anything but the context.
    pub(crate) fn takes_values(&self) -> bool {
        self.parameters
            .iter()
            .any(|parameter| parameter.kind.ty().is_some())
    }

    /// The type of the items that it is asked for at once, with `bulk`.
    pub(crate) fn bulk_item(&self) -> Option<&Type> {
        let mut slices = self.parameters.iter().filter(|it| it.is_bulk);
        slices.next().and_then(|it| it.kind.ty())
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
