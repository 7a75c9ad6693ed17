//! What was written, checked and numbered.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::{Attribute, FnArg, Pat, Path, Token, Type, Visibility, token};

use super::parse::{Written, WrittenEntry, WrittenInput, WrittenResource, WrittenStep};
use crate::report::{Errors, list, nearest};
use crate::spans::{braced, name_at};
use crate::step::{bare, plain_name};

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
    pub(crate) parameters: Vec<(Ident, Type)>,
    pub(crate) outputs: Vec<Type>,
    pub(crate) returned: Type,
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

fn input(input: WrittenInput, errors: &mut Errors) -> Node {
    let WrittenInput { attributes, ty } = input;
    if let Type::Reference(reference) = &ty {
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

fn step(attributes: Vec<Attribute>, path: &Path, errors: &mut Errors) -> Node {
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

fn bundle(
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

fn resource(resource: WrittenResource, errors: &mut Errors) -> Resource {
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
fn setter(ty: &Type) -> Option<Ident> {
    let Type::Path(path) = ty else { return None };
    let last = &path.path.segments.last()?.ident;
    let name = snake_case(&plain_name(last));
    syn::parse_str::<Ident>(&name)
        .ok()
        .map(|_| Ident::new(&name, last.span()))
}

fn snake_case(name: &str) -> String {
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

const TAKEN_SETTERS: &[&str] = &[
    "store",
    "observer",
    "default_timeout",
    "namespace",
    "lease",
    "configure",
    "build",
];

const TAKEN_NAMES: &[&str] = &["builder", "plan", "clone"];

/// The resources, without those whose setter would be a second one of its name.
fn check_setters(resources: Vec<Resource>, errors: &mut Errors) -> Vec<Resource> {
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

/// The entries, without those that would be a second method of their name.
fn check_names(entries: Vec<Entry>, errors: &mut Errors) -> Vec<Entry> {
    let mut kept: Vec<Entry> = Vec::new();
    for entry in entries {
        let name = &entry.name;
        if TAKEN_NAMES.contains(&name.to_string().as_str()) {
            errors.error(
                name,
                format!("each graph has a `{name}` already; give this entry another name"),
            );
        } else if kept
            .iter()
            .any(|other| other.name == *name && other.cfgs.is_empty() && entry.cfgs.is_empty())
        {
            errors.error(
                name,
                format!("two entries are named `{name}`; give this one another name"),
            );
        } else {
            kept.push(entry);
        }
    }
    kept
}

fn entry(entry: WrittenEntry, errors: &mut Errors) -> Option<Entry> {
    let signature = &entry.signature;
    let name = signature.ident.clone();
    if signature.asyncness.is_none() {
        errors.error(
            signature.fn_token,
            "an entry waits for its steps; write `async fn`",
        );
    }
    if let syn::Safety::Unsafe(token) = &signature.safety {
        errors.error(token, "an entry is a plain `async fn`");
    }
    if !signature.generics.params.is_empty() {
        errors.error(
            &signature.generics,
            "an entry can't be generic, since its types say which steps run",
        );
    }
    if let Some(clause) = &signature.generics.where_clause {
        errors.error(
            clause,
            "an entry can't have a `where` clause, since it can't be generic",
        );
    }
    let parameters = entry
        .parameters()
        .filter_map(|parameter| self::parameter(parameter, errors))
        .collect();
    let Some(returned) = entry.returned() else {
        errors.error(
            &name,
            "an entry returns what it resolves; add `-> T`, or a tuple of several",
        );
        return None;
    };
    let outputs = match returned {
        Type::Tuple(tuple) if !tuple.elems.is_empty() => tuple.elems.iter().cloned().collect(),
        other => vec![other.clone()],
    };
    for output in &outputs {
        check_output(output, errors);
    }
    let returned = returned.clone();
    let (cfgs, attributes) = split(entry.attributes);
    Some(Entry {
        attributes,
        cfgs,
        visibility: entry.visibility,
        name,
        parameters,
        outputs,
        returned,
    })
}

fn parameter(parameter: &FnArg, errors: &mut Errors) -> Option<(Ident, Type)> {
    let typed = match parameter {
        FnArg::Typed(typed) => typed,
        FnArg::Receiver(receiver) => {
            errors.error(receiver, "`&self` is added; write the inputs only");
            return None;
        }
    };
    for attribute in &typed.attrs {
        errors.error(
            attribute,
            "a parameter of an entry takes no attribute; what a step asks of it stands at the step",
        );
    }
    let Pat::Ident(pattern) = &*typed.pat else {
        errors.error(
            &typed.pat,
            "an entry has no body that could take a value apart; write a name",
        );
        return None;
    };
    match &*typed.ty {
        Type::Slice(_) => {
            errors.error(&typed.ty, BATCH);
            return None;
        }
        Type::Reference(reference) => {
            let elem = owned(&reference.elem);
            errors.error(
                &typed.ty,
                format!("a caller hands inputs over, and does not lend them; write `{elem}`"),
            );
            return None;
        }
        _ => {}
    }
    Some((pattern.ident.clone(), (*typed.ty).clone()))
}

const BATCH: &str = "`[T]` makes an entry a batch, and batches are not there yet; for a list as one value write `Vec<T>`";

fn check_output(output: &Type, errors: &mut Errors) {
    match output {
        Type::Slice(_) => errors.error(output, BATCH),
        Type::Reference(reference) => {
            errors.error(
                output,
                format!(
                    "an entry hands over what it resolves; return `{}`",
                    owned(&reference.elem)
                ),
            );
        }
        Type::ImplTrait(_) => {
            errors.error(
                output,
                "what an entry resolves is found by its type, so the type must have a name",
            );
        }
        Type::Path(path)
            if path
                .path
                .segments
                .last()
                .is_some_and(|segment| segment.ident == "Result") =>
        {
            errors.error(
                output,
                "an entry returns the value; `Result<_, docket::Error>` is put around it",
            );
        }
        _ => {}
    }
}

/// A type that owns what `ty` lends, for a suggestion.
fn owned(ty: &Type) -> String {
    match ty {
        Type::Path(path) if path.path.is_ident("str") => "String".to_owned(),
        Type::Slice(slice) => format!("Vec<{}>", bare(&slice.elem)),
        ty => bare(ty),
    }
}

/// One step written twice is one mistake, and the compiler would find two.
fn check_twice(nodes: &[Node], errors: &mut Errors) {
    for (i, node) in nodes.iter().enumerate() {
        let same = |other: &&Node| {
            other.is_step && node.is_step && other.ty.to_string() == node.ty.to_string()
        };
        if nodes[..i]
            .iter()
            .find(same)
            .is_some_and(|other| other.cfgs.is_empty() && node.cfgs.is_empty())
        {
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

/// `#[cfg(…)]`, and the rest.
fn split(attributes: Vec<Attribute>) -> (Vec<Attribute>, Vec<Attribute>) {
    attributes
        .into_iter()
        .partition(|attribute| attribute.path().is_ident("cfg"))
}

fn allows_unused(attribute: &Attribute) -> bool {
    attribute.path().is_ident("allow")
        && attribute
            .parse_args::<Path>()
            .is_ok_and(|lint| lint.is_ident("unused") || lint.is_ident("dead_code"))
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

impl Node {
    /// What holds its value in generated code, and drives it.
    pub(crate) fn slot(&self, number: usize) -> Ident {
        format_ident!("{}_{number}", self.name)
    }

    /// What stands for its type in generated code, at the node's place in the list.
    pub(crate) fn alias(&self, number: usize) -> Ident {
        let kind = if self.is_step { "Step" } else { "Input" };
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
