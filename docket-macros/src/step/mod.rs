//! `#[step]`: from a function to the question whether a graph can run it.

mod expand;
mod options;
mod parse;
mod signature;

pub(crate) use signature::{bare, is_static, plain_name, ungroup};

use proc_macro2::TokenStream;

use crate::report::Errors;

pub(crate) fn step(attribute: TokenStream, item: TokenStream) -> TokenStream {
    let function = match parse::function(item.clone()) {
        Ok(function) => function,
        // Whatever it is, it stays where it is: what refers to it should not fail for our sake.
        Err(error) => {
            let error = error.to_compile_error();
            return quote::quote!(#item #error);
        }
    };
    let mut errors = Errors::default();
    let mut of_options = Errors::default();
    let options = options::read(attribute, &mut of_options);
    let signature = signature::read(&function, options.bulk.is_some(), &mut errors);
    errors.absorb(of_options);
    options::check(&options, &signature, &function, &mut errors);
    expand::expand(&function, &signature, &options, errors)
}
