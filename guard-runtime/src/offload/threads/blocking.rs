//! Threads for blocking: those of tokio's blocking pool.

use crate::engines::pool::Trouble;
use crate::offload::jobs::{Threads, Worker, thread_name};
use crate::region;
use tokio::runtime::Handle;

pub(crate) struct BlockingThreads;

impl Threads<()> for BlockingThreads {
    fn start(&self, home: Option<&Handle>, worker: Worker<()>) {
        let home = home.expect("`home` was asked when the closure was handed over");
        home.spawn_blocking(move || {
            // Whatever is polled here, by a runtime of the closure's own too, holds up no executor of others.
            let _allowed = region::allow("a pool's thread");
            worker.work(&mut ());
        });
    }

    fn start_dedicated(&self, home: Option<&Handle>, name: &str, worker: Worker<()>) {
        let home = home.cloned();
        // Where the system starts none, the worker's drop tells whoever waits.
        let _ = std::thread::Builder::new().name(thread_name(name)).spawn(move || {
            let _allowed = region::allow("a pool's thread");
            let _home = home.as_ref().map(Handle::enter);
            worker.work_once(&mut ());
        });
    }

    fn remedy(&self, trouble: Trouble) -> &'static str {
        match trouble {
            Trouble::Saturated => {
                "give the pool more threads or less work, or let it refuse by a shorter queue"
            }
            Trouble::NoThread => {
                "raise the runtime's `max_blocking_threads`, and keep what runs for long off its blocking threads"
            }
            Trouble::WaitsForItself => {
                "call the function directly instead of offloading it: a pool's thread may block"
            }
        }
    }

    fn home(&self, pool: &str) -> Option<Handle> {
        match Handle::try_current() {
            Ok(handle) => Some(handle),
            Err(_) => panic!("pool `{pool}` was used outside of a tokio runtime, whose threads it needs"),
        }
    }
    fn are_within_reach(&self) -> bool {
        Handle::try_current().is_ok()
    }
}
