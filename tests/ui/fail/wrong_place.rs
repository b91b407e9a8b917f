// Statements, expressions and macros are no functions. (rustc adds that attributes on some of them are unstable.)
use guard_runtime::no_block;

#[no_block]
macro_rules! handlers {
    () => {};
}

#[no_block]
mod elsewhere;

handlers!();

#[no_block]
union Bits {
    _byte: u8,
}

#[no_block]
extern crate core as own_core;

fn statement() {
    #[no_block]
    let _x = 1;
    let _closure = #[no_block]
    move || 1;
    let _block = #[no_block]
    async {};
    #[no_block]
    statement();
}

fn main() {
    statement();
}
