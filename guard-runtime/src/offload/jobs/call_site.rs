//! Call sites, where closures are handed over: what times and reports are attributed to.

use crate::model::{Guarding, Place};
use std::hash::{Hash, Hasher};
use std::panic::Location;

/// A place in the code that hands closures over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallSite {
    pub(crate) at: &'static Location<'static>,
    /// The closure's type name, read only when something is shown.
    type_name: fn() -> &'static str,
}

impl CallSite {
    /// The caller, with a closure of type `F`.
    #[track_caller]
    pub(crate) fn of<F>() -> CallSite {
        CallSite { at: Location::caller(), type_name: std::any::type_name::<F> }
    }

    /// As if the closure guarded a future, for reports.
    pub(crate) fn guarding(self) -> Guarding {
        Guarding { place: Place::Call(self.at), type_name: self.type_name }
    }

    /// The function that the closure is written in, or the function that was handed over itself.
    pub(crate) fn function(self) -> String {
        self.guarding().function()
    }
}

// By address: a name would be hashed at every closure. One place may have several addresses, which are put together
// when they are shown.
impl PartialEq for CallSite {
    fn eq(&self, other: &CallSite) -> bool {
        std::ptr::eq(self.at, other.at)
    }
}

impl Eq for CallSite {}

impl Hash for CallSite {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::ptr::from_ref(self.at).hash(state);
    }
}
