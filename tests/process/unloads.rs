// A library that is loaded to where another one was closed is not taken for that one.
// expect: sleep c_sleeps @calls
// expect: sleep other_sleeps @other
// only

use std::ffi::{CStr, CString, c_uint};

/// Calls a function of an object that is closed again.
fn call(object: &str, name: &CStr) {
    let object = CString::new(object).unwrap();
    // SAFETY: the objects have no constructors, and these functions this type; nothing of them is used after the end.
    unsafe {
        let object = libc::dlopen(object.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL);
        let at = libc::dlsym(object, name.as_ptr());
        assert!(!at.is_null());
        let sleeps = std::mem::transmute::<*mut libc::c_void, unsafe extern "C" fn(c_uint)>(at);
        let other = name == c"other_sleeps";
        futures::executor::block_on(guard_runtime::guard(async move {
            if other {
                sleeps(10); // @other
            } else {
                sleeps(10); // @calls
            }
        }));
        libc::dlclose(object);
    }
}

pub(crate) fn main() {
    // The linker mostly gives the second one the place of the first.
    call(env!("C_OBJECT"), c"c_sleeps");
    call(env!("OTHER_C_OBJECT"), c"other_sleeps");
}
