//! Random async fns that are type-correct, compiled as they are and annotated: rustc says the same of both.
//!
//! `GENERATED=n` makes it that many fns, `GENERATED_SEED=n` others; `GENERATED_TOOL=clippy` asks clippy.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// What the fns work with: things of the user's own with names of the catalogue's, and some that block.
const PRELUDE: &str = include_str!("generated/prelude.rs");

/// xorshift: the same choices in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }
}

/// What is in scope where something is generated.
#[derive(Clone, Default)]
struct Scope {
    nums: Vec<String>,
    texts: Vec<String>,
    lists: Vec<String>,
    paths: Vec<String>,
    /// The parameters that cannot be moved into a task.
    shared: bool,
    /// They may be changed: nothing else may hold them.
    changes: bool,
    fallible: bool,
    awaits: bool,
}

impl Scope {
    /// Inside a closure.
    fn in_closure(&self) -> Self {
        Scope { changes: false, fallible: false, awaits: false, ..self.clone() }
    }

    /// Inside an `async` block.
    fn in_block(&self) -> Self {
        Scope { changes: false, fallible: false, awaits: true, ..self.clone() }
    }

    /// Inside an `async move` block: what is copied.
    fn moved(&self) -> Self {
        Scope { nums: self.nums.clone(), awaits: true, ..Scope::default() }
    }
}

struct Generator {
    random: Random,
    names: usize,
}

impl Generator {
    fn pick<'t>(&mut self, list: &'t [String]) -> Option<&'t str> {
        if list.is_empty() { None } else { Some(&list[self.random.below(list.len())]) }
    }

    fn name(&mut self, stem: &str) -> String {
        self.names += 1;
        format!("{stem}_{}", self.names)
    }

    /// A `u64`.
    fn num(&mut self, depth: usize, s: &Scope) -> String {
        let variable = self.pick(&s.nums).map(str::to_owned);
        if depth == 0 {
            return variable.unwrap_or_else(|| format!("{}u64", self.random.below(90)));
        }
        let d = depth - 1;
        let closure = s.in_closure();
        match self.random.below(34) {
            0 => format!("({} + {})", self.num(d, s), self.num(d, s)),
            1 => format!("size({}.len())", self.text(d, s)),
            2 => format!("{}.iter().map(|x| x + {}).sum::<u64>()", self.list(d, s), self.num(d, &closure)),
            3 => format!(
                "match {} {{ Some(n) if n > {} => n, Some(_) => {}, None => {} }}",
                self.opt(d, s),
                self.num(d, s),
                self.num(d, s),
                self.num(d, s)
            ),
            4 => format!("if {} {{ {} }} else {{ {} }}", self.flag(d, s), self.num(d, s), self.num(d, s)),
            5 => {
                let (stmts, inner) = self.block(d, s);
                format!("{{ {stmts} {} }}", self.num(d, &inner))
            }
            6 if s.fallible => format!("{}?", self.res(d, s)),
            7 if s.awaits => format!("work({}).await", self.num(d, s)),
            8 if s.awaits => format!("async {{ {} }}.await", self.num(d, &s.in_block())),
            9 if s.awaits => format!("async move {{ {} }}.await", self.num(d, &s.moved())),
            10 => format!("(|| {})()", self.num(d, &closure)),
            11 => {
                format!("Some({}).map(|n| n + {}).unwrap_or_default()", self.num(d, s), self.num(d, &closure))
            }
            12 => format!("{}.unwrap_or_else(|| {})", self.opt(d, s), self.num(d, &closure)),
            13 => format!("fs::metadata({}).map_or(0, |found| found.len())", self.path(s)),
            14 => format!("read({})", self.num(d, s)),
            15 => format!("tools::write({}, {})", self.num(d, s), self.num(d, s)),
            16 => format!("id({})", self.num(d, s)),
            17 if s.shared => format!("any.read({})", self.num(d, s)),
            18 if s.shared => format!("generic.read({})", self.num(d, s)),
            19 if s.shared => "id(*lock.lock().unwrap())".to_owned(),
            20 if s.shared => "door.lock()".to_owned(),
            21 => format!("Door::new({}).open().wait({})", self.num(d, s), self.num(d, s)),
            22 if s.awaits => format!("Door::new({}).fetch({}).await", self.num(d, s), self.num(d, s)),
            23 => format!("<Door as Look>::read(&Door::new({}), {})", self.num(d, s), self.num(d, s)),
            24 => format!(
                "{}.iter().copied().fold({}, |a, b| a ^ b ^ {})",
                self.list(d, s),
                self.num(d, s),
                self.num(d, &closure)
            ),
            25 => format!("u64::from({})", self.flag(d, s)),
            26 => format!("{}.read_door({})", self.text(d, s), self.num(d, s)),
            27 if s.shared => format!("shared.inner.lock({})", self.num(d, s)),
            28 => format!("apply(|n| n + {}, {})", self.num(d, &closure), self.num(d, s)),
            29 => format!("old({})", self.num(d, s)),
            30 if s.shared && s.awaits => format!("shared.joined({}).await", self.num(d, s)),
            31 => format!("std::cmp::max({}, {})", self.num(d, s), self.num(d, s)),
            32 => format!("size(vec![{}; 2].len())", self.num(d, s)),
            _ => variable.unwrap_or_else(|| self.num(d, s)),
        }
    }

    fn flag(&mut self, depth: usize, s: &Scope) -> String {
        let d = depth.saturating_sub(1);
        match self.random.below(if depth == 0 { 2 } else { 9 }) {
            0 => format!("{} > 3", self.num(d, s)),
            1 => format!("{}.is_empty()", self.text(d, s)),
            2 => format!("matches!({}, Some(n) if n > {})", self.opt(d, s), self.num(d, s)),
            3 => format!("{}.exists()", self.path(s)),
            4 => format!("(!({}) && {})", self.flag(d, s), self.flag(d, s)),
            5 => format!("{}.iter().any(|x| *x > {})", self.list(d, s), self.num(d, &s.in_closure())),
            6 if s.shared => "door.exists()".to_owned(),
            7 => format!("{}.is_some_and(|n| n > {})", self.opt(d, s), self.num(d, &s.in_closure())),
            _ => format!("{} == {}", self.num(d, s), self.num(d, s)),
        }
    }

    /// A `String`.
    fn text(&mut self, depth: usize, s: &Scope) -> String {
        let d = depth.saturating_sub(1);
        match self.random.below(if depth == 0 { 2 } else { 6 }) {
            0 => "String::from(\"text\")".to_owned(),
            2 => format!("format!(\"{{}} {{:?}}\", {}, {})", self.num(d, s), self.opt(d, s)),
            3 => format!("{}.display().to_string()", self.path(s)),
            4 => format!("fs::read_to_string({}).unwrap_or_default()", self.path(s)),
            5 => format!("{}.to_string()", self.num(d, s)),
            _ => self.pick(&s.texts).map_or("String::new()".to_owned(), |name| format!("{name}.clone()")),
        }
    }

    /// A `Vec<u64>`.
    fn list(&mut self, depth: usize, s: &Scope) -> String {
        let d = depth.saturating_sub(1);
        match self.random.below(if depth == 0 { 2 } else { 5 }) {
            0 => "vec![1u64, 2]".to_owned(),
            2 => format!("vec![{}, {}]", self.num(d, s), self.num(d, s)),
            3 => format!("(0..{} % 5).collect::<Vec<u64>>()", self.num(d, s)),
            4 => format!(
                "{}.into_iter().filter(|x| *x != {}).collect::<Vec<_>>()",
                self.list(d, s),
                self.num(d, &s.in_closure())
            ),
            _ => self.pick(&s.lists).map_or("Vec::<u64>::new()".to_owned(), |name| format!("{name}.clone()")),
        }
    }

    /// An `Option<u64>`.
    fn opt(&mut self, depth: usize, s: &Scope) -> String {
        let d = depth.saturating_sub(1);
        match self.random.below(if depth == 0 { 2 } else { 7 }) {
            0 => "None::<u64>".to_owned(),
            2 => format!("{}.first().copied()", self.list(d, s)),
            3 => format!("{}.ok()", self.res(d, s)),
            4 => format!("{}.and_then(|n| n.checked_sub({}))", self.opt(d, s), self.num(d, &s.in_closure())),
            5 if s.shared => "queue.try_recv().ok()".to_owned(),
            6 if s.shared => "queue.recv().ok()".to_owned(),
            _ => format!("Some({})", self.num(d, s)),
        }
    }

    /// A `Result<u64, Error>`.
    fn res(&mut self, depth: usize, s: &Scope) -> String {
        let d = depth.saturating_sub(1);
        let fallible = Scope { fallible: true, ..s.in_closure() };
        match self.random.below(if depth == 0 { 2 } else { 6 }) {
            0 => format!("fails({})", self.num(d, s)),
            2 => format!("{}.ok_or(Error)", self.opt(d, s)),
            3 => format!(
                "(|| -> Result<u64, Error> {{ Ok({} + {}?) }})()",
                self.num(d, &fallible),
                self.res(d, &fallible)
            ),
            4 if s.awaits => format!(
                "async {{ Ok::<u64, Error>({}) }}.await",
                self.num(d, &Scope { fallible: true, ..s.in_block() })
            ),
            5 => format!(
                "fs::read({}).map(|data| size(data.len()) + {}).map_err(Error::from)",
                self.path(s),
                self.num(d, &s.in_closure())
            ),
            _ => format!("Ok::<u64, Error>({})", self.num(d, s)),
        }
    }

    /// A reference to a path.
    fn path(&mut self, s: &Scope) -> String {
        self.pick(&s.paths).map_or("Path::new(\"a\")".to_owned(), |name| format!("{name}.as_path()"))
    }

    /// A few statements, and what is in scope behind them.
    fn block(&mut self, depth: usize, s: &Scope) -> (String, Scope) {
        let (mut text, mut inner) = (String::new(), s.clone());
        for _ in 0..self.random.below(4) {
            let stmt = self.stmt(depth, &mut inner);
            text += &stmt;
            text.push('\n');
        }
        (text, inner)
    }

    fn stmt(&mut self, depth: usize, s: &mut Scope) -> String {
        let d = depth.saturating_sub(1);
        let stem = ["n", "read", "lock", "wait", "join", "sleep", "path"][self.random.below(7)];
        let n = self.name(stem);
        let closure = s.in_closure();
        match self.random.below(if depth == 0 { 6 } else { 30 }) {
            0 => {
                let text = format!("let {n} = {};", self.num(d, s));
                s.nums.push(n);
                text
            }
            1 => {
                let text = format!("let mut {n} = {}; {n} += {};", self.num(d, s), self.num(d, s));
                s.nums.push(n);
                text
            }
            2 => {
                let text = format!("let {n} = {};", self.text(d, s));
                s.texts.push(n);
                text
            }
            3 => {
                let text = format!("let mut {n} = {};", self.list(d, s));
                s.lists.push(n);
                text
            }
            4 => {
                let text = format!("let {n} = PathBuf::from({});", self.text(d, s));
                s.paths.push(n);
                text
            }
            5 => format!("let {n} = {};", self.num(d, s)),
            6 => {
                let (body, _) =
                    self.block(d, &Scope { nums: [s.nums.clone(), vec![n.clone()]].concat(), ..s.clone() });
                format!("if let Some({n}) = {} {{ {body} }}", self.opt(d, s))
            }
            7 => {
                let (body, _) = self.block(d, s);
                format!("let mut {n} = 0; while {n} < 3 && {} {{ {n} += 1; {body} }}", self.flag(d, s))
            }
            8 => {
                let (body, _) =
                    self.block(d, &Scope { nums: [s.nums.clone(), vec![n.clone()]].concat(), ..s.clone() });
                format!("for {n} in {} {{ {body} }}", self.list(d, s))
            }
            9 => {
                let text = format!(
                    "let {n} = |a: u64| a + {}; let result_{n} = {n}({});",
                    self.num(d, &closure),
                    self.num(d, s)
                );
                s.nums.push(format!("result_{n}"));
                text
            }
            10 => {
                let text = format!(
                    "let mut total_{n} = {}; let mut {n} = |by: u64| total_{n} += by + {}; {n}(1); {n}({});",
                    self.num(d, s),
                    self.num(d, &closure),
                    self.num(d, s)
                );
                s.nums.push(format!("total_{n}"));
                text
            }
            11 => format!("let {n} = {}; let take_{n} = move || {n}; drop(take_{n}());", self.text(d, s)),
            12 if s.awaits => {
                let text = format!(
                    "let {n} = tokio::spawn(async move {{ {} }}).await.unwrap_or(1);",
                    self.num(d, &s.moved())
                );
                s.nums.push(n);
                text
            }
            13 if s.awaits => format!("let {n} = tokio::spawn(work({})); drop({n}.await);", self.num(d, s)),
            14 if s.awaits => {
                let (body, _) = self.block(d, s);
                format!(
                    "tokio::select! {{ {n} = work({}) => {{ {body} drop({n}); }} _ = async {{ {} }}, if {} => {{}} }}",
                    self.num(d, s),
                    self.num(d, &s.in_block()),
                    self.flag(d, s)
                )
            }
            15 if s.awaits => format!(
                "let ({n}, _) = tokio::join!(work({}), async {{ {} }});",
                self.num(d, s),
                self.num(d, &s.in_block())
            ),
            16 => format!("important({});", self.num(d, s)),
            17 => format!("{};", self.res(d, s)),
            18 => format!("work({});", self.num(d, s)),
            19 if s.fallible => format!("if {} {{ return Err(Error); }}", self.flag(d, s)),
            20 => {
                let text = format!(
                    "let mut {n} = {}; let slot_{n} = &mut {n}; slot_{n}.push({}); {n}.retain(|x| *x > {});",
                    self.list(d, s),
                    self.num(d, s),
                    self.num(d, &closure)
                );
                s.lists.push(n);
                text
            }
            21 => format!("{{ let read = |x: u64| x + 1; let {n} = read({}); drop({n}); }}", self.num(d, s)),
            22 => format!("'{n}: loop {{ if {} {{ break '{n}; }} if true {{ break; }} }}", self.flag(d, s)),
            23 if s.shared => format!(
                "{{ let {n} = lock.lock().unwrap(); println!(\"{{}} {{}}\", {n}, {}); }}",
                self.num(d, &closure)
            ),
            24 => format!(
                "assert!({}, \"{{}} {{}}\", {}, {});",
                self.flag(d, s),
                self.num(d, s),
                self.text(d, s)
            ),
            25 => format!(
                "let Rooms {{ door: {n}, .. }} = Rooms {{ door: {}, more: {} }}; drop({n});",
                self.num(d, s),
                self.num(d, s)
            ),
            26 if s.changes => {
                let still = Scope { changes: false, ..s.clone() };
                format!("door.set({}); shared.list.push(door.lock());", self.num(d, &still))
            }
            27 if s.awaits => format!(
                "let {n} = async {{ {}; drop({}) }}; {n}.await;",
                self.num(d, &s.in_block()),
                self.text(d, &s.in_block())
            ),
            28 => format!(
                "match ({}, {}) {{ (Some({n}), true) => drop({n}), (None, _) | (_, false) => drop({}) }}",
                self.opt(d, s),
                self.flag(d, s),
                self.num(d, s)
            ),
            _ => format!("drop({});", self.text(d, s)),
        }
    }

    fn function(&mut self, i: usize) -> String {
        let scope = Scope {
            nums: vec!["first".into()],
            lists: vec!["list".into()],
            paths: vec!["path".into()],
            shared: true,
            changes: true,
            fallible: true,
            awaits: true,
            ..Scope::default()
        };
        let (mut body, mut inner) = self.block(3, &scope);
        for _ in 0..2 {
            body += &self.stmt(3, &mut inner);
            body.push('\n');
        }
        let value = self.num(2, &inner);
        format!(
            "pub async fn f_{i}<G: Look>(first: u64, path: PathBuf, list: Vec<u64>, door: &mut Door, any: &dyn Look, \
             generic: G, lock: &Mutex<u64>, queue: &Receiver<u64>, shared: &mut Shared) -> Result<u64, Error> {{\n\
             {body}Ok({value})\n}}\n"
        )
    }
}

/// The same fns below a line each: nothing, or the attribute.
fn program(functions: &[String], attribute: &str) -> String {
    let mut text = PRELUDE.to_owned();
    for function in functions {
        writeln!(text, "{attribute}\n{function}").unwrap();
    }
    text
}

/// What rustc says, one line each, without what the attribute is there for.
fn said_of(folder: &Path, source: &str, target: &Path) -> Vec<String> {
    fs::create_dir_all(folder.join("src")).unwrap();
    let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("guard-runtime");
    let manifest = format!(
        "[package]\nname = \"generated\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n[dependencies]\n\
         guard-runtime = {{ path = {runtime:?}, default-features = false, features = [\"tokio\"] }}\n\
         tokio = {{ version = \"1\", features = [\"rt\", \"macros\"] }}\n"
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::write(folder.join("src/lib.rs"), source).unwrap();
    let tool = env::var("GENERATED_TOOL").unwrap_or_else(|_| "check".to_owned());
    let output = Command::new(env!("CARGO"))
        .args([&tool, "--quiet", "--offline", "--message-format=short"])
        // What clippy takes for an error is one more warning to compare.
        .args(if tool == "clippy" { &["--", "--cap-lints", "warn"][..] } else { &[] })
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", target)
        .env_remove("RUSTFLAGS")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    let own = |line: &&str| line.starts_with("src/lib.rs:") && !line.contains("::in_async_code`");
    let mut lines: Vec<_> = text.lines().filter(own).map(str::to_owned).collect();
    assert!(output.status.success() || !lines.is_empty(), "{text}");
    lines.sort();
    lines
}

#[test]
fn rustc_says_the_same_of_annotated_fns() {
    let number = |name: &str, usual: u64| env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(usual);
    let (count, seed) = (number("GENERATED", 250), number("GENERATED_SEED", 1));
    let mut generator = Generator { random: Random(0x9e37_79b9_7f4a_7c15 ^ seed), names: 0 };
    let functions: Vec<_> = (0..count).map(|i| generator.function(i as usize)).collect();
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("generated");
    let target = folder.join("target");
    let plain = said_of(&folder.join("plain"), &program(&functions, ""), &target);
    let errors: Vec<_> = plain.iter().filter(|line| line.contains(" error")).collect();
    assert!(errors.is_empty(), "the generator makes what is no Rust: {errors:#?}");
    assert!(plain.len() > functions.len() / 4, "hardly a warning to compare: {plain:#?}");
    let attribute = "#[guard_runtime::no_block(warn(all))]";
    let annotated = said_of(&folder.join("annotated"), &program(&functions, attribute), &target);
    let differs = |from: &[String], other: &[String]| -> Vec<String> {
        from.iter().filter(|line| !other.contains(line)).cloned().collect()
    };
    let (lost, new) = (differs(&plain, &annotated), differs(&annotated, &plain));
    assert!(
        lost.is_empty() && new.is_empty(),
        "in {}, lost: {lost:#?}\nnew: {new:#?}",
        folder.join("annotated/src/lib.rs").display()
    );
    assert_eq!(plain.len(), annotated.len(), "one said twice");
}
