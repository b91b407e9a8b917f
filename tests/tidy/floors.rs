//! Which folder may import which: ARCHITECTURE's tables of floors, held against the `use` lines and paths of the code. Folders
//! only: files of one room may know each other.

use std::collections::{BTreeMap, BTreeSet};

/// A folder's rooms, the highest floor first. Rooms of one floor do not know each other.
struct House {
    /// The folder, from the root of the workspace.
    folder: String,
    floors: Vec<Vec<String>>,
}

impl House {
    fn floor(&self, room: &str) -> Option<usize> {
        self.floors.iter().position(|floor| floor.iter().any(|known| known == room))
    }
}

/// The tables below headings such as ``### Floors of `guard-runtime/src` ``.
fn houses(architecture: &str) -> Vec<House> {
    let mut houses = Vec::new();
    for section in architecture.split("\n### Floors of `").skip(1) {
        let (folder, text) = section.split_once('`').expect("the heading names a folder");
        let rows =
            text.lines().take_while(|line| !line.starts_with('#')).filter(|line| line.starts_with("| `"));
        let rooms = |row: &str| {
            let cell = row.split('|').nth(1).unwrap_or_default();
            let named = cell.split('`').skip(1).step_by(2);
            named.map(|room| room.trim_end_matches('/').trim_end_matches(".rs").to_owned()).collect()
        };
        houses.push(House { folder: folder.to_owned(), floors: rows.map(rooms).collect() });
    }
    houses
}

/// The lines of code, numbered, without comments, quoted texts and unit tests.
fn code(text: &str) -> Vec<(usize, String)> {
    let strip = |line: &str| {
        let line = line.split("//").next().unwrap_or_default();
        // Only whole texts within one line: paths stand in no other ones.
        line.split('"').step_by(2).collect::<String>()
    };
    // What a unit test is set up with may lie anywhere.
    let tests = text.find("\nmod tests {").unwrap_or(text.len());
    text[..tests].lines().enumerate().map(|(at, line)| (at + 1, strip(line))).collect()
}

/// The paths that a file names, with the line that each begins in: those from `crate` and `super` on, groups taken apart.
fn paths(text: &str) -> Vec<(usize, Vec<String>)> {
    let (mut joined, mut starts) = (String::new(), Vec::new());
    for (line, code) in code(text) {
        starts.push((joined.len(), line));
        joined.push_str(&code);
        joined.push(' ');
    }
    let line_of = |at: usize| starts[starts.partition_point(|(start, _)| *start <= at) - 1].1;
    let mut found = Vec::new();
    for root in ["crate::", "super::"] {
        for (at, _) in joined.match_indices(root) {
            let before = joined[..at].chars().next_back();
            let continues = before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':');
            if !continues {
                let mut one = Vec::new();
                expand(&joined[at..], &mut Vec::new(), &mut one);
                found.extend(one.into_iter().map(|path| (line_of(at), path)));
            }
        }
    }
    found
}

/// Reads one path, or a group in braces, after `before`. Gives what is left of the text.
fn expand<'t>(text: &'t str, before: &mut Vec<String>, found: &mut Vec<Vec<String>>) -> &'t str {
    let depth = before.len();
    let mut text = text.trim_start();
    loop {
        let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
        if end > 0 {
            before.push(text[..end].to_owned());
        }
        text = &text[end..];
        let Some(rest) = text.strip_prefix("::") else { break };
        text = rest;
        if let Some(mut group) = text.strip_prefix('{') {
            loop {
                group = expand(group, before, found).trim_start();
                // `as name`, and what else is no path.
                let next = group.find([',', '}', ';']).unwrap_or(group.len());
                group = &group[next..];
                match group.strip_prefix(',') {
                    Some(rest) => group = rest.trim_start(),
                    None => break,
                }
                if group.starts_with('}') {
                    break;
                }
            }
            before.truncate(depth);
            return group.strip_prefix('}').unwrap_or(group);
        }
    }
    found.push(before.clone());
    before.truncate(depth);
    text
}

/// Forms that bring in names from elsewhere without saying from where.
fn hidden_imports(text: &str) -> Vec<(usize, &'static str)> {
    let forms =
        ["use crate::*", "use crate as ", "crate::{self", "self::super", "#[path = \"..", "include!("];
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
    lines
        .flat_map(|(at, line)| {
            forms.iter().filter(move |form| line.contains(**form)).map(move |form| (at + 1, *form))
        })
        .collect()
}

/// The module of a file, from its crate's root on.
fn module(file: &str, source: &str) -> Vec<String> {
    let inner = file.strip_prefix(source).expect("a file of that crate").trim_start_matches('/');
    let mut parts: Vec<String> = inner.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if parts.last().is_some_and(|last| last == "mod") || parts == ["lib"] {
        parts.pop();
    }
    parts
}

/// A path from the crate's root on.
fn absolute(module: &[String], path: &[String]) -> Vec<String> {
    let ups = path.iter().take_while(|part| *part == "super").count();
    if ups == 0 {
        return path[1..].to_vec();
    }
    let kept = &module[..module.len().saturating_sub(ups)];
    kept.iter().chain(&path[ups..]).cloned().collect()
}

/// What breaks the order of the rooms of one house.
fn upward(house: &House, source: &str, files: &[(String, String)]) -> Vec<String> {
    let depth = module(&format!("{}/x.rs", house.folder), source).len() - 1;
    let prefix = format!("{}/", house.folder);
    let lib = files.iter().find(|(file, _)| *file == format!("{source}/lib.rs"));
    let exports =
        lib.into_iter().flat_map(|(_, text)| text.lines()).filter(|line| line.starts_with("pub use "));
    let exported: Vec<&str> =
        exports.flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_')).collect();
    let mut found = Vec::new();
    for (file, text) in files.iter().filter(|(file, _)| file.starts_with(&prefix)) {
        let from = module(file, source);
        let own =
            from.get(depth).cloned().unwrap_or_else(|| if depth == 0 { "lib" } else { "mod" }.to_owned());
        let Some(floor) = house.floor(&own) else {
            found.push(format!("{file}: ARCHITECTURE's table of {} has no room `{own}`", house.folder));
            continue;
        };
        for (line, form) in hidden_imports(text) {
            found.push(format!("{file}:{line}: an import that this test cannot follow: {form}"));
        }
        for (line, path) in paths(text) {
            let to = absolute(&from, &path);
            if to.len() <= depth || to[..depth] != from[..depth.min(from.len())] {
                continue;
            }
            let room = &to[depth];
            let Some(other) = house.floor(room) else {
                // The root's own names lie on the highest floor.
                if depth == 0 && own != "lib" && path[0] == "crate" && exported.contains(&room.as_str()) {
                    found.push(format!(
                        "{file}:{line}: `{own}` imports `crate::{room}`, which `lib` re-exports"
                    ));
                }
                continue;
            };
            if *room != own && other <= floor {
                found.push(format!(
                    "{file}:{line}: `{own}` imports `{room}`, which is not below it in ARCHITECTURE's table of {}",
                    house.folder
                ));
            }
        }
    }
    found.dedup();
    found
}

/// Folders beside each other that import each other, in a circle.
fn circles(source: &str, files: &[(String, String)]) -> Vec<String> {
    let folders: BTreeSet<Vec<String>> = files
        .iter()
        .filter(|(file, _)| file.starts_with(source))
        .map(|(file, _)| module(&format!("{}/mod.rs", file.rsplit_once('/').expect("a folder").0), source))
        .filter(|folder| !folder.is_empty())
        .collect();
    let mut edges: BTreeMap<Vec<String>, BTreeSet<Vec<String>>> = BTreeMap::new();
    for (file, text) in files.iter().filter(|(file, _)| file.starts_with(source)) {
        let from = module(file, source);
        for (_, path) in paths(text) {
            let to = absolute(&from, &path);
            let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
            let (Some(a), Some(b)) = (from.get(..=shared), to.get(..=shared)) else { continue };
            if folders.contains(a) && folders.contains(b) && a != b {
                edges.entry(a.to_vec()).or_default().insert(b.to_vec());
            }
        }
    }
    let reaches = |from: &Vec<String>, to: &Vec<String>| {
        let (mut seen, mut next) = (BTreeSet::new(), vec![from]);
        while let Some(at) = next.pop() {
            for on in edges.get(at).into_iter().flatten() {
                if on == to {
                    return true;
                }
                if seen.insert(on) {
                    next.push(on);
                }
            }
        }
        false
    };
    let ring = |folder: &&Vec<String>| reaches(folder, folder);
    edges.keys().filter(ring).map(|folder| format!("{source}/{}", folder.join("/"))).collect()
}

fn crate_of(folder: &str) -> &str {
    let end = folder.find("/src").map_or(folder.len(), |at| at + "/src".len());
    &folder[..end]
}

#[test]
fn rooms_import_only_what_lies_below_them() {
    let (architecture, files) = (super::read("ARCHITECTURE.md"), super::sources());
    let houses = houses(&architecture);
    let folders: Vec<&str> = houses.iter().map(|house| &*house.folder).collect();
    for expected in ["guard-runtime/src", "guard-runtime/src/offload", "guard-macros/src"] {
        assert!(folders.contains(&expected), "ARCHITECTURE has no table `### Floors of `{expected}``");
    }
    for house in &houses {
        super::assert_none("imports that go up", &upward(house, crate_of(&house.folder), &files));
        for room in house.floors.iter().flatten() {
            let there = |path: String| files.iter().any(|(file, _)| file.starts_with(&path));
            let (folder, file) = (format!("{}/{room}/", house.folder), format!("{}/{room}.rs", house.folder));
            assert!(there(folder.clone()) || there(file), "ARCHITECTURE names {folder}, which is not there");
        }
    }
    for source in folders.iter().map(|folder| crate_of(folder)).collect::<BTreeSet<_>>() {
        super::assert_none("folders that import each other", &circles(source, &files));
    }
}

#[test]
fn no_folder_of_a_library_is_crowded() {
    const MOST: usize = 16;
    let mut files: BTreeMap<String, usize> = BTreeMap::new();
    for (path, _) in super::sources().into_iter().filter(|(path, _)| path.contains("/src/")) {
        *files.entry(path.rsplit_once('/').expect("a folder").0.to_owned()).or_default() += 1;
    }
    let crowded = files.iter().filter(|(_, count)| **count > MOST);
    let crowded: Vec<String> = crowded.map(|(folder, count)| format!("{folder}: {count}")).collect();
    super::assert_none("folders of more than 16 files", &crowded);
}

#[test]
fn the_check_of_floors_tells_good_from_bad() {
    let table = "\n### Floors of `a/src`\n\n| room | holds |\n|---|---|\n| `lib.rs` | w |\n| `front.rs` | x |\n| `acts/` | y |\n\
                 | `sees/` · `asks/` | z |\n| `model/` | data |\n";
    let house = &houses(table)[0];
    assert_eq!(house.floors[2..4], [vec!["acts"], vec!["sees", "asks"]]);
    let lib = ("a/src/lib.rs".to_owned(), "pub use acts::{Act, act};".to_owned());
    let found =
        |file: &str, text: &str| upward(house, "a/src", &[lib.clone(), (file.to_owned(), text.to_owned())]);
    for (file, text) in [
        ("a/src/acts/mod.rs", "use crate::sees::hook;\nuse crate::{asks, model::Kind};"),
        ("a/src/acts/text.rs", "use super::json::{self, line};\nuse crate::acts::sink;"),
        ("a/src/lib.rs", "pub use acts::act;\nuse crate::front::f;\n// use crate::later::x"),
        ("a/src/sees/mod.rs", "const X: &str = \"crate::acts\"; // crate::acts"),
        ("a/src/front.rs", "use crate::acts;\nmod tests { use super::*; }"),
    ] {
        assert_eq!(found(file, text), [""; 0], "{text}");
    }
    for (file, text, line) in [
        ("a/src/sees/mod.rs", "use crate::model::Kind;\nuse crate::acts::act;", 2),
        ("a/src/model/kind.rs", "fn f() { crate::sees::hook() }", 1),
        ("a/src/sees/hook.rs", "use super::super::asks::x;", 1),
        ("a/src/sees/hook.rs", "use crate::{\n    model::Kind,\n    acts::{self, text},\n};", 1),
        ("a/src/model/mod.rs", "macro_rules! m { () => { $crate::acts::act() } }", 1),
    ] {
        let found = found(file, text);
        assert!(found.len() == 1 && found[0].starts_with(&format!("{file}:{line}: ")), "{text}: {found:?}");
    }
    assert!(found("a/src/new/mod.rs", "")[0].contains("no room `new`"));
    for text in [
        "use crate::Act;",
        "use crate::*;",
        "#[path = \"../acts/sink.rs\"]",
        "use self::super::super::acts::f;",
    ] {
        assert!(!found("a/src/sees/mod.rs", text).is_empty(), "{text}");
    }

    let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    let two = [
        file("a/src/x/one/m.rs", "use super::super::two::f;"),
        file("a/src/x/two/mod.rs", "use crate::x::one::g;"),
    ];
    assert_eq!(circles("a/src", &two).len(), 2);
    assert!(circles("a/src", &two[..1]).is_empty());
}
