//! On what a thread runs, as tokio answers: which worker, which task.

/// Which worker of a runtime the current thread is, by `tokio::runtime::worker_index`.
///
/// To be asked inside a hook only (or under `region::quiet`): the first answer on a thread may register a
/// thread-local destructor, which allocates.
#[inline]
pub(crate) fn worker() -> Option<usize> {
    #[cfg(feature = "workers")]
    return tokio::runtime::worker_index();
    #[cfg(not(feature = "workers"))]
    None
}

/// The number of the task being polled, by `tokio::task::try_id`. Same condition as for [`worker`].
#[inline]
pub(crate) fn task() -> Option<u64> {
    #[cfg(feature = "tokio")]
    return tokio::task::try_id().and_then(number);
    #[cfg(not(feature = "tokio"))]
    None
}

/// A task's id as a number. tokio shows it only as text; it is read back without touching the heap.
#[cfg(feature = "tokio")]
fn number(id: tokio::task::Id) -> Option<u64> {
    struct Digits(Option<u64>);

    impl std::fmt::Write for Digits {
        fn write_str(&mut self, text: &str) -> std::fmt::Result {
            for byte in text.bytes() {
                let digit = u64::from(byte.wrapping_sub(b'0'));
                self.0 =
                    (digit < 10).then(|| self.0.unwrap_or(0).checked_mul(10)?.checked_add(digit)).flatten();
                if self.0.is_none() {
                    return Err(std::fmt::Error);
                }
            }
            Ok(())
        }
    }

    let mut digits = Digits(None);
    std::fmt::write(&mut digits, format_args!("{id}")).ok()?;
    digits.0
}

#[cfg(all(test, feature = "tokio"))]
mod tests {
    #[test]
    fn a_task_has_the_number_that_tokio_shows() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (ours, shown) = runtime.block_on(async {
            let task = tokio::spawn(async { (super::task(), tokio::task::id().to_string()) });
            task.await.unwrap()
        });
        assert_eq!(ours.map(|id| id.to_string()), Some(shown));
        assert_eq!(super::task(), None);
    }
}
