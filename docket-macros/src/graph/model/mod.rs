//! What was written, checked and numbered.

mod entries;
mod items;
mod nodes;
mod resources;
mod stream;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident};
use syn::punctuated::Punctuated;
use syn::{Attribute, Path, Token, Type, Visibility, token};

use crate::graph::parse::{Written, WrittenStep};
use crate::report::Errors;
use crate::spans::{braced, name_at};
use crate::step::bare;

use entries::{check_names, entry};
pub(crate) use items::{Form, Items};
use nodes::{bundle, check_twice, input, step};
use resources::{check_setters, resource};

pub(crate) struct Graph {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) struct_token: Token![struct],
    pub(crate) name: Ident,
    pub(crate) braces: token::Brace,
    /// Inputs, then steps; a node's number is its place here.
    pub(crate) nodes: Vec<Node>,
    pub(crate) resources: Vec<Resource>,
    pub(crate) entries: Vec<Entry>,
}

pub(crate) struct Node {
    pub(crate) cfgs: Vec<Attribute>,
    /// The type of an input, or the path of a step.
    pub(crate) ty: TokenStream,
    /// What it is called in generated code, which is for people too.
    pub(crate) name: String,
    /// Where in the list it stands.
    pub(crate) written: TokenStream,
    pub(crate) is_step: bool,
    pub(crate) may_be_unused: bool,
}

pub(crate) struct Resource {
    pub(crate) cfgs: Vec<Attribute>,
    pub(crate) docs: Vec<Attribute>,
    pub(crate) setter: Ident,
    pub(crate) ty: Type,
}

pub(crate) struct Entry {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) cfgs: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) name: Ident,
    /// What is given once.
    pub(crate) parameters: Vec<(Ident, Type)>,
    /// What is given for each item, if the entry is a batch.
    pub(crate) items: Option<Items>,
    /// The types of the values that are resolved.
    pub(crate) outputs: Vec<Type>,
    /// In which form each of them is returned.
    pub(crate) forms: Vec<Form>,
    /// As written.
    pub(crate) returned: Type,
    /// Of a stream, what it hands out: the type of an output, or a tuple of several.
    pub(crate) streamed: Option<Type>,
}

pub(crate) fn model(written: Written, errors: &mut Errors) -> Graph {
    let Written {
        tokens: _,
        bundles,
        attributes,
        visibility,
        struct_token,
        name,
        braces,
        inputs,
        resources,
        steps,
        entries,
    } = written;
    let attributes = own_attributes(attributes, errors);
    let mut nodes: Vec<Node> = inputs
        .into_iter()
        .map(|input| self::input(input, errors))
        .collect();
    let mut bundles = bundles.into_iter();
    for step in steps {
        match step {
            WrittenStep::Step { attributes, path } => {
                nodes.push(self::step(attributes, &path, errors))
            }
            WrittenStep::Bundle {
                attributes,
                path,
                without,
            } => {
                let names = bundles.next().unwrap_or_default();
                nodes.extend(bundle(attributes, &path, &without, &names, &name, errors));
            }
        }
    }
    check_twice(&nodes, errors);
    if entries.is_empty() {
        errors.error(
            &name,
            "a graph answers questions; add one: `pub async fn resolve(input: Input) -> Output;`",
        );
    }
    let resources = resources
        .into_iter()
        .map(|resource| self::resource(resource, errors))
        .collect();
    let resources = check_setters(resources, errors);
    let entries = entries
        .into_iter()
        .filter_map(|entry| self::entry(entry, errors))
        .collect();
    let entries = check_names(entries, errors);
    Graph {
        attributes,
        visibility,
        struct_token,
        name,
        braces,
        nodes,
        resources,
        entries,
    }
}

/// The attributes of the graph's own type.
fn own_attributes(attributes: Vec<Attribute>, errors: &mut Errors) -> Vec<Attribute> {
    let (cfgs, attributes) = split(attributes);
    refuse(
        &cfgs,
        "a graph is more than this type; write `#[cfg(…)]` before `graph!`",
        errors,
    );
    let derives_twice = |attribute: &Attribute| {
        attribute.path().is_ident("derive")
            && attribute
                .parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated)
                .is_ok_and(|paths| {
                    paths
                        .iter()
                        .any(|path| path.is_ident("Clone") || path.is_ident("Debug"))
                })
    };
    let (twice, attributes) = attributes.into_iter().partition::<Vec<_>, _>(derives_twice);
    refuse(
        &twice,
        "each graph is `Clone` and `Debug` already; take this away",
        errors,
    );
    attributes
}

/// A type that owns what `ty` lends, for a suggestion.
fn owned(ty: &Type) -> String {
    match ty {
        Type::Path(path) if path.path.is_ident("str") => "String".to_owned(),
        Type::Slice(slice) => format!("Vec<{}>", bare(&slice.elem)),
        ty => bare(ty),
    }
}

/// `#[cfg(…)]`, and the rest.
fn split(attributes: Vec<Attribute>) -> (Vec<Attribute>, Vec<Attribute>) {
    attributes
        .into_iter()
        .partition(|attribute| attribute.path().is_ident("cfg"))
}

fn refuse(attributes: &[Attribute], message: &str, errors: &mut Errors) {
    for attribute in attributes {
        errors.error(attribute, message);
    }
}

impl Graph {
    /// The body of its struct, at the braces that the user wrote.
    pub(crate) fn body(&self, content: TokenStream) -> TokenTree {
        braced(content, self.braces.span.join())
    }

    /// Its name at another place, so that a compiler that underlines from there to the name underlines that place.
    pub(crate) fn name_at(&self, place: Span) -> Ident {
        name_at(&self.name, place)
    }

    pub(crate) fn steps(&self) -> impl Iterator<Item = (usize, &Node)> {
        self.nodes
            .iter()
            .enumerate()
            .filter(|(_, node)| node.is_step)
    }
}

impl Entry {
    /// The types of all that is given, once or for each item.
    pub(crate) fn given(&self) -> impl Iterator<Item = &Type> {
        let parts = self.items.iter().flat_map(|items| &items.parts);
        self.parameters.iter().map(|(_, ty)| ty).chain(parts)
    }
}

impl Node {
    /// What holds its value in generated code, and drives it.
    pub(crate) fn slot(&self, number: usize) -> Ident {
        format_ident!("{}_{number}", self.name)
    }

    /// What stands for its type in generated code, at the node's place in the list.
    pub(crate) fn alias(&self, number: usize) -> Ident {
        let kind = if self.is_step { "Step" } else { "Input" };
        self.name_of(kind, number)
    }

    /// The same where all steps are steps.
    pub(crate) fn listed(&self, number: usize) -> Ident {
        self.name_of("Listed", number)
    }

    /// The same where the graph has no mistake.
    pub(crate) fn known(&self, number: usize) -> Ident {
        self.name_of("Known", number)
    }

    fn name_of(&self, kind: &str, number: usize) -> Ident {
        Ident::new(&format!("{kind}{number}_"), self.place())
    }

    pub(crate) fn place(&self) -> Span {
        self.written
            .to_token_stream()
            .into_iter()
            .last()
            .map_or_else(Span::call_site, |token| token.span())
    }
}
