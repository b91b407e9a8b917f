//! The places that a guard was put on, and which of them a poll is in.

use super::rule::Rule;
use std::panic::Location;

/// Where a guard was put on: an annotated function, or a call of `guard(..)`.
#[derive(Debug, PartialEq, Eq)]
pub struct Site {
    /// The source file, as rustc was given it.
    pub file: &'static str,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
    /// The module; its first part is the crate.
    pub module: &'static str,
    /// The package the guard is written in; empty when unknown.
    pub package: &'static str,
    /// That package's version; empty when unknown.
    pub version: &'static str,
    /// That package's `CARGO_MANIFEST_DIR`; empty when unknown.
    pub manifest_dir: &'static str,
    /// Whether an attribute put it there, rather than `guard(..)` or `.no_block()`.
    pub attribute: bool,
    /// What the package's `no-block.toml` says of the run time.
    pub rules: &'static [Rule],
}

impl Site {
    /// The crate, by the name that its symbols have.
    pub(crate) fn krate(&self) -> &'static str {
        self.module.split("::").next().unwrap_or_default()
    }
}

/// Where a guard was put on.
#[derive(Clone, Copy)]
pub(crate) enum Place {
    /// By an attribute, whose expansion knows the package too.
    Site(&'static Site),
    /// By a call of `guard(..)` or `.no_block()`.
    Call(&'static Location<'static>),
    /// Nowhere: the worker that polls the task is armed.
    Runtime,
}

impl Place {
    /// Source file, line and column, as rustc was given them; empty without a guard.
    pub(crate) fn at(self) -> (&'static str, u32, u32) {
        match self {
            Place::Site(site) => (site.file, site.line, site.column),
            Place::Call(at) => (at.file(), at.line(), at.column()),
            Place::Runtime => ("", 0, 0),
        }
    }

    /// What the expansion of the attribute said, if it was one.
    pub(crate) fn site(self) -> Option<&'static Site> {
        match self {
            Place::Site(site) => Some(site),
            Place::Call(_) | Place::Runtime => None,
        }
    }
}

/// The innermost guarded future being polled.
#[derive(Clone, Copy)]
pub(crate) struct Guarding {
    pub(crate) place: Place,
    /// The future's type name, read only when something is reported.
    pub(crate) type_name: fn() -> &'static str,
}

impl Guarding {
    /// No guard: a task of an armed runtime.
    pub(crate) const RUNTIME: Guarding = Guarding { place: Place::Runtime, type_name: || "" };

    /// Whether there is a guard, whose poll is the end of what is looked at.
    pub(crate) fn is_runtime(self) -> bool {
        matches!(self.place, Place::Runtime)
    }

    /// The path of the guarded function: the future's type name without `{{closure}}` segments.
    pub(crate) fn function(self) -> String {
        (self.type_name)().replace("::{{closure}}", "")
    }
}
