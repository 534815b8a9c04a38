//! Errors: a refusal by the server, with its code, or a failure of the connection.

use serde::Deserialize;
use serde_json::Value;

use crate::sources::SourceError;

/// A refusal by the server, over HTTP or in a reply (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct Problem {
    /// The HTTP status; 0 if the server sent none.
    #[serde(default)]
    pub status: u16,
    /// The short name of this kind of problem.
    #[serde(default)]
    pub title: String,
    /// The explanation, one sentence for people.
    #[serde(default)]
    pub detail: String,
    /// The code for programs, such as `forbidden` or `list_closed`.
    #[serde(default)]
    pub code: String,
    /// The floor request that the problem refers to, such as the earlier one of a `duplicate`.
    #[serde(default)]
    pub request: Option<String>,
}

impl Problem {
    /// Parses a problem document. Any other document becomes the detail of a problem.
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

/// Why an operation of the client failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The server refused the request.
    #[error(transparent)]
    Refused(#[from] Problem),
    /// The server closed the connection.
    #[error("the server closed the connection with {code}: {reason}")]
    Closed {
        /// The close code of RFC 6455 or of the protocol (44xx); 1006 if there was none.
        code: u16,
        /// The server's reason, for people.
        reason: String,
    },
    /// The address has another form than `http://host:port`.
    #[error("{0:?} is not an address of the form http://host:port")]
    Address(String),
    /// The TCP connection to the server failed.
    #[error("network: {0}")]
    Network(#[from] std::io::Error),
    /// The HTTP request to the server failed.
    #[error("HTTP: {0}")]
    Http(#[from] hyper::Error),
    /// The WebSocket handshake or a frame failed.
    #[error("WebSocket: {0}")]
    Socket(Box<tokio_tungstenite::tungstenite::Error>),
    /// The server's message violates the protocol.
    #[error("the server broke the protocol: {0}")]
    Protocol(String),
    /// The WebRTC peer connection failed.
    #[error("media: {0}")]
    Media(#[from] webrtc::error::Error),
    /// A media source could not be encoded.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The operation did not finish within its timeout.
    #[error("{0} did not come within {1:?}")]
    Timeout(&'static str, std::time::Duration),
}

impl From<tokio_tungstenite::tungstenite::Error> for Error {
    fn from(error: tokio_tungstenite::tungstenite::Error) -> Self {
        Self::Socket(Box::new(error))
    }
}
