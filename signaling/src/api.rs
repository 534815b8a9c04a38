//! The API's own description: OpenAPI 3.1 of the requests, AsyncAPI 3 of the WebSocket.
//!
//! Nothing of it is written by hand twice: what is served comes from the table of routes and the table of commands that
//! the router is made of, and the schemas from the types that are read and written. Examples are in `examples.json`;
//! a test sends every one to a server and holds the answer to its schema.

mod asyncapi;
mod examples;
mod openapi;
mod schemas;

use bytes::Bytes;
use serde_json::Value;

use crate::documents::Documents;

/// The documents, which are written when they are first read.
pub fn documents() -> Documents {
    Documents::new(
        || text(&openapi::document()),
        || text(&asyncapi::document()),
    )
}

/// Indented, because people read it too.
fn text(document: &Value) -> Bytes {
    format!("{document:#}\n").into()
}
