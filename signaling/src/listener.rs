//! Accepts HTTP connections with small buffers, a deadline for each phase of a request, and a drain at shutdown.
//!
//! It replaces `axum::serve`, which has no deadlines: a thousand silent connections would never end. Which connections
//! there may be is decided in [`crate::connections`], how long a client may take in [`phases`] and [`body`].

mod answer;
mod body;
mod open;
mod pace;
mod phases;
mod proxy_protocol;
mod turn;

use std::{
    convert::Infallible, future::Future, io, net::SocketAddr, pin::pin, sync::Arc, time::Duration,
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
    server::conn::{http1, http2},
    service::{Service as _, service_fn},
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use plenary_protocol::{Code, Problem};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::watch,
    time::timeout,
};

use self::{
    answer::Answer,
    body::TimedBody,
    open::{Opened, open_plain, open_tls},
    phases::{Late, Phases},
    turn::Turn,
};
pub use self::{
    body::BodyError,
    open::{Relay, RelayStream, Tls},
};
use crate::{
    allowances::count_limited,
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
/// How many requests a connection of HTTP/2 may have at once. A browser loads the page with fewer.
const MAX_STREAMS: u32 = 32;
/// How many requests a client of HTTP/2 may have cancelled before they were looked at ("rapid reset", CVE-2023-44487).
const MAX_RESET_STREAMS: usize = 32;
/// What a connection of HTTP/2 may send before the server has read it, in all and for a request.
const WINDOW_BYTES: u32 = 256 * 1024;
/// What the server keeps of an answer that the client does not take yet.
const MAX_SEND_BYTES: usize = 64 * 1024;

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
    /// On the https address.
    pub tls: Option<Tls>,
    /// `listen.proxy_protocol`: whether proxies name the client before everything else.
    pub proxy_protocol: bool,
}

/// How a request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Via {
    /// Whether it came by the server's own TLS.
    pub is_tls: bool,
    /// Whether it came by one of the proxies in front.
    pub is_of_proxy: bool,
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
            return Ok((stream, Peer(peer, Arc::new(connection))));
        }
    }
}

/// The address at the other end of a connection, and the connection's place.
#[derive(Debug, Clone)]
struct Peer(SocketAddr, Arc<Connection>);

async fn attend(
    stream: TcpStream,
    peer: Peer,
    service: Service,
    mut draining: watch::Receiver<()>,
) {
    // A client that is gone shows at the first read.
    let _ = stream.set_nodelay(true);
    let place = Arc::clone(&peer.1);
    let opened = tokio::select! {
        opened = open(stream, peer, &service) => opened,
        () = place.ended() => return,
        _ = draining.changed() => return,
    };
    let Some((opened, phases, peer)) = opened else {
        return;
    };
    let served = Served {
        peer,
        phases,
        timeouts: service.timeouts,
        is_tls: service.tls.is_some(),
        router: TowerToHyperService::new(service.router),
    };
    match opened {
        Opened::Plain(stream) => serve_http1(stream, served, place, draining).await,
        Opened::Http1(stream) => serve_http1(*stream, served, place, draining).await,
        Opened::Http2(stream) => serve_http2(*stream, served, place, draining).await,
        Opened::Relay(stream) => {
            let (peer, relay) = (served.peer.0, service.tls.and_then(|tls| tls.relay));
            // The relay counts its connections itself.
            drop((served, place));
            let Some(relay) = relay else { return };
            tokio::select! {
                () = relay.serve(stream, peer) => {}
                _ = draining.changed() => {}
            }
        }
    }
}

async fn open(
    mut stream: TcpStream,
    mut peer: Peer,
    service: &Service,
) -> Option<(Opened, Phases, Peer)> {
    if service.proxy_protocol && peer.1.is_of_proxy() {
        name_client(&mut stream, &mut peer, service.timeouts.header).await?;
    }
    let Some(tls) = &service.tls else {
        let (opened, phases) = open_plain(stream, service.timeouts);
        return Some((opened, phases, peer));
    };
    let config = if peer.1.is_of_proxy() {
        &tls.configs.proxies
    } else {
        &tls.configs.clients
    };
    let (opened, phases) = open_tls(stream, Arc::clone(config), service.timeouts).await?;
    Some((opened, phases, peer))
}

/// Reads from a proxy whose connection it is. None if it does not say so as it should.
async fn name_client(stream: &mut TcpStream, peer: &mut Peer, limit: Duration) -> Option<()> {
    let Peer(address, connection) = peer;
    match timeout(limit, proxy_protocol::read(stream)).await {
        Ok(Ok(client)) => {
            if let Some(client) = client {
                connection.give_to_client(client.ip()).ok()?;
                *address = client;
            }
            Some(())
        }
        Ok(Err(error)) => {
            tracing::warn!(proxy = %address.ip(), "{error}");
            None
        }
        Err(_) => {
            count_limited("header_timeout");
            None
        }
    }
}

/// What the requests of a connection are served with.
#[derive(Clone)]
struct Served {
    peer: Peer,
    phases: Phases,
    timeouts: PhaseTimeouts,
    is_tls: bool,
    router: TowerToHyperService<Router>,
}

async fn serve_http1(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    served: Served,
    place: Arc<Connection>,
    mut draining: watch::Receiver<()>,
) {
    let answer = service_fn(move |request| answer(request, served.clone()));
    let connection = http1::Builder::new()
        .max_buf_size(MAX_HEADER_BYTES)
        .serve_connection(TokioIo::new(stream), answer)
        .with_upgrades();
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = place.ended() => return,
        _ = draining.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    log_bad_end(ended);
}

async fn serve_http2(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    served: Served,
    place: Arc<Connection>,
    mut draining: watch::Receiver<()>,
) {
    let (phases, goodbye) = (served.phases.clone(), served.timeouts.header);
    let answer = service_fn(move |request| answer(request, served.clone()));
    let connection = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_STREAMS)
        .max_pending_accept_reset_streams(MAX_RESET_STREAMS)
        .max_header_list_size(u32::try_from(MAX_HEADER_BYTES).unwrap_or(u32::MAX))
        .initial_connection_window_size(WINDOW_BYTES)
        .initial_stream_window_size(WINDOW_BYTES)
        .max_send_buf_size(MAX_SEND_BYTES)
        .serve_connection(TokioIo::new(stream), answer);
    let mut connection = pin!(connection);
    let late = tokio::select! {
        ended = connection.as_mut() => return log_bad_end(ended),
        () = place.ended() => return,
        _ = draining.changed() => None,
        late = phases.late() => Some(late),
    };
    if late == Some(Late::Answer) {
        return;
    }
    // GOAWAY: the client sends its next requests by another connection.
    connection.as_mut().graceful_shutdown();
    tokio::select! {
        ended = timeout(goodbye, connection) => ended.map_or((), log_bad_end),
        () = place.ended() => {}
        Late::Answer = phases.late() => {}
    }
}

fn log_bad_end(ended: Result<(), hyper::Error>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended badly");
    }
}

/// Answers a request, and keeps the books of its connection.
async fn answer(
    request: Request<Incoming>,
    served: Served,
) -> Result<Response<Answer<Body>>, Infallible> {
    let Peer(peer, connection) = served.peer;
    let proxies = connection.proxies();
    let origin = Origin::from(origin::address(peer.ip(), request.headers(), proxies));
    let turn = Turn::begin(Arc::clone(&connection), served.phases);
    if connection.begin_request(origin).is_err() {
        let detail = "Too many requests of your address are not answered yet; wait a moment.";
        let refused = Refusal::from(Problem::new(Code::RateLimited, detail)).into_response();
        return Ok(refused.map(|body| Answer::new(body, turn)));
    }
    let timeout = served.timeouts.body;
    let mut request = request.map(|body| TimedBody::new(body, timeout, Arc::clone(&turn)));
    let via = Via {
        is_tls: served.is_tls,
        is_of_proxy: connection.is_of_proxy(),
    };
    let extensions = request.extensions_mut();
    extensions.insert(origin);
    extensions.insert(via);
    extensions.insert(connection);
    let Ok(response) = served.router.call(request).await;
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        turn.upgrade();
        return Ok(response.map(Answer::last));
    }
    Ok(response.map(|body| Answer::new(body, turn)))
}

#[cfg(test)]
mod tests;
