//! `#[derive(docket::Value)]`: a serde type that is stored as JSON.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Data, DeriveInput, GenericParam, Generics};

use crate::report::Errors;

pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let mut cx = Errors::default();
    check(&mut cx, &input);
    if cx.is_empty() {
        implement(&input)
    } else {
        cx.into_tokens()
    }
}

fn check(cx: &mut Errors, input: &DeriveInput) {
    if let Data::Union(data) = &input.data {
        let name = &input.ident;
        cx.error(
            data.union_token,
            format!("a union can't be stored, since nothing tells which field of `{name}` is valid; make it an enum"),
        );
    }
    for param in &input.generics.params {
        if let GenericParam::Lifetime(param) = param {
            let lifetime = &param.lifetime;
            cx.error(
                param,
                format!(
                    "a value that is stored must own its data, so `{}` can't borrow for `{lifetime}`; hold a `String` \
                     for a `&str`, a `Vec` for a slice",
                    input.ident
                ),
            );
        }
    }
}

fn implement(input: &DeriveInput) -> TokenStream {
    let DeriveInput {
        ident,
        generics,
        attrs: _,
        vis: _,
        data: _,
    } = input;
    if generics.params.is_empty() && generics.where_clause.is_none() {
        return implement_alone(ident);
    }
    let where_clause = where_json_value(input, generics);
    let (impl_generics, type_generics, _) = generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #impl_generics ::docket::__private::Value for #ident #type_generics #where_clause {
            const CODEC: i16 = ::docket::__private::json::CODEC;

            fn encode(
                &self,
            ) -> ::core::result::Result<::std::vec::Vec<u8>, ::docket::__private::ValueError> {
                ::docket::__private::json::encode(self)
            }

            fn decode(
                bytes: &[u8],
            ) -> ::core::result::Result<Self, ::docket::__private::ValueError> {
                ::docket::__private::json::decode(bytes)
            }

            fn canonical(
                &self,
            ) -> ::core::result::Result<::std::vec::Vec<u8>, ::docket::__private::ValueError> {
                ::docket::__private::json::canonical(self)
            }

            fn to_json(&self) -> ::core::option::Option<::std::string::String> {
                ::docket::__private::json::to_json(self)
            }
        }
    }
}

/// The same of a type that has no conditions. It is a value whether it can be JSON or not, which is asked in one place: so
/// where it can't, that is the one mistake, and no step that is persisted has another.
fn implement_alone(ident: &Ident) -> TokenStream {
    let json = quote_spanned!(ident.span()=> ::docket::__private::json::json::<#ident>());
    quote! {
        const _: () = {
            const JSON_: ::docket::__private::json::Json<#ident> = #json;

            #[automatically_derived]
            impl ::docket::__private::Value for #ident {
                const CODEC: i16 = ::docket::__private::json::CODEC;

                fn encode(
                    &self,
                ) -> ::core::result::Result<::std::vec::Vec<u8>, ::docket::__private::ValueError> {
                    (JSON_.encode)(self)
                }

                fn decode(
                    bytes: &[u8],
                ) -> ::core::result::Result<Self, ::docket::__private::ValueError> {
                    (JSON_.decode)(bytes)
                }

                fn canonical(
                    &self,
                ) -> ::core::result::Result<::std::vec::Vec<u8>, ::docket::__private::ValueError> {
                    (JSON_.canonical)(self)
                }

                fn to_json(&self) -> ::core::option::Option<::std::string::String> {
                    (JSON_.to_json)(self)
                }
            }
        };
    }
}

/// The type's own conditions, and one of ours that implies all that the impl needs: it fails at the name of the type,
/// and once, where a bound of each method would fail as often as it is named.
fn where_json_value(input: &DeriveInput, generics: &Generics) -> TokenStream {
    let ident = &input.ident;
    let (_, type_generics, _) = generics.split_for_impl();
    let predicates = generics
        .where_clause
        .iter()
        .flat_map(|clause| &clause.predicates);
    let is_json = quote_spanned! {ident.span()=>
        #ident #type_generics: ::docket::__private::json::JsonValue
    };
    quote!(where #(#predicates,)* #is_json)
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::expand;

    fn check_error(input: proc_macro2::TokenStream, message: &str) {
        let tokens = expand(input).to_string();
        assert_eq!(tokens.matches("compile_error").count(), 1, "{tokens}");
        assert!(tokens.contains(message), "{tokens}");
    }

    #[test]
    fn a_union_is_refused() {
        check_error(quote!(union Bits { a: u32, b: f32 }), "make it an enum");
    }

    #[test]
    fn a_type_that_borrows_is_refused() {
        check_error(
            quote!(
                struct Name<'a>(&'a str);
            ),
            "can't borrow for `'a`",
        );
    }

    #[test]
    fn what_is_no_type_is_an_error_and_no_panic() {
        assert!(
            expand(quote!(
                fn f() {}
            ))
            .to_string()
            .contains("compile_error")
        );
    }

    #[test]
    fn the_conditions_of_the_type_are_kept() {
        let tokens = expand(quote! {
            struct Page<T: Clone, const N: usize> where T: Default { items: [T; N] }
        });
        let expected = quote!(impl<T: Clone, const N: usize> ::docket::__private::Value for Page<T, N>
            where T: Default, Page<T, N>: ::docket::__private::json::JsonValue);
        assert!(
            tokens.to_string().contains(&expected.to_string()),
            "{tokens}"
        );
    }
}
