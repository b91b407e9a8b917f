//! What runs before `main` and in a forked child, where there are hooks: each floor is told, from here.

use crate::engines::hooks;
use crate::engines::upcalls::{self, Upcalls};
use crate::region::{self, notes};
use crate::thread::process;
use crate::{arm, config, judge, report, status};

hooks::before_main!(start);

extern "C" fn start() {
    config::contain("its start", prepare);
}

fn prepare() {
    let _quiet = region::quiet();
    process::begin();
    report::begin();
    hooks::start();
    judge::prepare();
    upcalls::register(Upcalls {
        start_thread: arm::start_thread,
        hand_over: || arm::hand_over(arm::When::Now),
        has_handler: report::has_handler,
        in_child: || in_child(),
    });
    arm::prepare();
    hooks::in_children(in_child);
    hooks::around_forks(before_fork, after_fork);
    report::prove_by(status::proof);
    // Registered early, so that it runs late.
    report::at_exit(arm::at_end);
    arm::read_environment();
}

/// What our own thread is in the middle of is waited for, so that the child finds no lock held by a thread it lacks.
extern "C" fn before_fork() {
    arm::before_fork();
}

extern "C" fn after_fork() {
    arm::after_fork();
}

/// Allocates nothing and frees nothing: the allocator may put itself right only after this.
extern "C" fn in_child() {
    config::contain("a forked child", begin_anew);
}

fn begin_anew() {
    process::in_child();
    region::in_child();
    // Threads are not inherited, and what one of them held stays locked: then nothing can be reported here.
    if !(judge::is_idle() && report::is_idle() && arm::is_idle() && config::is_idle()) {
        config::lock_out();
    }
    report::begin();
    notes::in_child();
    arm::in_child();
    report::in_child();
}
