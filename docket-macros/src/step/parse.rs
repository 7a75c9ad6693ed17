//! The function under `#[step]`: its signature is read, its body is carried along as it is, so that half-typed code still
//! completes in an editor.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, Signature, Visibility};

pub(crate) struct Function {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
    body: TokenStream,
}

pub(crate) fn function(item: TokenStream) -> syn::Result<Function> {
    Function::parse.parse2(item.clone()).map_err(|error| {
        if looks_like_function(&item) {
            return error;
        }
        syn::Error::new_spanned(item, "`#[step]` belongs on a function: `async fn` or `fn`")
    })
}

fn looks_like_function(item: &TokenStream) -> bool {
    item.clone()
        .into_iter()
        .any(|token| matches!(token, proc_macro2::TokenTree::Ident(ident) if ident == "fn"))
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        let signature = input.parse()?;
        Ok(Self {
            attributes,
            visibility,
            signature,
            body: input.parse()?,
        })
    }
}

impl Function {
    /// Whether it is more than what a trait asks for.
    pub(crate) fn has_body(&self) -> bool {
        self.body
            .clone()
            .into_iter()
            .next()
            .is_some_and(|token| matches!(token, proc_macro2::TokenTree::Group(_)))
    }

    /// The `#[cfg]`s that decide whether the function is there at all.
    pub(crate) fn cfgs(&self) -> impl Iterator<Item = &Attribute> {
        self.attributes
            .iter()
            .filter(|attribute| attribute.path().is_ident("cfg"))
    }
}

/// The function as the user wrote it, without the marks of its parameters.
impl ToTokens for Function {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self {
            attributes,
            visibility,
            signature,
            body,
        } = self;
        let mut signature = signature.clone();
        // A second `#[step]` was told, and would only tell more of the same.
        let attributes = attributes
            .iter()
            .filter(|attribute| !attribute.path().is_ident("step"));
        for input in &mut signature.inputs {
            if let syn::FnArg::Typed(parameter) = input {
                parameter
                    .attrs
                    .retain(|attribute| !super::signature::is_mark(attribute));
            }
        }
        tokens.extend(quote!(#(#attributes)* #visibility #signature #body));
    }
}
