//! The hook of `dlopen`, which libc's function must not notice: it searches by its caller's own library path.
//!
//! So this hook is no caller. It looks at the call, and then jumps to libc's function, which finds the stack as it was.

use crate::engines::hooks::ahead::Ahead;
use crate::engines::hooks::filter::path;
use crate::engines::hooks::hook::{keep_errno, observe};
use crate::engines::hooks::symbol::{Symbol, refuse};
use crate::region;
use libc::{c_char, c_int, c_void};

static DLOPEN: Symbol = Symbol::new(c"dlopen", None);
/// Past its hook, which would forget what is known of libraries.
static DLCLOSE: Symbol = Symbol::new(c"dlclose", None);

/// Every symbol of this table.
pub(super) static SYMBOLS: &[&Symbol] = &[&DLOPEN];

unsafe extern "C" {
    #[link_name = "dlopen"]
    fn hook(name: *const c_char, flags: c_int) -> *mut c_void;
}

/// Keeps the code below in every program that has the other hooks.
#[used]
static HOOK: unsafe extern "C" fn(*const c_char, c_int) -> *mut c_void = hook;

// Three words on the stack: both arguments, and one that keeps it aligned for the call.
std::arch::global_asm!(
    ".pushsection .text.dlopen,\"ax\",@progbits",
    ".globl dlopen",
    ".type dlopen,@function",
    "dlopen:",
    ".cfi_startproc",
    "push rdi",
    ".cfi_adjust_cfa_offset 8",
    "push rsi",
    ".cfi_adjust_cfa_offset 8",
    "sub rsp, 8",
    ".cfi_adjust_cfa_offset 8",
    "call {before}",
    "add rsp, 8",
    ".cfi_adjust_cfa_offset -8",
    "pop rsi",
    ".cfi_adjust_cfa_offset -8",
    "pop rdi",
    ".cfi_adjust_cfa_offset -8",
    "jmp rax",
    ".cfi_endproc",
    ".size dlopen, . - dlopen",
    ".popsection",
    before = sym before,
);

type Open = unsafe extern "C" fn(*const c_char, c_int) -> *mut c_void;
type Close = unsafe extern "C" fn(*mut c_void) -> c_int;

/// Records the call, and returns the function that is to be jumped to. What the loaded library does when it starts runs
/// after this, and is observed.
// SAFETY: the contract of `dlopen`, whose arguments these are.
unsafe extern "C" fn before(name: *const c_char, flags: c_int) -> *mut c_void {
    let Some(at) = DLOPEN.get() else { return missing as *mut c_void };
    if let Some(inside) = region::enter_hook(true) {
        // SAFETY: the address is that of libc's function.
        let real = unsafe { std::mem::transmute::<*mut c_void, Open>(at) };
        // SAFETY: the caller's arguments, which it passes to libc's function.
        if let Some(ahead) = unsafe { loads(name, flags, real) } {
            observe(&inside, "dlopen", ahead, || (), |()| false);
        }
    }
    at
}

/// A library to be loaded: a call only if it is not there yet.
// SAFETY: the contract of `dlopen`, which is libc's.
unsafe fn loads(name: *const c_char, flags: c_int, dlopen: Open) -> Option<Ahead> {
    if name.is_null() || flags & libc::RTLD_NOLOAD != 0 {
        return None;
    }
    let is_there = keep_errno(|| {
        // SAFETY: by the contract; asked like this it loads nothing.
        let there = unsafe { dlopen(name, libc::RTLD_LAZY | libc::RTLD_NOLOAD) };
        if let (false, Some(close)) = (there.is_null(), DLCLOSE.get()) {
            // SAFETY: the address is that of libc's function.
            let close = unsafe { std::mem::transmute::<*mut c_void, Close>(close) };
            // SAFETY: what was just returned.
            unsafe { close(there) };
        }
        !there.is_null()
    });
    // SAFETY: by the contract the name is one.
    if is_there { None } else { unsafe { path(name) } }
}

// SAFETY: it looks at no argument.
unsafe extern "C" fn missing(_: *const c_char, _: c_int) -> *mut c_void {
    refuse()
}
