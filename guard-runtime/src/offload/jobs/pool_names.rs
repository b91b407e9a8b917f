//! The names of pools, kept for ever: a record of a violation has a fixed size and refers to them.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// The name as a text that lives as long as the program. Each different name is kept once.
pub(crate) fn keep(name: &str) -> &'static str {
    static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = names.get(name) {
        return known;
    }
    let kept: &'static str = Box::leak(name.into());
    names.insert(kept);
    kept
}

/// The name as one of a thread, which the operating system wants without NULs.
pub(crate) fn thread_name(name: &str) -> String {
    name.replace('\0', "")
}

#[cfg(test)]
mod tests {
    use super::keep;

    #[test]
    fn the_same_name_is_kept_once() {
        let (first, second) = (keep(&String::from("a pool")), keep("a pool"));
        assert_eq!(first, "a pool");
        assert!(std::ptr::eq(first, second));
        assert_eq!(keep("another"), "another");
    }
}
