//! The clients: one calls every route at a fixed pace, another pings the cheap route and takes the time.

use std::net::SocketAddr;
use std::time::Duration;

use axum::http::Method;
use indicatif::ProgressBar;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

use crate::http::{self, Client};
use crate::routes::ROUTES;

const ROUNDS: u32 = 30;
const ROUND: Duration = Duration::from_millis(130);
/// Pings are sent by the clock, whether or not earlier ones came back: a slow answer delays no measurement.
pub(crate) const PINGS: u32 = 500;
const PING: Duration = Duration::from_millis(8);
/// An answer that takes longer will never come, however busy the machine is.
pub(crate) const PATIENCE: Duration = Duration::from_secs(300);

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
///
/// Its first round comes before the pings: the first report of a place loads debug information, which takes longer
/// than the mistake that is reported.
pub(crate) async fn run(address: SocketAddr, progress: &ProgressBar) -> Outcome {
    let client = http::client();
    let mut outcome = Outcome { pings: Vec::new(), failures: Vec::new() };
    let mut running = JoinSet::new();
    send_round(&mut running, Instant::now(), &client, address, progress);
    outcome.gather(&mut running).await;

    let start = Instant::now();
    for round in 1..ROUNDS {
        send_round(&mut running, start + ROUND * round, &client, address, progress);
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

    outcome.gather(&mut running).await;
    outcome.pings.sort_unstable();
    outcome
}

impl Outcome {
    /// Waits for all answers.
    async fn gather(&mut self, running: &mut JoinSet<Result<Option<Duration>, String>>) {
        while let Some(ended) = running.join_next().await {
            match ended.unwrap_or_else(|error| Err(error.to_string())) {
                Ok(latency) => self.pings.extend(latency),
                Err(failure) => self.failures.push(failure),
            }
        }
    }
}

/// Calls every route at `when`.
fn send_round(
    running: &mut JoinSet<Result<Option<Duration>, String>>,
    when: Instant,
    client: &Client,
    address: SocketAddr,
    progress: &ProgressBar,
) {
    for route in ROUTES.iter().flat_map(|route| std::iter::repeat_n(route, route.at_once)) {
        let (client, progress) = (client.clone(), progress.clone());
        running.spawn(async move {
            sleep_until(when).await;
            let answer = request(&client, route.method.clone(), address, route.path, route.body).await;
            progress.inc(1);
            answer.map(|_| None)
        });
    }
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
