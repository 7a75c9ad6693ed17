//! The return type `impl Stream<Item = docket::Result<T>>`.

use syn::{
    GenericArgument, PathArguments, PathSegment, Signature, Type, TypeImplTrait, TypeParamBound,
    parse_quote,
};

use super::items::result_of;
use crate::report::Errors;
use crate::step::bare;

/// The `T` of `impl Stream<Item = docket::Result<T>>`, if that is what an entry returns.
pub(super) fn streamed(returned: &Type, errors: &mut Errors) -> Option<Type> {
    let Type::ImplTrait(written) = returned else {
        return None;
    };
    let item = item_of(stream_of(written)?);
    let Some(item) = item else {
        errors.error(
            returned,
            "say what a stream hands out: `impl Stream<Item = docket::Result<T>>`",
        );
        // So that there is something.
        return Some(parse_quote!(()));
    };
    let Some(value) = result_of(item) else {
        errors.error(
            item,
            format!(
                "an item may fail while the others go on; write `docket::Result<{}>`",
                bare(item)
            ),
        );
        return Some(item.clone());
    };
    for bound in &written.bounds {
        let is_kept = match bound {
            TypeParamBound::Trait(bound) => bound
                .path
                .segments
                .last()
                .is_some_and(|it| ["Stream", "Send", "Unpin"].iter().any(|ok| it.ident == ok)),
            TypeParamBound::Lifetime(lifetime) => lifetime.ident == "static",
            _ => false,
        };
        if !is_kept {
            errors.error(
                bound,
                "what is returned is a `docket::ItemStream`: a `Stream`, `Send`, `Unpin` and `'static`, and nothing else",
            );
        }
    }
    Some(value.clone())
}

/// The mistakes of an entry that returns a stream of `value`, beside its types.
pub(super) fn check(signature: &Signature, has_items: bool, value: &Type, errors: &mut Errors) {
    if let Some(token) = &signature.asyncness {
        errors.error(
            token,
            "a stream is there at once, and what it hands out comes later; write `fn`",
        );
    }
    if !has_items {
        let value = bare(value);
        errors.error(
            &signature.output,
            format!(
                "a stream hands out one `{value}` for each item, and this entry takes no items; make one of its parameters \
                 a `[T]`, or write `async fn` and return `{value}`"
            ),
        );
    }
}

fn stream_of(written: &TypeImplTrait) -> Option<&PathSegment> {
    written.bounds.iter().find_map(|bound| match bound {
        TypeParamBound::Trait(bound) => {
            let last = bound.path.segments.last()?;
            (last.ident == "Stream").then_some(last)
        }
        _ => None,
    })
}

fn item_of(stream: &PathSegment) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &stream.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::AssocType(item) if item.ident == "Item" => Some(&item.ty),
        _ => None,
    })
}
