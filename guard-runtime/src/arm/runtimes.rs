//! Which runtimes have their workers armed, and what their end has to fail by.
//!
//! All runtimes of the process by the environment, single ones by [`build_armed`] and the attributes `main` and `test`.
//! A worker is told by what tokio answers on its thread, so neither `tokio_unstable` nor a callback of the builder is
//! needed, of which a runtime has only one each.

use crate::engines::hooks;
#[cfg(feature = "workers")]
use crate::model::ON;
use crate::region::{self, armed as flags};
use crate::report::{self, Violation};
use crate::thread::executor;
use crate::{config, judge};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The armed runtimes, by number.
static ARMED: Mutex<Vec<Armed>> = Mutex::new(Vec::new());

/// Violations that fail nothing but the process.
static UNCLAIMED: AtomicU64 = AtomicU64::new(0);

struct Armed {
    runtime: u64,
    /// What its end fails by; none where nothing of ours is there at its end.
    failures: Option<Vec<Violation>>,
}

fn armed() -> MutexGuard<'static, Vec<Armed>> {
    // Entries are added and removed whole.
    ARMED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Of how many runtimes the workers are armed; `None`: of all.
pub(crate) fn runtimes() -> Option<usize> {
    let _quiet = region::quiet();
    if flags::is_all() {
        return None;
    }
    // Held for ever, it may be, in a forked child.
    let is_lost = config::out_of_order().is_some() && !is_idle();
    Some(if is_lost { 0 } else { armed().len() })
}

/// Whether a runtime's workers are armed.
pub(crate) fn covers(runtime: u64) -> bool {
    flags::is_all() || armed().iter().any(|armed| armed.runtime == runtime)
}

/// Reads `NO_BLOCK_ARM` before `main`, since nothing in the program may ever call this crate.
pub(crate) fn read_environment() {
    if config::variable("NO_BLOCK_ARM").is_none() {
        return;
    }
    // An allocator reads its own options at the first request; no hook shall meet it at that.
    drop(std::hint::black_box(Box::new(0_u8)));
    if !config::settings().arm_workers {
        return;
    }
    flags::arm_all();
    // Who armed it would take its silence for a clean run.
    if let Some(why) = why_not_armed() {
        report::tell(&format!("NO_BLOCK_ARM: this program's workers are not watched: {why}"));
    }
}

/// Why nothing can be found on armed workers, if so.
fn why_not_armed() -> Option<String> {
    if config::is_off() {
        return Some("every kind has the action off".to_owned());
    }
    if !hooks::in_force() {
        return hooks::status().err();
    }
    judge::why_no_names().map(str::to_owned)
}

/// Arms the workers of a runtime. `ends`: [`disarm`] will be called for it.
#[cfg(feature = "workers")]
pub(crate) fn arm(handle: &tokio::runtime::Handle, ends: bool) -> Option<u64> {
    if config::is_off() {
        return None;
    }
    let runtime = executor::runtime_id(handle)?;
    armed().push(Armed { runtime, failures: ends.then(Vec::new) });
    flags::arm(runtime);
    Some(runtime)
}

/// Ends the arming of a runtime, and gives what it has to fail by.
#[cfg(feature = "workers")]
pub(crate) fn disarm(runtime: u64) -> Vec<Violation> {
    let mut armed = armed();
    let Some(at) = armed.iter().position(|armed| armed.runtime == runtime) else { return Vec::new() };
    let ended = armed.swap_remove(at);
    flags::disarm(runtime);
    ended.failures.unwrap_or_default()
}

/// Keeps a violation that could not panic where it was found, for the end of its runtime, else of the process.
pub(crate) fn fail_later(runtime: u64, violation: &Violation) {
    match armed().iter_mut().find(|armed| armed.runtime == runtime).and_then(|armed| armed.failures.as_mut())
    {
        Some(failures) => failures.push(violation.clone()),
        None => {
            UNCLAIMED.fetch_add(violation.times().into(), Ordering::Relaxed);
        }
    }
}

/// Has the end of the process fail, if all of its workers are armed.
pub(crate) fn fail_process() {
    if flags::is_all() {
        UNCLAIMED.fetch_add(1, Ordering::Relaxed);
    }
}

/// Keeps a violation for the end of the runtime that this thread has entered, if that can fail.
pub(crate) fn fail_its_end(violation: &Violation) {
    let _quiet = region::quiet();
    let Some(runtime) = executor::runtime() else { return };
    let mut armed = armed();
    let ending = armed.iter_mut().find(|armed| armed.runtime == runtime.id);
    if let Some(failures) = ending.and_then(|armed| armed.failures.as_mut()) {
        failures.push(violation.clone());
    }
}

/// How many violations the end of the process fails by.
pub(crate) fn unclaimed() -> u64 {
    UNCLAIMED.load(Ordering::Relaxed)
}

/// Whether no thread is in the middle of something here.
pub(crate) fn is_idle() -> bool {
    ARMED.try_lock().is_ok()
}

/// A forked child has not inherited its parent's failures.
pub(crate) fn in_child() {
    UNCLAIMED.store(0, Ordering::Relaxed);
    let Ok(mut armed) = ARMED.try_lock() else { return };
    for failures in armed.iter_mut().filter_map(|armed| armed.failures.as_mut()) {
        // Nothing is freed here: see `start.rs`.
        std::mem::forget(std::mem::take(failures));
    }
}

/// Builds a runtime whose workers are all armed: every blocking call in every task of it is a violation, whether a guard
/// covers the task or not.
///
/// For programs that build their runtime themselves; `#[guard_runtime::main]` and `#[guard_runtime::test]` do the same,
/// and `NO_BLOCK_ARM=workers` does it for all runtimes of a process without any change to it.
///
/// Tasks that no guard covers have no poll of ours that could panic. What they do wrong is reported at once by a thread of
/// this crate's, and with the action panic the process then ends with status 101 instead of success. The future given to `block_on` is no worker's on a multi-thread runtime: put [`.no_block()`](crate::NoBlock::no_block) on
/// it. Code in `spawn_blocking` and `block_in_place` is never armed.
///
/// # Errors
///
/// Those of [`Builder::build`](tokio::runtime::Builder::build).
///
/// # Cost
///
/// About 10 ns for a hooked libc call on an armed worker that cannot block, some microseconds for one that can. Without
/// hooks (see [`status`](crate::status)) this is `Builder::build`.
///
/// # Example
///
/// ```
/// use guard_runtime::{NoBlock, build_armed};
/// use tokio::runtime::Builder;
///
/// let runtime = build_armed(Builder::new_multi_thread().worker_threads(2).enable_all())?;
/// let answer = runtime.block_on(async { tokio::spawn(async { 42 }).await }.no_block());
/// assert_eq!(answer.unwrap(), 42);
/// # Ok::<(), std::io::Error>(())
/// ```
#[cfg(feature = "workers")]
pub fn build_armed(builder: &mut tokio::runtime::Builder) -> std::io::Result<tokio::runtime::Runtime> {
    let runtime = builder.build()?;
    if ON {
        let _quiet = region::quiet();
        arm(runtime.handle(), false);
    }
    Ok(runtime)
}
