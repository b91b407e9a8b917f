//! The clients: one calls every route at a fixed pace, another pings the cheap route and takes the time.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::http::Method;
use indicatif::ProgressBar;
use tokio::task::JoinSet;
use tokio::time::{sleep_until, timeout};

use crate::http::{self, Client};
use crate::routes::ROUTES;

const ROUNDS: u32 = 40;
const ROUND: Duration = Duration::from_millis(100);
/// Pings are sent by the clock, whether or not earlier ones came back: a slow answer delays no measurement.
pub(crate) const PINGS: u32 = 500;
const PING: Duration = Duration::from_millis(8);
const PATIENCE: Duration = Duration::from_secs(10);

/// What the clients saw of one server.
pub(crate) struct Outcome {
    /// The latencies of the cheap route, shortest first.
    pub(crate) pings: Vec<Duration>,
    /// Requests without a good answer.
    pub(crate) failures: Vec<String>,
}

/// How many requests [`run`] sends.
pub(crate) fn requests() -> u64 {
    let a_round: usize = ROUTES.iter().map(|route| route.at_once).sum();
    u64::from(PINGS) + u64::from(ROUNDS) * a_round as u64
}

/// Sends the load to the server at `address`.
pub(crate) async fn run(address: SocketAddr, progress: &ProgressBar) -> Outcome {
    let client = http::client();
    let start = tokio::time::Instant::now();
    let mut running = JoinSet::new();
    for round in 0..ROUNDS {
        for route in &ROUTES {
            for _ in 0..route.at_once {
                let (client, progress) = (client.clone(), progress.clone());
                running.spawn(async move {
                    sleep_until(start + ROUND * round).await;
                    let answer =
                        request(&client, route.method.clone(), address, route.path, route.body).await;
                    progress.inc(1);
                    answer.map(|_| None)
                });
            }
        }
    }
    for ping in 0..PINGS {
        let (client, progress) = (client.clone(), progress.clone());
        running.spawn(async move {
            sleep_until(start + PING * ping).await;
            let latency = request(&client, Method::GET, address, "/ping", "").await;
            progress.inc(1);
            latency.map(Some)
        });
    }

    let mut outcome = Outcome { pings: Vec::new(), failures: Vec::new() };
    while let Some(ended) = running.join_next().await {
        match ended.unwrap_or_else(|error| Err(error.to_string())) {
            Ok(latency) => outcome.pings.extend(latency),
            Err(failure) => outcome.failures.push(failure),
        }
    }
    outcome.pings.sort_unstable();
    outcome
}

/// Sends one request, and says how long the answer took.
async fn request(
    client: &Client,
    method: Method,
    address: SocketAddr,
    path: &str,
    body: &'static str,
) -> Result<Duration, String> {
    let sent = Instant::now();
    match timeout(PATIENCE, http::send(client, method, address, path, body)).await {
        Ok(Ok(status)) if status.is_success() => Ok(sent.elapsed()),
        Ok(Ok(status)) => Err(format!("{path}: {status}")),
        Ok(Err(error)) => Err(format!("{path}: {error}")),
        Err(_) => Err(format!("{path}: no answer for {PATIENCE:?}")),
    }
}
