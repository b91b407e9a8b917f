//! The handlers as people write them: each holds up its executor thread, or the others that do the same.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{Method, StatusCode};
use axum::routing::{get, post};
use guard_runtime::no_block;
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

/// A query run in the handler.
#[no_block]
async fn spent(State(app): State<Arc<App>>, Path(customer): Path<i64>) -> Answer {
    let connection = Connection::open(&app.database).map_err(internal)?;
    let cents: i64 = connection.query_row(db::SPENT_BY, [customer], |row| row.get(0)).map_err(internal)?;
    Ok(format!("{:.2}", cents as f64 / 100.0))
}

/// A template read from its file, two helpers down.
#[no_block]
async fn welcome(State(app): State<Arc<App>>, Path(name): Path<String>) -> Answer {
    template::render(&app.templates, &name).map_err(internal)
}

/// A retry that waits with `thread::sleep`.
#[no_block]
async fn reserve(State(app): State<Arc<App>>) -> Answer {
    for attempt in 1..=http::ATTEMPTS {
        let path = format!("/reserve/{attempt}");
        let status =
            http::send(&app.client, Method::GET, app.warehouse, &path, "").await.map_err(internal)?;
        if status.is_success() {
            return Ok(format!("reserved at attempt {attempt}"));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Err((StatusCode::BAD_GATEWAY, "the warehouse is busy".to_owned()))
}

/// A std mutex held over a query, with others waiting for it.
#[no_block]
async fn statistics(State(app): State<Arc<App>>) -> Answer {
    let connection = app.shared.lock().map_err(internal)?;
    db::statistics(&connection).map_err(internal)
}

/// A pool that is too small: no executor thread is held up, but callers wait for one another.
#[no_block]
async fn archive(State(app): State<Arc<App>>, line: String) -> Answer {
    let stored = app.narrow.run(move || archive::store(&line)).await.map_err(refused)?;
    Ok(format!("{stored} bytes"))
}

/// Password hashing: a long computation.
#[no_block]
async fn login(State(app): State<Arc<App>>, password: String) -> Answer {
    let known = password::verify(&password, &app.password_hash).map_err(internal)?;
    Ok(if known { "welcome" } else { "wrong password" }.to_owned())
}
