//! A rule of the project's `no-block.toml` for the run time, as the expansions hand it over.

use super::kind::Kind;
use std::time::Duration;

/// What to think of blocking calls inside of some code.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Else it is denied: no rule that allows it further out, nor one of this crate's own, counts.
    pub allow: bool,
    /// A path of a crate, module, type or function; `*` stands for anything.
    pub inside: &'static str,
    /// None: all.
    pub kinds: &'static [Kind],
    /// How long the calls of one poll may take together.
    pub up_to: Option<Duration>,
    /// Why.
    pub reason: &'static str,
}

impl Rule {
    pub(crate) fn speaks_of(&self, kind: Kind) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind)
    }

    /// Whether this kind has been denied by name, and so counts however short it was.
    pub(crate) fn denies(&self, kind: Kind) -> bool {
        !self.allow && self.kinds.contains(&kind)
    }

    /// Whether so long a time is allowed.
    pub(crate) fn allows(&self, elapsed: Duration) -> bool {
        self.allow && self.up_to.is_none_or(|up_to| elapsed <= up_to)
    }
}
