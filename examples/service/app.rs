//! What the handlers share, and the cheap route that the latency is measured on.

use std::fmt::Display;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use guard_runtime::no_block;
use rusqlite::Connection;

use crate::{db, http, password};

/// The state of one server. The two servers share the files, nothing else.
pub(crate) struct App {
    pub(crate) database: PathBuf,
    pub(crate) templates: PathBuf,
    /// One connection for everybody, as first versions of services have it.
    pub(crate) shared: Mutex<Connection>,
    pub(crate) password_hash: String,
    pub(crate) client: http::Client,
    pub(crate) warehouse: SocketAddr,
}

impl App {
    pub(crate) fn new(files: &Path, warehouse: SocketAddr) -> Result<Arc<App>, Box<dyn std::error::Error>> {
        let database = files.join(db::FILE);
        Ok(Arc::new(App {
            shared: Mutex::new(Connection::open(&database)?),
            database,
            templates: files.to_owned(),
            password_hash: password::hash(password::EXAMPLE)?,
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

/// An error as a response, for `map_err`.
pub(crate) fn internal(error: impl Display) -> (StatusCode, String) {
    (StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
}
