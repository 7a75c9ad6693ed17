//! The list of resources, and the names of their setters.

use proc_macro2::Ident;
use quote::format_ident;
use syn::Type;

use super::{Resource, owned, refuse, split};
use crate::graph::parse::WrittenResource;
use crate::report::Errors;
use crate::step::{bare, plain_name, ungroup};

pub(super) fn resource(resource: WrittenResource, errors: &mut Errors) -> Resource {
    let WrittenResource {
        attributes,
        name,
        ty,
    } = resource;
    let (cfgs, rest) = split(attributes);
    let (docs, rest) = rest
        .into_iter()
        .partition::<Vec<_>, _>(|it| it.path().is_ident("doc"));
    refuse(
        &rest,
        "a resource takes `#[cfg(…)]` and documentation only",
        errors,
    );
    if let Type::Reference(reference) = &ty {
        errors.error(
            &ty,
            format!(
                "a graph owns its resources; list `{}`",
                owned(&reference.elem)
            ),
        );
    }
    let setter = name.or_else(|| setter(&ty)).unwrap_or_else(|| {
        if !matches!(ty, Type::Reference(_)) {
            let message = format!(
                "the builder's method can't be named after this type; write `name: {}`",
                bare(&ty)
            );
            errors.error(&ty, message);
        }
        format_ident!("resource")
    });
    Resource {
        cfgs,
        docs,
        setter,
        ty,
    }
}

/// The last segment of a type's path in snake case: `UserService` is `user_service`.
pub(super) fn setter(ty: &Type) -> Option<Ident> {
    let Type::Path(path) = ungroup(ty) else {
        return None;
    };
    let last = &path.path.segments.last()?.ident;
    let name = snake_case(&plain_name(last));
    syn::parse_str::<Ident>(&name)
        .ok()
        .map(|_| Ident::new(&name, last.span()))
}

pub(super) fn snake_case(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (i, letter) in letters.iter().enumerate() {
        let follows_small =
            i > 0 && (letters[i - 1].is_lowercase() || letters[i - 1].is_ascii_digit());
        let starts_word = i > 0
            && letters[i - 1].is_uppercase()
            && letters.get(i + 1).is_some_and(|it| it.is_lowercase());
        if letter.is_uppercase() && (follows_small || starts_word) {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

pub(super) const TAKEN_SETTERS: &[&str] = &[
    "store",
    "observer",
    "default_timeout",
    "namespace",
    "lease",
    "max_attempts",
    "max_value_bytes",
    "configure",
    "build",
];

/// The resources, without those whose setter would be a second one of its name.
pub(super) fn check_setters(resources: Vec<Resource>, errors: &mut Errors) -> Vec<Resource> {
    let mut kept: Vec<Resource> = Vec::new();
    for resource in resources {
        let setter = resource.setter.to_string();
        let ty = bare(&resource.ty);
        // Of two that are switched on and off, there may be but one at a time.
        let same: Vec<&Resource> = kept
            .iter()
            .filter(|it| it.cfgs.is_empty() && resource.cfgs.is_empty())
            .collect();
        let problem = if TAKEN_SETTERS.contains(&setter.as_str()) {
            format!(
                "the builder has a method `{setter}` already; give this resource a name: `name: {ty}`"
            )
        } else if same.iter().any(|other| bare(&other.ty) == ty) {
            format!("the resource `{ty}` is listed twice; keep one")
        } else if same.iter().any(|other| other.setter == setter) {
            format!("two resources would be set by `{setter}`; give this one a name: `name: {ty}`")
        } else {
            kept.push(resource);
            continue;
        };
        errors.error(&resource.ty, problem);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::snake_case;

    #[test]
    fn setters_are_in_snake_case() {
        for (name, setter) in [
            ("UserService", "user_service"),
            ("PgPool", "pg_pool"),
            ("HTTPClient", "http_client"),
            ("S3", "s3"),
            ("Http2Client", "http2_client"),
            ("pool", "pool"),
        ] {
            assert_eq!(snake_case(name), setter);
        }
    }
}
