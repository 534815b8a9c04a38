//! Where a datagram comes from and goes to: one kind of address more than the socket knows.
//!
//! Beside UDP, a client is reached by a TCP connection (ICE-TCP, RFC 6544), or through this server's own relay (TURN,
//! RFC 8656). Both end in this crate as an address, so what is above it tells sessions apart in one way. The address of a
//! TCP connection can never be mistaken for a UDP address: anybody can forge the latter, nobody can the former.

use std::{fmt, net::SocketAddr};

/// Where a datagram comes from and goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PeerAddress {
    /// The address of a UDP datagram.
    Udp(SocketAddr),
    /// A TCP connection to the media port that carries datagrams in frames.
    Stream(StreamAddress),
    /// The relayed address of a client that uses this server's relay.
    Relayed(RelayedAddress),
}

/// The number of a connection or of a relay's client, which is never used again while the process lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LinkId(pub u64);

/// A TCP connection that carries datagrams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamAddress {
    /// The connection that carries the datagrams.
    pub link: LinkId,
    /// Its other end, for logs and STUN.
    pub remote: SocketAddr,
}

/// A relayed address together with the address of this server at which the relay's client sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RelayedAddress {
    /// The relay's client, as the relay sees it.
    pub link: LinkId,
    /// Which of the server's own addresses the client believes to be its peer: its place among the candidates. What goes
    /// back has to come from there.
    pub candidate: u8,
    /// How the client reaches the relay.
    pub access: RelayAccess,
    /// The address that the relay has given to the client.
    pub relayed: SocketAddr,
}

/// How a client reaches the relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum RelayAccess {
    Udp,
    Tcp,
    Tls,
}

/// The kind of path by which a client is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum PathKind {
    Udp,
    Tcp,
    TurnUdp,
    TurnTcp,
    TurnTls,
}

impl PathKind {
    /// Every kind, the one that costs least first.
    pub const ALL: [Self; 5] = [
        Self::Udp,
        Self::Tcp,
        Self::TurnUdp,
        Self::TurnTcp,
        Self::TurnTls,
    ];

    /// Its name in reports and metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::TurnUdp => "turn-udp",
            Self::TurnTcp => "turn-tcp",
            Self::TurnTls => "turn-tls",
        }
    }
}

impl PeerAddress {
    /// The address that the client has towards this server, which a connectivity check is answered with.
    pub const fn reflexive(&self) -> SocketAddr {
        match self {
            Self::Udp(address) => *address,
            Self::Stream(stream) => stream.remote,
            Self::Relayed(relayed) => relayed.relayed,
        }
    }

    /// The kind of path that it is.
    pub const fn kind(&self) -> PathKind {
        match self {
            Self::Udp(_) => PathKind::Udp,
            Self::Stream(_) => PathKind::Tcp,
            Self::Relayed(relayed) => match relayed.access {
                RelayAccess::Udp => PathKind::TurnUdp,
                RelayAccess::Tcp => PathKind::TurnTcp,
                RelayAccess::Tls => PathKind::TurnTls,
            },
        }
    }

    /// The connection or relay's client that it belongs to; none for UDP.
    pub const fn link(&self) -> Option<LinkId> {
        match self {
            Self::Udp(_) => None,
            Self::Stream(stream) => Some(stream.link),
            Self::Relayed(relayed) => Some(relayed.link),
        }
    }
}

impl From<SocketAddr> for PeerAddress {
    fn from(address: SocketAddr) -> Self {
        Self::Udp(address)
    }
}

/// The kind and the address, as reports name a path: `udp 203.0.113.5:50000`.
impl fmt::Display for PeerAddress {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.kind().name(), self.reflexive())
    }
}
