//! A server with few file descriptors, and clients that hold as many as they can.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Instant,
};

use plenary_client::{Config, Participant};
use plenary_testkit::{
    WAIT_TIMEOUT,
    process::{Process, Program},
};
use serde_json::json;
use tokio::net::TcpSocket;

use crate::process::program;

/// The limit that three hundred such requests once exhausted.
const DESCRIPTORS: u32 = 256;

fn with_few_descriptors() -> Program {
    program().with_descriptors(64, DESCRIPTORS)
}

/// Requests that never end, from another address of this machine.
async fn hold(process: &Process, from: [u8; 4], many: usize) -> Vec<tokio::net::TcpStream> {
    let server: SocketAddr = process.http().parse().unwrap();
    let mut held = Vec::new();
    for _ in 0..many {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from((from, 0))).unwrap();
        // Where the server is full, the kernel has the connection wait.
        let Ok(stream) = socket.connect(server).await else {
            continue;
        };
        let header = "POST /api/v1/invitations/redeem HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{";
        let _ = stream.try_write(header.as_bytes());
        held.push(stream);
    }
    held
}

fn is_healthy(process: &Process) -> bool {
    let mut stream = TcpStream::connect(process.ops()).unwrap();
    stream.set_read_timeout(Some(WAIT_TIMEOUT)).unwrap();
    let request = "GET /healthz HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response.starts_with("HTTP/1.1 200")
}

#[test]
fn the_limit_of_descriptors_is_raised_at_the_start() {
    let program = with_few_descriptors();
    let process = program.serve();
    let limit = process.metric("plenary_descriptor_limit");
    assert_eq!(limit, u64::from(DESCRIPTORS));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_requests_that_never_end_keep_nobody_out_and_take_no_health_check_along() {
    let program = with_few_descriptors();
    let process = program.serve();
    let config = |person| Config::new(process.server(), program.invitation(person), "climate");
    let (tokyo, _tokyo_events) = Participant::join(config("tokyo-1")).await.unwrap();

    let strangers = hold(&process, [127, 0, 0, 66], 500).await;
    assert!(is_healthy(&process));
    // The seated participant goes on, and a new one is let in.
    let asked = tokyo.command("floor.request", json!({})).await.unwrap();
    assert_eq!(asked["beneficiary"], "tokyo-1");
    let (seoul, _seoul_events) = Participant::join(config("seoul-1")).await.unwrap();
    seoul.command("floor.request", json!({})).await.unwrap();

    // The same from a proxy of ours that names nobody.
    let proxied = hold(&process, [127, 0, 0, 1], 500).await;
    assert!(is_healthy(&process));
    let (chair, _chair_events) = Participant::join(config("moderator-1")).await.unwrap();
    let grant = json!({ "request": asked["id"] });
    chair.command("floor.grant", grant).await.unwrap();
    assert!(process.metric("plenary_limited_total") > 0);
    drop((strangers, proxied));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_say_nothing_to_the_ops_address_leave_it_answering() {
    let program = with_few_descriptors();
    let process = program.serve();
    let ops: SocketAddr = process.ops().parse().unwrap();
    let silent: Vec<TcpStream> = (0..300)
        .filter_map(|_| TcpStream::connect_timeout(&ops, WAIT_TIMEOUT).ok())
        .collect();
    let began = Instant::now();
    assert!(is_healthy(&process));
    assert!(began.elapsed() < WAIT_TIMEOUT);
    let config = Config::new(process.server(), program.invitation("tokyo-1"), "climate");
    let (_tokyo, _events) = Participant::join(config).await.unwrap();
    drop(silent);
}
