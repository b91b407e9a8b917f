//! Arguments that borrow, which a closure that runs later cannot take.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::visit::{self, Visit};
use syn::{Error, FnArg, GenericParam, Ident, Lifetime, ReceiverKind, Result, Type};

/// Refuses an argument that borrows.
pub(super) fn refuse(input: &FnArg, name: &Ident) -> Result<()> {
    let (what, instead, at) = match input {
        FnArg::Receiver(receiver) => {
            let borrowed = match &receiver.kind {
                ReceiverKind::Typed(_, ty) => borrow(ty).is_some(),
                kind => !matches!(kind, ReceiverKind::Value),
            };
            if !borrowed {
                return Ok(());
            }
            ("self".to_owned(), "`self: Arc<Self>` or `self`".to_owned(), receiver.to_token_stream())
        }
        FnArg::Typed(arg) => {
            let Some(at) = borrow(&arg.ty) else { return Ok(()) };
            (arg.pat.to_token_stream().to_string(), owned_form(&arg.ty), at)
        }
    };
    let name = name.unraw();
    Err(Error::new_spanned(
        at,
        format!(
            "`#[offload]` runs `{name}` on another thread, later, so `{what}` cannot be borrowed: take it as {instead}, or \
             keep the fn sync and call it inside of `offload_in_place(|| ..)`, which may borrow"
        ),
    ))
}

/// The first part of a type that borrows for less than `'static`.
fn borrow(ty: &Type) -> Option<TokenStream> {
    #[derive(Default)]
    struct Borrows {
        found: Option<TokenStream>,
        /// The names that a `for<..>` binds around here.
        bound: Vec<Lifetime>,
    }
    impl Borrows {
        fn is_borrowed(&self, lifetime: &Lifetime) -> bool {
            lifetime.ident != "static" && !self.bound.contains(lifetime)
        }
    }
    impl Visit<'_> for Borrows {
        fn visit_type_reference(&mut self, reference: &syn::TypeReference) {
            if reference.lifetime.as_ref().is_none_or(|lifetime| self.is_borrowed(lifetime)) {
                self.found.get_or_insert_with(|| reference.to_token_stream());
            }
            visit::visit_type_reference(self, reference);
        }
        fn visit_lifetime(&mut self, lifetime: &Lifetime) {
            if self.is_borrowed(lifetime) {
                self.found.get_or_insert_with(|| lifetime.to_token_stream());
            }
        }
        fn visit_trait_bound(&mut self, bound: &syn::TraitBound) {
            let outside = self.bound.len();
            let here = bound.lifetimes.iter().flat_map(|lifetimes| &lifetimes.lifetimes);
            self.bound.extend(here.filter_map(|param| match param {
                GenericParam::Lifetime(param) => Some(param.lifetime.clone()),
                _ => None,
            }));
            visit::visit_path(self, &bound.path);
            self.bound.truncate(outside);
        }
        // What a callback borrows when it is called is its own affair.
        fn visit_type_fn_ptr(&mut self, _: &syn::TypeFnPtr) {}
        fn visit_parenthesized_generic_arguments(&mut self, _: &syn::ParenthesizedGenericArguments) {}
    }
    let mut borrows = Borrows::default();
    borrows.visit_type(ty);
    borrows.found
}

/// What to take instead of a reference.
fn owned_form(ty: &Type) -> String {
    let Type::Reference(reference) = ty else { return "an owned type".to_owned() };
    let inner = &reference.elem;
    match &**inner {
        Type::Path(path) if path.path.is_ident("str") => "`String`".to_owned(),
        Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Path") => {
            "`PathBuf`".to_owned()
        }
        Type::Slice(slice) => format!("`Vec<{}>`", shown(&slice.elem)),
        other => format!("`{0}` or `Arc<{0}>`", shown(other)),
    }
}

fn shown(ty: &Type) -> String {
    ty.to_token_stream()
        .to_string()
        .replace(" :: ", "::")
        .replace("< ", "<")
        .replace(" <", "<")
        .replace(" >", ">")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of each of the arguments.
    fn errors(function: &str) -> Vec<String> {
        let sig: syn::Signature = syn::parse_str(function).unwrap();
        sig.inputs
            .iter()
            .filter_map(|input| refuse(input, &sig.ident).err())
            .map(|error| error.to_string())
            .collect()
    }

    #[test]
    fn what_borrows_is_refused_each_with_its_ways_out() {
        let found = errors("fn load(&self, a: &str, b: &[u8], c: Cow<'_, str>, d: &mut Vec<u8>, e: u8)");
        assert_eq!(found.len(), 5, "{found:#?}");
        for (error, instead) in
            found.iter().zip(["Arc<Self>", "`String`", "`Vec<u8>`", "owned", "`Arc<Vec<u8>>`"])
        {
            assert!(error.contains(instead) && error.contains("offload_in_place"), "{error}");
        }
        let fine = "fn load(self: Box<Self>, a: &'static str, f: fn(&str), g: Box<dyn Fn(&str) + Send>)";
        assert_eq!(errors(fine), [""; 0]);
    }

    #[test]
    fn what_a_bound_is_for_is_not_borrowed() {
        for fine in [
            "Box<dyn for<'a> Fn(&'a str) -> &'a str + Send>",
            "PhantomData<dyn for<'b> Fn(&'b u8)>",
            "Box<dyn for<'de> Visitor<'de, Value = &'de str> + Send>",
            "impl for<'de> Deserialize<'de>",
            "Box<dyn for<'a> Outer<'a, Box<dyn for<'b> Inner<'a, 'b>>>>",
            "for<'a> fn(&'a str) -> &'a str",
        ] {
            assert_eq!(errors(&format!("fn load(argument: {fine})")), [""; 0], "{fine}");
        }
        for borrows in [
            "Box<dyn for<'a> Visitor<'a, 'b>>",
            "Box<dyn for<'a> Visitor<'a, Value = &'b str>>",
            "(Box<dyn for<'a> Visitor<'a>>, Cow<'a, str>)",
            "Box<dyn Visitor + 'a>",
            "Box<dyn Visitor<&u8>>",
        ] {
            assert_eq!(errors(&format!("fn load(argument: {borrows})")).len(), 1, "{borrows}");
        }
    }
}
