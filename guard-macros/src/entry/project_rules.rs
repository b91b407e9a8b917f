//! `project_rules!()`: the rules of the project's file, in force for the whole process.

use crate::project::{BadFile, Project, rules, track};
use crate::rustc::private;
use proc_macro2::{Span, TokenStream};
use quote::quote;

/// ```text
/// Output: { const _: &[u8] = include_bytes!(FILE); __private::put_in_force(const { &[Rule { .. }, ..] }) }
/// ```
pub(crate) fn project_rules(input: TokenStream) -> syn::Result<TokenStream> {
    let span = Span::call_site();
    if !input.is_empty() {
        return Err(syn::Error::new_spanned(
            input,
            "`project_rules!()` takes nothing: the rules are in no-block.toml",
        ));
    }
    let project = Project::current().map_err(|BadFile(message)| syn::Error::new(span, message))?;
    let private = private(None)?;
    let (track, rules) = (track(Some(project), span), rules(Some(project), &private, span));
    Ok(quote!({ #track #private::put_in_force(const { #rules }) }))
}
