//! Whose memory this thread runs in: its own process's, a copy that nobody was told of, or that of a parent which waits.

use std::ptr;
use std::sync::atomic::{AtomicI32, AtomicPtr, Ordering};

/// What a process has for memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Memory {
    Own,
    /// A copy of its parent's, made by a way that runs no handlers (`_Fork`, `clone`): nothing of ours has begun anew.
    Copied,
    /// Its parent's, which waits until the child executes a program or ends (`vfork`): nothing in it is the child's.
    Borrowed,
}

/// The number of the process that the memory belongs to; 0 in a copy, where the kernel has wiped the page.
static OWNER: AtomicPtr<AtomicI32> = AtomicPtr::new(ptr::null_mut());
/// Stands in for that page where the kernel wipes none. Every child then looks like one that borrows.
static UNWIPED: AtomicI32 = AtomicI32::new(0);

/// Whose memory this is. One short system call.
pub(crate) fn memory() -> Memory {
    // SAFETY: `begin` has put the address of a page there that is never unmapped, or of a static.
    let Some(owner) = (unsafe { OWNER.load(Ordering::Acquire).as_ref() }) else { return Memory::Own };
    match owner.load(Ordering::Relaxed) {
        0 => Memory::Copied,
        owner if owner == this() => Memory::Own,
        _ => Memory::Borrowed,
    }
}

fn this() -> i32 {
    // SAFETY: it has no arguments and cannot fail.
    unsafe { libc::getpid() }
}

/// From here on children are told apart. To be called once, before `main`.
pub(crate) fn begin() {
    let len = size_of::<AtomicI32>();
    let (access, kind) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
    // SAFETY: a new mapping, at a place of the kernel's choice; the advice is for that mapping alone.
    let page = unsafe {
        let page = libc::mmap(ptr::null_mut(), len, access, kind, -1, 0);
        let wiped = page != libc::MAP_FAILED && libc::madvise(page, len, libc::MADV_WIPEONFORK) == 0;
        if wiped { page.cast::<AtomicI32>() } else { (&raw const UNWIPED).cast_mut() }
    };
    // SAFETY: either is valid, aligned, and an atomic of all zeros.
    unsafe { &*page }.store(this(), Ordering::Relaxed);
    OWNER.store(page, Ordering::Release);
}

/// In a child that was told to begin anew: its copy is its own.
pub(crate) fn in_child() {
    // SAFETY: see `memory`.
    if let Some(owner) = unsafe { OWNER.load(Ordering::Acquire).as_ref() } {
        owner.store(this(), Ordering::Relaxed);
    }
}
