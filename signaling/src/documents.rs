//! The published documents of the API, each written when it is first read.

use std::sync::LazyLock;

use bytes::Bytes;

/// The texts of the documents. `api` writes them from the table of routes, which itself serves them; so the router takes
/// the texts from here.
#[derive(Debug)]
pub struct Documents {
    /// OpenAPI 3.1 of the requests.
    pub openapi: LazyLock<Bytes, Writer>,
    /// AsyncAPI 3 of the WebSocket.
    pub asyncapi: LazyLock<Bytes, Writer>,
}

/// Writes a document.
pub type Writer = Box<dyn FnOnce() -> Bytes + Send>;

impl Documents {
    /// The documents that these functions write.
    pub fn new(openapi: Writer, asyncapi: Writer) -> Self {
        Self {
            openapi: LazyLock::new(openapi),
            asyncapi: LazyLock::new(asyncapi),
        }
    }
}
