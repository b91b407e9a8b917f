// C code: linked in, loaded by dlopen, and zlib's files. Streams and fortified forms do not reach `open` and `read`.
// expect: fs c_reads @reads
// expect: fs c_streams @streams
// expect: fs c_resolves @resolves
// expect: sleep c_sleeps @sleeps
// expect: fs c_reads @loaded-reads
// expect: fs c_streams @loaded-streams
// expect: sleep c_sleeps @loaded-sleeps
// expect: fs gzopen @gzopen
// expect: fs gzread @gzread
// forbid: @gzclose
// forbid: @looks
// forbid: @loaded-looks
// only

use std::ffi::{CStr, CString, c_char, c_int, c_uint};

#[link(name = "calls", kind = "static")]
unsafe extern "C" {
    fn c_reads(path: *const c_char, len: usize) -> c_int;
    fn c_streams(path: *const c_char) -> c_int;
    fn c_resolves(path: *const c_char) -> c_int;
    fn c_sleeps(microseconds: c_uint);
    fn c_looks() -> c_int;
}

type OnPath = unsafe extern "C" fn(*const c_char) -> c_int;

/// The functions of the loaded object.
struct Loaded {
    reads: unsafe extern "C" fn(*const c_char, usize) -> c_int,
    streams: OnPath,
    sleeps: unsafe extern "C" fn(c_uint),
    looks: unsafe extern "C" fn() -> c_int,
}

impl Loaded {
    fn open() -> Loaded {
        let object = CString::new(env!("C_OBJECT")).unwrap();
        // SAFETY: the object has no constructor, and its functions have these types; it stays loaded.
        unsafe {
            let object = libc::dlopen(object.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL);
            assert!(!object.is_null());
            let find = |name: &CStr| {
                let at = libc::dlsym(object, name.as_ptr());
                assert!(!at.is_null(), "{name:?}");
                at
            };
            Loaded {
                reads: std::mem::transmute::<*mut _, unsafe extern "C" fn(*const c_char, usize) -> c_int>(find(
                    c"c_reads",
                )),
                streams: std::mem::transmute::<*mut _, OnPath>(find(c"c_streams")),
                sleeps: std::mem::transmute::<*mut _, unsafe extern "C" fn(c_uint)>(find(c"c_sleeps")),
                looks: std::mem::transmute::<*mut _, unsafe extern "C" fn() -> c_int>(find(c"c_looks")),
            }
        }
    }
}

#[guard_runtime::no_block]
async fn linked(path: CString) {
    // SAFETY: the path is NUL-terminated, and no more is read than fits.
    unsafe {
        assert_eq!(c_reads(path.as_ptr(), 3), i32::from(b'l')); // @reads
        assert_eq!(c_streams(path.as_ptr()), i32::from(b'l')); // @streams
        assert_eq!(c_resolves(path.as_ptr()), i32::from(b'/')); // @resolves
        c_sleeps(1); // @sleeps
        assert_eq!(c_looks(), 0); // @looks
    }
}

#[guard_runtime::no_block]
async fn loaded(object: Loaded, path: CString) {
    // SAFETY: as above.
    unsafe {
        assert_eq!((object.reads)(path.as_ptr(), 3), i32::from(b'l')); // @loaded-reads
        assert_eq!((object.streams)(path.as_ptr()), i32::from(b'l')); // @loaded-streams
        (object.sleeps)(1); // @loaded-sleeps
        assert_eq!((object.looks)(), 0); // @loaded-looks
    }
}

#[guard_runtime::no_block]
async fn unzips(path: CString) {
    let mut text = [0_u8; 16];
    // SAFETY: the path is NUL-terminated, the buffer has the length that is passed.
    unsafe {
        let file = libz_sys::gzopen(path.as_ptr(), c"rb".as_ptr()); // @gzopen
        assert!(!file.is_null());
        assert_eq!(libz_sys::gzread(file, text.as_mut_ptr().cast(), 16), 5); // @gzread
        assert_eq!(libz_sys::gzclose(file), 0); // @gzclose
    }
    assert_eq!(&text[..5], b"line\n");
}

#[tokio::main]
pub(crate) async fn main() {
    let path = format!("{}/c-code-{}", env!("CARGO_TARGET_TMPDIR"), std::process::id());
    std::fs::write(&path, "line\n").unwrap();
    let c_path = CString::new(path.clone()).unwrap();
    linked(c_path.clone()).await;
    loaded(Loaded::open(), c_path.clone()).await;
    // zlib reads a file that is not compressed as it is.
    unzips(c_path).await;
    std::fs::remove_file(path).unwrap();
}
