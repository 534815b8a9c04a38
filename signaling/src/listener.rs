//! Accepts connections: a small buffer for each, a deadline for their first words, and a drain at the end.
//!
//! By hand instead of `axum::serve`, which has no deadline for a request's header: a thousand connections that say
//! nothing would stay for ever.

use std::{future::Future, io, net::SocketAddr, time::Duration};

use axum::Router;
use hyper::{
    Request,
    body::Incoming,
    server::conn::http1,
    service::{Service, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::watch,
};

/// How long a connection may take to say what it wants, the first time and every time after.
const HEADER_DEADLINE: Duration = Duration::from_secs(10);
/// How long requests under way may take to end when the server drains.
const DRAIN_DEADLINE: Duration = Duration::from_secs(5);
/// What the kernel keeps for one slow reader, at most; the default grows to megabytes.
const SEND_BUFFER: u32 = 256 * 1024;
/// Waiting connections.
const BACKLOG: u32 = 1024;
/// A header that is larger is refused; also what hyper keeps for a connection.
const HEADER_BYTES: usize = 16 * 1024;

/// Who is at the other end of a connection.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// Binds; accepted connections inherit the options.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    socket.set_reuseaddr(true)?;
    socket.set_send_buffer_size(SEND_BUFFER)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Serves until `stop` is ready, then lets requests under way end.
pub async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    // Each connection holds a receiver: it hears of the end through it, and the last one dropped is the end.
    let (draining, _) = watch::channel(());
    let mut stop = std::pin::pin!(stop);
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    let draining = draining.subscribe();
                    tokio::spawn(attend(stream, Peer(peer), router.clone(), draining));
                }
                Err(error) => {
                    // Out of file descriptors, most likely: those who are connected are served meanwhile.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            },
            () = &mut stop => break,
        }
    }
    drop(listener);
    draining.send_replace(());
    if tokio::time::timeout(DRAIN_DEADLINE, draining.closed())
        .await
        .is_err()
    {
        tracing::warn!("some requests did not end in time");
    }
}

async fn attend(stream: TcpStream, peer: Peer, router: Router, mut draining: watch::Receiver<()>) {
    // A client that is gone already shows at the first read.
    let _ = stream.set_nodelay(true);
    let router = TowerToHyperService::new(router);
    let told = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        router.call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_DEADLINE)
        .max_buf_size(HEADER_BYTES)
        .serve_connection(TokioIo::new(stream), told)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        _ = draining.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended badly");
    }
}
