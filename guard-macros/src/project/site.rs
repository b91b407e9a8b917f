//! What expansions carry of the project: the place of a guard, with the rules that hold there, and the file's name.

use super::file::Project;
use crate::tokens::respan;
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};

/// The place of a guard, for reports. `attribute`: it is `#[no_block]`'s.
pub(crate) fn site(
    project: Option<&Project>,
    private: &TokenStream,
    span: Span,
    attribute: bool,
) -> TokenStream {
    let private = respan(private.clone(), span);
    let rules = rules(project, &private, span);
    // Cargo compiles anew when these change; as literals they cost the compiler nothing.
    let variable = |name: &str| {
        let mut text = proc_macro2::Literal::string(&std::env::var(name).unwrap_or_default());
        text.set_span(span);
        text
    };
    let [package, version, manifest_dir] =
        ["CARGO_PKG_NAME", "CARGO_PKG_VERSION", "CARGO_MANIFEST_DIR"].map(variable);
    quote_spanned!(span=> const { &#private::Site {
        file: ::core::file!(),
        line: ::core::line!(),
        column: ::core::column!(),
        module: ::core::module_path!(),
        package: #package,
        version: #version,
        manifest_dir: #manifest_dir,
        attribute: #attribute,
        rules: #rules,
    } })
}

/// `&[Rule { .. }, ..]` for the run time.
pub(crate) fn rules(project: Option<&Project>, private: &TokenStream, span: Span) -> TokenStream {
    let rules =
        project.map_or(&[][..], |project| &project.rules).iter().map(|rule| rule.tokens(private, span));
    let rules = quote!(#(#rules),*);
    quote_spanned!(span=> &[#rules])
}

/// What makes an edit of the file compile the expansion anew: it names it.
pub(crate) fn track(project: Option<&Project>, span: Span) -> Option<TokenStream> {
    let file = project?.file.as_deref()?.to_str()?;
    Some(quote_spanned!(span=> const _: &[u8] = ::core::include_bytes!(#file);))
}

#[cfg(test)]
mod tests {
    use super::Project;

    #[test]
    fn rules_are_read() {
        let text = "[[rule]]\nallow = \"my-db::Pool\"\nkinds = [\"fs\", \"lock\"]\nup_to = \"2ms\"\nreason = \"r\"\n\
                    [[rule]]\ndeny = \"service::*::handlers\"\n";
        let project = Project::parse(text).unwrap_or_else(|(_, message)| panic!("{message}"));
        let tokens = super::rules(Some(&project), &quote::quote!(p), proc_macro2::Span::call_site());
        let expected = quote::quote! { &[
            p::Rule {
                allow: true, inside: "my_db::Pool", kinds: &[p::Kind::Fs, p::Kind::Lock],
                up_to: ::core::option::Option::Some(::core::time::Duration::new(0u64, 2000000u32)), reason: "r",
            },
            p::Rule {
                allow: false, inside: "service::*::handlers", kinds: &[], up_to: ::core::option::Option::None,
                reason: "",
            }
        ] };
        assert_eq!(tokens.to_string(), expected.to_string());
    }
}
