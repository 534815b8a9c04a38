//! The types by which the rest of the program uses the engine.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use plenary_ids::{PersonId, RoomId};
use plenary_scene::{Reach, SlotShows, Source};
use plenary_transport::turn::TurnSecret;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// TCP connections of a server that says nothing else.
const DEFAULT_MAX_STREAMS: usize = 4096;

/// Where the engine listens and what it tells clients about itself.
#[derive(Debug, Clone)]
pub struct MediaConfig {
    /// The one address of all media, UDP and TCP; port 0 picks a port that is free for both.
    pub listen: SocketAddr,
    /// The addresses that answers name as candidates; empty: the machine's own, loopback last.
    pub addresses: Vec<IpAddr>,
    /// How many threads forward; rooms are spread over them.
    pub workers: usize,
    /// How many TCP connections there may be, of ICE-TCP and of the relay together.
    pub max_streams: usize,
    /// The secret of the relay in this process; none for no relay.
    pub relay: Option<TurnSecret>,
}

impl MediaConfig {
    /// The defaults for a listening address: the machine's own candidates, one thread per core.
    pub fn new(listen: SocketAddr) -> Self {
        let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            listen,
            addresses: Vec::new(),
            workers,
            max_streams: DEFAULT_MAX_STREAMS,
            relay: TurnSecret::random(),
        }
    }
}

/// One client's media connection, unique while the process lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(pub u64);

impl SessionId {
    /// The id of a worker's nth session. It carries the worker, so that a command finds it without a registry.
    pub(crate) fn new(worker: usize, nth: u64) -> Self {
        Self((worker as u64) << 48 | nth)
    }

    /// The worker whose session it is.
    pub(crate) fn worker(self) -> usize {
        usize::try_from(self.0 >> 48).unwrap_or(usize::MAX)
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "m{}", self.0)
    }
}

/// Why a slot cannot carry what is wanted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the names say it")]
pub enum WantError {
    /// No such session, or it has ended.
    #[error("this media session has ended")]
    Gone,
    /// The session has no such receiving line.
    #[error("no line on which you receive is called {0:.40?}")]
    NoLine(String),
    /// Sound is wanted where pictures are received, or the other way round.
    #[error("the line {mid:?} does not carry {wants:?}, which is of another kind")]
    Kind {
        mid: String,
        /// The purpose that was asked for.
        wants: String,
    },
}

/// Why an offer was not taken.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// The offer cannot be read or lacks what a session needs.
    #[error("{0}")]
    Offer(String),
    /// The offer can be read, and has no line that can be served.
    #[error("{0}")]
    Unusable(String),
    /// No such session, or it has ended.
    #[error("this media session has ended")]
    Gone,
    /// The offer's certificate is not that of the session: a new connection, which has to join.
    #[error("this offer is another connection's")]
    CertificateChanged,
    /// The engine carries as much as it can; another session would be at the cost of those that are there.
    #[error(
        "this server carries as many participants as it can with good sound and pictures; try again in a minute"
    )]
    Overloaded,
    /// The engine is at its limit of sessions, or shutting down.
    #[error("the media engine takes no further sessions")]
    Full,
}

/// A report of the engine about a session. Each is a state, of which only the latest counts.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum MediaEvent {
    /// ICE and DTLS are through; media can flow.
    Connected,
    /// The session has ended, or its path was lost. Nothing follows.
    Disconnected { reason: DisconnectReason },
    /// The content of the session's slots has changed; all slots are listed.
    Slots {
        /// Every slot, in the order of the offer's lines.
        slots: Vec<SlotShows>,
    },
    /// The participant speaks, and the scene allows the microphone. It is reported once a second meanwhile; the first
    /// report starts the speech clock.
    Voice,
    /// How loud a microphone is that publishes; at most five times a second.
    Level {
        /// The loudest since the last, in dB relative to overload (RFC 6464): 0 to -127.
        dbov: i8,
    },
    /// What the server receives from the publishing device has changed.
    Received(Received),
    /// The participants among the voices of the room who speak now.
    Speaking { participants: Arc<[PersonId]> },
    /// Nothing arrives any more from the session that publishes, or something arrives again. It is reported as soon as
    /// a stalled recording should be noticed; a picture that is only late stays in its slots for longer.
    Flow { flows: bool },
    /// The set of sources that arrive from the session has changed.
    Publishing { sources: Vec<Source> },
}

/// The sources of a session that are received.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Received {
    /// Whether sound arrives that is not silence.
    pub microphone: bool,
    /// Whether video packets of the camera arrive.
    pub camera: bool,
}

/// Why a session has no path any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum DisconnectReason {
    /// Consent was not renewed: nothing was received from the client for too long (RFC 7675).
    Silence,
    /// The DTLS handshake failed or did not finish.
    Handshake,
    Closed,
}

/// How one session is doing, from the server's own RTCP.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct SessionFigures {
    pub session: SessionId,
    pub room: RoomId,
    pub person: PersonId,
    pub connected: bool,
    /// The path that ICE settled on: its kind and the client's address, as `udp 203.0.113.5:50000`. The kinds are `udp`,
    /// `tcp` (ICE-TCP), and by the relay `turn-udp`, `turn-tcp`, `turn-tls`.
    pub path: Option<String>,
    pub rtt_ms: Option<f64>,
    /// Fraction of packets lost on the way to the client, as it reports, 0 to 1.
    pub loss_down: f64,
    /// Fraction of packets lost on the way from the client, 0 to 1.
    pub loss_up: f64,
    /// Interarrival jitter of what arrives from the client, milliseconds, the worst source's.
    pub jitter_ms: f64,
    /// Bits per second to the client.
    pub bitrate_down: u64,
    /// Bits per second from the client.
    pub bitrate_up: u64,
    /// The estimated bandwidth of the path to the client, bits per second, if there is an estimate.
    pub estimate: Option<u64>,
    /// Each source that the session sends.
    pub sources: Vec<SourceFigures>,
    pub slots: Vec<SlotShows>,
    /// The sources that it would be shown if its client could decode them.
    pub undecodable: Vec<UndecodableSource>,
}

/// A source that stays out of a listener's slots, because it comes in a codec that the listener's client did not offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[expect(missing_docs, reason = "the names say it")]
pub struct UndecodableSource {
    pub participant: PersonId,
    pub source: Source,
    pub codec: &'static str,
}

/// How one source of a session is doing.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[expect(missing_docs, reason = "the names say it")]
pub struct SourceFigures {
    pub source: Source,
    pub packets: u64,
    /// Fraction lost on the way in, 0 to 1.
    pub loss: f64,
    pub jitter_ms: f64,
    pub layers: usize,
    /// The codec's name, once a packet has arrived.
    pub codec: Option<&'static str>,
    /// Whether the gate lets it through, and how far.
    pub reach: Option<Reach>,
}

/// Counts since the start, of all rooms.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct CountersSnapshot {
    /// RTP packets received and authenticated.
    pub packets_received: u64,
    /// RTP packets sent to listeners.
    pub packets_forwarded: u64,
    /// RTP packets dropped because the gate does not name their source.
    pub packets_gated: u64,
    /// Packets forwarded though an independent check finds them not allowed; anything but 0 is a fault.
    pub ungranted_packets_forwarded: u64,
    /// Packets recorded though the same check finds them not allowed; anything but 0 is a fault.
    pub ungranted_packets_recorded: u64,
    /// Packets repaired from the cache.
    pub packets_retransmitted: u64,
    pub keyframes_requested: u64,
    /// Times that a source stayed out of a listener's slots because the listener's client cannot decode it.
    pub sources_not_decodable: u64,
    /// Datagrams that could not be opened: forged, replayed, or rubbish.
    pub datagrams_refused: u64,
    /// Packets that were not sealed because their index had been used; anything but 0 is a fault.
    pub indices_refused: u64,
    /// Datagrams that were dropped on their way to the worker of their session, because too many waited there.
    pub handed_over_dropped: u64,
    /// Messages between the threads of one room that did not fit into a queue.
    pub frames_dropped: u64,
    /// Packets that came from another thread of a room under a scene that was not in force yet.
    pub packets_fenced: u64,
    /// Media connections that ended before media could flow: no DTLS handshake, or none that succeeds.
    pub handshakes_failed: u64,
    /// Sessions that were not admitted because their thread was too busy.
    pub joins_refused: u64,
    /// How much the busiest thread has given up: nothing, newcomers, tiles, the large stage (0 to 3).
    pub degradation: u64,
    /// Milliseconds in a second in which the busiest thread had something to do.
    pub busy_millis: u64,
    pub sessions: u64,
    /// Connections of ICE-TCP and of the relay that are open.
    pub streams: u64,
    /// Media packets that were dropped because they had waited for a stalled connection.
    pub packets_late: u64,
    /// What went in and out by each kind of path.
    pub paths: [PathFigures; 5],
}

/// What went in and out by one kind of path since the start: datagrams as the client sent them, packets as it gets them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct PathFigures {
    /// `udp`, `tcp`, `turn-udp`, `turn-tcp` or `turn-tls`.
    pub kind: &'static str,
    pub packets_in: u64,
    pub bytes_in: u64,
    pub packets_out: u64,
    pub bytes_out: u64,
}

/// How long a session may be silent (no ICE check, no media) before it counts as lost.
pub(crate) const SILENCE_TIMEOUT: Duration = Duration::from_secs(15);
