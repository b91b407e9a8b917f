// Errors in annotated code point where they would without the attribute.
use guard_runtime::no_block;
use std::fs;
use std::rc::Rc;

#[no_block]
async fn wrong_tail() -> u8 {
    "text"
}

#[no_block]
async fn wrong_question_mark() -> Result<u8, std::fmt::Error> {
    let data = fs::read("a")?;
    Ok(data[0])
}

#[no_block]
async fn wrong_argument() {
    own::read(5);
}

#[no_block]
async fn use_after_move(text: String) -> String {
    drop(text);
    text
}

#[no_block]
async fn not_send() {
    let held = Rc::new(1);
    std::future::ready(()).await;
    drop(held);
}

/// One of a name that the catalogue has: of std's own, the note would quote what is not on every machine.
mod own {
    pub trait Named {}
    pub fn read(_: impl Named) {}
}

fn is_send<T: Send>(_: T) {}

fn main() {
    is_send(not_send());
}
