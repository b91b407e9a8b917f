//! Threads for computing: those of a rayon pool, as many as there are cores.

use super::in_place::out_of_the_poll;
use super::job::{Free, Work};
use super::names;
use super::runner::Runner;
use super::shared::{Shared, Threads};
use crate::region;
use rayon_core::{ThreadPool, ThreadPoolBuilder};
use tokio::runtime::Handle;

pub(super) struct Cpu(ThreadPool);

impl Cpu {
    pub(super) fn new(name: &str, threads: usize) -> Cpu {
        let name = names::for_thread(name);
        let built = ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(move |thread| format!("{name}-{thread}"))
            // A runner has caught and counted the closure's; rayon would abort the process.
            .panic_handler(|_| {})
            .build();
        match built {
            Ok(pool) => Cpu(pool),
            Err(error) => panic!("the operating system does not start {threads} threads: {error}"),
        }
    }
}

impl Threads<()> for Cpu {
    fn start(&self, _: Option<&Handle>, runner: Runner<()>) {
        self.0.spawn(move || {
            // Whatever is polled here holds up no executor.
            let _allowed = region::allow("a computing pool's thread");
            runner.work(&mut ());
        });
    }

    fn help_out(&self, job: &dyn Work<()>, shared: &Shared<()>, free: &mut Free<'_>) {
        // Its waker is that of the poll in progress.
        drop(out_of_the_poll(|| job.run(&mut (), shared, None, free)));
    }

    fn home(&self, _: &str) -> Option<Handle> {
        None
    }
}
