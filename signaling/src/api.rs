//! The API's own description: OpenAPI 3.1 of the requests, AsyncAPI 3 of the WebSocket.
//!
//! Nothing of it is written by hand twice: what is served comes from the table of routes and the table of commands that
//! the router is made of, and the schemas from the types that are read and written. Examples are in `examples.json`;
//! a test sends every one to a server and holds the answer to its schema.

mod asyncapi;
mod examples;
mod openapi;
mod schemas;

use std::sync::OnceLock;

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde_json::Value;

/// `GET /openapi.json`
pub async fn openapi_json() -> Response {
    static TEXT: OnceLock<String> = OnceLock::new();
    json(TEXT.get_or_init(|| text(&openapi::document())))
}

/// `GET /asyncapi.json`
pub async fn asyncapi_json() -> Response {
    static TEXT: OnceLock<String> = OnceLock::new();
    json(TEXT.get_or_init(|| text(&asyncapi::document())))
}

/// Indented, because people read it too.
fn text(document: &Value) -> String {
    format!("{document:#}\n")
}

fn json(text: &'static str) -> Response {
    let kind = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}
