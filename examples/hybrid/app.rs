//! The service: who registers is hashed, stored and written to a journal; who logs in is looked up and verified.

use std::error::Error;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use guard_runtime::offload::{Actor, OffloadError, PoolStats};
use guard_runtime::{Pool, no_block, offload};
use rusqlite::{Connection, OptionalExtension, params};

use crate::password;

/// A pool for each thing that can be exhausted.
pub(crate) struct App {
    /// The cores.
    hashing: Pool,
    /// The one connection that writes.
    users: Actor<Connection>,
    /// The disk.
    journal: Journal,
}

/// A file that lines are appended to.
#[derive(Clone)]
struct Journal {
    pool: Pool,
    file: Arc<PathBuf>,
}

/// After that a client had better be told. Long, because a busy machine is none of this program's business.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

type Answer = Result<String, (StatusCode, String)>;

impl App {
    pub(crate) async fn new(files: &Path) -> rusqlite::Result<Arc<App>> {
        let (database, journal) = (files.join("users.db"), files.join("journal.txt"));
        let users = Actor::builder("users").spawn(move || {
            let connection = Connection::open(database)?;
            connection.execute_batch("CREATE TABLE users (name TEXT PRIMARY KEY, hash TEXT NOT NULL)")?;
            Ok::<_, rusqlite::Error>(connection)
        });
        Ok(Arc::new(App {
            hashing: Pool::cpu("hashing").queue(256).build(),
            users: users.await?,
            journal: Journal {
                pool: Pool::builder("journal").threads(1).queue(256).build(),
                file: Arc::new(journal),
            },
        }))
    }

    /// The pools as they are now.
    pub(crate) fn stats(&self) -> [(&'static str, PoolStats); 3] {
        [
            (self.hashing.name(), self.hashing.stats()),
            (self.users.name(), self.users.stats()),
            (self.journal.pool.name(), self.journal.pool.stats()),
        ]
    }

    /// How many users the database and the journal know.
    pub(crate) async fn stored(&self) -> Result<(u64, u64), Box<dyn Error>> {
        let count = |connection: &mut Connection| {
            connection.query_row("SELECT count(*) FROM users", [], |row| row.get::<_, u64>(0))
        };
        let rows = self.users.with(count).await??;
        let file = Arc::clone(&self.journal.file);
        let lines = self.journal.pool.run(move || std::fs::read_to_string(&*file)).await??.lines().count();
        Ok((rows, lines as u64))
    }

    /// Lets all that was accepted come to its end, and says what did not.
    pub(crate) async fn shutdown(&self, limit: Duration) -> Vec<String> {
        let left = [
            (self.hashing.name(), self.hashing.shutdown(limit).await),
            (self.journal.pool.name(), self.journal.pool.shutdown(limit).await),
            (self.users.name(), self.users.shutdown(limit).await),
        ];
        let left = left.iter().filter(|(_, left)| !left.is_empty());
        left.map(|(name, left)| format!("{name}: {left}")).collect()
    }
}

impl Journal {
    /// Appends a line.
    #[offload(pool = self.pool, deadline = PATIENCE)]
    fn append(self, line: String) -> std::io::Result<()> {
        let mut file = OpenOptions::new().create(true).append(true).open(&*self.file)?;
        file.write_all(format!("{line}\n").as_bytes())
    }
}

pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/ping", get(ping))
        .route("/register", post(register))
        .route("/login", post(login))
        .with_state(app)
}

#[no_block]
async fn ping() -> &'static str {
    "pong"
}

/// Body: name and password, separated by a space.
#[no_block]
async fn register(State(app): State<Arc<App>>, body: String) -> Answer {
    let (name, password) = credentials(&body)?;
    let hash = move || password::hash(&password);
    let hash = app.hashing.run_with_deadline(PATIENCE, hash).await.map_err(refused)?.map_err(internal)?;

    let line = format!("registered {name}");
    let insert = move |connection: &mut Connection| {
        connection
            .prepare_cached("INSERT INTO users (name, hash) VALUES (?1, ?2)")?
            .execute(params![name, hash])
    };
    app.users.with(insert).with_deadline(PATIENCE).await.map_err(refused)?.map_err(internal)?;
    app.journal.clone().append(line).await.map_err(refused)?.map_err(internal)?;
    Ok("welcome".to_owned())
}

/// Body: as for [`register`].
#[no_block]
async fn login(State(app): State<Arc<App>>, body: String) -> Answer {
    let (name, password) = credentials(&body)?;
    let find = move |connection: &mut Connection| {
        let mut find = connection.prepare_cached("SELECT hash FROM users WHERE name = ?1")?;
        find.query_row([name], |row| row.get::<_, String>(0)).optional()
    };
    let hash = app.users.with(find).with_deadline(PATIENCE).await.map_err(refused)?.map_err(internal)?;
    let hash = hash.ok_or((StatusCode::UNAUTHORIZED, "nobody of that name".to_owned()))?;
    let verify = move || password::verify(&password, &hash);
    match app.hashing.run_with_deadline(PATIENCE, verify).await.map_err(refused)?.map_err(internal)? {
        true => Ok("welcome back".to_owned()),
        false => Err((StatusCode::UNAUTHORIZED, "wrong password".to_owned())),
    }
}

fn credentials(body: &str) -> Result<(String, String), (StatusCode, String)> {
    let (name, password) =
        body.split_once(' ').ok_or((StatusCode::BAD_REQUEST, "name and password".to_owned()))?;
    Ok((name.to_owned(), password.to_owned()))
}

fn refused(error: OffloadError) -> (StatusCode, String) {
    let status = match error {
        OffloadError::QueueFull | OffloadError::Closed => StatusCode::SERVICE_UNAVAILABLE,
        OffloadError::DeadlineInQueue | OffloadError::DeadlineRunning => StatusCode::GATEWAY_TIMEOUT,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    (status, error.to_string())
}

fn internal(error: impl std::fmt::Display) -> (StatusCode, String) {
    (StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
}
