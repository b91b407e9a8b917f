//! The levels of one use of the attribute: what is said of each kind.

use crate::catalog::{Level, Row};
use crate::project::Project;

/// What the options say, and behind them the project's file.
#[derive(Default)]
pub(crate) struct Levels {
    /// Levels that were given, the later ones winning over `all`.
    pub(crate) given: Vec<(&'static str, Level)>,
    pub(crate) all: Option<Level>,
}

impl Levels {
    /// The level of a row under these options.
    pub(crate) fn of(&self, row: &Row, project: Option<&Project>) -> Level {
        let given = self.given.iter().rev().find(|(name, _)| *name == row.kind).map(|(_, level)| *level);
        let project = || project.and_then(|project| project.level(row.kind));
        given.or(self.all).or_else(project).unwrap_or_else(|| row.level())
    }
}
