//! The project's own `no-block.toml`: more APIs, more offloaders, other default levels, rules for the run time.
//!
//! The nearest one upward from `CARGO_MANIFEST_DIR` counts. It is read anew at each expansion, which costs a stat and a
//! short read: an editor's macro server lives long, and must see an edit.

use crate::args::unknown;
use crate::catalog::{KINDS, Kind, Level, Receiver, Row, Shape};
use crate::rules::Rule;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use toml_span::{Span, Value};

/// What the file says.
#[derive(Default)]
pub(crate) struct Project {
    /// Where it is; the expansion names it, so that an edit rebuilds.
    pub(crate) file: Option<PathBuf>,
    pub(crate) rows: Vec<Row>,
    /// Names of functions, methods and macros, and which argument is the callback (none: every closure).
    offloaders: Vec<(String, Option<usize>)>,
    levels: Vec<(&'static str, Level)>,
    pub(crate) rules: Vec<Rule>,
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
        let Some(path) =
            Path::new(&folder).ancestors().map(|at| at.join("no-block.toml")).find(|at| at.is_file())
        else {
            return Ok(&NONE);
        };
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

    pub(crate) fn parse(text: &str) -> Parsed<Project> {
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

/// What a part of the file says, or what is wrong with it, and where.
pub(crate) type Parsed<T> = Result<T, (Span, String)>;

fn api(value: &Value<'_>) -> Parsed<Row> {
    let keys = ["path", "kind", "instead", "arguments", "receiver", "generics"];
    let [path, kind, instead, arguments, receiver, generics] = fields(value, keys)?;
    let path = required(value, "path", path)?;
    if path.split("::").count() < 2 || syn::parse_str::<syn::Path>(path).is_err() {
        let message =
            format!("`path` is a path from the crate's name on, as in `service::config::load`, not `{path}`");
        return Err((value.span, message));
    }
    let kind = known_kind(required(value, "kind", kind)?, value.span)?;
    let is_arguments = |text: &str| {
        syn::parse_str::<syn::AngleBracketedGenericArguments>(text).is_ok()
            || matches!(syn::parse_str(text), Ok(syn::Expr::Paren(_) | syn::Expr::Tuple(_)))
    };
    if let Some(wrong) = arguments.filter(|text| !is_arguments(text)) {
        let message =
            "`arguments` makes a generic function concrete: `<&str>`, or a call's arguments, `(\"\")`";
        return Err((value.span, format!("{message}, not `{wrong}`")));
    }
    if let Some(wrong) = generics.filter(|text| syn::parse_str::<syn::Generics>(text).is_err()) {
        return Err((
            value.span,
            format!("`generics` are those of an impl, as in `<T: Send>`, not `{wrong}`"),
        ));
    }
    let shape = match receiver {
        None => Shape::Function { arguments: leak(arguments.unwrap_or("")) },
        Some(receiver) => {
            let receiver = match receiver {
                "ref" => Receiver::Shared,
                "mut" => Receiver::Mut,
                "value" => Receiver::Value,
                other => return Err((value.span, unknown("receiver", other, &["ref", "mut", "value"]))),
            };
            let ty = path.rsplit_once("::").map_or(path, |(ty, _)| ty);
            let generics = generics.unwrap_or("");
            let types: &[(&str, &str)] =
                Box::leak(Box::new([(leak(generics), leak(&with_arguments(ty, generics)))]));
            Shape::Method { receiver, types }
        }
    };
    let instead = instead.unwrap_or("move the call off the executor with `guard_runtime::offload(..).await`");
    Ok(Row { path: leak(path), kind: kind.name, shape, remedy: leak(instead), own: true })
}

/// `Client<T>` of `Client` and `<T: Send>`.
fn with_arguments(ty: &str, generics: &str) -> String {
    let parsed: syn::Generics = syn::parse_str(generics).unwrap_or_default();
    let (_, arguments, _) = parsed.split_for_impl();
    format!("{ty}{}", quote::quote!(#arguments))
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

pub(crate) fn known_kind(name: &str, span: Span) -> Parsed<&'static Kind> {
    let names: Vec<_> = KINDS.iter().map(|kind| kind.name).collect();
    KINDS.iter().find(|kind| kind.name == name).ok_or_else(|| (span, unknown("kind", name, &names)))
}

fn fields<'a, const N: usize>(value: &'a Value<'_>, keys: [&str; N]) -> Parsed<[Option<&'a str>; N]> {
    let mut fields = [None; N];
    for (key, value) in table(value)? {
        match keys.iter().position(|known| *known == key.name) {
            Some(i) => fields[i] = Some(text(value)?),
            None => return Err((key.span, unknown("key", &key.name, &keys))),
        }
    }
    Ok(fields)
}

pub(crate) fn required<'a>(value: &Value<'_>, key: &str, field: Option<&'a str>) -> Parsed<&'a str> {
    field.ok_or_else(|| (value.span, format!("`{key}` is missing")))
}

pub(crate) fn table<'a, 'de>(value: &'a Value<'de>) -> Parsed<&'a toml_span::value::Table<'de>> {
    value.as_table().ok_or_else(|| (value.span, "a table is expected here".to_owned()))
}

fn array<'a, 'de>(value: &'a Value<'de>) -> Parsed<&'a Vec<Value<'de>>> {
    value.as_array().ok_or_else(|| {
        (value.span, "a list of tables is expected here: write the name in double brackets".to_owned())
    })
}

pub(crate) fn text<'a>(value: &'a Value<'_>) -> Parsed<&'a str> {
    value.as_str().ok_or_else(|| (value.span, "a text is expected here".to_owned()))
}

fn leak(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stub_crates;

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

    const FILE: &str = r#"
[[api]]
path = "own_file::legacy::load"
kind = "fs"
arguments = "<&str>"
instead = "use `legacy::load_later`"

[[api]]
path = "own_file::legacy::Client::fetch"
kind = "net"
receiver = "mut"
generics = "<T>"

[[offloader]]
name = "on_a_pool"
argument = 1

[levels]
sleep = "allow"
lock = "deny"
"#;

    const USER: &str = r#"
#![forbid(unused_imports)]
pub mod legacy {
    pub fn load<P>(_: P) {}
    pub struct Client<T>(pub T);
    impl<T> Client<T> { pub fn fetch(&mut self) {} }
}
pub mod other {
    pub fn load(_: u8) {}
    pub struct Client;
    impl Client { pub fn fetch(&self) {} }
}
pub fn on_a_pool(_: u8, run: impl FnOnce()) { run() }
use legacy::Client;
#[guard_runtime::no_block]
pub async fn called(client: &mut Client<u8>) {
    legacy::load("a"); // 1
    client.fetch(); // 2
    on_a_pool(1, || drop(std::fs::read("a")));
    std::thread::sleep(std::time::Duration::ZERO);
    drop(std::fs::read("a")); // 3
}
#[guard_runtime::no_block]
pub async fn look_alikes(client: other::Client) {
    other::load(1);
    client.fetch();
}
#[cfg(lock)]
#[guard_runtime::no_block]
pub async fn denied(lock: &std::sync::Mutex<u8>) -> u8 { *lock.lock().unwrap() }
"#;

    /// A package with this file; whether it compiles, and what is said of it.
    fn compile(file: &str, user: &str) -> (bool, String) {
        let folder = stub_crates::target_dir().join("stub-crates/own_file");
        let more = format!("[dependencies]\n{}[workspace]\n", stub_crates::guard_runtime());
        stub_crates::write_package(&folder, "own_file", "1.0.0", &more, user);
        // Another unit of the package, which has the library for a dependency and other names at its root.
        std::fs::create_dir_all(folder.join("tests")).unwrap();
        let other =
            "#[guard_runtime::no_block]\npub async fn outside() {\n    own_file::legacy::load(\"a\");\n}\n";
        std::fs::write(folder.join("tests/outside.rs"), other).unwrap();
        std::fs::write(folder.join("no-block.toml"), file).unwrap();
        stub_crates::cargo_check(&folder)
    }

    #[test]
    fn the_file_is_obeyed_an_edit_counts_and_a_bad_one_is_one_error() {
        let (success, said) = compile(FILE, USER);
        assert!(success, "{said}");
        let places: Vec<_> = said
            .lines()
            .filter(|line| line.contains("in_async_code"))
            .filter_map(|line| {
                line.split(' ').next()?.strip_suffix(':')?.rsplit_once(':').map(|(place, _)| place)
            })
            .collect();
        let line = |mark: &str| format!("src/lib.rs:{}", stub_crates::line_of(USER, mark));
        for place in [&line("// 1"), &line("// 2"), &line("// 3"), "tests/outside.rs:3"] {
            assert!(places.contains(&place), "nothing at {place}: {said}");
        }
        let distinct: std::collections::BTreeSet<_> = places.iter().collect();
        assert_eq!(distinct.len(), 4, "{said}");

        // The file alone has changed.
        let (success, said) = compile(&FILE.replace("kind = \"net\"", "kind = \"nett\""), USER);
        let errors = said
            .lines()
            .filter(|line| line.contains("no-block.toml, line 10") || line.contains("did you mean `net`?"));
        assert!(!success && errors.count() == 1, "{said}");

        let (success, said) = compile(FILE, &USER.replace("#[cfg(lock)]", ""));
        assert!(!success && said.contains("`std::sync::Mutex::lock` blocks"), "{said}");
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
}
