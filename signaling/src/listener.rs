//! Accepts HTTP connections with small buffers, a timeout for each request's header, and a drain at shutdown.
//!
//! It replaces `axum::serve`, which has no timeout for a request's header: a thousand silent connections would never end.

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

/// How long a connection may take to send a request's header.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// How long pending requests may take when the server drains.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);
/// What the kernel buffers for one slow reader; its default grows to megabytes.
const SEND_BUFFER_BYTES: u32 = 256 * 1024;
/// How many connections may wait to be accepted.
const BACKLOG_CONNECTIONS: u32 = 1024;
/// The largest request header, and the buffer that hyper keeps for a connection.
const MAX_HEADER_BYTES: usize = 16 * 1024;

/// The address at the other end of a connection.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// Binds a listening socket. Accepted connections inherit its options.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    socket.set_reuseaddr(true)?;
    socket.set_send_buffer_size(SEND_BUFFER_BYTES)?;
    socket.bind(address)?;
    socket.listen(BACKLOG_CONNECTIONS)
}

/// Serves until `stop` completes, then lets pending requests end.
pub async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    // Each connection holds a receiver: it learns of the drain through it, and the drain ends when the last is dropped.
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
                    // Most likely the process is out of file descriptors; the accepted connections are served meanwhile.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            },
            () = &mut stop => break,
        }
    }
    drop(listener);
    draining.send_replace(());
    if tokio::time::timeout(DRAIN_TIMEOUT, draining.closed())
        .await
        .is_err()
    {
        tracing::warn!("some requests did not end in time");
    }
}

async fn attend(stream: TcpStream, peer: Peer, router: Router, mut draining: watch::Receiver<()>) {
    // A client that is gone shows at the first read.
    let _ = stream.set_nodelay(true);
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        router.call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(MAX_HEADER_BYTES)
        .serve_connection(TokioIo::new(stream), service)
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
