//! The attribute's options: one table, every error at once, a suggestion where a name is nearly right.

use crate::catalog::{Level, kind_named, kind_names};
use crate::input::{Errors, unknown};
use crate::probes::Levels;
use crate::project::Project;
use crate::rustc::is_absolute;
use proc_macro2::TokenStream;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Ident, Path, Token, ext::IdentExt, parenthesized};

/// The options and what stands behind them, for parsing and for messages.
const OPTIONS: &[(&str, Form)] = &[
    ("warn", Form::Kinds(Level::Warn)),
    ("deny", Form::Kinds(Level::Deny)),
    ("allow", Form::Kinds(Level::Allow)),
    ("skip", Form::Word),
    ("crate", Form::Path),
];

#[derive(Clone, Copy)]
enum Form {
    /// `warn(fs, net)`
    Kinds(Level),
    /// `skip`
    Word,
    /// `crate = ::facade::guard_runtime`
    Path,
}

/// `#[no_block(..)]`, parsed.
#[derive(Default)]
pub(crate) struct Args {
    pub(crate) levels: Levels,
    /// Leave the item as it is.
    pub(super) skip: bool,
    /// The project's own file.
    pub(super) project: Option<&'static Project>,
    /// Where guard-runtime is found, when not among the crate's own dependencies.
    pub(super) krate: Option<Path>,
}

impl Args {
    /// The options; what is wrong with them goes to the errors.
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut args = Args::default();
        match syn::parse::Parser::parse2(Punctuated::<Option_, Token![,]>::parse_terminated, tokens) {
            Ok(options) => args.read(options, errors),
            Err(error) => errors.push(error),
        }
        args
    }

    fn read(&mut self, options: Punctuated<Option_, Token![,]>, errors: &mut Errors) {
        let mut seen: Vec<String> = Vec::new();
        for option in options {
            let name = option.name.unraw().to_string();
            let Some((_, form)) = OPTIONS.iter().find(|(known, _)| *known == name) else {
                let known: Vec<_> = OPTIONS.iter().map(|(known, _)| *known).collect();
                errors.at(option.name.span(), unknown("option", &name, &known));
                continue;
            };
            if seen.contains(&name) {
                errors.at(option.name.span(), format!("option `{name}` is given twice"));
                continue;
            }
            match (form, option.value) {
                (Form::Kinds(level), Value::List(kinds)) => self.read_kinds(*level, &kinds, errors),
                (Form::Word, Value::None) => self.skip = true,
                (Form::Path, Value::Path(path)) if is_absolute(&path) => self.krate = Some(path),
                (Form::Path, Value::Path(path)) => errors.at_tokens(
                    &path,
                    "`crate = ..` takes an absolute path, as in `crate = ::facade::guard_runtime`".to_owned(),
                ),
                (form, _) => errors.at(option.name.span(), form.usage(&name)),
            }
            seen.push(name);
        }
    }

    fn read_kinds(&mut self, level: Level, kinds: &Punctuated<Ident, Token![,]>, errors: &mut Errors) {
        for kind in kinds {
            let name = kind.unraw().to_string();
            if name == "all" {
                if self.levels.all.replace(level).is_some() {
                    errors.at(kind.span(), "kind `all` is given twice".to_owned());
                }
            } else if let Some(known) = kind_named(&name) {
                if self.levels.given.iter().any(|(given, _)| *given == name) {
                    errors.at(kind.span(), format!("kind `{name}` is given twice"));
                }
                self.levels.given.push((known.name, level));
            } else {
                let known = [kind_names(), vec!["all"]].concat();
                errors.at(kind.span(), unknown("kind", &name, &known));
            }
        }
    }
}

impl Form {
    fn usage(self, name: &str) -> String {
        match self {
            Form::Kinds(_) => format!("option `{name}` takes a list of kinds, as in `{name}(fs, net)`"),
            Form::Word => format!("option `{name}` takes no value"),
            Form::Path => format!("option `{name}` takes a path, as in `{name} = ::facade::guard_runtime`"),
        }
    }
}

/// An option as it is written, whatever its name.
struct Option_ {
    name: Ident,
    value: Value,
}

enum Value {
    None,
    List(Punctuated<Ident, Token![,]>),
    Path(Path),
    /// What no option takes.
    Other,
}

impl Parse for Option_ {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if !input.peek(Ident::peek_any) {
            return Err(input.error("expected an option of `#[no_block]`, as in `#[no_block(warn(lock))]`"));
        }
        let name = Ident::parse_any(input)?;
        let value = if input.peek(syn::token::Paren) {
            let list;
            parenthesized!(list in input);
            Value::List(list.parse_terminated(Ident::parse_any, Token![,])?)
        } else if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            if input.peek(Token![::]) || input.peek(Ident::peek_any) {
                Value::Path(input.call(Path::parse_mod_style)?)
            } else {
                input.parse::<proc_macro2::TokenTree>()?;
                Value::Other
            }
        } else {
            Value::None
        };
        Ok(Option_ { name, value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::rows;

    fn errors(text: &str) -> Vec<String> {
        let mut errors = Errors::default();
        Args::parse(text.parse().unwrap(), &mut errors);
        errors.0.into_iter().flatten().map(|error| error.to_string()).collect()
    }

    #[test]
    fn a_kind_given_by_name_wins_over_all() {
        let mut errors = Errors::default();
        let args = Args::parse("warn(all), allow(fs)".parse().unwrap(), &mut errors);
        assert!(errors.0.is_none());
        let level = |path: &str| args.levels.of(rows().find(|row| row.path == path).unwrap(), None);
        assert_eq!(level("std::fs::read"), Level::Allow);
        assert_eq!(level("std::sync::Mutex::lock"), Level::Warn);
    }

    #[test]
    fn every_error_is_told_at_once() {
        let errors = errors("wran(fs), deny(fss, net, net), skip(fs), crate = guard");
        assert_eq!(errors.len(), 5, "{errors:#?}");
        assert!(errors[0].contains("did you mean `warn`?"), "{}", errors[0]);
        assert!(errors[1].contains("did you mean `fs`?"), "{}", errors[1]);
    }
}
