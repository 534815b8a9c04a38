//! The server under load: its address, its connections, and the few HTTP calls that are made.
//!
//! `plenary-client` has the same for tests, by plain HTTP and with a whole WebRTC stack; this tool also measures servers
//! that are reached by TLS.

use std::{io, net::IpAddr, path::Path, sync::Arc, time::Duration};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Method, Request, Uri,
    header::{AUTHORIZATION, CONTENT_TYPE, HOST},
};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::ring,
        pki_types::{CertificateDer, ServerName, pem::PemObject},
    },
};

use crate::failure::LoadError;

const MAX_RESPONSE_BYTES: usize = 16 << 20;
/// How long a connection, or an answer by HTTP, may take.
const CALL_TIMEOUT: Duration = Duration::from_secs(20);

/// A connection, with or without TLS.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

#[derive(Clone)]
pub struct Server {
    authority: String,
    host: String,
    port: u16,
    /// The path of the public address, without a slash at its end.
    path: String,
    tls: Option<TlsConnector>,
}

impl Server {
    /// Reads `http://HOST:PORT` or `https://HOST`, with a path if the server is below one. `authority` is a file of
    /// certificates to trust instead of the system's.
    pub fn new(address: &str, authority: Option<&Path>) -> Result<Self, LoadError> {
        let wrong = || LoadError::Address(address.to_owned());
        let plain = address.split(['#', '?']).next().unwrap_or_default();
        let uri: Uri = plain.parse().map_err(|_| wrong())?;
        let tls = match uri.scheme_str() {
            Some("http") => None,
            Some("https") => Some(connector(authority)?),
            _ => return Err(wrong()),
        };
        let named = uri.authority().ok_or_else(wrong)?;
        let port = if tls.is_some() { 443 } else { 80 };
        Ok(Self {
            authority: named.to_string(),
            host: named.host().trim_matches(['[', ']']).to_owned(),
            port: named.port_u16().unwrap_or(port),
            path: uri.path().trim_end_matches('/').to_owned(),
            tls,
        })
    }

    /// The address of the WebSocket.
    pub fn socket_url(&self) -> String {
        let scheme = if self.tls.is_some() { "wss" } else { "ws" };
        format!("{scheme}://{}{}/api/v1/ws", self.authority, self.path)
    }

    /// The address as it was given, for messages.
    pub fn name(&self) -> &str {
        &self.authority
    }

    /// Connects; also returns the address that was reached.
    pub async fn connect(&self) -> Result<(Box<dyn Stream>, IpAddr), LoadError> {
        let unreachable = |error| LoadError::Unreachable(self.authority.clone(), error);
        let connected = timeout(CALL_TIMEOUT, self.open()).await;
        let connected = connected.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        connected.map_err(unreachable)
    }

    async fn open(&self) -> io::Result<(Box<dyn Stream>, IpAddr)> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await?;
        stream.set_nodelay(true)?;
        let reached = stream.peer_addr()?.ip();
        let Some(tls) = &self.tls else {
            return Ok((Box::new(stream), reached));
        };
        let name = ServerName::try_from(self.host.clone()).map_err(io::Error::other)?;
        let stream = tls.connect(name, stream).await?;
        Ok((Box::new(stream), reached))
    }

    /// Exchanges an invitation for a token; returns the token and the person.
    pub async fn redeem(&self, invitation: &str) -> Result<(String, Value), LoadError> {
        let body = json!({ "invitation": invitation });
        let answer = self
            .call(
                Method::POST,
                "/api/v1/invitations/redeem",
                None,
                Some(&body),
            )
            .await?;
        let token = answer["token"].as_str().map(str::to_owned);
        let token = token.ok_or_else(|| self.protocol("an answer without a token"))?;
        Ok((token, answer["person"].clone()))
    }

    /// The ids of the rooms that the bearer of a token may enter.
    pub async fn rooms(&self, token: &str) -> Result<Vec<String>, LoadError> {
        let rooms = self
            .call(Method::GET, "/api/v1/rooms", Some(token), None)
            .await?;
        let rooms = rooms.as_array().into_iter().flatten();
        let ids = rooms.filter_map(|room| room["id"].as_str().map(str::to_owned));
        Ok(ids.collect())
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Value, LoadError> {
        let path = format!("{}{path}", self.path);
        let (is_success, text) = self.send(method, &path, token, body).await?;
        let value: Value = serde_json::from_str(&text).unwrap_or_default();
        if is_success {
            return Ok(value);
        }
        let code = value["code"].as_str();
        let code = code.ok_or_else(|| self.protocol(&format!("{path} is refused")))?;
        Err(LoadError::Refused {
            code: code.to_owned(),
            detail: value["detail"].as_str().unwrap_or_default().to_owned(),
        })
    }

    /// The text at the address itself, such as `http://127.0.0.1:8082/metrics`.
    pub async fn text(&self, token: Option<&str>) -> Result<String, LoadError> {
        match self.send(Method::GET, &self.path, token, None).await? {
            (true, text) => Ok(text),
            (false, _) => Err(self.protocol(&format!("{} is refused", self.path))),
        }
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Option<&Value>,
    ) -> Result<(bool, String), LoadError> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, &self.authority)
            .header(CONTENT_TYPE, "application/json");
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        let body = body.map(Value::to_string).unwrap_or_default();
        let request = request.body(Full::new(Bytes::from(body)));
        let request = request.map_err(|error| self.protocol(&error.to_string()))?;
        let (stream, _) = self.connect().await?;
        let answered = async {
            let (mut sender, connection) =
                hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
            // The connection ends by itself when the sender is dropped; its errors reach the sender too.
            tokio::spawn(connection);
            sender.send_request(request).await
        };
        let late = |_| LoadError::Late("an answer of the server");
        let response = timeout(CALL_TIMEOUT, answered).await.map_err(late)?;
        let response = response.map_err(|error| self.protocol(&error.to_string()))?;
        let is_success = response.status().is_success();
        let body = Limited::new(response.into_body(), MAX_RESPONSE_BYTES).collect();
        let body = timeout(CALL_TIMEOUT, body).await.map_err(late)?;
        let bytes = body.map_err(|error| self.protocol(&error.to_string()))?;
        let text = String::from_utf8_lossy(&bytes.to_bytes()).into_owned();
        Ok((is_success, text))
    }

    fn protocol(&self, what: &str) -> LoadError {
        LoadError::Protocol(self.authority.clone(), what.to_owned())
    }
}

fn connector(authority: Option<&Path>) -> Result<TlsConnector, LoadError> {
    let mut roots = RootCertStore::empty();
    let certificates: Vec<CertificateDer<'static>> = match authority {
        None => rustls_native_certs::load_native_certs().certs,
        Some(file) => {
            let text = std::fs::read(file);
            let text = text.map_err(|error| LoadError::Unreadable(file.to_owned(), error))?;
            let read = CertificateDer::pem_slice_iter(&text).flatten().collect();
            Some(read)
                .filter(|read: &Vec<_>| !read.is_empty())
                .ok_or_else(|| LoadError::NoCertificate(file.to_owned()))?
        }
    };
    roots.add_parsable_certificates(certificates);
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| LoadError::System(io::Error::other(error)))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_socket_is_below_the_path_of_the_address() {
        let url = |address| Server::new(address, None).map(|server| server.socket_url());
        assert_eq!(
            url("http://[::1]:8080").unwrap(),
            "ws://[::1]:8080/api/v1/ws"
        );
        assert_eq!(
            url("https://example.org/congress/#i=abc").unwrap(),
            "wss://example.org/congress/api/v1/ws"
        );
        assert!(url("ftp://example.org").is_err());
        assert!(url("example.org").is_err());
    }
}
