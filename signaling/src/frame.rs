//! From a message to the text of its frame.

use bytes::Bytes;
use serde::Serialize;

/// Serializes; what cannot be (no message of ours) becomes an empty object and a line in the log.
pub fn frame(message: &impl Serialize) -> Bytes {
    match serde_json::to_vec(message) {
        Ok(text) => text.into(),
        Err(error) => {
            tracing::error!(%error, "a message could not be written");
            Bytes::from_static(b"{}")
        }
    }
}
