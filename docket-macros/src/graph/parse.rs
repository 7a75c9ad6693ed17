//! The words inside `graph!`, as they stand there.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{
    Attribute, FnArg, Path, ReturnType, Signature, Token, Type, Visibility, braced, bracketed,
    token,
};

use crate::report::suggestion;

pub(crate) struct Written {
    /// All of it, without the names of bundles, to be handed on while those are collected.
    pub(crate) tokens: TokenStream,
    /// The names in each bundle, in the order of the bundles, as far as they were collected.
    pub(crate) bundles: Vec<Vec<Ident>>,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) struct_token: Token![struct],
    pub(crate) name: Ident,
    pub(crate) braces: token::Brace,
    pub(crate) inputs: Vec<WrittenInput>,
    pub(crate) resources: Vec<WrittenResource>,
    pub(crate) steps: Vec<WrittenStep>,
    pub(crate) entries: Vec<WrittenEntry>,
}

pub(crate) struct WrittenInput {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) ty: Type,
}

pub(crate) struct WrittenResource {
    pub(crate) attributes: Vec<Attribute>,
    /// `name: Type`, where the type's own name would not do.
    pub(crate) name: Option<Ident>,
    pub(crate) ty: Type,
}

pub(crate) enum WrittenStep {
    Step {
        attributes: Vec<Attribute>,
        path: Path,
    },
    Bundle {
        attributes: Vec<Attribute>,
        path: Path,
        without: Vec<Ident>,
    },
}

pub(crate) struct WrittenEntry {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
}

impl Written {
    pub(crate) fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let bundles = if input.peek(Token![@]) {
            parse_groups(input)?
        } else {
            Vec::new()
        };
        let tokens = input.fork().parse::<TokenStream>()?;
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        if !input.peek(Token![struct]) {
            return Err(input.error(
                "a graph is written `pub struct UserGraph { inputs { … } steps { … } … }`",
            ));
        }
        let struct_token = input.parse()?;
        let name = input.parse()?;
        if input.peek(Token![<]) {
            return Err(
                input.error("a graph can't be generic, since its types say which steps run")
            );
        }
        let content;
        let braces = braced!(content in input);
        let mut written = Self {
            tokens,
            bundles,
            attributes,
            visibility,
            struct_token,
            name,
            braces,
            inputs: Vec::new(),
            resources: Vec::new(),
            steps: Vec::new(),
            entries: Vec::new(),
        };
        if !input.is_empty() {
            return Err(input.error("one graph for each `graph!`"));
        }
        written.parse_content(&content)?;
        Ok(written)
    }

    fn parse_content(&mut self, content: ParseStream<'_>) -> syn::Result<()> {
        let mut seen: Vec<String> = Vec::new();
        while !content.is_empty() {
            let attributes = content.call(Attribute::parse_outer)?;
            if content.peek(syn::Ident)
                && (content.peek2(token::Bracket) || content.peek2(token::Paren))
            {
                let section: Ident = content.parse()?;
                return Err(content.error(format!(
                    "a section is written with braces: `{section} {{ … }}`"
                )));
            }
            if !(content.peek(syn::Ident) && content.peek2(token::Brace)) {
                self.entries.push(WrittenEntry::parse(attributes, content)?);
                continue;
            }
            let section: Ident = content.parse()?;
            if let Some(attribute) = attributes.first() {
                return Err(syn::Error::new_spanned(
                    attribute,
                    "an attribute belongs on an entry of a list, or on a `fn`; a section takes none",
                ));
            }
            let word = section.to_string();
            if seen.contains(&word) {
                return Err(syn::Error::new_spanned(
                    section,
                    format!("the section `{word}` is there twice; join the two"),
                ));
            }
            self.parse_section(&section, content)?;
            seen.push(word);
        }
        Ok(())
    }

    fn parse_section(&mut self, section: &Ident, content: ParseStream<'_>) -> syn::Result<()> {
        let list;
        let name = section.to_string();
        match name.as_str() {
            "inputs" => {
                braced!(list in content);
                self.inputs = items(&list, WrittenInput::parse)?;
            }
            "resources" => {
                braced!(list in content);
                self.resources = items(&list, WrittenResource::parse)?;
            }
            "steps" => {
                braced!(list in content);
                self.steps = items(&list, WrittenStep::parse)?;
            }
            _ => {
                let known = ["inputs", "resources", "steps"];
                let message = format!("unknown section `{name}`; {}", suggestion(&name, &known));
                return Err(syn::Error::new_spanned(section, message));
            }
        }
        Ok(())
    }

    /// The first bundle whose names are not known yet.
    pub(crate) fn next_bundle(&self) -> Option<&Path> {
        let mut bundles = self.steps.iter().filter_map(|step| match step {
            WrittenStep::Bundle { path, .. } => Some(path),
            WrittenStep::Step { .. } => None,
        });
        bundles.nth(self.bundles.len())
    }

    pub(crate) fn groups(&self) -> TokenStream {
        let groups = self.bundles.iter().map(|names| quote!([#(#names)*]));
        quote!(#(#groups)*)
    }
}

/// `@bundles [[a b] [c]]`
fn parse_groups(input: ParseStream<'_>) -> syn::Result<Vec<Vec<Ident>>> {
    input.parse::<Token![@]>()?;
    input.parse::<Ident>()?;
    let groups;
    bracketed!(groups in input);
    let mut bundles = Vec::new();
    while !groups.is_empty() {
        let group;
        bracketed!(group in groups);
        let mut names = Vec::new();
        while !group.is_empty() {
            names.push(group.parse()?);
        }
        bundles.push(names);
    }
    Ok(bundles)
}

fn items<T>(
    list: ParseStream<'_>,
    item: fn(ParseStream<'_>) -> syn::Result<T>,
) -> syn::Result<Vec<T>> {
    Ok(
        Punctuated::<T, Token![,]>::parse_terminated_with(list, item)?
            .into_iter()
            .collect(),
    )
}

impl WrittenInput {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let ty = input.parse()?;
        if input.peek(Token![:]) {
            return Err(syn::Error::new_spanned(
                ty,
                "an input is known by its type; write the type alone",
            ));
        }
        Ok(Self { attributes, ty })
    }
}

impl WrittenResource {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let named = input.peek(syn::Ident) && input.peek2(Token![:]) && !input.peek2(Token![::]);
        let name = if named {
            let name = input.parse()?;
            input.parse::<Token![:]>()?;
            Some(name)
        } else {
            None
        };
        Ok(Self {
            attributes,
            name,
            ty: input.parse()?,
        })
    }
}

impl WrittenStep {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        if !input.peek(Token![..]) {
            let path = input.parse()?;
            if input.peek(token::Paren) {
                return Err(input.error(
                    "a step is listed by its path alone; what it takes is found by its types",
                ));
            }
            return Ok(Self::Step { attributes, path });
        }
        input.parse::<Token![..]>()?;
        let path = input.parse()?;
        let mut without = Vec::new();
        if input.peek(syn::Ident) {
            let word: Ident = input.parse()?;
            if word != "without" {
                let message = "after a bundle comes `,` or `without { step_a, step_b }`";
                return Err(syn::Error::new_spanned(word, message));
            }
            let list;
            braced!(list in input);
            without = items(&list, |list| {
                let path: Path = list.parse()?;
                path.get_ident().cloned().ok_or_else(|| {
                    let last = path
                        .segments
                        .last()
                        .map(|segment| segment.ident.to_string())
                        .unwrap_or_default();
                    syn::Error::new_spanned(
                        &path,
                        format!("a step of a bundle is known by its last name; write `{last}`"),
                    )
                })
            })?;
        }
        Ok(Self::Bundle {
            attributes,
            path,
            without,
        })
    }
}

impl WrittenEntry {
    fn parse(attributes: Vec<Attribute>, input: ParseStream<'_>) -> syn::Result<Self> {
        let visibility = input.parse()?;
        let starts = input.peek(Token![fn])
            || input.peek(Token![async])
            || input.peek(Token![unsafe])
            || input.peek(Token![const]);
        if !starts {
            let message = "expected a section, `inputs { … }`, `resources { … }` or `steps { … }`, or an entry, \
                           `pub async fn name(input: Input) -> Output;`";
            return Err(input.error(message));
        }
        let signature: Signature = input.parse()?;
        if input.peek(token::Brace) {
            return Err(input.error(
                "an entry has no body, since the steps are found by its types; end it with `;`",
            ));
        }
        if !input.peek(Token![;]) {
            return Err(syn::Error::new_spanned(signature, "an entry ends with `;`"));
        }
        input.parse::<Token![;]>()?;
        Ok(Self {
            attributes,
            visibility,
            signature,
        })
    }

    pub(crate) fn parameters(&self) -> impl Iterator<Item = &FnArg> {
        self.signature.inputs.iter()
    }

    pub(crate) fn returned(&self) -> Option<&Type> {
        match &self.signature.output {
            ReturnType::Type(_, ty) => Some(ty),
            ReturnType::Default => None,
        }
    }
}
