//! What runs before `main` and in a forked child, where there are hooks: each floor is told, from here.

use crate::engines::hooks;
use crate::engines::upcalls::{self, Upcalls};
use crate::region::{self, notes};
use crate::{arm, config, judge, report};

hooks::before_main!(start);

extern "C" fn start() {
    let _quiet = region::quiet();
    judge::prepare();
    hooks::start();
    upcalls::register(Upcalls {
        hand_over: || arm::hand_over(arm::When::Now),
        has_handler: report::has_handler,
    });
    hooks::in_children(in_child);
    // Registered early, so that it runs late.
    report::at_exit(arm::at_end);
    arm::read_environment();
}

extern "C" fn in_child() {
    region::mark_forked();
    // Threads are not inherited, and what one of them held stays locked: then nothing can be reported here.
    if !(judge::is_idle() && report::is_idle() && arm::is_idle() && config::is_idle()) {
        config::switch_off();
    }
    notes::in_child();
    arm::in_child();
}
