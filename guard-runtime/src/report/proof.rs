//! What shows that a run was watched, so that finding nothing means something. `status()` gives it, which lies above.

use std::fmt;
use std::sync::OnceLock;

/// What the guard was able to see in this process.
pub(crate) struct Proof {
    /// Whether anything is watched at all.
    pub(crate) armed: bool,
    /// Of how many runtimes the workers are armed; `None`: of all.
    pub(crate) runtimes: Option<usize>,
    /// By name, with why it is not armed.
    pub(crate) engines: Vec<(&'static str, Option<String>)>,
    #[cfg_attr(not(feature = "json"), allow(dead_code))]
    pub(crate) hooks_in_force: bool,
    pub(crate) why_no_places: Option<&'static str>,
    /// Why no thread of ours reports what workers noted.
    pub(crate) why_no_thread: Option<String>,
}

static PROOF: OnceLock<fn() -> Proof> = OnceLock::new();

/// Says how it is had.
pub(crate) fn prove_by(proof: fn() -> Proof) {
    // The first one stays: there is but one.
    let _ = PROOF.set(proof);
}

pub(super) fn get() -> Option<Proof> {
    PROOF.get().map(|proof| proof())
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.armed { "armed" } else { "not armed" })?;
        match self.runtimes {
            None => f.write_str(", all workers")?,
            Some(0) => f.write_str(", no workers")?,
            Some(runtimes) => write!(f, ", the workers of {runtimes} runtimes")?,
        }
        for (name, why_not) in &self.engines {
            match why_not {
                None => write!(f, "; {name}")?,
                Some(why) => write!(f, "; no {name}: {why}")?,
            }
        }
        if let Some(why) = self.why_no_places {
            write!(f, "; no places: {why}")?;
        }
        if let Some(why) = &self.why_no_thread {
            write!(f, "; no thread that reports: {why}")?;
        }
        Ok(())
    }
}
