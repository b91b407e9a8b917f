//! A closure from being handed over to its outcome: the job, the worker that runs it, what a pool shares between both.

mod call_site;
mod hand_over;
mod job;
mod pool_names;
pub(crate) mod saturation;
mod shared;
mod task;
mod worker;

pub(crate) use call_site::CallSite;
pub(crate) use hand_over::Ticket;
pub(crate) use job::{Job, drop_caught};
pub(crate) use pool_names::thread_name;
pub(crate) use shared::{AnyJob, Shared, Threads, Work, Worker};
pub(crate) use task::{Left, Progress, Settled, Task};
