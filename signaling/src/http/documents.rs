//! Serves the published documents of the API.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;

use crate::state::App;

/// `GET /openapi.json`: the OpenAPI document of the requests.
pub async fn openapi(State(app): State<Arc<App>>) -> Response {
    json(app.documents.openapi.clone())
}

/// `GET /asyncapi.json`: the AsyncAPI document of the WebSocket.
pub async fn asyncapi(State(app): State<Arc<App>>) -> Response {
    json(app.documents.asyncapi.clone())
}

fn json(text: Bytes) -> Response {
    let kind = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}
