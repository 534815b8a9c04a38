//! Serializes messages into text frames.

use bytes::Bytes;
use serde::Serialize;

/// Serializes a message. A failure, which no message of ours causes, is logged and gives an empty object.
pub fn frame(message: &impl Serialize) -> Bytes {
    match serde_json::to_vec(message) {
        Ok(text) => text.into(),
        Err(error) => {
            tracing::error!(%error, "a message could not be serialized");
            Bytes::from_static(b"{}")
        }
    }
}
