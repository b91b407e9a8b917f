//! The same handlers, each with its remedy.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{Method, StatusCode};
use axum::routing::{get, post};
use guard_runtime::{no_block, offload};
use rusqlite::Connection;

use crate::app::{App, internal, ping, refused};
use crate::{archive, db, http, password, template};

type Answer = Result<String, (StatusCode, String)>;

pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/ping", get(ping))
        .route("/spent/{customer}", get(spent))
        .route("/welcome/{name}", get(welcome))
        .route("/reserve", post(reserve))
        .route("/statistics", get(statistics))
        .route("/archive", post(archive))
        .route("/login", post(login))
        .with_state(app)
}

/// The query, from opening the file to closing it, runs on a pool that the database can bear.
#[no_block]
async fn spent(State(app): State<Arc<App>>, Path(customer): Path<i64>) -> Answer {
    let database = app.database.clone();
    let query = move || {
        let connection = Connection::open(database)?;
        connection.query_row(db::SPENT_BY, [customer], |row| row.get::<_, i64>(0))
    };
    let cents = app.queries.run(query).await.map_err(refused)?.map_err(internal)?;
    Ok(format!("{:.2}", cents as f64 / 100.0))
}

/// A file now and then needs no pool of its own. The helpers stay as they are: where they are called decides.
#[no_block]
async fn welcome(State(app): State<Arc<App>>, Path(name): Path<String>) -> Answer {
    offload(move || template::render(&app.templates, &name)).await.map_err(internal)
}

/// Waiting is what the runtime does best.
#[no_block]
async fn reserve(State(app): State<Arc<App>>) -> Answer {
    for attempt in 1..=http::ATTEMPTS {
        let path = format!("/reserve/{attempt}");
        let status =
            http::send(&app.client, Method::GET, app.warehouse, &path, "").await.map_err(internal)?;
        if status.is_success() {
            return Ok(format!("reserved at attempt {attempt}"));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Err((StatusCode::BAD_GATEWAY, "the warehouse is busy".to_owned()))
}

/// The connection has an owner, so that nobody waits for a mutex: closures do, in the owner's mailbox.
#[no_block]
async fn statistics(State(app): State<Arc<App>>) -> Answer {
    app.owned.with(|connection| db::statistics(connection)).await.map_err(refused)?.map_err(internal)
}

/// A pool with as many threads as the other side can bear.
#[no_block]
async fn archive(State(app): State<Arc<App>>, line: String) -> Answer {
    let stored = app.archive.run(move || archive::store(&line)).await.map_err(refused)?;
    Ok(format!("{stored} bytes"))
}

/// Computation holds up a thread too: on a pool with a thread for each core.
#[no_block]
async fn login(State(app): State<Arc<App>>, password: String) -> Answer {
    let stored = app.password_hash.clone();
    let verify = move || password::verify(&password, &stored);
    let known = app.hashing.run(verify).await.map_err(refused)?.map_err(internal)?;
    Ok(if known { "welcome" } else { "wrong password" }.to_owned())
}
