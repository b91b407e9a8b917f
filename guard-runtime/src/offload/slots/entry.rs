//! What is admitted to a slot: the contract between an admission and whoever hands in.

use std::hash::Hash;
use std::time::Instant;

/// What is admitted.
pub(crate) trait Entry: Clone {
    /// Whose threads it runs on, and none else. Those of one group may come late, or never.
    type Group: Copy + PartialEq;
    /// Whom its times are attributed to.
    type Site: Copy + Eq + Hash;
    /// What a thread has of the entry that it runs. It is over with [`Admission::next`].
    type Ref;
    /// The slot of an entry that waits for another one, which runs in its place.
    type Loan: Loan;

    fn to_ref(&self) -> Self::Ref;

    /// When it was handed in.
    fn since(&self) -> Instant;
}

/// A slot that is lent while this exists.
pub(crate) trait Loan {
    /// Whether the lender still waits. One that does not runs beside the one that it has lent its slot.
    fn is_on(&self) -> bool;
}
