//! The lists of inputs and steps.

use std::collections::HashMap;
use std::ptr;

use proc_macro2::Ident;
use quote::quote;
use syn::{Attribute, Path, Type};

use super::resources::setter;
use super::{Node, owned, refuse, split};
use crate::graph::parse::WrittenInput;
use crate::report::{Errors, list, nearest};
use crate::step::{bare, is_static, plain_name};

pub(super) fn input(input: WrittenInput, errors: &mut Errors) -> Node {
    let WrittenInput { attributes, ty } = input;
    if let Type::Reference(reference) = &ty
        && !is_static(reference)
    {
        let elem = &reference.elem;
        errors.error(
            &ty,
            format!(
                "a caller hands inputs over, and does not lend them; list `{}`",
                owned(elem)
            ),
        );
    }
    let (cfgs, rest) = split(attributes);
    refuse(&rest, "an input takes `#[cfg(…)]` only", errors);
    Node {
        cfgs,
        ty: quote!(#ty),
        name: setter(&ty).map_or_else(|| "input".to_owned(), |name| plain_name(&name)),
        written: quote!(#ty),
        is_step: false,
        may_be_unused: true,
    }
}

pub(super) fn step(attributes: Vec<Attribute>, path: &Path, errors: &mut Errors) -> Node {
    let (cfgs, rest) = split(attributes);
    let (allows, rest) = rest.into_iter().partition::<Vec<_>, _>(allows_unused);
    refuse(
        &rest,
        "a step in the list takes `#[cfg(…)]` and `#[allow(unused)]`; its options stand at its function",
        errors,
    );
    Node {
        cfgs,
        ty: quote!(#path),
        name: path
            .segments
            .last()
            .map_or_else(String::new, |segment| plain_name(&segment.ident)),
        written: quote!(#path),
        is_step: true,
        may_be_unused: !allows.is_empty(),
    }
}

pub(super) fn bundle(
    attributes: Vec<Attribute>,
    path: &Path,
    without: &[Ident],
    names: &[Ident],
    graph: &Ident,
    errors: &mut Errors,
) -> Vec<Node> {
    let (cfgs, rest) = split(attributes);
    let (allows, rest) = rest.into_iter().partition::<Vec<_>, _>(allows_unused);
    refuse(
        &rest,
        "a bundle in the list takes `#[cfg(…)]` and `#[allow(unused)]`",
        errors,
    );
    for name in without {
        if !names.contains(name) {
            let known: Vec<String> = names.iter().map(ToString::to_string).collect();
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let hint = match nearest(&name.to_string(), &known) {
                Some(name) => format!("did you mean `{name}`?"),
                None => format!("it has {}", list(&known)),
            };
            errors.error(
                name,
                format!("the bundle `{}` has no step `{name}`; {hint}", bare(path)),
            );
        }
    }
    let kept = names
        .iter()
        .enumerate()
        .filter(|(_, name)| !without.contains(name));
    kept.map(|(i, name)| Node {
        cfgs: cfgs.clone(),
        name: plain_name(name),
        ty: quote!(<#path as docket_::BundleItem<#i, #graph>>::Step),
        written: quote!(#path),
        is_step: true,
        may_be_unused: !allows.is_empty(),
    })
    .collect()
}

impl Node {
    /// A step as it is listed; one of a bundle, which alone stands there, by its name.
    pub(crate) fn path(&self) -> String {
        let (path, written) = (bare(&self.ty), bare(&self.written));
        if path == written {
            path
        } else {
            self.name.clone()
        }
    }
}

/// One step written twice is one mistake, and the compiler would find two.
pub(super) fn check_twice(nodes: &[Node], errors: &mut Errors) {
    let mut first: HashMap<String, &Node> = HashMap::new();
    for node in nodes.iter().filter(|node| node.is_step) {
        let before = *first.entry(node.ty.to_string()).or_insert(node);
        if !ptr::eq(before, node) && before.cfgs.is_empty() && node.cfgs.is_empty() {
            errors.error(
                &node.written,
                format!(
                    "the step `{}` is listed twice; keep one",
                    bare(&node.written)
                ),
            );
        }
    }
}

pub(super) fn allows_unused(attribute: &Attribute) -> bool {
    attribute.path().is_ident("allow")
        && attribute
            .parse_args::<Path>()
            .is_ok_and(|lint| lint.is_ident("unused") || lint.is_ident("dead_code"))
}
