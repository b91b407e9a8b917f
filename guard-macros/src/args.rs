//! The attribute's options: one table, every error at once, a suggestion where a name is nearly right.

use crate::catalog::{KINDS, Level, Row};
use crate::project::Project;
use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
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
    /// Levels that were given, the later ones winning over `all`.
    levels: Vec<(&'static str, Level)>,
    all: Option<Level>,
    /// Leave the item as it is.
    pub(crate) skip: bool,
    /// The project's own file.
    pub(crate) project: Option<&'static Project>,
    /// Where guard-runtime is found, when not among the crate's own dependencies.
    pub(crate) krate: Option<Path>,
}

impl Args {
    /// The options, and everything that is wrong with them.
    pub(crate) fn parse(tokens: TokenStream) -> (Self, Option<syn::Error>) {
        let mut args = Args::default();
        let mut errors = Errors::default();
        match syn::parse::Parser::parse2(Punctuated::<Option_, Token![,]>::parse_terminated, tokens) {
            Ok(options) => args.read(options, &mut errors),
            Err(error) => errors.push(error),
        }
        (args, errors.0)
    }

    /// The level of a row under these options.
    pub(crate) fn level(&self, row: &Row) -> Level {
        let given = self.levels.iter().rev().find(|(name, _)| *name == row.kind).map(|(_, level)| *level);
        let default =
            || KINDS.iter().find(|kind| kind.name == row.kind).map_or(Level::Warn, |kind| kind.level);
        let project = || self.project.and_then(|project| project.level(row.kind));
        given.or(self.all).or_else(project).unwrap_or_else(default)
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
                if self.all.replace(level).is_some() {
                    errors.at(kind.span(), "kind `all` is given twice".to_owned());
                }
            } else if let Some(known) = KINDS.iter().find(|known| known.name == name) {
                if self.levels.iter().any(|(given, _)| *given == name) {
                    errors.at(kind.span(), format!("kind `{name}` is given twice"));
                }
                self.levels.push((known.name, level));
            } else {
                let known: Vec<_> = KINDS.iter().map(|known| known.name).chain(["all"]).collect();
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

pub(crate) fn is_absolute(path: &Path) -> bool {
    path.leading_colon.is_some() || path.segments.first().is_some_and(|first| first.ident == "crate")
}

pub(crate) fn unknown(what: &str, name: &str, known: &[&str]) -> String {
    let list = known.iter().map(|known| format!("`{known}`")).collect::<Vec<_>>().join(", ");
    match nearest(name, known) {
        Some(nearest) => format!("unknown {what} `{name}`, did you mean `{nearest}`? (known: {list})"),
        None => format!("unknown {what} `{name}` (known: {list})"),
    }
}

/// The known name that is at most a third of its letters away.
fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let best = known.iter().map(|known| (distance(name, known), *known)).min()?;
    (best.0 <= best.1.len().max(name.len()).div_ceil(3)).then_some(best.1)
}

/// Levenshtein's.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, cb) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = (above + 1).min(row[j] + 1).min(diagonal + usize::from(ca != *cb));
            diagonal = above;
        }
    }
    row[b.len()]
}

#[derive(Default)]
pub(crate) struct Errors(pub(crate) Option<syn::Error>);

impl Errors {
    pub(crate) fn push(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(all) => all.combine(error),
            None => self.0 = Some(error),
        }
    }

    pub(crate) fn at(&mut self, span: Span, message: String) {
        self.push(syn::Error::new(span, message));
    }

    fn at_tokens(&mut self, tokens: &dyn ToTokens, message: String) {
        self.push(syn::Error::new_spanned(tokens.to_token_stream(), message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::rows;

    fn errors(text: &str) -> Vec<String> {
        let (_, error) = Args::parse(text.parse().unwrap());
        error.into_iter().flatten().map(|error| error.to_string()).collect()
    }

    #[test]
    fn a_kind_given_by_name_wins_over_all() {
        let (args, error) = Args::parse("warn(all), allow(fs)".parse().unwrap());
        assert!(error.is_none());
        let level = |path: &str| args.level(rows().find(|row| row.path == path).unwrap());
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

    #[test]
    fn far_names_are_not_suggested() {
        assert_eq!(nearest("quux", &["warn", "deny"]), None);
        assert_eq!(nearest("threadjoin", &["thread_join", "init"]), Some("thread_join"));
    }
}
