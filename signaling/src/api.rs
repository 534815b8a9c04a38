//! The API's own description: OpenAPI 3.1 of the requests, AsyncAPI 3 of the WebSocket.
//!
//! It is derived: the paths from the tables of routes and commands, from which the router is made too, and the schemas
//! from the types that are read and written. The examples are in `examples.json`; a test sends each of them to a server
//! and checks the response against its schema.

mod asyncapi;
mod examples;
mod openapi;
mod schemas;

use bytes::Bytes;
use serde_json::Value;

use crate::documents::Documents;

/// The documents, which are written when they are first read; `base_path` is the path of `public.url`.
pub fn documents(base_path: &str) -> Documents {
    let [here, there] = [base_path.to_owned(), base_path.to_owned()];
    Documents::new(
        Box::new(move || text(&openapi::document(&here))),
        Box::new(move || text(&asyncapi::document(&there))),
    )
}

/// Indented, because people read it too.
fn text(document: &Value) -> Bytes {
    format!("{document:#}\n").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documents_name_the_address_below_the_base_path() {
        let openapi = openapi::document("/plenary");
        assert_eq!(openapi["servers"][0]["url"], "/plenary/api/v1");
        let asyncapi = asyncapi::document("/plenary");
        let address = &asyncapi["channels"]["room"]["address"];
        assert_eq!(address, "/plenary/api/v1/ws");
    }
}
