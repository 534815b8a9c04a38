//! Single HTTP requests and their responses.

use http_body_util::{BodyExt, Full};
use hyper::{HeaderMap, Method, Request, StatusCode, body::Bytes};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

#[derive(Debug)]
pub struct Response {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// JSON, or a string of what is no JSON.
    pub body: Value,
}

impl Response {
    /// The code of a refusal. The body has to be a complete problem document.
    pub fn code(&self) -> &str {
        let kind = &self.headers["content-type"];
        assert_eq!(kind, "application/problem+json", "{self:?}");
        assert_eq!(self.body["status"], self.status.as_u16(), "{self:?}");
        for field in ["title", "detail"] {
            let text = self.body[field].as_str();
            assert!(text.is_some_and(|text| !text.is_empty()), "{self:?}");
        }
        self.body["code"].as_str().unwrap()
    }

    /// The body of a success.
    pub fn ok(self) -> Value {
        assert!(self.status.is_success(), "{self:?}");
        self.body
    }
}

pub(super) async fn request(
    stream: TcpStream,
    method: &str,
    path: &str,
    headers: &[(String, String)],
    body: Bytes,
) -> Response {
    let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = handshake.unwrap();
    tokio::spawn(connection);
    let mut request = Request::builder()
        .method(method.parse::<Method>().unwrap())
        .uri(path)
        .header("host", "test");
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let request = request.body(Full::new(body)).unwrap();
    let response = sender.send_request(request).await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    let text = || Value::from(String::from_utf8_lossy(&bytes).into_owned());
    let body = serde_json::from_slice(&bytes).unwrap_or_else(|_| text());
    Response {
        status,
        headers,
        body,
    }
}

/// The headers of a call with a body of JSON, and `more` headers.
pub fn headers(token: Option<&str>, more: &[(&str, &str)]) -> Vec<(String, String)> {
    let bearer = token.map(|token| format!("Bearer {token}"));
    let own = [
        ("content-type", Some("application/json")),
        ("authorization", bearer.as_deref()),
    ];
    // A content type of the caller's own takes the place of the usual one.
    let is_free = |name: &str| !more.iter().any(|(given, _)| *given == name);
    let own = own
        .iter()
        .filter(|(name, _)| is_free(name))
        .filter_map(|(name, value)| Some((*name, (*value)?)));
    own.chain(more.iter().copied())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}
