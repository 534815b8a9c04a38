//! Clients that take too long for a phase of a request, and those that only wait for the next one.

use std::time::Duration;

use plenary_server::state::{Limits, PhaseTimeouts};
use plenary_testkit::WAIT_TIMEOUT;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

use crate::test_server::TestServer;

/// Short where the client is late in the test, and otherwise longer than any test.
fn timeouts() -> PhaseTimeouts {
    PhaseTimeouts {
        header: WAIT_TIMEOUT * 2,
        body: WAIT_TIMEOUT * 2,
        answer: WAIT_TIMEOUT * 2,
        idle: WAIT_TIMEOUT * 2,
    }
}

const SHORT: Duration = Duration::from_millis(100);

async fn server(phases: PhaseTimeouts) -> TestServer {
    TestServer::with_limits(Limits {
        phases,
        ..Limits::default()
    })
    .await
}

async fn connect(server: &TestServer) -> TcpStream {
    TcpStream::connect(server.http).await.unwrap()
}

/// Sends something, and reads until the server closes the connection.
async fn answer(stream: &mut TcpStream, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let closed = timeout(WAIT_TIMEOUT, stream.read_to_end(&mut answer)).await;
    assert!(closed.is_ok(), "the connection was not closed");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_connection_that_sends_no_request_or_half_a_header_is_closed() {
    let phases = PhaseTimeouts {
        header: SHORT,
        ..timeouts()
    };
    let server = server(phases).await;
    for sent in ["", "G", "GET /api/v1/rooms HTTP/1.1\r\nhost: test\r\nx-a: "] {
        let mut stream = connect(&server).await;
        let answered = answer(&mut stream, sent).await;
        assert!(!answered.contains("200"), "{answered}");
    }
}

#[tokio::test]
async fn a_body_that_never_comes_is_answered_408_and_the_connection_is_closed() {
    let phases = PhaseTimeouts {
        body: SHORT,
        ..timeouts()
    };
    let server = server(phases).await;
    let header =
        "POST /api/v1/invitations/redeem HTTP/1.1\r\nhost: test\r\ncontent-type: application/json";
    for body in [
        "content-length: 1000\r\n\r\n",
        "content-length: 1000\r\n\r\n{\"invitation\":",
        "transfer-encoding: chunked\r\n\r\n",
        "transfer-encoding: chunked\r\n\r\n5\r\n{\"inv\r\n",
    ] {
        let mut stream = connect(&server).await;
        let answered = answer(&mut stream, &format!("{header}\r\n{body}")).await;
        assert!(answered.starts_with("HTTP/1.1 408"), "{body}: {answered}");
        assert!(answered.contains("application/problem+json"), "{answered}");
    }
}

#[tokio::test]
async fn a_body_that_no_handler_wants_holds_no_connection() {
    let server = server(timeouts()).await;
    for (request, status) in [
        ("POST /nothing/here", "405"),
        ("GET /api/v1/openapi.json", "200"),
        ("DELETE /api/v1/invitations/x", "401"),
    ] {
        let mut stream = connect(&server).await;
        let request = format!("{request} HTTP/1.1\r\nhost: test\r\ncontent-length: 1000\r\n\r\n");
        let answered = answer(&mut stream, &request).await;
        assert_eq!(&answered[9..12], status, "{answered}");
    }
}

#[tokio::test]
async fn a_client_that_takes_no_answers_is_closed() {
    let phases = PhaseTimeouts {
        answer: SHORT,
        ..timeouts()
    };
    let server = server(phases).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(server.http).await.unwrap();
    let request = "GET /api/v1/openapi.json HTTP/1.1\r\nhost: test\r\n\r\n".repeat(100);
    // The server reads no further request while it cannot answer, so only its close ends this.
    let asking = async { while stream.write_all(request.as_bytes()).await.is_ok() {} };
    timeout(WAIT_TIMEOUT, asking).await.unwrap();
}

#[tokio::test]
async fn a_connection_is_kept_for_the_next_request_longer_than_a_header_may_take() {
    let phases = PhaseTimeouts {
        header: SHORT,
        ..timeouts()
    };
    let server = server(phases).await;
    let mut kept = connect(&server).await;
    let request = "GET /api/v1/rooms HTTP/1.1\r\nhost: test\r\n\r\n";
    let mut head = [0; 12];
    kept.write_all(request.as_bytes()).await.unwrap();
    kept.read_exact(&mut head).await.unwrap();
    assert_eq!(&head, b"HTTP/1.1 401");

    // When this one is closed, the time for a header is over.
    let mut silent = connect(&server).await;
    answer(&mut silent, "").await;

    let last = request.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n");
    let answered = answer(&mut kept, &last).await;
    assert!(answered.contains("HTTP/1.1 401"), "{answered}");
}
