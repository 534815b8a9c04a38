//! Accepts HTTP connections with small buffers, a deadline for each phase of a request, and a drain at shutdown.
//!
//! It replaces `axum::serve`, which has no deadlines: a thousand silent connections would never end. Which connections
//! there may be is decided in [`crate::connections`], how long a client may take in [`phases`] and [`body`].

mod body;
mod pace;
mod phases;

use std::{
    convert::Infallible,
    future::Future,
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use hyper::{
    Request,
    body::Incoming,
    server::conn::http1,
    service::{Service as _, service_fn},
};
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use plenary_protocol::{Code, Problem};
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::watch,
    time::Instant,
};

pub use self::body::BodyError;
use self::{
    body::{Answer, PendingRequest, TimedBody},
    phases::{Phases, TimedStream},
};
use crate::{
    connections::{Connection, Connections},
    http::origin,
    limits::PhaseTimeouts,
    rate::Origin,
    refusal::Refusal,
};

/// How long pending requests may take when the server drains.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);
/// The bytes that the kernel buffers for one slow reader; its default grows to megabytes.
const SEND_BUFFER_BYTES: u32 = 256 * 1024;
/// How many connections may wait to be accepted.
const BACKLOG_CONNECTIONS: u32 = 1024;
/// The largest request header, and the buffer that hyper keeps for a connection.
const MAX_HEADER_BYTES: usize = 16 * 1024;

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

/// What serves the connections of an address.
#[derive(Debug, Clone)]
pub struct Service {
    /// The handlers.
    pub router: Router,
    /// The connections that there are.
    pub connections: Connections,
    /// How long their clients may take.
    pub timeouts: PhaseTimeouts,
}

/// Serves until `stop` completes, then lets pending requests end.
pub async fn serve(listener: TcpListener, service: Service, stop: impl Future<Output = ()>) {
    // Each connection holds a receiver: it learns of the drain through it, and the drain ends when the last is dropped.
    let (draining, _) = watch::channel(());
    let mut stop = std::pin::pin!(stop);
    loop {
        tokio::select! {
            accepted = accept(&listener, &service.connections) => match accepted {
                Ok((stream, connection)) => {
                    let draining = draining.subscribe();
                    tokio::spawn(attend(stream, connection, service.clone(), draining));
                }
                Err(error) => {
                    // The accepted connections are served meanwhile.
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

/// Accepts the next connection that there is a place for.
async fn accept(
    listener: &TcpListener,
    connections: &Connections,
) -> io::Result<(TcpStream, Peer)> {
    loop {
        let socket = connections.socket().await.map_err(io::Error::other)?;
        let (stream, peer) = listener.accept().await?;
        if let Ok(connection) = connections.admit(peer.ip(), socket) {
            return Ok((stream, Peer(peer.ip(), Arc::new(connection))));
        }
    }
}

/// The address at the other end of a connection, and the connection's place.
#[derive(Debug, Clone)]
struct Peer(IpAddr, Arc<Connection>);

async fn attend(
    stream: TcpStream,
    peer: Peer,
    service: Service,
    mut draining: watch::Receiver<()>,
) {
    // A client that is gone shows at the first read.
    let _ = stream.set_nodelay(true);
    let phases = Phases::new(service.timeouts, Instant::now());
    let stream = TimedStream::new(stream, phases.clone());
    let place = Arc::clone(&peer.1);
    let router = TowerToHyperService::new(service.router);
    let timeouts = service.timeouts;
    let answer = service_fn(move |request: Request<Incoming>| {
        let (peer, phases, router) = (peer.clone(), phases.clone(), router.clone());
        async move { Ok::<_, Infallible>(answer(request, peer, phases, timeouts, router).await) }
    });
    let connection = http1::Builder::new()
        .max_buf_size(MAX_HEADER_BYTES)
        .serve_connection(TokioIo::new(stream), answer)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = place.ended() => return,
        _ = draining.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended badly");
    }
}

/// Answers a request, and keeps the books of its connection.
async fn answer(
    request: Request<Incoming>,
    Peer(peer, connection): Peer,
    phases: Phases,
    timeouts: PhaseTimeouts,
    router: TowerToHyperService<Router>,
) -> Response<Answer<Body>> {
    let origin = Origin::from(origin::address(
        peer,
        request.headers(),
        connection.proxies(),
    ));
    let pending = PendingRequest::new(Arc::clone(&connection), phases);
    if connection.begin_request(origin).is_err() {
        let detail = "Too many requests of your address are not answered yet; wait a moment.";
        let refused = Refusal::from(Problem::new(Code::RateLimited, detail)).into_response();
        return refused.map(|body| Answer::new(body, pending));
    }
    let mut request =
        request.map(|body| TimedBody::new(body, timeouts.body, Arc::clone(&connection)));
    request.extensions_mut().insert(origin);
    request.extensions_mut().insert(connection);
    let Ok(response) = router.call(request).await;
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        pending.upgrade();
        return response.map(Answer::last);
    }
    response.map(|body| Answer::new(body, pending))
}
