//! One blocking call from just before it is made until it has returned: who makes it, and where that is noted.

use super::ahead::Ahead;
use super::{hook, quiet_stacks};
use crate::config;
use crate::engines::upcalls;
use crate::model::{Engine, Guarding, NO_NAME, Note, RawStack, Record, Ticket};
use crate::region::{self, armed, notes};
use crate::thread::stack::{self, Mark};
use crate::thread::{executor, kernel, name};
use std::time::Instant;

/// Dropped before it has landed, the call turned out not to have blocked.
pub(super) struct Flight {
    note: Note,
    key: u64,
    /// None if there was no place for it: it is then noted once it has returned.
    ticket: Option<Ticket>,
    heap_is_open: bool,
}

impl Flight {
    /// `from`: the hook at work, which is no part of the stack. `None` if nobody minds: the thread polls no guarded future, and is no armed worker after all.
    pub(super) fn depart(ahead: Ahead, symbol: &'static str, from: Mark) -> Option<Flight> {
        let (worker, task) = (executor::worker(), executor::task());
        region::mark_asked();
        let (guarding, runtime) = match region::current_guard() {
            Some(guarding) => (guarding, None),
            None => {
                // Known without reading the settings: whoever arms has done that.
                let covers = |runtime: &executor::Runtime| armed::may_cover(runtime.id) && !config::is_off();
                (Guarding::RUNTIME, Some(executor::runtime().filter(covers)?))
            }
        };
        // Between tasks a worker runs nothing but tokio's code: it parks, steals, shuts down.
        let idle = runtime.is_some() && task.is_some() && region::idle_task() == task;
        if idle {
            region::forget_spent();
        }
        if idle && !notes::waits_for_worker() {
            return None;
        }
        let call = region::current_call();
        // A typed call that this poll has recorded before: what is below it is judged by the stack of the first time.
        let again = runtime.is_none() && call.is_some_and(|call| region::has_recorded(&call));
        let stack = if again { RawStack::EMPTY } else { stack::capture_above(from) };
        // The heap is asked for by name; what a signal's handler has interrupted may be the allocator.
        let heap_is_open = hook::may_allocate(symbol) && !stack.in_handler;
        let on_executor = worker.is_some() || task.is_some();
        let record = Record {
            call,
            stack,
            worker,
            task,
            thread: if again { NO_NAME } else { name::of_this(heap_is_open && on_executor) },
            since: Some(Instant::now()),
            in_flight: true,
            by_clock: ahead.quick.is_some(),
            holder: region::take_holder(),
            ..Record::new(Engine::Intercept, ahead.kind, symbol, guarding)
        };
        if again {
            region::before_blocking();
            return Some(Flight { note: Note { record, runtime: None }, key: 0, ticket: None, heap_is_open });
        }
        let key = quiet_stacks::key(&record);
        if let (Some(runtime), Some(quiet)) = (runtime, quiet_stacks::look_up(key)) {
            if quiet.on_pool && worker.is_none() {
                region::mark_pool_thread();
            }
            if quiet.parked {
                region::forget_spent();
            }
            if quiet.parked && runtime.multi_thread {
                // Its worker is itself a task, of the blocking pool.
                region::set_idle_task(task);
            }
            // What a handler wakes here, nobody would look at before this worker is woken itself.
            if quiet.parked
                && notes::waits_for_worker()
                && !upcalls::start_thread()
                && !upcalls::has_handler()
            {
                hook::hand_over();
            }
            return None;
        }
        if idle {
            return None;
        }
        let runtime = runtime.map(|runtime| runtime.id);
        // Repetitions are counted for each runtime by itself, since its end may fail by them.
        let key = key ^ runtime.unwrap_or(0).rotate_left(48);
        let note = Note { record, runtime };
        // Hundreds of threads of a blocking pool may wait at once: they would take every place.
        let pooled = runtime.is_some() && worker.is_none();
        let ticket = if pooled { None } else { notes::depart(key, &note) };
        match runtime {
            None => region::before_blocking(),
            Some(_) => kernel::begin(),
        }
        Some(Flight { note, key, ticket, heap_is_open })
    }

    /// The call has returned, and it blocked.
    pub(super) fn land(mut self, elapsed_ns: u64, slept: Option<bool>) {
        let record = &mut self.note.record;
        (record.elapsed_ns, record.slept, record.in_flight) = (elapsed_ns, slept, false);
        let ticket = self.ticket.take();
        if self.note.runtime.is_none() {
            record.ticket = ticket.map(|ticket| notes::hold(ticket, elapsed_ns));
            if record.worker.is_none() && record.task.is_some() {
                // Perhaps in `block_in_place`: what else this poll sleeps in may be there as well.
                region::stop_judging_sleeps();
            }
            return region::record(record);
        }
        notes::ready(ticket, self.key, &self.note);
        if self.heap_is_open && notes::waits_for_worker() {
            upcalls::start_thread();
        }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            notes::release(ticket);
        }
    }
}
