//! The clients: each registers a user and logs in, all at once, while another one pings the cheap route.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use indicatif::ProgressBar;
use tokio::task::JoinSet;
use tokio::time::{interval, timeout};

type Client = legacy::Client<HttpConnector, Full<Bytes>>;

/// How often each client logs in, once it has registered.
const LOGINS: usize = 12;
const PINGS: usize = 300;
const PING: Duration = Duration::from_millis(5);
/// Longer than the service takes for any answer, an error included.
const PATIENCE: Duration = Duration::from_secs(300);

/// What the clients saw.
#[derive(Default)]
pub(crate) struct Outcome {
    /// Good answers.
    pub(crate) registered: u64,
    pub(crate) logged_in: u64,
    pub(crate) failures: Vec<String>,
    pub(crate) took: Duration,
    /// The latencies of the cheap route, shortest first.
    pings: Vec<Duration>,
}

impl Outcome {
    pub(crate) fn answers(&self) -> u64 {
        self.registered + self.logged_in + self.pings.len() as u64
    }

    /// The latency that `permille` of the pings do not exceed.
    pub(crate) fn ping(&self, permille: usize) -> Duration {
        let rank = (self.pings.len() * permille).div_ceil(1000);
        self.pings.get(rank.saturating_sub(1)).copied().unwrap_or_default()
    }
}

/// How many requests [`run`] sends.
pub(crate) fn requests(clients: usize) -> usize {
    clients * (1 + LOGINS) + PINGS
}

pub(crate) async fn run(address: SocketAddr, clients: usize, progress: &ProgressBar) -> Outcome {
    let start = Instant::now();
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client: Client = legacy::Client::builder(TokioExecutor::new()).build(connector);

    let mut users = JoinSet::new();
    for user in 0..clients {
        users.spawn(register_and_log_in(client.clone(), address, user, progress.clone()));
    }
    let mut outcome = Outcome::default();
    let mut ticks = interval(PING);
    for _ in 0..PINGS {
        ticks.tick().await;
        match request(&client, Method::GET, address, "/ping", String::new()).await {
            Ok(latency) => outcome.pings.push(latency),
            Err(failure) => outcome.failures.push(failure),
        }
        progress.inc(1);
    }
    for (registered, logged_in, failures) in users.join_all().await {
        outcome.registered += registered;
        outcome.logged_in += logged_in;
        outcome.failures.extend(failures);
    }
    outcome.pings.sort_unstable();
    outcome.took = start.elapsed();
    outcome
}

/// One client; gives how often it registered and logged in, and what failed.
async fn register_and_log_in(
    client: Client,
    address: SocketAddr,
    user: usize,
    progress: ProgressBar,
) -> (u64, u64, Vec<String>) {
    let credentials = format!("user-{user} password-{user}");
    let (mut good, mut failures) = ([0, 0], Vec::new());
    for turn in 0..=LOGINS {
        let kind = usize::from(turn > 0);
        let path = ["/register", "/login"][kind];
        match request(&client, Method::POST, address, path, credentials.clone()).await {
            Ok(_) => good[kind] += 1,
            Err(failure) => failures.push(failure),
        }
        progress.inc(1);
    }
    (good[0], good[1], failures)
}

/// Sends one request, and says how long the answer took.
async fn request(
    client: &Client,
    method: Method,
    address: SocketAddr,
    path: &str,
    body: String,
) -> Result<Duration, String> {
    let sent = Instant::now();
    match timeout(PATIENCE, send(client, method, address, path, body)).await {
        Ok(Ok(status)) if status.is_success() => Ok(sent.elapsed()),
        Ok(Ok(status)) => Err(format!("{path}: {status}")),
        Ok(Err(error)) => Err(format!("{path}: {error}")),
        Err(_) => Err(format!("{path}: no answer for {PATIENCE:?}")),
    }
}

/// Sends one request and reads the whole answer.
async fn send(
    client: &Client,
    method: Method,
    address: SocketAddr,
    path: &str,
    body: String,
) -> Result<StatusCode, Box<dyn std::error::Error + Send + Sync>> {
    let uri = format!("http://{address}{path}");
    let request = Request::builder().method(method).uri(uri).body(Full::from(body))?;
    let response = client.request(request).await?;
    let status = response.status();
    response.into_body().collect().await?;
    Ok(status)
}
