//! Throws bodies made of a fuzzer's bytes at the expander: no panic, and the item is kept. `ci/fuzz.sh` runs it.
//!
//! A crate of macros exports nothing else, so the rooms of guard-macros are compiled into this program, where they find
//! each other at its root. What this program has no use for is unused here.

#![no_main]
#![allow(dead_code, unused_imports)]

use guard_macros::*;
use libfuzzer_sys::fuzz_target;
use random::{Random, assert_kept, assert_survived, function};

#[path = "../../guard-macros/src"]
mod guard_macros {
    pub(crate) mod attribute;
    pub(crate) mod catalog;
    pub(crate) mod expressions;
    pub(crate) mod input;
    pub(crate) mod macros;
    pub(crate) mod probes;
    pub(crate) mod project;
    #[path = "tests/random.rs"]
    pub(crate) mod random;
    pub(crate) mod rows;
    pub(crate) mod rustc;
    pub(crate) mod scan;
    pub(crate) mod tokens;
}

fuzz_target!(|bytes: &[u8]| {
    let Some((first, rest)) = bytes.split_first() else { return };
    let mut random = Random::Bytes(rest);
    match first % 2 {
        0 => {
            if let Some(item) = function(&mut random, "handler") {
                assert_kept(&item, "handler");
            }
        }
        _ => assert_survived(&mut random, "handler"),
    }
});
