//! The room of the entry points `#[guard_runtime::main]` and `test`: tokio's attributes, with an armed runtime and a
//! guarded body; and of `project_rules!`, for programs that have neither.

mod function;
mod options;
mod project_rules;

pub(crate) use options::Entry;
pub(crate) use project_rules::project_rules;

use crate::input::Errors;
use crate::project::{BadFile, Project};
use crate::rustc::private;
use function::Function;
use options::Args;
use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::parse::Parser;

/// Expands to tokio's builder and the user's body on it; after an error, to what can be kept of them.
pub(crate) fn expand(entry: Entry, args: TokenStream, item: TokenStream) -> TokenStream {
    let function = match Function::read.parse2(item.clone()).and_then(|function| function.check(entry)) {
        Ok(function) => function,
        Err(error) => {
            let error = error.into_compile_error();
            return quote!(#error #item);
        }
    };
    let mut errors = Errors::default();
    let mut args = Args::read(entry, args, &mut errors);
    match Project::current() {
        Ok(project) => args.project = Some(project),
        Err(BadFile(message)) => errors.at(Span::call_site(), message),
    }
    let called = function.check_call(entry).map_err(|error| errors.push(error)).is_ok();
    let private = private(args.krate.as_ref()).map_err(|error| errors.push(error));
    let error = errors.0.map(syn::Error::into_compile_error);
    let function = match private {
        Ok(private) if called => function.expand(entry, &args, &private),
        _ => function.without_body(),
    };
    quote!(#error #function)
}
