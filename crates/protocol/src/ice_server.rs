//! The relays that a client is told of.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A relay (TURN) with the credentials of one client: an `RTCIceServer` object of WebRTC.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IceServer {
    /// The URLs of the relay (RFC 7065), such as `turn:203.0.113.5:8081?transport=tcp`.
    pub urls: Vec<String>,
    /// The name by which the relay knows the client.
    pub username: String,
    /// The password that belongs to the name. `Debug` does not show it.
    pub credential: String,
}

impl fmt::Debug for IceServer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("IceServer")
            .field("urls", &self.urls)
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_is_an_object_as_browsers_take_it_and_its_password_is_not_shown() {
        let server = IceServer {
            urls: vec!["turn:203.0.113.5:8081?transport=tcp".to_owned()],
            username: "1634000400:tokyo-1".to_owned(),
            credential: "north".to_owned(),
        };
        assert_eq!(
            serde_json::to_value(&server).unwrap(),
            serde_json::json!({
                "urls": ["turn:203.0.113.5:8081?transport=tcp"],
                "username": "1634000400:tokyo-1",
                "credential": "north",
            })
        );
        assert!(!format!("{server:?}").contains("north"));
    }
}
