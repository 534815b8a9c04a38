//! The examples of both documents, one of everything.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value};

/// The content of `examples.json`, by kind.
#[derive(Debug, Default, Deserialize)]
pub struct Examples {
    /// The ids in paths: of a room, a person, a request and so on.
    pub names: Map<String, Value>,
    /// The fields of each command, by its type, including those in its path.
    pub commands: Map<String, Value>,
    /// The bodies of other requests, by the route's name.
    pub requests: Map<String, Value>,
    /// The bodies of answers, by the route's name or the command's type.
    pub answers: Map<String, Value>,
    /// The messages of clients that are no commands, by their type.
    pub client_messages: Map<String, Value>,
    /// The messages of the server, by their type.
    pub server_messages: Map<String, Value>,
}

/// All examples. A test checks that the file can be read; otherwise the documents have no examples.
pub static EXAMPLES: LazyLock<Examples> =
    LazyLock::new(|| serde_json::from_str(include_str!("examples.json")).unwrap_or_default());
