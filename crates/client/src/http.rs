//! The few HTTP calls that a participant makes, each on a connection of its own.
//!
//! Plain `http` only: a headless participant runs beside the server or behind the proxy that ends TLS.

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::{Method, Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::problem::{Error, Problem};

/// The snapshot of a room with a thousand participants is well below this.
const MAX_RESPONSE_BYTES: usize = 16 * 1024 * 1024;

/// The server's address, as `http://host:port`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    authority: String,
    port: u16,
    host: String,
}

/// The server's response to a redeemed invitation.
#[derive(Debug, Clone, Deserialize)]
pub struct Credentials {
    /// The bearer token for HTTP and for the hello.
    pub token: String,
    /// When the token expires (RFC 3339).
    pub expires: String,
    /// The person as the server describes them: id, name, role and rooms.
    pub person: Value,
}

impl Server {
    /// Reads `http://host:port`; a path, a query and a fragment are ignored, so a seat's link will do.
    ///
    /// ```
    /// # use plenary_client::Server;
    /// assert!(Server::new("http://127.0.0.1:8080").is_ok());
    /// assert!(Server::new("ftp://example.org").is_err());
    /// ```
    pub fn new(address: &str) -> Result<Self, Error> {
        let wrong = || Error::Address(address.to_owned());
        let plain = address.split('#').next().unwrap_or_default();
        let uri: Uri = plain.parse().map_err(|_| wrong())?;
        if uri.scheme_str() != Some("http") {
            return Err(wrong());
        }
        let authority = uri.authority().ok_or_else(wrong)?;
        Ok(Self {
            authority: authority.to_string(),
            host: authority.host().trim_matches(['[', ']']).to_owned(),
            port: authority.port_u16().unwrap_or(80),
        })
    }

    /// Exchanges an invitation for a token.
    pub async fn redeem(&self, invitation: &str) -> Result<Credentials, Error> {
        let body = json!({ "invitation": invitation });
        let response = self
            .call(Method::POST, "/invitations/redeem", None, Some(&body))
            .await?;
        Credentials::deserialize(&response)
            .map_err(|error| Error::Protocol(format!("response to redeem: {error}")))
    }

    /// Calls `path` under `/api/v1` and returns the response's JSON; null if its body is empty.
    pub async fn call(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Value, Error> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header(HOST, &self.authority)
            .header(CONTENT_TYPE, "application/json");
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        let body = body.map(Value::to_string).unwrap_or_default();
        let request = request
            .body(Full::new(Bytes::from(body)))
            .map_err(|error| Error::Protocol(format!("{path:?}: {error}")))?;

        let stream = self.connect().await?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        // The connection ends by itself when the sender is dropped; its errors reach the sender too.
        tokio::spawn(connection);
        let response = sender.send_request(request).await?;
        let status = response.status();
        let bytes = Limited::new(response.into_body(), MAX_RESPONSE_BYTES)
            .collect()
            .await
            .map_err(|error| Error::Protocol(format!("response to {path}: {error}")))?
            .to_bytes();
        parse(status, &bytes)
    }

    pub(crate) async fn connect(&self) -> Result<TcpStream, Error> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    pub(crate) fn socket_address(&self) -> String {
        format!("ws://{}/api/v1/ws", self.authority)
    }
}

fn parse(status: StatusCode, bytes: &[u8]) -> Result<Value, Error> {
    let value = if bytes.is_empty() {
        Value::Null
    } else {
        serde_json::from_slice(bytes)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(bytes).into_owned()))
    };
    if status.is_success() {
        Ok(value)
    } else {
        Err(Problem::read(&value, status.as_u16()).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seats_link_is_an_address() -> Result<(), Error> {
        let server = Server::new("http://[::1]:8080/seat#eyJhbGciOi")?;
        assert_eq!(server.socket_address(), "ws://[::1]:8080/api/v1/ws");
        assert_eq!((server.host.as_str(), server.port), ("::1", 8080));
        Ok(())
    }

    #[test]
    fn a_refusal_keeps_its_code_and_sentence() {
        let body =
            br#"{"status":403,"title":"Forbidden","detail":"Not yours.","code":"forbidden"}"#;
        let Err(Error::Refused(problem)) = parse(StatusCode::FORBIDDEN, body) else {
            panic!("a refusal is an error");
        };
        assert_eq!(problem.code, "forbidden");
        assert_eq!(problem.detail, "Not yours.");
    }

    #[test]
    fn an_error_response_without_a_problem_document_keeps_its_body() {
        let Err(Error::Refused(problem)) = parse(StatusCode::BAD_GATEWAY, b"upstream is down")
        else {
            panic!("a refusal is an error");
        };
        assert_eq!(problem.status, 502);
        assert!(problem.detail.contains("upstream is down"));
    }
}
