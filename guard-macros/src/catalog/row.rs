//! A row of the catalogue: one known blocking API, and what its path and shape say.

use super::by_path::BY_PATH;
use super::fine;
use super::kinds::{Kind, Level, kind_named};

/// How a method takes its receiver. A `&mut self` method is not probed on a variable that a closure captures by
/// reference: the probe would capture the variable itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Receiver {
    Shared,
    Mut,
    Value,
}

/// Receiver types, each with the generics of its impl.
pub(crate) type Types = &'static [(&'static str, &'static str)];

/// What the compiler has to compare.
pub(crate) enum Shape {
    /// A free or associated function, with what makes it concrete: type arguments (`<&str>`), those of a call where a
    /// parameter is an `impl Trait` (`("")`), `::` where the call itself gives all of them, nothing where it is not generic.
    Function { arguments: &'static str },
    /// A function to which one of these types is given; for `arguments` see there.
    FunctionTaking { arguments: &'static str, types: Types },
    /// A method, of whatever type, to which one of these types is given.
    MethodTaking { types: Types },
    /// A method, of whatever type, that gives what implements this trait.
    Yields { implementing: &'static str },
    /// A method on any of these types, each with the generics of its impl.
    Method { receiver: Receiver, types: Types },
}

/// A known blocking API.
pub(crate) struct Row {
    /// As a user knows it; the last segment is the name that candidates are found by.
    pub(crate) path: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) shape: Shape,
    /// Whether it comes from the project's own file rather than from these tables.
    pub(crate) own: bool,
    /// What to write instead, as it goes into a sentence: "instead, …".
    pub(crate) remedy: &'static str,
}

impl Row {
    pub(crate) fn name(&self) -> &'static str {
        self.path.rsplit("::").next().unwrap_or(self.path)
    }

    /// Whether guard-runtime knows the types: std's, and tokio's where the feature is on. Those of other crates are
    /// named in the user's crate.
    pub(crate) fn is_built_in(&self) -> bool {
        !self.own && matches!(self.krate(), "std" | "tokio")
    }

    /// Whether it is a method of std's I/O traits and buffers, whose kind depends on the receiver.
    pub(crate) fn is_io(&self) -> bool {
        [
            "std::io::Read::",
            "std::io::Write::",
            "std::io::BufRead::",
            "std::io::Seek::",
            "std::io::BufWriter::",
        ]
        .iter()
        .any(|path| self.path.starts_with(path))
            || matches!(self.shape, Shape::FunctionTaking { .. })
    }

    /// The types that answer for it; none for a function.
    pub(crate) fn types(&self) -> Types {
        match self.shape {
            Shape::Function { .. } | Shape::Yields { .. } => &[],
            Shape::Method { types, .. }
            | Shape::FunctionTaking { types, .. }
            | Shape::MethodTaking { types } => types,
        }
    }

    /// What the types are asked for: a function and a method of one name are two things.
    pub(crate) fn asked_as(&self) -> String {
        match self.shape {
            Shape::FunctionTaking { .. } => format!("given_to_{}", self.name()),
            _ => self.name().to_owned(),
        }
    }

    /// Whether it is a method that is known by its path as well.
    pub(crate) fn is_by_path(&self) -> bool {
        self.is_built_in() && BY_PATH.contains(&self.path)
    }

    /// Whether its path alone says on which type it is called: `Path::exists(path)`, as opposed to `Read::read(x, ..)`.
    pub(crate) fn is_of_one_type(&self) -> bool {
        let bare = |ty: &'static str| ty.split('<').next().unwrap_or(ty);
        self.types().first().is_some_and(|(_, ty)| bare(ty).rsplit("::").next() == Some(self.owner()))
    }

    /// Whether it takes a time-out or flags, which may say that it does not wait. What the project's own take, nobody
    /// knows.
    pub(crate) fn may_return_at_once(&self) -> bool {
        let name = self.name();
        let takes = name.contains("timeout") || name.ends_with("_for");
        self.own || takes || matches!(name, "poll" | "sleep" | "waitpid")
    }

    /// The last segment but one: the type, the trait or the module.
    pub(crate) fn owner(&self) -> &'static str {
        self.path.rsplit("::").nth(1).unwrap_or_default()
    }

    /// Its kind, in the table.
    pub(crate) fn of_kind(&self) -> &'static Kind {
        kind_named(self.kind).expect("rows name kinds of the table (unit test)")
    }

    /// What the attribute does with it unless somebody says otherwise. Input comes when it comes; output is most often quick.
    pub(crate) fn level(&self) -> Level {
        const INPUT: &[&str] =
            &["std::io::Read::", "std::io::BufRead::", "std::io::read_to_string", "crossterm::event::"];
        match self.kind {
            "stdio" if INPUT.iter().any(|path| self.path.starts_with(path)) => Level::Warn,
            _ => self.of_kind().level,
        }
    }

    /// Why the call blocks.
    pub(crate) fn why(&self) -> &'static str {
        let other = fine::OTHER_REASONS.iter().find(|(path, _)| self.path.starts_with(path));
        other.map_or(self.of_kind().why, |(_, why)| why)
    }

    /// When the call is no defect.
    pub(crate) fn fine_when(&self) -> &'static str {
        let by_path = fine::BY_PATH.iter().filter(|(path, _)| self.path.starts_with(path));
        let mut by_kind = fine::BY_KIND.iter().filter(|(kind, _)| *kind == self.kind);
        by_path.max_by_key(|(path, _)| path.len()).or(by_kind.next()).map_or("", |(_, when)| when)
    }

    /// The crate that the API belongs to.
    pub(crate) fn krate(&self) -> &'static str {
        self.path.split("::").next().unwrap_or(self.path)
    }
}

pub(super) const fn function(
    path: &'static str,
    kind: &'static str,
    arguments: &'static str,
    remedy: &'static str,
) -> Row {
    Row { path, kind, shape: Shape::Function { arguments }, own: false, remedy }
}

pub(super) const fn method(
    path: &'static str,
    kind: &'static str,
    receiver: Receiver,
    types: Types,
    remedy: &'static str,
) -> Row {
    Row { path, kind, shape: Shape::Method { receiver, types }, own: false, remedy }
}

/// A function whose argument's type decides.
pub(super) const fn taking(
    path: &'static str,
    kind: &'static str,
    arguments: &'static str,
    types: Types,
    remedy: &'static str,
) -> Row {
    Row { path, kind, shape: Shape::FunctionTaking { arguments, types }, own: false, remedy }
}

/// A method whose argument's type decides.
pub(super) const fn method_taking(
    path: &'static str,
    kind: &'static str,
    types: Types,
    remedy: &'static str,
) -> Row {
    Row { path, kind, shape: Shape::MethodTaking { types }, own: false, remedy }
}

/// A method whose result's trait decides.
pub(super) const fn yields(
    path: &'static str,
    kind: &'static str,
    implementing: &'static str,
    remedy: &'static str,
) -> Row {
    Row { path, kind, shape: Shape::Yields { implementing }, own: false, remedy }
}
