//! The room of `#[no_block]`: its options, where it may stand, what it expands to.

mod blocks;
mod copy;
mod expand;
mod future;
mod guards;
mod inside;
mod options;
mod other_item;
mod outlets;
mod output;
mod parameters;
mod receiver;
mod stand_ins;
mod target;
mod uses;

pub(crate) use expand::expand;
pub(crate) use options::Args;
pub(crate) use other_item::other_item;
pub(crate) use output::return_type;
pub(crate) use target::parse;

use crate::input::Errors;
use crate::project::{BadFile, Project};
use crate::rustc::private;
use proc_macro2::{Span, TokenStream};
use quote::quote;

/// The item expanded, or all errors and the item.
pub(crate) fn no_block(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let mut args = Args::parse(args, &mut errors);
    if args.skip && errors.0.is_none() {
        return item;
    }
    match Project::current() {
        Ok(project) => args.project = Some(project),
        Err(BadFile(message)) => errors.at(Span::call_site(), message),
    }
    let target = parse(item.clone()).map_err(|error| errors.push(error));
    let private = private(args.krate.as_ref()).map_err(|error| errors.push(error));
    match (target, private, errors.0) {
        (Ok(target), Ok(private), None) => expand(&args, &private, target, item),
        (_, _, errors) => {
            let errors = errors.map(syn::Error::into_compile_error);
            quote!(#errors #item)
        }
    }
}
