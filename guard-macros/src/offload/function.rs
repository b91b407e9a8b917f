//! The sync fn below `#[offload]`, read; refused where it cannot run later and on another thread.

use super::borrows;
use crate::input::Errors;
use proc_macro2::TokenStream;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Error, ItemFn, Result, Token, Type};

pub(super) fn function(item: TokenStream) -> Result<ItemFn> {
    let name = |input: ParseStream<'_>| {
        input.call(Attribute::parse_outer)?;
        input.parse::<syn::Visibility>()?;
        let sig: syn::Signature =
            input.parse().map_err(|error| Error::new(error.span(), "`#[offload]` belongs on a sync fn"))?;
        let bodiless = input.peek(Token![;]);
        input.parse::<TokenStream>()?;
        Ok((sig, bodiless))
    };
    let (sig, bodiless) = name.parse2(item.clone())?;
    if let Some(keyword) = &sig.asyncness {
        let message =
            "`#[offload]` belongs on a sync fn, and this one is async: offload what blocks inside of it";
        return Err(Error::new(keyword.span, message));
    }
    if let syn::Safety::Unsafe(keyword) = &sig.safety {
        let message = "`#[offload]` belongs on a safe fn: what has to hold for an `unsafe fn` cannot be stated for a \
                       later moment and another thread; wrap it in a safe one";
        return Err(Error::new(keyword.span, message));
    }
    if let Some(abi) = &sig.abi {
        return Err(Error::new_spanned(abi, "`#[offload]` belongs on a Rust fn: wrap the foreign one"));
    }
    if bodiless {
        let message =
            "`#[offload]` belongs on a fn with a body, and not on a trait's: it makes a second fn beside it";
        return Err(Error::new_spanned(sig.fn_token, message));
    }
    let mut errors = Errors::default();
    if let syn::ReturnType::Type(_, ty) = &sig.output {
        if matches!(**ty, Type::Never(_)) {
            let message = "`#[offload]` belongs on a fn that returns: this one would keep a thread of the pool for \
                           ever; start a `std::thread` for it";
            errors.push(Error::new_spanned(ty, message));
        }
    }
    for input in &sig.inputs {
        if let Err(error) = borrows::refuse(input, &sig.ident) {
            errors.push(error);
        }
    }
    match errors.0 {
        Some(errors) => Err(errors),
        None => syn::parse2(item),
    }
}
