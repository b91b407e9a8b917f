//! The table of hooks, part three: C streams, which reach the kernel inside libc, past the hooks of descriptors.

use crate::engines::hooks::descriptor::forget;
use crate::engines::hooks::filter::{always, fills, on_stream, path, spills, to_stream};
use crate::engines::hooks::hook::hooks;
use crate::model::Kind;
use libc::{FILE, c_char, c_int, c_long, c_void, off_t, size_t, ssize_t};

/// A `va_list` is an array on x86_64 and a struct of 32 bytes on aarch64: both are passed by their address.
type Arguments = *mut c_void;
type Position = c_void;

unsafe extern "C" {
    static stdin: *mut FILE;
    static stdout: *mut FILE;
}

hooks! {
    fn fopen(name: *const c_char, mode: *const c_char) -> *mut FILE { blocks path(name); then fresh_stream; }
    fn fopen64(name: *const c_char, mode: *const c_char) -> *mut FILE { blocks path(name); then fresh_stream; }
    fn freopen(name: *const c_char, mode: *const c_char, stream: *mut FILE) -> *mut FILE { blocks path(name); then fresh_stream; }
    fn freopen64(name: *const c_char, mode: *const c_char, stream: *mut FILE) -> *mut FILE { blocks path(name); then fresh_stream; }
    fn tmpfile() -> *mut FILE { blocks always(Kind::Fs); then fresh_stream; }
    fn tmpfile64() -> *mut FILE { blocks always(Kind::Fs); then fresh_stream; }
    fn fclose(stream: *mut FILE) -> c_int { blocks to_stream(stream); }
    fn fcloseall() -> c_int { blocks always(Kind::Fs); }
    fn fread(buf: *mut c_void, size: size_t, count: size_t, stream: *mut FILE) -> size_t { blocks on_stream(stream); }
    fn fwrite(buf: *const c_void, size: size_t, count: size_t, stream: *mut FILE) -> size_t { blocks to_stream(stream); }
    fn fgets(buf: *mut c_char, size: c_int, stream: *mut FILE) -> *mut c_char { blocks on_stream(stream); }
    fn fputs(text: *const c_char, stream: *mut FILE) -> c_int { blocks to_stream(stream); }
    fn fflush(stream: *mut FILE) -> c_int { blocks to_stream(stream); }
    fn getline(line: *mut *mut c_char, size: *mut size_t, stream: *mut FILE) -> ssize_t { blocks on_stream(stream); }
    fn getdelim(line: *mut *mut c_char, size: *mut size_t, end: c_int, stream: *mut FILE) -> ssize_t { blocks on_stream(stream); }
    fn puts(text: *const c_char) -> c_int { blocks to_stream(stdout); }
    // What optimized C code calls for some of them.
    fn __fread_chk(buf: *mut c_void, room: size_t, size: size_t, count: size_t, stream: *mut FILE) -> size_t { blocks on_stream(stream); }
    fn __fgets_chk(buf: *mut c_char, room: size_t, size: c_int, stream: *mut FILE) -> *mut c_char { blocks on_stream(stream); }
    fn __getdelim(line: *mut *mut c_char, size: *mut size_t, end: c_int, stream: *mut FILE) -> ssize_t { blocks on_stream(stream); }
    fn fread_unlocked(buf: *mut c_void, size: size_t, count: size_t, stream: *mut FILE) -> size_t { blocks on_stream(stream); }
    fn fwrite_unlocked(buf: *const c_void, size: size_t, count: size_t, stream: *mut FILE) -> size_t { blocks to_stream(stream); }
    fn fgets_unlocked(buf: *mut c_char, size: c_int, stream: *mut FILE) -> *mut c_char { blocks on_stream(stream); }
    fn fputs_unlocked(text: *const c_char, stream: *mut FILE) -> c_int { blocks to_stream(stream); }
    fn fflush_unlocked(stream: *mut FILE) -> c_int { blocks to_stream(stream); }
    fn __fread_unlocked_chk(buf: *mut c_void, room: size_t, size: size_t, count: size_t, stream: *mut FILE) -> size_t { blocks on_stream(stream); }
    fn __fgets_unlocked_chk(buf: *mut c_char, room: size_t, size: c_int, stream: *mut FILE) -> *mut c_char { blocks on_stream(stream); }

    // Single bytes: the buffer has nearly all of them.
    fn fgetc(stream: *mut FILE) -> c_int { blocks fills(stream); }
    fn getc(stream: *mut FILE) -> c_int { blocks fills(stream); }
    fn getchar() -> c_int { blocks fills(stdin); }
    fn fgetc_unlocked(stream: *mut FILE) -> c_int { blocks fills(stream); }
    fn getc_unlocked(stream: *mut FILE) -> c_int { blocks fills(stream); }
    fn _IO_getc(stream: *mut FILE) -> c_int { blocks fills(stream); }
    fn __uflow(stream: *mut FILE) -> c_int { blocks fills(stream); }
    fn fputc(byte: c_int, stream: *mut FILE) -> c_int { blocks spills(stream); }
    fn putc(byte: c_int, stream: *mut FILE) -> c_int { blocks spills(stream); }
    fn putchar(byte: c_int) -> c_int { blocks spills(stdout); }
    fn fputc_unlocked(byte: c_int, stream: *mut FILE) -> c_int { blocks spills(stream); }
    fn putc_unlocked(byte: c_int, stream: *mut FILE) -> c_int { blocks spills(stream); }
    fn _IO_putc(byte: c_int, stream: *mut FILE) -> c_int { blocks spills(stream); }
    fn __overflow(stream: *mut FILE, byte: c_int) -> c_int { blocks spills(stream); }

    // They write what is in the buffer, and may read what they go to.
    fn fseek(stream: *mut FILE, by: c_long, from: c_int) -> c_int { blocks to_stream(stream); }
    fn fseeko(stream: *mut FILE, by: off_t, from: c_int) -> c_int { blocks to_stream(stream); }
    fn fseeko64(stream: *mut FILE, by: off_t, from: c_int) -> c_int { blocks to_stream(stream); }
    fn rewind(stream: *mut FILE) -> () { blocks to_stream(stream); }
    fn fsetpos(stream: *mut FILE, to: *const Position) -> c_int { blocks to_stream(stream); }
    fn fsetpos64(stream: *mut FILE, to: *const Position) -> c_int { blocks to_stream(stream); }

    // The forms of `fprintf`, `fscanf` and `syslog` whose arguments can be forwarded.
    fn vfprintf(stream: *mut FILE, format: *const c_char, arguments: Arguments) -> c_int { blocks to_stream(stream); }
    fn __vfprintf_chk(stream: *mut FILE, flag: c_int, format: *const c_char, arguments: Arguments) -> c_int { blocks to_stream(stream); }
    fn vfscanf(stream: *mut FILE, format: *const c_char, arguments: Arguments) -> c_int { blocks on_stream(stream); }
    fn __isoc99_vfscanf(stream: *mut FILE, format: *const c_char, arguments: Arguments) -> c_int { blocks on_stream(stream); }
    fn vsyslog(priority: c_int, format: *const c_char, arguments: Arguments) -> () { blocks always(Kind::Net); }
    fn __vsyslog_chk(priority: c_int, flag: c_int, format: *const c_char, arguments: Arguments) -> () { blocks always(Kind::Net); }
}

fn fresh_stream(stream: *mut FILE) {
    if !stream.is_null() {
        // SAFETY: fopen has just returned it.
        forget(unsafe { libc::fileno(stream) });
    }
}
