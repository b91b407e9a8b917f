//! On what a thread runs, as tokio answers: which worker, which task, of which runtime.

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

/// Whether a task is being polled, or runs on the blocking pool. Same condition as for [`worker`].
#[inline]
pub(crate) fn is_in_task() -> bool {
    #[cfg(feature = "tokio")]
    return tokio::task::try_id().is_some();
    #[cfg(not(feature = "tokio"))]
    false
}

/// The runtime that the current thread has entered.
#[derive(Clone, Copy)]
pub(crate) struct Runtime {
    pub(crate) id: u64,
    /// Whether it has several workers: then these poll nothing but tasks.
    pub(crate) multi_thread: bool,
}

/// Same condition as for [`worker`]; beyond it, tokio's own handle of the runtime is cloned and dropped.
pub(crate) fn runtime() -> Option<Runtime> {
    #[cfg(feature = "workers")]
    {
        // It panics where it finds tokio in the middle of changing it, and a panic must not leave a hook.
        let handle = std::panic::catch_unwind(tokio::runtime::Handle::try_current).ok()?.ok()?;
        let multi_thread = handle.runtime_flavor() != tokio::runtime::RuntimeFlavor::CurrentThread;
        Some(Runtime { id: runtime_id(&handle)?, multi_thread })
    }
    #[cfg(not(feature = "workers"))]
    None
}

/// The number of a runtime.
#[cfg(feature = "workers")]
pub(crate) fn runtime_id(handle: &tokio::runtime::Handle) -> Option<u64> {
    number(handle.id())
}

/// An id of tokio's as a number. They show it only as text; it is read back without touching the heap.
#[cfg(feature = "tokio")]
fn number(id: impl std::fmt::Display) -> Option<u64> {
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

#[cfg(all(test, feature = "workers"))]
mod tests {
    use super::*;

    #[test]
    fn a_task_has_the_number_that_tokio_shows() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (ours, shown) = runtime.block_on(async {
            let task = tokio::spawn(async { (task(), tokio::task::id().to_string()) });
            task.await.unwrap()
        });
        assert_eq!(ours.map(|id| id.to_string()), Some(shown));
        assert_eq!(task(), None);
    }

    #[test]
    fn runtimes_are_told_apart_by_number_and_flavor() {
        let one = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let many = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let seen = |on: &tokio::runtime::Runtime| {
            let _entered = on.enter();
            let runtime = runtime().unwrap();
            assert_eq!(Some(runtime.id), runtime_id(on.handle()));
            runtime
        };
        assert!(!seen(&one).multi_thread && seen(&many).multi_thread);
        assert_ne!(seen(&one).id, seen(&many).id);
        assert!(runtime().is_none());
    }

    #[test]
    fn entering_a_runtime_is_not_running_on_it() {
        let seen = || (worker(), is_in_task());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let _entered = runtime.enter();
        assert_eq!(seen(), (None, false));
        runtime.block_on(async {
            assert_eq!(seen(), (Some(0), false));
            assert_eq!(tokio::task::spawn_blocking(seen).await.unwrap(), (None, true));
        });
    }
}
