//! What can go wrong: a refusal by the server, with its code, or a failure on the way to it.

use serde::Deserialize;
use serde_json::Value;

use crate::sources::SourceError;

/// A refusal by the server, over HTTP or in a reply (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct Problem {
    /// The HTTP status; 0 where the server named none.
    #[serde(default)]
    pub status: u16,
    /// The short name of this kind of refusal.
    #[serde(default)]
    pub title: String,
    /// The sentence for a person.
    #[serde(default)]
    pub detail: String,
    /// The code for a program, such as `forbidden` or `list_closed`.
    #[serde(default)]
    pub code: String,
    /// The floor request that it is about, such as the earlier one of a `duplicate`.
    #[serde(default)]
    pub request: Option<String>,
}

impl Problem {
    /// Reads a problem document; whatever is not one becomes a problem whose detail is the document itself.
    pub(crate) fn read(document: &Value, status: u16) -> Self {
        let mut problem = Self::deserialize(document).unwrap_or_else(|_| Self {
            status,
            title: String::new(),
            detail: document.to_string(),
            code: String::new(),
            request: None,
        });
        if problem.status == 0 {
            problem.status = status;
        }
        problem
    }
}

/// Why something did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The server understood and refused.
    #[error(transparent)]
    Refused(#[from] Problem),
    /// The server closed the connection.
    #[error("the server closed the connection with {code}: {reason}")]
    Closed {
        /// The close code, of RFC 6455 or the contract's 44xx; 1006 where there was none.
        code: u16,
        /// The server's words.
        reason: String,
    },
    /// The address is not one that this client can reach.
    #[error("{0:?} is no address of the form http://host:port")]
    Address(String),
    /// The network failed.
    #[error("network: {0}")]
    Network(#[from] std::io::Error),
    /// HTTP failed.
    #[error("HTTP: {0}")]
    Http(#[from] hyper::Error),
    /// The WebSocket failed.
    #[error("WebSocket: {0}")]
    Socket(Box<tokio_tungstenite::tungstenite::Error>),
    /// The server said something that the contract does not allow.
    #[error("the server broke the contract: {0}")]
    Contract(String),
    /// The peer connection failed.
    #[error("media: {0}")]
    Media(#[from] webrtc::error::Error),
    /// A source could not be made.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// Something did not come in time.
    #[error("{0} did not come within {1:?}")]
    Late(&'static str, std::time::Duration),
}

impl From<tokio_tungstenite::tungstenite::Error> for Error {
    fn from(error: tokio_tungstenite::tungstenite::Error) -> Self {
        Self::Socket(Box::new(error))
    }
}
