//! Turns `NO_BLOCK_BUILD=off` into a cfg.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=NO_BLOCK_BUILD");
    println!("cargo::rustc-check-cfg=cfg(no_block_build_off)");
    if std::env::var("NO_BLOCK_BUILD").is_ok_and(|v| v == "off") {
        println!("cargo::rustc-cfg=no_block_build_off");
    }
}
