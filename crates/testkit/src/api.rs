//! The HTTP and WebSocket sides of a server, for requests and messages that no well-behaved client would send, too.

mod connection;
mod http;

use std::net::SocketAddr;

use hyper::body::Bytes;
use serde_json::Value;
use tokio::net::{TcpSocket, TcpStream};

use crate::conference::ConferenceFile;

pub use self::{
    connection::Connection,
    http::{Response, headers},
};

/// Somebody of every role in two rooms; Delhi's delegate is admitted only to `covid`.
pub fn conference() -> ConferenceFile {
    ConferenceFile::new(&["en"])
        .cities(&["tokyo", "seoul"])
        .city("delhi", "", "rooms = [\"covid\"]")
        .staff(&[
            ("moderator-1", "moderator"),
            ("clerk-1", "clerk"),
            ("interpreter-1", "interpreter"),
            ("operator-1", "operator"),
            ("viewer-1", "viewer"),
        ])
        .room("climate", "Climate", "")
        .room("covid", "COVID-19", "")
        .item(
            "climate",
            "Tokyo: floods",
            "09:00",
            20,
            "id = \"floods\"\nspeakers = [\"tokyo-1\"]",
        )
}

/// The addresses of a running server.
#[derive(Debug, Clone, Copy)]
pub struct Api {
    pub http: SocketAddr,
    pub ops: SocketAddr,
}

impl Api {
    /// Calls the API with a body of JSON.
    pub async fn call(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: Option<Value>,
    ) -> Response {
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let path = format!("/api/v1{path}");
        self.send(method, &path, &headers(token, &[]), body).await
    }

    /// Gets the JSON of a path of the API.
    pub async fn get(&self, path: &str, token: &str) -> Value {
        self.call("GET", path, Some(token), None).await.ok()
    }

    /// Posts an empty body that succeeds; returns the JSON of the response.
    pub async fn post(&self, path: &str, token: &str) -> Value {
        self.call("POST", path, Some(token), None).await.ok()
    }

    /// Sends a request as it stands.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(String, String)],
        body: impl Into<Bytes>,
    ) -> Response {
        let stream = TcpStream::connect(self.http).await.unwrap();
        http::request(stream, method, path, headers, body.into()).await
    }

    /// Sends a GET to the operations address.
    pub async fn get_ops(&self, path: &str) -> Response {
        let stream = TcpStream::connect(self.ops).await.unwrap();
        http::request(stream, "GET", path, &[], Bytes::new()).await
    }

    /// A WebSocket that has not said hello.
    pub async fn connect(&self) -> Connection {
        let stream = TcpStream::connect(self.http).await;
        Connection::over(stream.unwrap()).await
    }

    /// The same with a small receive window, so that the kernel buffers little.
    pub async fn connect_with_small_window(&self) -> Connection {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        Connection::over(socket.connect(self.http).await.unwrap()).await
    }
}
