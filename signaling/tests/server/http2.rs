//! HTTP/2 in the server: deadlines of bodies and answers, its end, and clients that misuse it.

use http_body_util::{BodyExt, Full};
use hyper::{StatusCode, body::Bytes, client::conn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use plenary_server::state::PhaseTimeouts;
use plenary_testkit::WAIT_TIMEOUT;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

use crate::https::{Https, SHORT, http2, limits, phases, request};

async fn ends(connection: tokio::task::JoinHandle<hyper::Result<()>>) -> hyper::Result<()> {
    timeout(WAIT_TIMEOUT, connection).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_body_of_http2_has_to_come_in_time_and_its_connection_goes_on() {
    let https = Https::with(
        limits(PhaseTimeouts {
            body: SHORT,
            ..phases()
        }),
        |_| {},
    )
    .await;
    let stream = https.connect(&["h2"]).await;
    let (mut sender, connection) =
        conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .unwrap();
    let connection = tokio::spawn(connection);
    let (_body, never) = tokio::sync::mpsc::channel::<()>(1);
    let never = NeverEnding(never);
    let asked = request("POST", "/api/v1/invitations/redeem")
        .header("content-type", "application/json")
        .body(never)
        .unwrap();
    let answer = sender.send_request(asked).await.unwrap();
    assert_eq!(answer.status(), StatusCode::REQUEST_TIMEOUT);
    assert!(!connection.is_finished());
}

#[tokio::test]
async fn a_client_of_http2_that_takes_no_answer_is_closed_and_one_that_waits_is_not() {
    let https = Https::with(
        limits(PhaseTimeouts {
            answer: SHORT,
            ..phases()
        }),
        |_| {},
    )
    .await;
    let (mut sender, connection) = http2(https.connect(&["h2"]).await).await;
    let ask = || {
        let asked = request("GET", "/api/v1/openapi.json");
        asked.body(Full::default()).unwrap()
    };
    // All of it, as fast as it comes.
    let taken = sender.send_request(ask()).await.unwrap();
    let length = taken.into_body().collect().await.unwrap().to_bytes().len();
    assert!(length > 100_000, "{length}");
    // The client opens the window only for what it reads.
    let answer = sender.send_request(ask()).await.unwrap();
    assert!(ends(connection).await.is_err());
    drop(answer);
}

#[tokio::test]
async fn an_idle_connection_of_http2_is_told_that_it_ends() {
    let https = Https::with(
        limits(PhaseTimeouts {
            idle: SHORT,
            ..phases()
        }),
        |_| {},
    )
    .await;
    let (mut sender, connection) = http2(https.connect(&["h2"]).await).await;
    let asked = request("GET", "/").body(Full::default()).unwrap();
    let answer = sender.send_request(asked).await.unwrap();
    answer.into_body().collect().await.unwrap();
    ends(connection).await.unwrap();
}

#[tokio::test]
async fn a_server_that_drains_says_goaway() {
    const SETTINGS: u8 = 4;
    const GOAWAY: u8 = 7;
    let https = Https::start().await;
    let mut stream = https.connect(&["h2"]).await;
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    stream.write_all(preface).await.unwrap();
    // The server's settings: the connection is one of HTTP/2 now.
    assert_eq!(frame_kind(&mut stream).await, SETTINGS);
    let told = async { while frame_kind(&mut stream).await != GOAWAY {} };
    let told = timeout(WAIT_TIMEOUT, told);
    let (told, _) = tokio::join!(told, https.server.drain());
    told.unwrap();
}

/// Reads a frame (RFC 9113, section 4.1).
async fn frame_kind(stream: &mut (impl AsyncReadExt + Unpin)) -> u8 {
    let mut head = [0; 9];
    stream.read_exact(&mut head).await.unwrap();
    let length = usize::from(head[1]) * 256 + usize::from(head[2]);
    stream.read_exact(&mut vec![0; length]).await.unwrap();
    head[3]
}

#[tokio::test]
async fn a_client_of_http2_that_cancels_without_end_is_closed() {
    let https = Https::start().await;
    let mut stream = https.connect(&["h2"]).await;
    let mut sent = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_vec();
    for stream in (1_u32..2000).step_by(2) {
        // HEADERS of `GET https://…/` from the static table, then RST_STREAM (CANCEL).
        sent.extend([0, 0, 3, 1, 5]);
        sent.extend(stream.to_be_bytes());
        sent.extend([0x82, 0x87, 0x84]);
        sent.extend([0, 0, 4, 3, 0]);
        sent.extend(stream.to_be_bytes());
        sent.extend([0, 0, 0, 8]);
    }
    // The server may close before all is sent.
    let _ = stream.write_all(&sent).await;
    let _ = timeout(WAIT_TIMEOUT, stream.read_to_end(&mut Vec::new()))
        .await
        .expect("the connection was not closed");
}

/// A body of which nothing comes.
struct NeverEnding(tokio::sync::mpsc::Receiver<()>);

impl hyper::body::Body for NeverEnding {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<Bytes>, Self::Error>>> {
        self.0.poll_recv(context).map(|_| None)
    }
}
