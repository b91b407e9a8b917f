//! What stands in for the libc hooks and their stacks in a build that has none.

pub(crate) mod intercept {
    //! No hook: says why.
    use crate::detect::verdict::Judged;
    use crate::detect::{Note, ON, Record};
    use crate::site::Kind;

    /// Whether there are hooks.
    pub(crate) const BUILT: bool = false;

    /// Whether the hooks are in force, else why not.
    pub(crate) fn status() -> Result<(), String> {
        let why = if !cfg!(feature = "intercept") {
            "built without the feature `intercept`"
        } else if cfg!(no_block_build_off) {
            "built with NO_BLOCK_BUILD=off"
        } else if !ON {
            "a release build without the feature `always`"
        } else if cfg!(any(miri, fuzzing)) {
            "left out under Miri and fuzzing"
        } else if cfg!(hooks_sanitized) {
            "left out under the thread and memory sanitizers, which take libc's place themselves"
        } else {
            "only on Linux with musl or a dynamic glibc, on x86_64 and aarch64"
        };
        Err(why.to_owned())
    }

    /// The hooks that are out of force.
    pub(crate) fn unresolved() -> Vec<&'static str> {
        Vec::new()
    }

    /// Whether libc's functions are ours.
    pub(crate) fn in_force() -> bool {
        false
    }

    /// No hook notes anything that could be handed over.
    #[derive(Clone, Copy)]
    pub(crate) enum Ticket {}

    impl Ticket {
        pub(crate) fn release(self) {
            match self {}
        }
    }

    /// What hooks noted outside of guarded polls.
    pub(crate) fn take_notes(_all: bool) -> (Vec<Note>, u32) {
        (Vec::new(), 0)
    }

    /// Nothing was forgotten.
    pub(crate) fn forget() {}

    /// Has hooks forget calls like this one.
    pub(crate) fn ignore(_record: &Record, _judged: &Judged) {}

    /// Whether a blocking call of this kind is seen here, so that its call site need not report it too.
    pub(crate) fn sees(_kind: Kind) -> bool {
        false
    }
}

pub(crate) mod kernel {
    //! Nothing to ask: without hooks every sleep would be one that no hook saw.

    pub(crate) struct Absence {
        pub(crate) waited: bool,
        pub(crate) elapsed_ns: u64,
    }

    impl Absence {
        pub(crate) fn is_long(&self) -> bool {
            self.waited && self.elapsed_ns > 0
        }

        pub(crate) fn is_page_reads(&self) -> bool {
            false
        }
    }

    #[inline(always)]
    pub(crate) fn may_have_left() -> bool {
        false
    }

    #[inline(always)]
    pub(crate) fn begin() {}

    pub(crate) fn absence() -> Option<Absence> {
        None
    }

    pub(crate) fn status() -> Result<(), String> {
        super::intercept::status()
    }
}

pub(crate) mod frames {
    //! No stacks: a record is judged by what its call site said.
    use crate::detect::{RawStack, Record, verdict::Judged};
    use crate::here::Here;
    use std::sync::Arc;

    /// The current stack: none without an unwinder.
    pub(crate) fn capture() -> RawStack {
        RawStack::EMPTY
    }

    /// The verdict on a record.
    pub(crate) fn judge(record: &Record) -> Arc<Judged> {
        Arc::new(Judged::without_stack(record))
    }

    /// Places come from the call sites.
    pub(crate) fn why_no_places() -> Option<&'static str> {
        None
    }

    /// Forgets all verdicts: there are none.
    pub(crate) fn forget() {}

    /// On what the current thread runs: what tokio says.
    pub(crate) fn here(worker: Option<usize>, in_task: bool) -> Here {
        Here::by_answers(worker, in_task)
    }
}
