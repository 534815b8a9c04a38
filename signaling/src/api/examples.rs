//! The examples of both documents, one of everything.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value};

/// The content of `examples.json`, by kind.
#[derive(Debug, Default, Deserialize)]
pub struct Examples {
    /// The words that stand for themselves in addresses: of a room, a person, a request.
    pub names: Map<String, Value>,
    /// The fields of commands, by their type, the addresses' words included.
    pub commands: Map<String, Value>,
    /// The bodies of other requests, by the route's name.
    pub requests: Map<String, Value>,
    /// The bodies of answers, by the route's name or the command's type.
    pub answers: Map<String, Value>,
    /// Messages of clients that are no commands, by their type.
    pub said: Map<String, Value>,
    /// Messages of the server, by their type.
    pub heard: Map<String, Value>,
}

/// All of them. A test holds that they can be read; without them the documents have none.
pub static EXAMPLES: LazyLock<Examples> =
    LazyLock::new(|| serde_json::from_str(include_str!("examples.json")).unwrap_or_default());
