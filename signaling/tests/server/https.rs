//! TLS in the server: what is agreed on, certificates that are replaced, and clients that take too long.

use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::{Request, StatusCode, body::Bytes, client::conn::http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use plenary_server::{
    proxies::Proxies,
    settings::Settings,
    state::{Limits, PhaseTimeouts},
    tls::TlsSettings,
};
use plenary_testkit::{WAIT_TIMEOUT, api::Connection, process::text};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{sleep, timeout},
};
use tokio_rustls::{
    client::TlsStream,
    rustls::{
        ProtocolVersion,
        version::{TLS12, TLS13},
    },
};

use crate::{
    test_ca::{Pair, TestCa, agreed, shown},
    test_server::TestServer,
};

pub const SHORT: Duration = Duration::from_millis(100);
const HTTP1: &str = "http/1.1";

/// A server with a certificate, in whose eyes the test is no proxy.
pub struct Https {
    pub server: TestServer,
    ca: TestCa,
    files: TempDir,
    first: Pair,
}

impl Https {
    pub async fn start() -> Self {
        Self::with(Limits::default(), |_| {}).await
    }

    #[expect(
        clippy::large_types_passed_by_value,
        reason = "a test writes its limits where it starts the server"
    )]
    pub async fn with(limits: Limits, change: impl FnOnce(&mut Settings)) -> Self {
        let (ca, files) = (TestCa::new(), tempfile::tempdir().unwrap());
        let first = ca.pair();
        first.put(files.path());
        let server = TestServer::with_settings(limits, |settings| {
            settings.https = Some("127.0.0.1:0".parse().unwrap());
            settings.proxies.networks.clear();
            settings.tls = TlsSettings {
                certificate: Some(files.path().join("cert.pem")),
                key: Some(files.path().join("key.pem")),
            };
            change(settings);
        });
        Self {
            server: server.await,
            ca,
            files,
            first,
        }
    }

    pub async fn connect(&self, protocols: &[&str]) -> TlsStream<TcpStream> {
        self.ca.connect(self.server.https(), protocols).await
    }

    /// Connects until the server shows that certificate.
    async fn until_shown(&self, pair: &Pair) {
        let showing = async { while shown(&self.connect(&[]).await) != pair.der {} };
        timeout(WAIT_TIMEOUT, showing).await.unwrap();
    }

    async fn alarms(&self) -> Vec<Value> {
        let token = self.server.token("operator-1").await;
        let health = self.server.get("/health", &token).await;
        health["server"]["alarms"].as_array().unwrap().clone()
    }

    async fn join(&self, person: &str) -> (Connection<TlsStream<TcpStream>>, Value) {
        let token = self.server.token(person).await;
        let connection = Connection::over(self.connect(&[HTTP1]).await).await;
        connection.hello(&token, "climate", json!({})).await
    }
}

pub fn phases() -> PhaseTimeouts {
    PhaseTimeouts {
        header: WAIT_TIMEOUT * 2,
        body: WAIT_TIMEOUT * 2,
        answer: WAIT_TIMEOUT * 2,
        idle: WAIT_TIMEOUT * 2,
    }
}

pub fn limits(phases: PhaseTimeouts) -> Limits {
    Limits {
        phases,
        ..Limits::default()
    }
}

pub fn request(method: &str, path: &str) -> hyper::http::request::Builder {
    let uri = format!("https://localhost{path}");
    Request::builder().method(method).uri(uri)
}

const SMALL_WINDOW_BYTES: u32 = 65_535;

/// A client of HTTP/2, and what completes when its connection has ended.
pub async fn http2(
    stream: TlsStream<TcpStream>,
) -> (
    http2::SendRequest<Full<Bytes>>,
    tokio::task::JoinHandle<hyper::Result<()>>,
) {
    // A client that opens a large window takes a whole document without reading any of it.
    let (sender, connection) = http2::Builder::new(TokioExecutor::new())
        .initial_stream_window_size(SMALL_WINDOW_BYTES)
        .handshake(TokioIo::new(stream))
        .await
        .unwrap();
    (sender, tokio::spawn(connection))
}

/// Reads until the server closes the connection.
async fn rest(stream: &mut (impl AsyncReadExt + Unpin)) -> Vec<u8> {
    let mut read = Vec::new();
    let closed = timeout(WAIT_TIMEOUT, stream.read_to_end(&mut read)).await;
    assert!(closed.is_ok(), "the connection was not closed");
    read
}

#[tokio::test]
async fn both_versions_of_tls_and_both_of_http_serve_the_page() {
    let https = Https::start().await;
    for (version, name) in [
        (&TLS12, ProtocolVersion::TLSv1_2),
        (&TLS13, ProtocolVersion::TLSv1_3),
    ] {
        let stream = TcpStream::connect(https.server.https()).await.unwrap();
        let offered = ["h2", HTTP1];
        let stream = https.ca.handshake(stream, &[version], &offered).await;
        let stream = stream.unwrap();
        assert_eq!(agreed(&stream), (Some("h2".to_owned()), name));
        let (mut sender, _connection) = http2(stream).await;
        let answer = request("GET", "/").body(Full::default()).unwrap();
        let answer = sender.send_request(answer).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        let page = answer.into_body().collect().await.unwrap().to_bytes();
        assert!(page.starts_with(b"<!doctype html>"), "{page:?}");
    }
    for protocols in [&[][..], &[HTTP1]] {
        let mut stream = https.connect(protocols).await;
        let agreed = agreed(&stream).0;
        assert_eq!(agreed.as_deref(), protocols.first().copied());
        let asked = b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
        stream.write_all(asked).await.unwrap();
        let page = rest(&mut stream).await;
        assert!(page.starts_with(b"HTTP/1.1 200 OK\r\n"), "{page:?}");
    }
}

#[tokio::test]
async fn a_proxy_gets_no_http2_and_a_client_of_another_protocol_no_connection() {
    let https = Https::with(Limits::default(), |settings| {
        settings.proxies = Proxies::default();
    })
    .await;
    let stream = https.connect(&["h2", HTTP1]).await;
    assert_eq!(agreed(&stream).0.as_deref(), Some(HTTP1));
    let stream = TcpStream::connect(https.server.https()).await.unwrap();
    let refused = https.ca.handshake(stream, &[&TLS13], &["imap"]).await;
    assert!(refused.is_err());
}

#[tokio::test]
async fn pages_move_to_https_and_only_answers_by_tls_say_that_it_stays_so() {
    const STAYS: &str = "strict-transport-security";
    let https = Https::with(Limits::default(), |settings| {
        settings.http = "0.0.0.0:0".parse().unwrap();
    })
    .await;
    let port = https.server.https().port();
    let page = https.server.send("GET", "/?a=b", &[], "").await;
    assert_eq!(page.status, StatusCode::TEMPORARY_REDIRECT);
    assert_eq!(
        page.headers["location"],
        format!("https://test:{port}/?a=b")
    );
    let api = https
        .server
        .send("GET", "/api/v1/openapi.json", &[], "")
        .await;
    assert_eq!(api.status, StatusCode::OK);
    assert!(!page.headers.contains_key(STAYS) && !api.headers.contains_key(STAYS));

    let (mut sender, _connection) = http2(https.connect(&["h2"]).await).await;
    for path in ["/", "/api/v1/openapi.json", "/api/v1/rooms", "/nothing"] {
        let asked = request("GET", path).body(Full::default()).unwrap();
        let headers = sender.send_request(asked).await.unwrap().headers().clone();
        assert_eq!(headers[STAYS], "max-age=31536000", "{path}");
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["referrer-policy"], "no-referrer");
        assert_eq!(headers["cross-origin-resource-policy"], "same-origin");
    }
}

#[tokio::test]
async fn a_new_certificate_is_shown_to_new_connections_and_open_ones_go_on() {
    let https = Https::start().await;
    let (mut tokyo, _) = https.join("tokyo-1").await;
    let (mut sender, _connection) = http2(https.connect(&["h2"]).await).await;
    let new = https.ca.pair();
    new.put(https.files.path());
    https.until_shown(&new).await;
    assert!(tokyo.is_responsive().await);
    let asked = request("GET", "/").body(Full::default()).unwrap();
    assert!(
        sender
            .send_request(asked)
            .await
            .unwrap()
            .status()
            .is_success()
    );
    assert!(https.alarms().await.is_empty());
}

#[tokio::test]
async fn a_new_pair_that_cannot_be_used_is_an_alarm_and_the_old_one_stays() {
    let https = Https::start().await;
    let until = |is_alarmed: bool| {
        let https = &https;
        async move {
            let waiting = async {
                loop {
                    let alarms = https.alarms().await;
                    if alarms.is_empty() != is_alarmed {
                        return alarms;
                    }
                    // A person may ask a hundred times a second.
                    sleep(Duration::from_millis(20)).await;
                }
            };
            timeout(WAIT_TIMEOUT, waiting).await.unwrap()
        }
    };
    let (one, other) = (https.ca.pair(), https.ca.pair());
    let mixed = Pair {
        key: other.key.clone(),
        ..one
    };
    mixed.put(https.files.path());
    let alarms = until(true).await;
    assert_eq!(alarms[0]["kind"], "certificate_refused");
    let said = alarms[0]["detail"].as_str().unwrap();
    assert!(
        said.contains("key.pem is not the key of the certificate"),
        "{said}"
    );
    assert_eq!(shown(&https.connect(&[]).await), https.first.der);

    other.put(https.files.path());
    https.until_shown(&other).await;
    until(false).await;
}

#[tokio::test]
async fn a_handshake_that_does_not_come_or_is_none_is_closed() {
    let https = Https::with(
        limits(PhaseTimeouts {
            header: SHORT,
            ..phases()
        }),
        |_| {},
    )
    .await;
    // The beginning of a client's hello, and a request without TLS.
    for sent in [
        &b""[..],
        b"\x16\x03\x01\x02\x00\x01",
        b"GET / HTTP/1.1\r\n\r\n",
    ] {
        let mut stream = TcpStream::connect(https.server.https()).await.unwrap();
        stream.write_all(sent).await.unwrap();
        let answered = rest(&mut stream).await;
        assert!(!answered.starts_with(b"HTTP"), "{answered:?}");
    }
    // After the handshake a request has to come, too.
    for protocol in ["h2", HTTP1] {
        let mut stream = https.connect(&[protocol]).await;
        let read = timeout(WAIT_TIMEOUT, stream.read_to_end(&mut Vec::new())).await;
        assert!(read.is_ok(), "{protocol}");
    }
}

#[tokio::test]
async fn handshakes_of_one_address_make_way_for_its_new_connections() {
    let https = Https::with(
        Limits {
            connections_per_address: 3,
            ..limits(phases())
        },
        |_| {},
    )
    .await;
    let mut silent = Vec::new();
    for _ in 0..4 {
        silent.push(TcpStream::connect(https.server.https()).await.unwrap());
    }
    assert!(rest(&mut silent[0]).await.is_empty());
    let (mut tokyo, _) = https.join("tokyo-1").await;
    assert!(tokyo.is_responsive().await);
}

#[test]
fn what_is_wrong_with_a_certificate_ends_the_start_with_a_sentence() {
    let program = crate::process::program();
    let ca = TestCa::new();
    let (own, other) = (ca.pair(), ca.pair());
    let expired = ca.pair_with(|it| it.not_after = rcgen::date_time_ymd(2020, 1, 1));
    let future = ca.pair_with(|it| it.not_before = rcgen::date_time_ymd(4000, 1, 1));
    for (name, content) in [
        ("cert.pem", &own.certificate),
        ("key.pem", &own.key),
        ("other.pem", &other.key),
        (
            "expired.pem",
            &format!("{}{}", expired.certificate, expired.key),
        ),
        (
            "future.pem",
            &format!("{}{}", future.certificate, future.key),
        ),
        ("broken.pem", &own.certificate.replace("MII", "!!!")),
    ] {
        program.write(name, content);
    }
    let other_program = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = other_program.local_addr().unwrap().to_string();
    let free = "127.0.0.1:0";
    for (https, certificate, key, sentence) in [
        (free, "", "", "listen.https needs a certificate"),
        (
            free,
            "cert.pem",
            "",
            "tls.certificate is set without tls.key",
        ),
        (
            free,
            "",
            "key.pem",
            "tls.key is set without tls.certificate",
        ),
        ("", "cert.pem", "key.pem", "listen.https is not"),
        (
            free,
            "cert.pem",
            "other.pem",
            "other.pem is not the key of the certificate in cert.pem",
        ),
        (
            free,
            "expired.pem",
            "expired.pem",
            "in expired.pem has expired on 2020-01-01",
        ),
        (
            free,
            "future.pem",
            "future.pem",
            "is valid only from 4000-01-01",
        ),
        (free, "key.pem", "key.pem", "key.pem has no certificate"),
        (free, "cert.pem", "cert.pem", "cert.pem has no private key"),
        (free, "broken.pem", "key.pem", "broken.pem is not in order"),
        (free, "nowhere.pem", "key.pem", "nowhere.pem cannot be read"),
        (
            &taken,
            "cert.pem",
            "key.pem",
            "listen.https cannot listen on",
        ),
    ] {
        let mut command = program.command(&["serve", "test.toml"]);
        command
            .env("PLENARY_LISTEN__HTTPS", https)
            .env("PLENARY_TLS__CERTIFICATE", certificate)
            .env("PLENARY_TLS__KEY", key);
        let refused = command.output().unwrap();
        assert_eq!(refused.status.code(), Some(1), "{sentence}");
        let said = text(&refused.stderr);
        assert!(said.contains(sentence), "{sentence}: {said}");
    }
}
