//! What runs before `main` and in a forked child, where there are hooks: each floor is told, from here.

use crate::engines::hooks;
use crate::engines::upcalls::{self, Upcalls};
use crate::region::{self, notes};
use crate::{arm, config, judge, report, status};

hooks::before_main!(start);

extern "C" fn start() {
    let _quiet = region::quiet();
    report::begin();
    judge::prepare();
    hooks::start();
    upcalls::register(Upcalls {
        start_thread: arm::start_thread,
        hand_over: || arm::hand_over(arm::When::Now),
        has_handler: report::has_handler,
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

extern "C" fn in_child() {
    region::mark_forked();
    // Threads are not inherited, and what one of them held stays locked: then nothing can be reported here.
    if !(judge::is_idle() && report::is_idle() && arm::is_idle() && config::is_idle()) {
        config::switch_off();
    }
    report::begin();
    notes::in_child();
    arm::in_child();
}
