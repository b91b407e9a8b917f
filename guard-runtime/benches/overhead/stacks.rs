//! New stacks that end in a place that is known: what a recursion costs, or one helper that is called from everywhere.

use super::{guard, hooked, poll_once};
use std::hint::black_box;
use std::time::Instant;

#[inline(never)]
fn left(bits: u32, depth: u32) {
    step(bits >> 1, depth - 1);
    black_box(());
}

#[inline(never)]
fn right(bits: u32, depth: u32) {
    step(bits >> 1, depth - 1);
    black_box(());
}

#[inline(never)]
fn step(bits: u32, depth: u32) {
    match (depth, bits & 1) {
        (0, _) => hooked::a_file(),
        (_, 0) => left(bits, depth),
        _ => right(bits, depth),
    }
}

pub(super) fn run() {
    const DEPTH: u32 = 12;
    // The addresses of all frames are known then, and the place.
    for bits in [0, u32::MAX] {
        poll_once(guard(async { step(bits, DEPTH) }));
    }
    let stacks = 1 << DEPTH;
    let start = Instant::now();
    for bits in 0..stacks {
        poll_once(guard(async { step(bits, DEPTH) }));
    }
    let each = start.elapsed().as_secs_f64() * 1e6 / f64::from(stacks);
    println!(
        "new stacks that end in a known place\n  {:<44} {each:>9.1} us",
        "mean of 4096, 12 calls below the poll"
    );
}
