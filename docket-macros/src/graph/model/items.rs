//! What an entry takes and returns for each item of a batch.

use proc_macro2::Ident;
use syn::{GenericArgument, PathArguments, Type, TypeSlice};

use super::owned;
use crate::report::Errors;
use crate::step::{bare, is_static, ungroup};

/// The parameter `name: [T]`.
pub(crate) struct Items {
    pub(crate) name: Ident,
    /// Where among the parameters it stands.
    pub(crate) place: usize,
    /// `T`
    pub(crate) ty: Type,
    /// `T`, or, where that is a tuple, what is in it: each is an input of its own.
    pub(crate) parts: Vec<Type>,
}

/// In which form an entry returns a value.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Form {
    /// `T`; in an entry that returns a stream, the `T` of each item.
    One,
    /// `[T]`
    Each,
    /// `[docket::Result<T>]`
    Tried,
}

/// Notes a parameter of a slice, of which an entry has one at most.
pub(super) fn add(
    items: &mut Option<Items>,
    place: usize,
    name: Ident,
    slice: &TypeSlice,
    errors: &mut Errors,
) {
    let ty = ungroup(&slice.elem);
    if let Some(first) = items {
        let message = format!(
            "the items of a batch come from one parameter, so that each is whole; zip the two: `{}: [({}, {})]`",
            first.name,
            bare(&first.ty),
            bare(ty),
        );
        errors.error(slice, message);
        return;
    }
    let parts: Vec<Type> = match ty {
        Type::Tuple(tuple) if !tuple.elems.is_empty() => tuple.elems.iter().cloned().collect(),
        ty => vec![ty.clone()],
    };
    for part in &parts {
        match part {
            Type::Reference(reference) if !is_static(reference) => errors.error(
                part,
                format!(
                    "a caller hands items over, and does not lend them; write `{}`",
                    owned(&reference.elem)
                ),
            ),
            Type::Slice(_) => errors.error(
                part,
                "a batch is a list of items, and not of lists; for a list as one value write `Vec<T>`",
            ),
            _ => {}
        }
    }
    *items = Some(Items {
        name,
        place,
        ty: ty.clone(),
        parts,
    });
}

/// The form of an output, and the type of the value in it.
pub(super) fn form(written: &Type) -> (Form, Type) {
    let Type::Slice(slice) = written else {
        return (Form::One, written.clone());
    };
    let elem = ungroup(&slice.elem);
    match result_of(elem) {
        Some(value) => (Form::Tried, value.clone()),
        None => (Form::Each, elem.clone()),
    }
}

/// The `T` of `docket::Result<T>`, or of `Result<T, docket::Error>`.
pub(super) fn result_of(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    let PathArguments::AngleBracketed(generic) = &last.arguments else {
        return None;
    };
    match generic.args.first()? {
        GenericArgument::Type(value) if last.ident == "Result" => Some(value),
        _ => None,
    }
}

/// The mistake of returning `[output]` where there are no items.
pub(super) fn missing(returned: &Type, output: &Type, errors: &mut Errors) {
    let output = bare(output);
    errors.error(
        returned,
        format!(
            "`[{output}]` is one for each item, and this entry takes no items; make one of its parameters a `[T]`, or \
             return a list as one value: `Vec<{output}>`"
        ),
    );
}
