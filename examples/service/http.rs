//! The HTTP client, and the warehouse: a service that answers only a third attempt.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{Method, Request, StatusCode};
use axum::routing::get;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

pub(crate) type Client = legacy::Client<HttpConnector, Full<Bytes>>;

pub(crate) fn client() -> Client {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    legacy::Client::builder(TokioExecutor::new()).build(connector)
}

/// Sends one request and reads the whole answer.
pub(crate) async fn send(
    client: &Client,
    method: Method,
    address: SocketAddr,
    path: &str,
    body: &'static str,
) -> Result<StatusCode, Box<dyn std::error::Error + Send + Sync>> {
    let request =
        Request::builder().method(method).uri(format!("http://{address}{path}")).body(Full::from(body))?;
    let response = client.request(request).await?;
    let status = response.status();
    response.into_body().collect().await?;
    Ok(status)
}

/// How often a caller of the warehouse has to try.
pub(crate) const ATTEMPTS: u32 = 3;

/// The warehouse: turns the first attempts away, as a busy service does.
pub(crate) fn warehouse() -> Router {
    Router::new().route(
        "/reserve/{attempt}",
        get(|Path(attempt): Path<u32>| async move {
            if attempt < ATTEMPTS { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK }
        }),
    )
}
