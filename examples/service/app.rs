//! What the handlers share, and the cheap route that the latency is measured on.

use std::fmt::Display;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::StatusCode;
use guard_runtime::offload::{Actor, OffloadError};
use guard_runtime::{Pool, no_block};
use rusqlite::Connection;

use crate::{db, http, password, routes};

/// The state of one server. The two servers share the files, nothing else.
pub(crate) struct App {
    pub(crate) database: PathBuf,
    pub(crate) templates: PathBuf,
    /// One connection for everybody, as first versions of services have it.
    pub(crate) shared: Mutex<Connection>,
    /// The same, on a thread of its own.
    pub(crate) owned: Actor<Connection>,
    /// As many queries at a time as the database can bear.
    pub(crate) queries: Pool,
    /// As many lines at a time as the archive can bear.
    pub(crate) archive: Pool,
    /// The same with a single thread: somebody was careful.
    pub(crate) narrow: Pool,
    /// As many hashes at a time as there are cores.
    pub(crate) hashing: Pool,
    pub(crate) password_hash: String,
    pub(crate) client: http::Client,
    pub(crate) warehouse: SocketAddr,
}

impl App {
    pub(crate) async fn new(
        files: &Path,
        warehouse: SocketAddr,
    ) -> Result<Arc<App>, Box<dyn std::error::Error>> {
        let database = files.join(db::FILE);
        let opened = database.clone();
        Ok(Arc::new(App {
            shared: Mutex::new(Connection::open(&database)?),
            owned: Actor::builder("statistics").spawn(move || Connection::open(opened)).await?,
            queries: Pool::builder("queries").threads(4).queue(64).build(),
            archive: Pool::builder("archive").threads(8).queue(64).build(),
            narrow: Pool::builder("narrow")
                .threads(1)
                .queue(64)
                .wait_limit(Duration::from_millis(10))
                .build(),
            hashing: Pool::cpu("hashing").queue(64).build(),
            database,
            templates: files.to_owned(),
            password_hash: password::hash(routes::PASSWORD)?,
            client: http::client(),
            warehouse,
        }))
    }
}

/// The cheap route: whatever it waits for is somebody else's fault.
#[no_block]
pub(crate) async fn ping() -> &'static str {
    "pong"
}

/// What a pool did not do, as a response: the client may come again, or had better not.
pub(crate) fn refused(error: OffloadError) -> (StatusCode, String) {
    let status = match error {
        OffloadError::QueueFull | OffloadError::Closed => StatusCode::SERVICE_UNAVAILABLE,
        OffloadError::DeadlineInQueue | OffloadError::DeadlineRunning => StatusCode::GATEWAY_TIMEOUT,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    (status, error.to_string())
}

/// An error as a response, for `map_err`.
pub(crate) fn internal(error: impl Display) -> (StatusCode, String) {
    (StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
}
