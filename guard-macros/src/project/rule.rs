//! `[[rule]]`: what the run time shall think of blocking calls inside of some code.

use super::values::{Parsed, known_kind, required, table, text};
use crate::catalog::Kind;
use crate::input::{duration, unknown};
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;
use std::time::Duration;
use toml_span::Value;

/// What the run time shall think of blocking calls inside of some code.
pub(super) struct Rule {
    allow: bool,
    /// A path of a crate, module, type or function; `*` stands for anything.
    inside: String,
    /// None: all.
    kinds: Vec<&'static Kind>,
    up_to: Option<Duration>,
    reason: String,
}

const KEYS: &[&str] = &["allow", "deny", "kinds", "up_to", "reason"];

impl Rule {
    pub(super) fn parse(value: &Value<'_>) -> Parsed<Rule> {
        let (mut inside, mut kinds, mut up_to, mut reason) = (None, Vec::new(), None, None);
        for (key, value) in table(value)? {
            match &*key.name {
                name @ ("allow" | "deny") => {
                    if inside.is_some() {
                        let message = "a rule has one of `allow` and `deny`: write a second `[[rule]]`";
                        return Err((key.span, message.to_owned()));
                    }
                    inside = Some((name == "allow", pattern(value)?));
                }
                "kinds" => {
                    let list = value.as_array().filter(|list| !list.is_empty());
                    let message =
                        || "`kinds` is a list: `kinds = [\"fs\", \"db\"]`; left out, it is all".to_owned();
                    for kind in list.ok_or_else(|| (value.span, message()))? {
                        kinds.push(known_kind(text(kind)?, kind.span)?);
                    }
                }
                "up_to" => {
                    let time = duration::parse(text(value)?);
                    let message = || format!("`up_to` is a time, such as {}", duration::EXAMPLES);
                    up_to = Some(time.ok_or_else(|| (value.span, message()))?);
                }
                "reason" => reason = Some(text(value)?.to_owned()),
                other => return Err((key.span, unknown("key", other, KEYS))),
            }
        }
        let (allow, inside) = inside.ok_or_else(|| {
            let message =
                "a rule says where: `allow = \"service::startup\"` or `deny = \"service::handlers::*\"`";
            (value.span, message.to_owned())
        })?;
        if !allow && up_to.is_some() {
            return Err((value.span, "`up_to` belongs to `allow`: a longer call then counts".to_owned()));
        }
        let reason = match allow {
            true => required(value, "reason", reason.as_deref())?.to_owned(),
            false => reason.unwrap_or_default(),
        };
        Ok(Rule { allow, inside, kinds, up_to, reason })
    }
    /// `Rule { .. }` for the run time.
    pub(super) fn tokens(&self, private: &TokenStream, span: Span) -> TokenStream {
        let Rule { allow, inside, kinds, up_to, reason } = self;
        let kinds = kinds.iter().map(|kind| Ident::new(kind.variant, span));
        let up_to = match up_to {
            Some(up_to) => {
                let up_to = duration::tokens(*up_to, span);
                quote_spanned!(span=> ::core::option::Option::Some(#up_to))
            }
            None => quote_spanned!(span=> ::core::option::Option::None),
        };
        quote_spanned! {span=> #private::Rule {
            allow: #allow,
            inside: #inside,
            kinds: &[#(#private::Kind::#kinds),*],
            up_to: #up_to,
            reason: #reason,
        } }
    }
}

/// A path with `*` for anything. A package's name may be written with hyphens.
fn pattern(value: &Value<'_>) -> Parsed<String> {
    let written = text(value)?;
    let is_path = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '*' | '-');
    let is_named = written.contains(|c: char| c.is_alphanumeric());
    if !is_named || !written.chars().all(is_path) || written.ends_with(':') {
        let message = "a path of a crate, module, type or function, `*` for anything, as in `service::startup` or \
                       `legacy_*`";
        return Err((value.span, format!("{message}, not `{written}`")));
    }
    Ok(written.replace('-', "_"))
}
