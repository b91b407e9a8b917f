//! The file itself: found, read anew and parsed, with its offloaders and levels.
//!
//! The nearest one upward from `CARGO_MANIFEST_DIR` counts: see `find.rs`. It is read anew at each expansion, which costs a stat and a
//! short read: an editor's macro server lives long, and must see an edit.

use super::api::api;
use super::find::find;
use super::rule::Rule;
use super::values::{Parsed, array, known_kind, table, text};
use crate::catalog::{Level, Row};
use crate::input::unknown;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use toml_span::Value;

/// What the file says.
#[derive(Default)]
pub(crate) struct Project {
    /// Where it is; the expansion names it, so that an edit rebuilds.
    pub(crate) file: Option<PathBuf>,
    pub(crate) rows: Vec<Row>,
    /// Names of functions, methods and macros, and which argument is the callback (none: every closure).
    offloaders: Vec<(String, Option<usize>)>,
    levels: Vec<(&'static str, Level)>,
    pub(super) rules: Vec<Rule>,
}

/// A file that cannot be read: what is wrong, where, and what is allowed.
pub(crate) struct BadFile(pub(crate) String);

impl Project {
    /// The project of the crate being compiled. Told once for each text: every other expansion goes by the defaults.
    pub(crate) fn current() -> Result<&'static Project, BadFile> {
        static NONE: Project = Project {
            file: None,
            rows: Vec::new(),
            offloaders: Vec::new(),
            levels: Vec::new(),
            rules: Vec::new(),
        };
        static KNOWN: Mutex<Vec<(PathBuf, String, &'static Project)>> = Mutex::new(Vec::new());
        let Some(folder) = std::env::var_os("CARGO_MANIFEST_DIR") else { return Ok(&NONE) };
        let Some(path) = find(Path::new(&folder)) else { return Ok(&NONE) };
        let text = std::fs::read_to_string(&path)
            .map_err(|error| BadFile(format!("{} cannot be read: {error}", path.display())))?;
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((.., project)) = known.iter().find(|(at, old, _)| *at == path && *old == text) {
            return Ok(project);
        }
        let (project, error) = match Project::parse(&text) {
            Ok(project) => (project, None),
            Err((span, message)) => {
                let line = text[..span.start.min(text.len())].matches('\n').count() + 1;
                (Project::default(), Some(BadFile(format!("{}, line {line}: {message}", path.display()))))
            }
        };
        // Rows are compared by address all over the crate, and there is one such file in a build: it may stay.
        let project: &'static Project = Box::leak(Box::new(Project { file: Some(path.clone()), ..project }));
        known.push((path, text, project));
        error.map_or(Ok(project), Err)
    }

    /// The default level of a kind.
    pub(crate) fn level(&self, kind: &str) -> Option<Level> {
        self.levels.iter().find(|(name, _)| *name == kind).map(|(_, level)| *level)
    }

    /// Whether the callee runs the closure that is its argument number `index` elsewhere.
    pub(crate) fn offloads(&self, callee: &str, index: usize) -> bool {
        let callback = |(name, argument): &(String, Option<usize>)| {
            name == callee && argument.is_none_or(|at| at == index)
        };
        self.offloaders.iter().any(callback)
    }

    pub(super) fn parse(text: &str) -> Parsed<Project> {
        let value = toml_span::parse(text).map_err(|error| (error.span, error.kind.to_string()))?;
        let mut project = Project::default();
        for (key, value) in table(&value)? {
            match &*key.name {
                "api" => {
                    for entry in array(value)? {
                        project.rows.push(api(entry)?);
                    }
                }
                "offloader" => {
                    for entry in array(value)? {
                        project.offloaders.push(offloader(entry)?);
                    }
                }
                "levels" => {
                    for (key, value) in table(value)? {
                        let kind = known_kind(&key.name, key.span)?;
                        project.levels.push((kind.name, level(value)?));
                    }
                }
                "rule" => {
                    for entry in array(value)? {
                        project.rules.push(Rule::parse(entry)?);
                    }
                }
                other => {
                    let known = ["api", "offloader", "levels", "rule"];
                    return Err((key.span, unknown("table", other, &known)));
                }
            }
        }
        Ok(project)
    }
}

fn offloader(value: &Value<'_>) -> Parsed<(String, Option<usize>)> {
    let entries = table(value)?;
    let (mut name, mut argument) = (None, None);
    for (key, value) in entries {
        match &*key.name {
            "name" => name = Some(text(value)?.to_owned()),
            "argument" => {
                let index = value.as_integer().and_then(|index| usize::try_from(index).ok());
                let message = || "`argument` is the callback's place among the arguments, from 0".to_owned();
                argument = Some(index.ok_or_else(|| (value.span, message()))?);
            }
            other => return Err((key.span, unknown("key", other, &["name", "argument"]))),
        }
    }
    let name =
        name.ok_or_else(|| (value.span, "`name` is missing: the last segment of its path".to_owned()))?;
    Ok((name, argument))
}

fn level(value: &Value<'_>) -> Parsed<Level> {
    match text(value)? {
        "allow" => Ok(Level::Allow),
        "warn" => Ok(Level::Warn),
        "deny" => Ok(Level::Deny),
        other => Err((value.span, unknown("level", other, &["allow", "warn", "deny"]))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Shape;

    fn error(text: &str) -> String {
        Project::parse(text).err().map(|(_, message)| message).unwrap_or_default()
    }

    #[test]
    fn a_file_adds_apis_offloaders_and_levels() {
        let project = Project::parse(
            r#"
            [[api]]
            path = "service::config::load"
            kind = "fs"
            [[api]]
            path = "legacy::Client::fetch"
            kind = "net"
            receiver = "mut"
            generics = "<T: Send>"
            instead = "use `AsyncClient`"
            [[offloader]]
            name = "asyncify"
            argument = 1
            [levels]
            lock = "warn"
            "#,
        );
        let project = project.unwrap_or_else(|(_, message)| panic!("{message}"));
        assert_eq!(project.rows.len(), 2);
        assert!(
            matches!(project.rows[1].shape, Shape::Method { types: [("<T: Send>", ty)], .. } if ty.replace(' ', "") == "legacy::Client<T>")
        );
        assert!(project.offloads("asyncify", 1) && !project.offloads("asyncify", 0));
        assert_eq!(project.level("lock"), Some(Level::Warn));
    }

    #[test]
    fn errors_say_what_is_allowed() {
        assert!(error("[[apis]]").contains("did you mean `api`?"));
        assert!(error("[[api]]\nkind = \"fs\"").contains("`path` is missing"));
        assert!(error("[[api]]\npath = \"a::b\"\nkind = \"fss\"").contains("did you mean `fs`?"));
        assert!(error("[[api]]\npath = \"b\"\nkind = \"fs\"").contains("from the crate's name on"));
        assert!(error("[levels]\nlock = \"loud\"").contains("`allow`, `warn`, `deny`"));
        assert!(error("[api]\npath = \"a\"").contains("double brackets"));
        assert!(!error("[[api]\n").is_empty());
    }

    #[test]
    fn a_wrong_rule_says_what_is_allowed() {
        for (rule, says) in [
            ("reason = \"r\"", "a rule says where"),
            ("allow = \"a\"", "`reason` is missing"),
            ("allow = \"a\"\ndeny = \"b\"", "one of `allow` and `deny`"),
            ("allow = \"a b\"\nreason = \"r\"", "not `a b`"),
            ("allow = \"*\"\nreason = \"r\"", "not `*`"),
            ("alow = \"a\"", "did you mean `allow`?"),
            ("deny = \"a\"\nkinds = \"fs\"", "`kinds` is a list"),
            ("deny = \"a\"\nkinds = [\"fss\"]", "did you mean `fs`?"),
            ("allow = \"a\"\nup_to = \"2\"\nreason = \"r\"", "`up_to` is a time"),
            ("deny = \"a\"\nup_to = \"2s\"", "`up_to` belongs to `allow`"),
        ] {
            let message = error(&format!("[[rule]]\n{rule}\n"));
            assert!(message.contains(says), "{rule}: {message}");
        }
    }
}
