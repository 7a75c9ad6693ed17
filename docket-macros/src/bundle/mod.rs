//! `steps!`: a list of steps under a name, for `graph!` to take in.
//!
//! A bundle is two things of one name: a type, which knows the steps by number, so that their paths are looked up where
//! the bundle stands; and a macro, which hands their names to `graph!`, a macro having no other way to learn them.

use std::hash::{DefaultHasher, Hash, Hasher};

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, Path, Token, Visibility, braced};

use crate::report::Errors;

struct Bundle {
    attributes: Vec<Attribute>,
    visibility: Visibility,
    name: Ident,
    steps: Vec<BundleStep>,
}

struct BundleStep {
    attributes: Vec<Attribute>,
    path: Path,
}

pub(crate) fn steps(input: TokenStream) -> TokenStream {
    let bundle = match Bundle::parse.parse2(input) {
        Ok(bundle) => bundle,
        Err(error) => return error.to_compile_error(),
    };
    let mut errors = Errors::default();
    for step in &bundle.steps {
        for attribute in &step.attributes {
            if !attribute.path().is_ident("cfg") && !attribute.path().is_ident("doc") {
                errors.error(attribute, "a step in a bundle takes `#[cfg(…)]` only");
            }
        }
    }
    let errors = errors.into_tokens();
    let expanded = expand(&bundle);
    quote!(#expanded #errors)
}

impl Parse for Bundle {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        let name = input.parse()?;
        let content;
        braced!(content in input);
        let steps = Punctuated::<BundleStep, Token![,]>::parse_terminated(&content)?
            .into_iter()
            .collect();
        if !input.is_empty() {
            return Err(input
                .error("one bundle for each `steps!`: `steps! { pub name { step_a, step_b } }`"));
        }
        Ok(Self {
            attributes,
            visibility,
            name,
            steps,
        })
    }
}

impl Parse for BundleStep {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        if input.peek(Token![..]) {
            return Err(input.error("a bundle lists steps; list its parts beside it in `graph!`"));
        }
        Ok(Self {
            attributes,
            path: input.parse()?,
        })
    }
}

fn expand(bundle: &Bundle) -> TokenStream {
    let Bundle {
        attributes,
        visibility,
        name,
        steps,
    } = bundle;
    let items = steps
        .iter()
        .enumerate()
        .map(|(i, step)| item(name, i, step));
    let names = steps.iter().map(|step| {
        &step
            .path
            .segments
            .last()
            .expect("a path has a segment")
            .ident
    });
    let hidden = hidden_name(name, steps);
    // A macro that other crates may name has to be exported, and then stands at the root of this one under its hidden name.
    let exported = matches!(visibility, Visibility::Public(_));
    let export = exported.then(|| quote!(#[macro_export]));
    let reach = if exported {
        quote!(pub)
    } else {
        visibility_of_use(visibility)
    };
    quote! {
        #(#attributes)*
        #[allow(non_camel_case_types, dead_code, missing_debug_implementations)]
        #visibility struct #name {}

        #(#items)*

        #[doc(hidden)]
        #export
        macro_rules! #hidden {
            (@names [$($groups:tt)*] $($graph:tt)*) => {
                ::docket::graph! { @bundles [$($groups)* [#(#names)*]] $($graph)* }
            };
        }
        #[doc(hidden)]
        #[allow(unused_imports)]
        #reach use #hidden as #name;
    }
}

fn visibility_of_use(visibility: &Visibility) -> TokenStream {
    match visibility {
        // A `macro_rules` without `#[macro_export]` can be named in this crate at most.
        Visibility::Inherited => TokenStream::new(),
        other => other.to_token_stream(),
    }
}

fn item(bundle: &Ident, i: usize, step: &BundleStep) -> TokenStream {
    let path = &step.path;
    let cfgs: Vec<&Attribute> = step
        .attributes
        .iter()
        .filter(|it| it.path().is_ident("cfg"))
        .collect();
    let span = path
        .segments
        .last()
        .map_or_else(proc_macro2::Span::call_site, |segment| segment.ident.span());
    let head =
        quote_spanned!(span=> impl<Graph_> ::docket::__private::BundleItem<#i, Graph_> for #bundle);
    // From its first token to its last where the path stands: that is what the compiler underlines when the step is more
    // private than the bundle.
    let (start, end) = crate::spans::ends(path);
    let (keyword, close) = (quote_spanned!(start=> type Step =), quote_spanned!(end=> ;));
    let step = quote!(#keyword #path #close);
    let present = quote! {
        #(#cfgs)*
        #[automatically_derived]
        #head { #step }
    };
    if cfgs.is_empty() {
        return present;
    }
    let absent = crate::cfg::negation(&cfgs);
    quote! {
        #present
        #absent
        #[automatically_derived]
        #head { type Step = ::docket::__private::Absent<#bundle, #i>; }
    }
}

/// The same for each compilation of the same source, and another for each bundle of a crate: those of one macro stand at one
/// place, and differ by what they list.
fn hidden_name(name: &Ident, steps: &[BundleStep]) -> Ident {
    let span = name.span().unwrap();
    let mut hasher = DefaultHasher::new();
    (span.file(), span.line(), span.column()).hash(&mut hasher);
    for step in steps {
        step.path.to_token_stream().to_string().hash(&mut hasher);
    }
    format_ident!(
        "__docket_bundle_{}_{:016x}",
        crate::step::plain_name(name),
        hasher.finish()
    )
}
