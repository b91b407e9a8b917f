//! Threads for blocking: those of tokio's blocking pool.

use super::names;
use super::runner::Runner;
use super::shared::Threads;
use crate::detect::pool::Trouble;
use crate::region;
use tokio::runtime::Handle;

pub(super) struct Blocking;

impl Threads<()> for Blocking {
    fn start(&self, home: Option<&Handle>, runner: Runner<()>) {
        let home = home.expect("`home` was asked when the closure was handed over");
        home.spawn_blocking(move || {
            // Whatever is polled here, by a runtime of the closure's own too, holds up no executor of others.
            let _allowed = region::allow("a pool's thread");
            runner.work(&mut ());
        });
    }

    fn start_apart(&self, home: Option<&Handle>, name: &str, runner: Runner<()>) {
        let home = home.cloned();
        // Where the system starts none, the runner's drop tells whoever waits.
        let _ = std::thread::Builder::new().name(names::for_thread(name)).spawn(move || {
            let _allowed = region::allow("a pool's thread");
            let _home = home.as_ref().map(Handle::enter);
            runner.work_apart(&mut ());
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
