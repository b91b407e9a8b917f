//! The project's own rules for the run time: which code may block, and which may not, whatever other rules say.
//!
//! They come from `no-block.toml` as data, with the site of each guard: the macros have read the file, so that no
//! parser is built into programs.

use crate::engines::hooks;
use crate::model::{Kind, ON, Rule, Site};
use crate::region;
use std::sync::{PoisonError, RwLock};

/// Those that hold for the whole process.
static IN_FORCE: RwLock<Vec<&'static [Rule]>> = RwLock::new(Vec::new());

/// Has rules hold for the whole process, from now on.
pub fn put_in_force(rules: &'static [Rule]) {
    if !ON || rules.is_empty() {
        return;
    }
    let _quiet = region::quiet();
    let mut in_force = IN_FORCE.write().unwrap_or_else(PoisonError::into_inner);
    if !in_force.contains(&rules) {
        in_force.push(rules);
        drop(in_force);
        super::forget();
        hooks::forget();
    }
}

/// Whether no thread is in the middle of something here.
pub(crate) fn is_idle() -> bool {
    IN_FORCE.try_write().is_ok()
}

/// A function between a call and its poll.
pub(crate) struct Function {
    /// Whatever it may be called.
    pub(crate) paths: [String; 3],
    /// Whether a rule that allows may name it: what polls the user's future is no reason to let that block.
    pub(crate) may_be_allowed: bool,
}

impl Function {
    pub(crate) fn named(path: &str) -> Function {
        Function { paths: [path.to_owned(), String::new(), String::new()], may_be_allowed: true }
    }
}

/// Those that a call below this guard goes by.
fn rules(site: Option<&'static Site>) -> impl Iterator<Item = &'static Rule> + Clone {
    let in_force = IN_FORCE.read().unwrap_or_else(PoisonError::into_inner).clone();
    in_force.into_iter().chain(site.map(|site| site.rules)).flatten()
}

/// Whether there are any.
pub(crate) fn has_rules(site: Option<&'static Site>) -> bool {
    rules(site).next().is_some()
}

/// The rule for a call of this kind: that of the innermost function of which there is one, and there one that denies
/// before one that allows.
pub(crate) fn rule(
    site: Option<&'static Site>,
    kind: Kind,
    mut functions: impl Iterator<Item = Function>,
) -> Option<&'static Rule> {
    let rules: Vec<_> = rules(site).filter(|rule| rule.speaks_of(kind)).collect();
    if rules.is_empty() {
        return None;
    }
    functions.find_map(|function| {
        let applies = |rule: &&&Rule| {
            (function.may_be_allowed || !rule.allow)
                && function.paths.iter().any(|path| is_inside(path, rule.inside))
        };
        rules.iter().filter(applies).min_by_key(|rule| rule.allow).copied()
    })
}

/// Whether a path is what the pattern names, or lies in it.
fn is_inside(path: &str, pattern: &str) -> bool {
    let ends = path.match_indices("::").map(|(at, _)| at).chain([path.len()]);
    let mut outer = ends.map(|end| &path[..end]);
    match pattern.contains('*') {
        true => outer.any(|path| matches(path, pattern)),
        false => outer.any(|path| path == pattern),
    }
}

/// Whether the whole text is what the pattern says.
fn matches(text: &str, pattern: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let mut last = None;
    for part in parts {
        // Each part but the last one as early as it comes.
        if let Some(part) = last.replace(part) {
            let Some((_, after)) = rest.split_once(part) else { return false };
            rest = after;
        }
    }
    last.map_or(rest.is_empty(), |last| rest.ends_with(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_names_an_item_and_what_lies_in_it() {
        for (path, pattern) in [
            ("legacy_db::Pool::get", "legacy_db"),
            ("legacy_db::Pool::get", "legacy_db::Pool"),
            ("legacy_db::Pool::get::{{closure}}", "legacy_db::Pool::get"),
            ("app::handlers::index", "app::*::index"),
            ("app::a::b::index::{{closure}}", "app::*::index"),
            ("legacy_db::f", "legacy_*"),
            ("app::handlers::index", "*::index"),
            ("app::handlers::index", "app::*"),
            ("app::one::two::three", "app::*o*::three"),
        ] {
            assert!(is_inside(path, pattern), "{path} in {pattern}");
        }
        for (path, pattern) in [
            ("legacy_db2::f", "legacy_db"),
            ("app", "app::*"),
            ("my::app::f", "app::*"),
            ("app::handlers::index2", "app::*::index"),
            ("app::f", "app::f::*"),
        ] {
            assert!(!is_inside(path, pattern), "{path} in {pattern}");
        }
    }

    const RULES: &[Rule] = &[
        Rule { allow: true, inside: "app::startup", kinds: &[], up_to: None, reason: "once" },
        Rule { allow: false, inside: "app::startup::hash", kinds: &[Kind::Crypto], up_to: None, reason: "" },
        Rule { allow: true, inside: "app::both", kinds: &[Kind::Fs], up_to: None, reason: "r" },
        Rule { allow: false, inside: "app::both", kinds: &[], up_to: None, reason: "" },
    ];
    static SITE: Site = Site {
        file: "",
        line: 0,
        column: 0,
        module: "app",
        package: "",
        version: "",
        manifest_dir: "",
        attribute: true,
        rules: RULES,
    };

    #[test]
    fn the_innermost_function_decides_and_a_denial_wins() {
        let allowed = |kind, functions: &[&str]| {
            rule(Some(&SITE), kind, functions.iter().map(|name| Function::named(name))).map(|rule| rule.allow)
        };
        let hash = ["app::startup::hash", "app::startup", "app::main"];
        assert_eq!(allowed(Kind::Crypto, &hash), Some(false));
        assert_eq!(allowed(Kind::Fs, &hash), Some(true));
        assert_eq!(allowed(Kind::Fs, &["app::startup::load", "app::startup::hash"]), Some(true));
        assert_eq!(allowed(Kind::Fs, &["app::both"]), Some(false));
        assert_eq!(allowed(Kind::Fs, &["app::main"]), None);
        let outer = |may_be_allowed| Function { may_be_allowed, ..Function::named("app::startup") };
        assert!(rule(Some(&SITE), Kind::Fs, [outer(true)].into_iter()).is_some());
        assert!(rule(Some(&SITE), Kind::Fs, [outer(false)].into_iter()).is_none());
        assert_eq!(rule(None, Kind::Fs, [Function::named("app::startup")].into_iter()), None);
    }
}
