//! An HTTP service that computes and blocks at once: password hashing on a CPU pool, SQLite on an actor, files on a pool
//! of their own, under load, with the pools' statistics live.
//!
//! `cargo run --example hybrid [CLIENTS]` serves real HTTP on the loopback interface, prints how long closures waited and
//! ran, and fails unless every one of them is accounted for.

mod accounts;
mod app;
mod live;
mod load;
#[path = "../service/password.rs"]
mod password;

use std::error::Error;
use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use guard_runtime::{Config, Kind, Limit};
use tokio::runtime::{Builder, Runtime};

use crate::app::App;

/// For everything that only waits: few are enough.
const WORKERS: usize = 2;
const CLIENTS: usize = 24;
/// For what was accepted to come to its end, and then for the server to stop.
const LIMIT: Duration = Duration::from_secs(60);

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let clients = std::env::args().nth(1).map_or(Ok(CLIENTS), |clients| clients.parse())?;
    // The load is larger than the machine by design: that closures wait is no news here, as long as the clients do.
    guard_runtime::install(Config::new().limit(Kind::Pool, Limit::LongerThan(app::PATIENCE)));

    let files = tempfile::tempdir()?;
    let server = Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build()?;
    // The clients have a runtime of their own: a stalled server must not stall those who take the time.
    let outside = Builder::new_current_thread().enable_all().build()?;

    let app = server.block_on(App::new(files.path()))?;
    let address = serve(&server, app::router(Arc::clone(&app)))?;
    let outcome = outside.block_on(async {
        let live = live::Live::start(&app, load::requests(clients));
        let outcome = load::run(address, clients, live.requests()).await;
        live.end();
        outcome
    });

    print(&app, &outcome);
    let before = app.stats();
    let stored = server.block_on(app.stored())?;
    // What was accepted is done, and the database is closed, before the program ends.
    let left = server.block_on(app.shutdown(LIMIT));
    server.shutdown_timeout(LIMIT);

    let blocked = guard_runtime::stats().violations();
    match guard_runtime::status() {
        status if status.is_armed() => println!("\n{blocked} blocking calls on executor threads"),
        status => println!("\nblocking calls on executor threads: nobody looked, {status}"),
    }
    let mut wrong = accounts::audit(&before, &app.stats(), &outcome, stored);
    wrong.extend(outcome.failures);
    wrong.extend(left);
    if wrong.is_empty() && blocked == 0 {
        println!("every closure is accounted for, and every user is stored");
        return Ok(ExitCode::SUCCESS);
    }
    wrong.iter().for_each(|wrong| eprintln!("{wrong}"));
    Ok(ExitCode::FAILURE)
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

fn print(app: &App, outcome: &load::Outcome) {
    println!("{} requests in {:.1?}\n", outcome.answers(), outcome.took);
    println!(
        "  {:<12}{:>9}{:>14}{:>14}{:>14}{:>14}",
        "", "closures", "wait p50", "wait p99", "run p50", "run p99"
    );
    for (name, stats) in app.stats() {
        let [waited, ran] = [stats.waited(), stats.ran()];
        let times = [waited.quantile(0.5), waited.quantile(0.99), ran.quantile(0.5), ran.quantile(0.99)];
        let [a, b, c, d] = times.map(milliseconds);
        println!("  {name:<12}{:>9}{a:>14}{b:>14}{c:>14}{d:>14}", ran.count());
    }
    println!("\nWhere the time went:");
    for (name, stats) in app.stats() {
        for site in stats.sites() {
            println!(
                "  {name:<12}{:>14} in {}, {} times",
                milliseconds(site.ran().0),
                site.function(),
                site.count()
            );
        }
    }
    let [median, slowest] = [outcome.ping(500), outcome.ping(1000)].map(milliseconds);
    println!("\nMeanwhile GET /ping took {median}, and {slowest} at most");
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.2} ms", duration.as_secs_f64() * 1e3)
}
