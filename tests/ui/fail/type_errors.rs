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
    fs::read(5).ok();
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

fn is_send<T: Send>(_: T) {}

fn main() {
    is_send(not_send());
}
