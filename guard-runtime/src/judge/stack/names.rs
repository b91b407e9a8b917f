//! Names of functions as their users know them: from mangled symbols to `std::fs::read_to_string`.

use super::items::{self, Items};
use crate::judge::owners::{is_foreign_path, module};
use std::sync::OnceLock;

/// A function's name, taken apart once, as far as rules need it.
#[derive(Debug, Default)]
pub(super) struct Name {
    /// Without hash, generics and impl numbers; `<A as B>::m` is `A::m`, or `B::m` where `A` has no path.
    pub(super) path: String,
    /// Whether it is `poll` or `poll_*` of a trait's implementation.
    pub(super) is_poll: bool,
    /// The path of the trait that it implements a function of.
    of_trait: Option<String>,
    is_precompiled: bool,
    /// The lists of items that it is in, a bit for each.
    lists: u64,
    /// How much of the path is the crate; 0 where it has none.
    krate: usize,
    /// How much of it is without trailing closures.
    item: usize,
    is_toolchain: bool,
    is_async_body: bool,
    public: OnceLock<String>,
}

/// The toolchain's crates.
const TOOLCHAIN: &[&str] = &["std", "core", "alloc", "rustc_demangle", "std_detect"];

const CLOSURE: &str = "{{closure}}";

impl Name {
    /// From a mangled symbol (either scheme), or from a C name.
    pub(super) fn of(symbol: &str) -> Name {
        let name = Name::parse(&format!("{:#}", rustc_demangle::demangle(symbol)));
        // Only this mangling says whether a function has generic arguments.
        let is_precompiled = name.is_toolchain() && symbol.starts_with("_R") && !symbol.starts_with("_RI");
        Name { is_precompiled, ..name }
    }

    /// From the name that line tables alone have of an inlined function, without what it lies in: that is told by its
    /// file. `around`: such names of the functions that it was inlined into.
    pub(super) fn in_file<'n>(name: &str, file: &str, mut around: impl Iterator<Item = &'n str>) -> Name {
        let Some(module) = module(file) else { return Name::parse(name) };
        let short = if name.starts_with('<') { name } else { name.split('<').next().unwrap_or_default() };
        let is_async_body = short.starts_with("{async");
        if is_async_body {
            // Who polls a future has its type for an argument, with the whole path.
            let env = format!("::{}_env#", short.trim_end_matches('}').split('#').next().unwrap_or_default());
            let function = around.find_map(|name| {
                let (before, _) = name.split_once(&env)?;
                before.rsplit(['<', ' ', ',', '(']).next().filter(|path| !path.is_empty())
            });
            let path = format!("{}::{{closure#0}}", function.unwrap_or(&module));
            return Name { is_async_body, ..Name::parse(&path) };
        }
        let name = Name::parse(&format!("{module}::{short}"));
        // Nothing says whether it implements a trait; what the user calls so most likely does.
        let is_poll = (short == "poll" || short.starts_with("poll_")) && !is_foreign_path(file);
        Name { is_poll, ..name }
    }

    /// From a demangled name, or from what `type_name` says of a future.
    pub(super) fn parse(demangled: &str) -> Name {
        let path = path(demangled);
        let last = path.rsplit("::").next().unwrap_or_default();
        let is_poll = demangled.starts_with('<')
            && demangled.contains(" as ")
            && (last == "poll" || last.starts_with("poll_"));
        let of_trait = implemented(demangled);
        let lists = items::lists(
            |item| lies_in(&path, item),
            |item| of_trait.as_deref().is_some_and(|of| lies_in(of, item)),
        );
        let krate = path.find("::").unwrap_or(0);
        let mut item = path.as_str();
        while let Some(outer) = item.strip_suffix(CLOSURE).and_then(|item| item.strip_suffix("::")) {
            item = outer;
        }
        let item = item.len();
        let is_toolchain = krate > 0 && TOOLCHAIN.contains(&&path[..krate]);
        Name { path, is_poll, of_trait, lists, krate, item, is_toolchain, ..Name::default() }
    }

    /// The crate, for a Rust function.
    pub(super) fn krate(&self) -> Option<&str> {
        if self.krate > 0 { Some(&self.path[..self.krate]) } else { None }
    }

    /// Whether it is a Rust function with a path.
    pub(super) fn has_crate(&self) -> bool {
        self.krate > 0
    }

    /// Whether it is one that says something to a rule.
    pub(super) fn is_listed(&self) -> bool {
        self.lists != 0
    }

    /// Whether the crate is one of the toolchain's.
    pub(super) fn is_toolchain(&self) -> bool {
        self.is_toolchain
    }

    /// Whether it was compiled with std: no code of a user's is inlined into it.
    pub(super) fn is_precompiled(&self) -> bool {
        self.is_precompiled
    }

    /// Whether this is one of these items, or lies in one.
    pub(super) fn is_in(&self, items: Items) -> bool {
        self.lists >> items as u8 & 1 != 0
    }

    /// All the paths that a rule of the project's may name it by.
    pub(super) fn paths(&self) -> [String; 3] {
        let method = self.item().rsplit("::").next().unwrap_or_default();
        let of_trait = self.of_trait.as_ref().map(|of| format!("{of}::{method}"));
        [self.path.clone(), self.public().to_owned(), of_trait.unwrap_or_default()]
    }

    /// Whether this is a closure's or an async block's body.
    pub(super) fn is_closure(&self) -> bool {
        self.item < self.path.len()
    }

    /// Whether this is known to be an async fn's or block's body.
    pub(super) fn is_async_body(&self) -> bool {
        self.is_async_body
    }

    /// The path of the function that this one is written in: without trailing closures.
    pub(super) fn item(&self) -> &str {
        &self.path[..self.item]
    }

    /// The name under which the item is used: private modules of std and of a few well-known crates left out.
    pub(super) fn public(&self) -> &str {
        self.public.get_or_init(|| {
            let mut item = self.item();
            if self.is_toolchain() {
                // How std keeps the part of a generic function that is not.
                item = item.strip_suffix("::inner").unwrap_or(item);
            }
            for (private, public) in PUBLIC {
                if let Some(rest) = item.strip_prefix(private) {
                    return format!("{public}{rest}");
                }
            }
            item.to_owned()
        })
    }
}

/// Modules that no user writes, and what stands in their place. The first match counts.
const PUBLIC: &[(&str, &str)] = &[
    ("std::thread::functions::", "std::thread::"),
    ("std::thread::join_handle::", "std::thread::"),
    ("std::thread::scoped::", "std::thread::"),
    ("std::thread::thread::", "std::thread::"),
    ("std::net::tcp::", "std::net::"),
    ("std::net::udp::", "std::net::"),
    ("std::net::socket_addr::", "std::net::"),
    ("std::os::unix::net::stream::", "std::os::unix::net::"),
    ("std::os::unix::net::listener::", "std::os::unix::net::"),
    ("std::os::unix::net::datagram::", "std::os::unix::net::"),
    ("std::sync::poison::mutex::", "std::sync::"),
    ("std::sync::poison::rwlock::", "std::sync::"),
    ("std::sync::poison::condvar::", "std::sync::"),
    ("std::sync::poison::once::", "std::sync::"),
    ("std::sync::barrier::", "std::sync::"),
    ("std::sync::once::", "std::sync::"),
    ("std::sync::once_lock::", "std::sync::"),
    ("std::sync::lazy_lock::", "std::sync::"),
    ("std::io::stdio::_print", "std::print!"),
    ("std::io::stdio::_eprint", "std::eprint!"),
    ("std::io::stdio::", "std::io::"),
    ("std::io::copy::", "std::io::"),
    ("std::io::buffered::bufreader::", "std::io::"),
    ("std::io::buffered::bufwriter::", "std::io::"),
    ("std::io::buffered::linewriter::", "std::io::"),
    ("lock_api::mutex::", "parking_lot::"),
    ("lock_api::rwlock::", "parking_lot::"),
    ("parking_lot::condvar::", "parking_lot::"),
    ("crossbeam_channel::channel::", "crossbeam_channel::"),
    ("futures_executor::local_pool::", "futures::executor::"),
    ("rayon_core::join::", "rayon::"),
    ("rayon_core::scope::", "rayon::"),
    ("rayon_core::thread_pool::", "rayon::"),
    ("rusqlite::statement::", "rusqlite::"),
    ("rusqlite::transaction::", "rusqlite::"),
    ("log::__private_api::log", "log::log!"),
    ("tracing_core::event::Event::dispatch", "tracing::event!"),
    ("serde_json::de::", "serde_json::"),
    ("serde_json::ser::", "serde_json::"),
    ("reqwest::blocking::client::", "reqwest::blocking::"),
    ("reqwest::blocking::request::", "reqwest::blocking::"),
    ("reqwest::blocking::response::", "reqwest::blocking::"),
];

fn lies_in(path: &str, prefix: &str) -> bool {
    match path.strip_prefix(prefix) {
        Some(rest) => rest.is_empty() || rest.starts_with("::") || prefix.ends_with(['_', ':']),
        None => false,
    }
}

/// The trait in `<Type as Trait>::method`, and in the legacy `module::<impl Trait for Type>::method`.
fn implemented(name: &str) -> Option<String> {
    if !name.contains(" as ") && !name.contains("<impl ") {
        return None;
    }
    let segments = split(name, "::");
    segments.iter().enumerate().find_map(|(at, segment)| {
        let inner = segment.strip_prefix('<')?.strip_suffix('>')?;
        match inner.strip_prefix("impl ") {
            Some(implementation) => {
                split(implementation, " for ")[..].split_last()?.1.first().map(|of| path(of))
            }
            None if at == 0 => split(inner, " as ").get(1).map(|of| path(of)),
            None => None,
        }
    })
}

/// The path in a demangled name.
fn path(name: &str) -> String {
    let mut out: Vec<String> = Vec::new();
    for segment in split(name, "::") {
        if let Some(inner) = segment.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')) {
            if let Some(implementation) = inner.strip_prefix("impl ") {
                // Legacy `module::<impl Trait for Type>::method`.
                out = vec![match split(implementation, " for ")[..] {
                    [of, name] => of_type(name, Some(of)),
                    _ => of_type(implementation, None),
                }];
            } else if out.is_empty() {
                let parts = split(inner, " as ");
                out.push(of_type(parts[0], parts.get(1).copied()));
            }
            // Else generic arguments: `::<u8>`.
        } else if let Some(kind) = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            match kind.trim_matches(['{', '}']) {
                // `{impl#3}` says nothing to a user.
                kind if kind.starts_with("impl") => {}
                kind if kind.starts_with("closure") => out.push(CLOSURE.to_owned()),
                kind => out.push(format!("{{{{{kind}}}}}")),
            }
        } else {
            out.push(segment.split(['<', '{']).next().unwrap_or_default().to_owned());
        }
    }
    out.retain(|segment| !segment.is_empty());
    out.join("::")
}

/// The path that a type's methods are known by: the type's own, else its trait's.
fn of_type(name: &str, implemented: Option<&str>) -> String {
    let mut bare = name.trim();
    while let Some(inner) = ["&", "mut ", "*const ", "*mut "].iter().find_map(|part| bare.strip_prefix(part))
    {
        bare = inner.trim_start();
    }
    let is_dyn = bare.starts_with("dyn ");
    let has_path = split(bare, "::").len() > 1 && !bare.starts_with(['(', '[', '<']) && !is_dyn;
    match implemented {
        Some(implemented) if !has_path => path(implemented),
        // What somebody has written for a type of the toolchain's is theirs.
        Some(implemented) if in_toolchain(bare) && !in_toolchain(implemented) => path(implemented),
        // The methods of primitive types, by the modules that document them.
        None if !has_path && name.starts_with('*') => "core::ptr".to_owned(),
        None if !has_path && bare.starts_with('[') => "core::slice".to_owned(),
        None if !has_path && bare.starts_with(|first: char| first.is_ascii_lowercase()) && !is_dyn => {
            format!("core::{}", path(bare))
        }
        _ => path(bare.strip_prefix("dyn ").unwrap_or(bare)),
    }
}

fn in_toolchain(path: &str) -> bool {
    TOOLCHAIN.iter().any(|krate| lies_in(path, krate))
}

/// Splits at `separator` outside of every kind of bracket.
fn split<'a>(text: &'a str, separator: &str) -> Vec<&'a str> {
    let (mut parts, mut depth, mut start, mut at) = (Vec::new(), 0_i32, 0, 0);
    let bytes = text.as_bytes();
    while at < bytes.len() {
        if depth == 0 && bytes[at..].starts_with(separator.as_bytes()) {
            parts.push(&text[start..at]);
            at += separator.len();
            start = at;
            continue;
        }
        match bytes[at] {
            b'<' | b'(' | b'[' | b'{' => depth += 1,
            // The arrow of `fn() -> T` closes nothing.
            b'>' if at > 0 && bytes[at - 1] == b'-' => {}
            b'>' | b')' | b']' | b'}' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::{Items, Name, lies_in};

    #[test]
    fn names_of_both_manglings_come_to_the_same_path() {
        for (demangled, path) in [
            ("std::fs::read_to_string", "std::fs::read_to_string"),
            ("std::fs::read_to_string::<&str>", "std::fs::read_to_string"),
            ("core::option::Option<T>::map", "core::option::Option::map"),
            ("<core::option::Option<u8>>::map::<u8, F>", "core::option::Option::map"),
            ("<std::path::Path>::exists", "std::path::Path::exists"),
            ("<std::fs::File as std::io::Read>::read", "std::fs::File::read"),
            ("<&mut std::fs::File as std::io::Read>::read", "std::fs::File::read"),
            ("<&T as core::fmt::Debug>::fmt", "core::fmt::Debug::fmt"),
            (
                "<str as std::net::socket_addr::ToSocketAddrs>::to_socket_addrs",
                "std::net::socket_addr::ToSocketAddrs::to_socket_addrs",
            ),
            (
                "<(&str, u16) as std::net::socket_addr::ToSocketAddrs>::to_socket_addrs",
                "std::net::socket_addr::ToSocketAddrs::to_socket_addrs",
            ),
            ("<app::Store<fn() -> u8> as app::Load>::load::{{closure}}", "app::Store::load::{{closure}}"),
            (
                "app::handlers::index::{closure#0}::{closure#1}",
                "app::handlers::index::{{closure}}::{{closure}}",
            ),
            ("app::db::<impl app::Load for app::Store<T>>::load", "app::Store::load"),
            ("app::{impl#3}::load", "app::load"),
            ("<dyn app::Load as app::Load>::load", "app::Load::load"),
            ("<alloc::vec::Vec<u8> as app::Load>::load", "app::Load::load"),
            (
                "<core::option::Option<app::Store> as core::clone::Clone>::clone",
                "core::option::Option::clone",
            ),
            (
                "core::ops::function::FnOnce::call_once{{vtable.shim}}",
                "core::ops::function::FnOnce::call_once",
            ),
            ("<*mut T>::drop_in_place", "core::ptr::drop_in_place"),
            ("core::ptr::mut_ptr::<impl *mut T>::drop_in_place", "core::ptr::drop_in_place"),
            ("<[app::Row]>::sort_by::<F>::{closure#0}", "core::slice::sort_by::{{closure}}"),
            ("core::str::<impl str>::parse", "core::str::parse"),
            ("<dyn app::Load>::twice", "app::Load::twice"),
            ("std::io::impls::<impl std::io::Read for &[u8]>::read", "std::io::Read::read"),
            ("sqlite3_step", "sqlite3_step"),
        ] {
            assert_eq!(Name::parse(demangled).path, path, "{demangled}");
        }
    }

    #[test]
    fn only_a_trait_s_poll_is_a_poll() {
        let is_poll = |name| Name::parse(name).is_poll;
        assert!(is_poll("<app::Wait as core::future::future::Future>::poll"));
        assert!(is_poll("<hyper::Body as http_body::Body>::poll_frame"));
        assert!(!is_poll("crossterm::event::poll"));
        assert!(!is_poll("<mio::poll::Poll>::poll"));
    }

    #[test]
    fn an_implementation_knows_its_trait_in_both_manglings() {
        for name in [
            "<app::State as serde::de::Deserialize>::deserialize::<D>",
            "app::_::<impl serde::de::Deserialize for app::State>::deserialize",
            "<<app::State as serde::de::Deserialize>::deserialize::__Visitor as serde::de::Visitor>::visit_map",
            "<&mut json::Reader<app::File> as serde::de::Deserializer>::deserialize_struct",
        ] {
            assert_eq!(Name::parse(name).of_trait.as_deref().map(|of| lies_in(of, "serde::de")), Some(true));
            assert!(Name::parse(name).is_in(Items::DataFormats), "{name}");
        }
        assert!(!Name::parse("app::load::<serde::de::Unit>").is_in(Items::DataFormats));
        assert_eq!(Name::parse("app::db::<impl app::Store>::load").of_trait, None);
        assert_eq!(Name::parse("<app::Store>::load").of_trait, None);
    }

    #[test]
    fn users_know_items_by_their_public_path() {
        let public = |name| Name::parse(name).public().to_owned();
        assert_eq!(public("std::net::tcp::TcpStream::connect"), "std::net::TcpStream::connect");
        assert_eq!(public("std::thread::functions::sleep"), "std::thread::sleep");
        assert_eq!(public("std::sync::poison::mutex::Mutex<T>::lock"), "std::sync::Mutex::lock");
        assert_eq!(public("std::fs::read_to_string::inner"), "std::fs::read_to_string");
        assert_eq!(public("rusqlite::Connection::execute"), "rusqlite::Connection::execute");
        assert_eq!(public("std::io::stdio::_print"), "std::print!");
        assert_eq!(public("log::__private_api::log::<()>"), "log::log!");
    }

    #[test]
    fn a_name_without_its_path_has_that_of_its_file() {
        let of = |name: &str, file: &str, around: &[&str]| {
            let name = Name::in_file(name, file, around.iter().copied());
            (name.path.clone(), name.is_poll, name.is_async_body())
        };
        let core = "/home/me/.cargo/registry/src/index.example-0/tokio-1.54.1/src/runtime/task/core.rs";
        let poll = "poll<app::serve::{async_block_env#0}, alloc::sync::Arc<app::Handle>>";
        assert_eq!(of(poll, core, &[]), ("tokio::runtime::task::core::poll".into(), false, false));
        let closure = "{closure#0}<app::serve::{async_block_env#0}, ()>";
        assert_eq!(of(closure, core, &[]), ("tokio::runtime::task::core::{{closure}}".into(), false, false));
        let main = "/work/app/src/main.rs";
        assert_eq!(of("{async_block#0}", main, &[poll]), ("app::serve::{{closure}}".into(), false, true));
        assert_eq!(of("{async_fn#0}", main, &[poll]), ("app::{{closure}}".into(), false, true));
        assert_eq!(of("poll", main, &[]), ("app::poll".into(), true, false));
        assert_eq!(of("sqlite3_step", "/work/sqlite3.c", &[]).0, "sqlite3_step");
    }

    #[test]
    fn a_prefix_ends_where_a_segment_ends() {
        let path = "tokio::process::Command::spawn";
        assert!(lies_in(path, "tokio::process") && lies_in(path, "tokio"));
        assert!(!lies_in(path, "tokio::proc") && !lies_in(path, "toki"));
        assert!(lies_in("sqlite3_step", "sqlite3_"));
        let name = Name::parse(path);
        assert!(
            name.is_in(Items::TokioProcess) && name.is_in(Items::Runtime) && !name.is_in(Items::Children)
        );
        assert_eq!(Name::parse("app::f::{{closure}}::{{closure}}").item(), "app::f");
    }
}
