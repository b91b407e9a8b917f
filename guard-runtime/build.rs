//! Exists for `links`, and turns what cargo knows about the build into cfgs.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=NO_BLOCK_BUILD");
    println!("cargo::rustc-check-cfg=cfg(no_block_build_off)");
    println!("cargo::rustc-check-cfg=cfg(hooks_target)");
    println!("cargo::rustc-check-cfg=cfg(hooks_raw)");
    println!("cargo::rustc-check-cfg=cfg(fuzzing)");
    println!("cargo::rustc-check-cfg=cfg(docsrs)");

    let off = env::var("NO_BLOCK_BUILD").is_ok_and(|value| value == "off");
    if off {
        println!("cargo::rustc-cfg=no_block_build_off");
    }

    // Where hooks can be built. Whether they are also depends on debug_assertions, which are hidden from build scripts:
    // see src/engines/mod.rs.
    let is =
        |key: &str, value: &str| env::var(key).is_ok_and(|list| list.split(',').any(|item| item == value));
    let static_libc = is("CARGO_CFG_TARGET_FEATURE", "crt-static");
    let linux = is("CARGO_CFG_TARGET_OS", "linux");
    let glibc = linux && is("CARGO_CFG_TARGET_ENV", "gnu") && !static_libc;
    let musl = linux && is("CARGO_CFG_TARGET_ENV", "musl");
    // Elsewhere a variadic argument (`open`, `fcntl`, `syscall`) may travel otherwise than a named one.
    let arch = is("CARGO_CFG_TARGET_ARCH", "x86_64") || is("CARGO_CFG_TARGET_ARCH", "aarch64");
    // These two learn from libc functions of their own what memory and threads do: they need theirs in force.
    let sanitized = is("CARGO_CFG_SANITIZE", "thread") || is("CARGO_CFG_SANITIZE", "memory");
    println!("cargo::rustc-check-cfg=cfg(hooks_sanitized)");
    if sanitized {
        println!("cargo::rustc-cfg=hooks_sanitized");
    }
    // Miri refuses a second definition of libc's functions, and a fuzzer would be fed their calls.
    let has = |key: &str| env::var_os(key).is_some();
    let observed = has("CARGO_CFG_MIRI") || has("CARGO_CFG_FUZZING");
    if (glibc || musl)
        && arch
        && !sanitized
        && !observed
        && env::var_os("CARGO_FEATURE_INTERCEPT").is_some()
        && !off
    {
        println!("cargo::rustc-cfg=hooks_target");
        if musl {
            // Nothing lies behind a hook in a static program, and cargo does not say which one is static: the hooks make
            // their system calls themselves, which is right in a dynamic one too.
            println!("cargo::rustc-cfg=hooks_raw");
        }
    }
}
