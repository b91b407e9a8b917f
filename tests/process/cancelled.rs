// A thread of C that waits in a libc call is cancelled, which unwinds through the hook. In an armed poll as well.
// expect: sleep c_cancels @cancels
// forbid: cannot unwind

use guard_runtime::guard;

#[link(name = "calls", kind = "static")]
unsafe extern "C" {
    fn c_cancels() -> std::ffi::c_int;
}

pub(crate) fn main() {
    let cancels = || {
        // SAFETY: the function takes nothing, and ends its own thread.
        assert_eq!(unsafe { c_cancels() }, 1); // @cancels
    };
    cancels();
    futures::executor::block_on(guard(async { cancels() }));
}
