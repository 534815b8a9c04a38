//! From an accepted connection to its protocol: the TLS handshake, and what comes first on the connection.
//!
//! On the https address a client may speak HTTP/1.1, HTTP/2, which it asks for by ALPN, or TURN. TURN is told by the first byte
//! after the handshake: a STUN message begins with 0 or 1 (RFC 8489, section 5), and no HTTP request does.

use std::{fmt, future::Future, io, net::SocketAddr, pin::Pin, sync::Arc};

use socket2::SockRef;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, BufReader},
    net::TcpStream,
    time::{Instant, timeout},
};
use tokio_rustls::{TlsAcceptor, rustls::ServerConfig, server::TlsStream};

use super::phases::{Phases, TimedStream};
use crate::{
    allowances::count_limited,
    limits::PhaseTimeouts,
    tls::{ACME_TLS, HTTP2, TlsConfigs},
};

/// What waits in a relay's connection that stalls is delivered late, so neither TLS nor the kernel keeps much.
const MAX_RELAY_BUFFER_BYTES: usize = 16 * 1024;

/// What the connections of the https address have that others lack.
#[derive(Debug, Clone)]
pub struct Tls {
    /// How a connection is opened.
    pub configs: TlsConfigs,
    /// Who serves those that carry no HTTP; none closes them.
    pub relay: Option<Arc<dyn Relay>>,
}

/// Serves the connections of the https address that carry TURN (RFC 8656).
pub trait Relay: Send + Sync + fmt::Debug {
    /// Serves a connection until it ends. Its first byte is still to be read. Its place among the connections of the
    /// listener is free again: it is for the relay to say how many of these there may be, and how long they may take.
    fn serve(
        &self,
        stream: Box<dyn RelayStream>,
        peer: SocketAddr,
    ) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// What a relay reads and writes.
pub trait RelayStream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> RelayStream for S {}

/// A decrypted connection whose first byte was looked at.
pub type Decrypted = BufReader<TimedStream<TlsStream<TcpStream>>>;

/// A connection that is open, by its protocol.
pub enum Opened {
    /// HTTP/1.1 without TLS, on the http address.
    Plain(TimedStream<TcpStream>),
    /// HTTP/1.1 inside TLS, which a `WebSocket` needs.
    Http1(Box<Decrypted>),
    /// HTTP/2, which the client asked for by ALPN.
    Http2(Box<TimedStream<TlsStream<TcpStream>>>),
    /// TURN, told by its first byte.
    Relay(Box<dyn RelayStream>),
}

/// Opens a connection of the http address.
pub fn open_plain(stream: TcpStream, timeouts: PhaseTimeouts) -> (Opened, Phases) {
    let phases = Phases::new(timeouts, Instant::now());
    let stream = TimedStream::new(stream, phases.clone());
    (Opened::Plain(stream), phases)
}

/// Opens a connection of the https address. None if its client does not speak TLS, takes too long, or
/// wanted to see a challenge of ACME and nothing else.
pub async fn open_tls(
    stream: TcpStream,
    config: Arc<ServerConfig>,
    timeouts: PhaseTimeouts,
) -> Option<(Opened, Phases)> {
    let handshake = TlsAcceptor::from(config).accept(stream);
    let stream = match timeout(timeouts.header, handshake).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => {
            tracing::debug!(%error, "a TLS handshake failed");
            return None;
        }
        Err(_) => {
            count_limited("handshake_timeout");
            return None;
        }
    };
    let protocol = stream.get_ref().1.alpn_protocol();
    // The handshake was all that an ACME server wanted (RFC 8737, section 3).
    if protocol == Some(ACME_TLS) {
        return None;
    }
    let is_http2 = protocol == Some(HTTP2);
    let phases = Phases::new(timeouts, Instant::now());
    let stream = TimedStream::new(stream, phases.clone());
    if is_http2 {
        phases.multiplex();
        return Some((Opened::Http2(Box::new(stream)), phases));
    }
    // It holds the one byte that is looked at, and copies nothing after it.
    let mut stream = BufReader::with_capacity(1, stream);
    let first = stream.fill_buf().await.ok()?.first().copied()?;
    if first > 1 {
        return Some((Opened::Http1(Box::new(stream)), phases));
    }
    // The relay has deadlines of its own.
    phases.upgrade();
    if let Err(error) = keep_current(&mut stream) {
        tracing::debug!(%error, "a connection of the relay may deliver late");
    }
    Some((Opened::Relay(Box::new(stream)), phases))
}

/// Has a connection refuse what it cannot send soon.
fn keep_current(stream: &mut Decrypted) -> io::Result<()> {
    let (socket, tls) = stream.get_mut().get_mut().get_mut();
    tls.set_buffer_limit(Some(MAX_RELAY_BUFFER_BYTES));
    let limit = u32::try_from(MAX_RELAY_BUFFER_BYTES).unwrap_or(u32::MAX);
    SockRef::from(&*socket).set_tcp_notsent_lowat(limit)
}
