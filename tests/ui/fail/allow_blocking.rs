use guard_runtime::allow_blocking;

async fn other() -> u8 {
    1
}

async fn waits() -> u8 {
    allow_blocking!("waits", other().await + 1)
}

async fn waits_in_a_macro() {
    allow_blocking!("waits", println!("{}", other().await));
    allow_blocking!("waits", tokio::join!(other(), other()));
}

fn no_reason() {
    allow_blocking!(std::fs::read("a"));
}

fn no_expression() {
    allow_blocking!("why");
}

fn main() {}
