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

/// What tokio says of a thread that polls no guarded future, and that is a worker or runs a task.
#[derive(Clone, Copy)]
#[allow(dead_code)] // Only hooks use it, and not every build has them.
pub(crate) struct Lane {
    pub(crate) worker: Option<usize>,
    pub(crate) in_task: bool,
}

/// The current thread's, by both answers. Same condition as for [`worker`].
#[allow(dead_code)] // Only hooks use it, and not every build has them.
pub(crate) fn lane() -> Option<Lane> {
    #[cfg(feature = "workers")]
    {
        let lane = Lane { worker: worker(), in_task: tokio::task::try_id().is_some() };
        (lane.worker.is_some() || lane.in_task).then_some(lane)
    }
    #[cfg(not(feature = "workers"))]
    None
}

/// The runtime that the current thread has entered.
#[derive(Clone, Copy)]
#[allow(dead_code)] // Only hooks use it, and not every build has them.
pub(crate) struct Runtime {
    pub(crate) id: u64,
    /// Whether it has several workers: then these poll nothing but tasks.
    pub(crate) multi_thread: bool,
}

/// Same condition as for [`worker`]; beyond it, tokio's own handle of the runtime is cloned and dropped.
#[allow(dead_code)] // Only hooks use it, and not every build has them.
pub(crate) fn runtime() -> Option<Runtime> {
    #[cfg(feature = "workers")]
    {
        let handle = tokio::runtime::Handle::try_current().ok()?;
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
    fn only_workers_and_tasks_have_a_lane() {
        assert!(lane().is_none());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let _entered = runtime.enter();
        assert!(lane().is_none(), "entering a runtime is not running on it");
        runtime.block_on(async {
            let root = lane().unwrap();
            assert_eq!((root.worker, root.in_task), (Some(0), false));
            let blocking = tokio::task::spawn_blocking(lane).await.unwrap().unwrap();
            assert_eq!((blocking.worker, blocking.in_task), (None, true));
        });
    }
}
