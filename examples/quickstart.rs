//! A blocking call in an async fn: `cargo check` warns at the call, `cargo run` panics with the report.

use guard_runtime::no_block;

#[no_block]
async fn first_line(path: &str) -> std::io::Result<String> {
    let text = std::fs::read_to_string(path)?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    println!("{}", first_line(file!()).await?);
    Ok(())
}
