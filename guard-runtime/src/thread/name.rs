//! The current thread's name, whole where std knows it: the kernel keeps fifteen bytes, and a test's name is longer.

use crate::model::{NO_NAME, ThreadName};
use std::cell::Cell;

thread_local! {
    /// Whether std was asked about this thread before: its first answer on a thread may allocate.
    static ASKED: Cell<bool> = const { Cell::new(false) };
}

/// To be called inside a hook, on a thread that polls futures. `may_allocate`: whether that may be done there.
pub(crate) fn of_this(may_allocate: bool) -> ThreadName {
    let mut name = NO_NAME;
    if may_allocate || ASKED.get() {
        ASKED.set(true);
        let thread = std::thread::current();
        if let Some(known) = thread.name() {
            // The last byte stays NUL.
            let whole = beginning(known, name.len().saturating_sub(1));
            name.iter_mut().zip(whole.bytes()).for_each(|(to, byte)| *to = byte);
            return name;
        }
    }
    // SAFETY: PR_GET_NAME writes at most 16 bytes to where its argument points.
    unsafe { libc::prctl(libc::PR_GET_NAME, name.as_mut_ptr()) };
    name
}

/// No more than so many bytes of a text.
fn beginning(text: &str, most: usize) -> &str {
    let ends = (0..=text.len().min(most)).rev();
    ends.filter_map(|end| text.get(..end)).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_cut_between_characters() {
        assert_eq!(beginning("short", 127), "short");
        assert_eq!(beginning("a\u{fc}b", 2), "a");
        assert_eq!(beginning("a\u{fc}b", 3), "a\u{fc}");
    }

    #[test]
    fn the_name_of_a_test_is_told_whole() {
        let long = "a_name::that_is_longer::than_the_kernel_keeps_of_it";
        let thread = std::thread::Builder::new().name(long.to_owned());
        let told = thread.spawn(|| of_this(true)).unwrap().join().unwrap();
        assert_eq!(&told[..long.len() + 1], format!("{long}\0").as_bytes());
        let thread = std::thread::Builder::new().name(long.to_owned());
        let unasked = thread.spawn(|| of_this(false)).unwrap().join().unwrap();
        assert_eq!(&unasked[..16], format!("{}\0", &long[..15]).as_bytes());
    }
}
