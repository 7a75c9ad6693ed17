//! The return type.

use syn::{ReturnType, Type};

use super::Output;
use super::types::{bare, is_static, owned_form, ungroup};
use crate::report::Errors;
use crate::step::parse::Function;

pub(super) fn output(function: &Function, errors: &mut Errors) -> Option<Output> {
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
        Type::Reference(reference) if !is_static(reference) => {
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
