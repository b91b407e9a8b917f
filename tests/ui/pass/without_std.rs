// A crate that has no name for std: its functions may well be called as std's are.
#![no_std]
#![deny(warnings)]

use guard_runtime::no_block;

fn read(data: &[u8]) -> usize {
    data.len()
}

pub struct Mutex(u8);

impl Mutex {
    fn lock(&self) -> u8 {
        self.0
    }
}

#[no_block(warn(all))]
pub async fn calls(data: &[u8], mutex: &Mutex) -> usize {
    read(data) + usize::from(mutex.lock()) + usize::from(Mutex::lock(mutex))
}

fn main() {}
