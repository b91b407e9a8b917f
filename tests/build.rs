//! Builds the C code that child programs of `process/` call: linked in, and as an object for `dlopen`.

use std::path::PathBuf;
use std::{env, process::Command};

const SOURCE: &str = "process/native/calls.c";

fn main() {
    println!("cargo::rerun-if-changed={SOURCE}");
    println!("cargo::rustc-check-cfg=cfg(c_code)");
    if env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os != "linux") {
        return;
    }
    let mut build = cc::Build::new();
    build.file(SOURCE).opt_level(2).define("_FORTIFY_SOURCE", "2").pic(true).debug(false);
    // A sleep in tail position would take the C function off the stack.
    build.flag("-fno-optimize-sibling-calls");
    let object = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it")).join("calls.so");
    let mut link: Command = build.get_compiler().to_command();
    let linked = link.args(["-shared", "-D_FORTIFY_SOURCE=2", SOURCE, "-o"]).arg(&object).status();
    assert!(linked.is_ok_and(|status| status.success()), "the C compiler makes no shared object");
    build.compile("calls");
    println!("cargo::rustc-env=C_OBJECT={}", object.display());
    println!("cargo::rustc-cfg=c_code");
}
