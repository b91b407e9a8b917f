//! The guard inside a shared library that a host loads: not armed, and it says so.

use std::time::Duration;

/// 0 if nothing is armed that needs the hooks, `status()` says why, a guarded poll in here reports no call by a hook,
/// and the host's own calls go on undisturbed. To be called by the host.
// SAFETY: no other symbol has this name.
#[unsafe(no_mangle)]
pub extern "C" fn plugin_check() -> i32 {
    let status = guard_runtime::status();
    eprintln!("plugin: {status}");
    let engine = |name: &str| status.engines().find(|engine| engine.name() == name);
    let unarmed = ["intercept", "kernel"].into_iter().all(|name| {
        engine(name)
            .is_some_and(|engine| !engine.is_armed() && engine.why_not().is_some_and(|why| !why.is_empty()))
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let found = runtime.block_on(guard_runtime::testing::capture(async {
        std::thread::sleep(Duration::from_millis(30));
    }));
    i32::from(!unarmed) + 2 * i32::from(!found.is_empty())
}
