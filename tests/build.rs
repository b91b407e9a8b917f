//! Builds the C code that child programs of `process/` call: linked in, and as an object for `dlopen`.

use std::path::PathBuf;
use std::{env, process::Command};

const SOURCE: &str = "process/native/calls.c";
/// With line tables.
const OWN: &str = "process/native/receives.c";
/// For `dlopen` alone.
const OTHER: &str = "process/native/other.c";

fn main() {
    println!("cargo::rerun-if-changed={SOURCE}");
    println!("cargo::rerun-if-changed={OTHER}");
    println!("cargo::rerun-if-changed={OWN}");
    println!("cargo::rustc-check-cfg=cfg(c_code)");
    if env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os != "linux") {
        return;
    }
    let mut build = cc::Build::new();
    build.file(SOURCE).opt_level(2).define("_FORTIFY_SOURCE", "2").pic(true).debug(false);
    // A sleep in tail position would take the C function off the stack.
    build.flag("-fno-optimize-sibling-calls");
    for (source, name) in [(SOURCE, "C_OBJECT"), (OTHER, "OTHER_C_OBJECT")] {
        let object =
            PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it")).join(name).with_extension("so");
        let mut link: Command = build.get_compiler().to_command();
        let linked = link.args(["-shared", "-D_FORTIFY_SOURCE=2", source, "-o"]).arg(&object).status();
        assert!(linked.is_ok_and(|status| status.success()), "the C compiler makes no shared object");
        println!("cargo::rustc-env={name}={}", object.display());
    }
    build.compile("calls");
    let mut own = cc::Build::new();
    own.file(OWN).debug(true).flag("-fno-optimize-sibling-calls").compile("receives");
    println!("cargo::rustc-cfg=c_code");
}
