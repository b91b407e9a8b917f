//! The same handlers, each with its remedy.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{Method, StatusCode};
use axum::routing::{get, post};
use guard_runtime::{no_block, offload};
use rusqlite::Connection;

use crate::app::{App, internal, ping};
use crate::{db, http, password, template};

type Answer = Result<String, (StatusCode, String)>;

pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/ping", get(ping))
        .route("/spent/{customer}", get(spent))
        .route("/welcome/{name}", get(welcome))
        .route("/reserve", post(reserve))
        .route("/statistics", get(statistics))
        .route("/login", post(login))
        .with_state(app)
}

/// The query, from opening the file to closing it, runs on the blocking pool.
#[no_block]
async fn spent(State(app): State<Arc<App>>, Path(customer): Path<i64>) -> Answer {
    let cents = offload(move || {
        let connection = Connection::open(&app.database)?;
        connection.query_row(db::SPENT_BY, [customer], |row| row.get::<_, i64>(0))
    })
    .await
    .map_err(internal)?;
    Ok(format!("{:.2}", cents as f64 / 100.0))
}

/// The helpers stay as they are: where they are called decides.
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

/// Both the wait for the mutex and the query under it happen on the blocking pool.
#[no_block]
async fn statistics(State(app): State<Arc<App>>) -> Answer {
    offload(move || {
        let connection = app.shared.lock().map_err(internal)?;
        db::statistics(&connection).map_err(internal)
    })
    .await
}

/// Computation holds up a thread too, so it moves as well.
#[no_block]
async fn login(State(app): State<Arc<App>>, password: String) -> Answer {
    let known = offload(move || password::verify(&password, &app.password_hash)).await.map_err(internal)?;
    Ok(if known { "welcome" } else { "wrong password" }.to_owned())
}
