//! One connection that carries media: ICE-TCP, or a client of the relay by TCP or TLS.
//!
//! It reads frames and hands the datagrams in them to the worker of their session, as workers hand datagrams to one
//! another. It writes from a queue that never holds old media, so a connection that stalls loses packets and gains no
//! delay. A TCP connection moves to the thread of its worker with the first check that names one: then nothing on its way
//! crosses threads.

use std::{
    io,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use plenary_transport::{
    framing::{FrameReader, FramingError, Protocol},
    ice,
    outgoing::PacketClass,
    peer::{PeerAddress, RelayAccess, StreamAddress},
    send_queue::Frame,
    turn::{RelayClient, RelayOutput, RelayTransport},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    time::MissedTickBehavior,
};

use crate::{core::Core, hub::Hub, links::Registered, peers::HandedOver, places::Place};

/// A connection has to prove itself within this time.
const PROOF_TIMEOUT: Duration = Duration::from_secs(5);
/// One on which nothing arrives for so long is over. A browser checks a path that it keeps every 25 s at least.
const IDLE_TIMEOUT: Duration = Duration::from_mins(1);
const CHECK_INTERVAL: Duration = Duration::from_secs(1);
/// The most that is handed to the stream in one write. Packets in it can no longer be dropped when the connection stalls.
const WRITE_BYTES: usize = 8 << 10;
/// Room that is made in the buffer before each read.
const READ_BYTES: usize = 16 << 10;

/// A connection whose protocol is known.
pub(crate) struct Connection<S> {
    stream: S,
    state: State,
}

/// A connection but for its stream.
struct State {
    hub: Arc<Hub>,
    reader: FrameReader,
    role: Role,
    registered: Registered,
    place: Place,
    /// The worker of the session that its last check named.
    worker: Option<usize>,
    pending: Vec<u8>,
    written: usize,
    began: Instant,
    last_read: Instant,
}

enum Role {
    Ice(PeerAddress),
    Relay(Box<RelayClient>),
}

/// How a turn of a connection ends.
pub(crate) enum Ending {
    /// The connection has ended, or was ended by a limit.
    Over,
    /// Its session is on another worker's thread.
    Moves(usize),
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// A connection that began with these bytes. None if it asks for a relay and there is none.
    pub(crate) fn new(
        hub: Arc<Hub>,
        stream: S,
        protocol: Protocol,
        beginning: Vec<u8>,
        place: Place,
        (access, remote): (RelayAccess, SocketAddr),
    ) -> Option<Self> {
        let link = hub.links.next_id();
        let role = match protocol {
            Protocol::Ice => Role::Ice(PeerAddress::Stream(StreamAddress { link, remote })),
            Protocol::Turn => {
                let transport = RelayTransport {
                    access,
                    client: remote,
                };
                let server = Arc::clone(hub.relay.as_ref()?);
                Role::Relay(Box::new(RelayClient::new(server, link, transport)))
            }
        };
        let routes = match &role {
            Role::Ice(_) => None,
            Role::Relay(client) => Some(Arc::clone(client.routes())),
        };
        let now = Instant::now();
        let state = State {
            registered: hub.links.add_stream(link, routes),
            hub,
            reader: FrameReader::new(protocol, beginning),
            role,
            place,
            worker: None,
            pending: Vec::new(),
            written: 0,
            began: now,
            last_read: now,
        };
        Some(Self { stream, state })
    }

    /// Serves the connection until it ends, or until its session turns out to be another worker's than `own`.
    pub(crate) async fn run(&mut self, own: Option<usize>, movable: bool) -> Ending {
        let ending = self.serve(own, movable).await;
        if let Ok(Ending::Moves(worker)) = ending {
            return Ending::Moves(worker);
        }
        let State {
            hub,
            registered,
            worker,
            ..
        } = &self.state;
        if let Some(worker) = worker.and_then(|worker| hub.peers.queue(worker)) {
            // It waits for a place: a session must not go on sending into a connection that is gone.
            let _ = worker.send(HandedOver::Closed(registered.id)).await;
        }
        Ending::Over
    }

    async fn serve(&mut self, own: Option<usize>, movable: bool) -> io::Result<Ending> {
        let Self { stream, state } = self;
        let (mut receiver, mut sender) = tokio::io::split(stream);
        let mut check = tokio::time::interval(CHECK_INTERVAL);
        check.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // The first bytes are there already.
        state.take_frames().map_err(io::Error::other)?;
        let mut unflushed = false;
        loop {
            if let Some(worker) = state
                .worker
                .filter(|worker| movable && Some(*worker) != own)
            {
                return Ok(Ending::Moves(worker));
            }
            state.fill();
            let waiting = state.pending.get(state.written..).unwrap_or_default();
            let is_idle = waiting.is_empty();
            let buffer = state.reader.buffer();
            buffer.reserve(READ_BYTES);
            let sending = async {
                if is_idle {
                    return sender.flush().await.map(|()| None);
                }
                sender.write(waiting).await.map(Some)
            };
            tokio::select! {
                read = receiver.read_buf(buffer) => {
                    if read? == 0 {
                        return Ok(Ending::Over);
                    }
                    state.last_read = Instant::now();
                    state.take_frames().map_err(io::Error::other)?;
                }
                sent = sending, if !is_idle || unflushed => {
                    let written = sent?;
                    state.written += written.unwrap_or(0);
                    unflushed = written.is_some();
                }
                () = state.registered.stream.filled(), if is_idle => {}
                () = state.place.ended() => return Ok(Ending::Over),
                _ = check.tick() => {
                    if state.is_over(Instant::now()) {
                        return Ok(Ending::Over);
                    }
                }
            }
        }
    }
}

impl State {
    /// Takes what is written next out of the queue, once everything before it is written.
    fn fill(&mut self) {
        if self.written < self.pending.len() {
            return;
        }
        self.pending.clear();
        self.written = 0;
        let link = &self.registered.stream;
        let dropped = link.take(&mut self.pending, WRITE_BYTES, Instant::now());
        self.hub.counters.count_late(dropped);
    }

    /// Whether the connection has not proved itself in time, or has gone silent.
    fn is_over(&mut self, now: Instant) -> bool {
        let has_proved = match &mut self.role {
            Role::Ice(_) => self.registered.stream.is_proven(),
            Role::Relay(client) => {
                client.expire(now);
                client.is_allocated()
            }
        };
        if has_proved {
            self.place.prove();
            self.began = now;
        }
        now.saturating_duration_since(self.began) >= PROOF_TIMEOUT
            || now.saturating_duration_since(self.last_read) >= IDLE_TIMEOUT
    }

    /// Takes every whole frame out of what has been read.
    fn take_frames(&mut self) -> Result<(), FramingError> {
        let Self {
            hub,
            reader,
            role,
            registered,
            worker,
            ..
        } = self;
        while let Some(frame) = reader.next_frame()? {
            let (from, datagram) = match role {
                Role::Ice(from) => (*from, frame),
                Role::Relay(client) => {
                    match client.handle(frame, Instant::now(), SystemTime::now()) {
                        RelayOutput::Nothing => continue,
                        RelayOutput::Respond { bytes, .. } => {
                            let frame = Frame::new(bytes);
                            registered
                                .stream
                                .push(PacketClass::Control, frame, Instant::now());
                            continue;
                        }
                        RelayOutput::Deliver { from, range } => {
                            let Some(datagram) = frame.get_mut(range) else {
                                continue;
                            };
                            (from, datagram)
                        }
                    }
                }
            };
            if ice::classify(datagram) == Some(ice::Datagram::Stun)
                && let Some(named) = Core::worker_of(datagram)
            {
                *worker = Some(named);
            }
            hub.counters.received_by(from.kind(), 1, datagram.len());
            match worker {
                Some(worker) => hub.peers.bring(*worker, from, datagram),
                // Nothing is known of a connection before its first check.
                None => hub.counters.refuse_datagram(),
            }
        }
        Ok(())
    }
}

impl<S> Connection<S> {
    /// The same connection with another stream, for one that moves between runtimes.
    pub(crate) fn try_map<T>(
        self,
        map: impl FnOnce(S) -> io::Result<T>,
    ) -> io::Result<Connection<T>> {
        Ok(Connection {
            stream: map(self.stream)?,
            state: self.state,
        })
    }
}

impl Connection<TcpStream> {
    /// Has a worker go on with the connection.
    pub(crate) fn move_to(self, worker: usize) {
        let hub = Arc::clone(&self.state.hub);
        let moved = self.try_map(TcpStream::into_std);
        if let (Ok(moved), Some(adopter)) = (moved, hub.adopters.get(worker)) {
            // A worker is gone only when the process ends.
            let _ = adopter.send(moved);
        }
    }
}
