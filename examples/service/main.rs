//! An axum service with the blocking mistakes that people make, what the guard says of them, and what repairing brings.
//!
//! `cargo run --example service` serves real HTTP on the loopback interface, twice: with the mistakes, then repaired.

mod app;
mod archive;
mod db;
mod findings;
mod http;
mod load;
mod mistakes;
mod password;
mod repaired;
mod routes;
mod table;
mod template;

use std::error::Error;
use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;
use std::time::Duration;

use axum::Router;
use guard_runtime::{Action, Config, Kind, Limit};
use indicatif::{ProgressBar, ProgressStyle};
use tokio::runtime::{Builder, Runtime};

use crate::app::App;
use crate::load::Outcome;

/// Few, so that two handlers that block at the same time hold up everybody.
const WORKERS: usize = 2;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    // A service under development wants the panic; this one wants to see all mistakes in one run. On a busy machine
    // closures wait for good pools too: only the pool that has a limit of its own is judged.
    let pools = Limit::LongerThan(load::PATIENCE);
    guard_runtime::install(Config::default().action(Action::Count).limit(Kind::Pool, pools));
    guard_runtime::set_handler(findings::collect);

    let files = tempfile::tempdir()?;
    db::create(files.path())?;
    template::create(files.path())?;

    // The clients have a runtime of their own: a stalled server must not stall those who take the time.
    let clients = Builder::new_current_thread().enable_all().build()?;
    let warehouse = serve(&clients, http::warehouse())?;
    let progress = ProgressBar::new(2 * load::requests());
    progress.set_style(ProgressStyle::with_template("{msg:>14} {wide_bar} {pos}/{len} requests")?);

    progress.set_message("with mistakes");
    let app = || clients.block_on(App::new(files.path(), warehouse));
    let mistakes = drive(&clients, mistakes::router(app()?), &progress)?;
    let found = findings::take();

    progress.set_message("repaired");
    let repaired = drive(&clients, repaired::router(app()?), &progress)?;
    let left = findings::take();
    progress.finish_and_clear();

    table::print_findings(&found);
    table::print_latencies(&mistakes, &repaired);
    Ok(verdict(&found, &left, &[mistakes, repaired]))
}

/// Starts a server with the router, sends the load to it, and stops it.
fn drive(clients: &Runtime, router: Router, progress: &ProgressBar) -> Result<Outcome, Box<dyn Error>> {
    let server = Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build()?;
    let address = serve(&server, router)?;
    let outcome = clients.block_on(load::run(address, progress));
    server.shutdown_timeout(Duration::from_secs(5));
    Ok(outcome)
}

fn serve(runtime: &Runtime, router: Router) -> Result<SocketAddr, Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    listener.set_nonblocking(true)?;
    let _context = runtime.enter();
    let listener = tokio::net::TcpListener::from_std(listener)?;
    runtime.spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

/// Success only where the guard found what it can find, and nothing that is not there.
fn verdict(found: &findings::Findings, left: &findings::Findings, sides: &[Outcome]) -> ExitCode {
    let mut ok = true;
    let mut fail = |why: String| {
        ok = false;
        eprintln!("{why}");
    };
    for route in routes::ROUTES.iter().filter(|route| !findings::is_found(found, route)) {
        fail(format!("the guard missed {} in mistakes::{}", route.mistake, route.handler));
    }
    for place in left.keys() {
        fail(format!("false alarm on the repaired side: {} at {}", place.api, place.location));
    }
    for failure in sides.iter().flat_map(|side| &side.failures) {
        fail(format!("a request failed: {failure}"));
    }
    if ok {
        return ExitCode::SUCCESS;
    }
    eprintln!("the guard in this build: {}", guard_runtime::status());
    ExitCode::FAILURE
}
