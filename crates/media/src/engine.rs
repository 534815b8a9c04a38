//! The handle that the rest of the program holds: it starts the forwarding threads and sends them commands.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::{Duration, SystemTime},
};

use plenary_ids::{PersonId, RoomId};
use plenary_scene::{Scene, SlotWant};
use plenary_transport::{
    dtls::Certificate,
    turn::{RelayLimits, RelayServer, TurnCredentials},
    udp::{Socket, local_addresses},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::{mpsc, oneshot, watch},
};

use crate::{
    api::{CountersSnapshot, JoinError, MediaConfig, SessionFigures, SessionId, WantError},
    command::{Command, Joined},
    core::Join,
    counters::Counters,
    hub::{self, Hub},
    links::Links,
    peers::Peers,
    placement::{BUSY_MILLIS, Change, Placement},
    places::{Places, StreamLimits},
    recording::{RecordedFrames, RecordedTrack},
    spread::MAX_WAITING_FRAMES,
    tap::Tap,
    tcp,
    worker::Worker,
};

/// Forwarding threads of one process.
pub(crate) const MAX_WORKERS: usize = 64;

/// The media engine. Cloning it copies a pointer; the threads end when the last clone is dropped.
#[derive(Debug, Clone)]
pub struct Media {
    pub(crate) shared: Arc<Shared>,
}

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) local: SocketAddr,
    candidates: Vec<SocketAddr>,
    pub(crate) workers: Vec<mpsc::UnboundedSender<Command>>,
    hub: Arc<Hub>,
    placement: Placement,
    /// The thread that accepts connections ends without it.
    _running: watch::Sender<()>,
}

impl Media {
    /// Binds the port and starts the forwarding threads.
    pub fn start(config: &MediaConfig) -> io::Result<Self> {
        Self::start_with(config, || None)
    }

    /// The same with a tap for each thread, into which goes what is recorded.
    pub fn start_with(
        config: &MediaConfig,
        mut tap: impl FnMut() -> Option<Box<dyn Tap>>,
    ) -> io::Result<Self> {
        let count = config.workers.clamp(1, MAX_WORKERS);
        let (first, listener) = bind(config.listen)?;
        let local = first.local_addr()?;
        let mut sockets = vec![first];
        for _ in 1..count {
            sockets.push(Socket::bind(local, true)?);
        }
        let addresses = if !config.addresses.is_empty() {
            config.addresses.clone()
        } else if local.ip().is_unspecified() {
            local_addresses()
                .into_iter()
                .filter(|address| address.is_ipv4() || local.is_ipv6())
                .collect()
        } else {
            vec![local.ip()]
        };
        let candidates: Vec<_> = addresses
            .into_iter()
            .map(|address| SocketAddr::new(address, local.port()))
            .collect();
        let certificate = Arc::new(Certificate::generate().map_err(io::Error::other)?);
        let counters = Arc::new(Counters::default());
        let (workers, commands): (Vec<_>, Vec<_>) =
            sockets.iter().map(|_| mpsc::unbounded_channel()).unzip();
        let (peers, handed_over) = Peers::new(sockets.len(), counters.clone());
        let (adopters, adopted): (Vec<_>, Vec<_>) =
            sockets.iter().map(|_| mpsc::unbounded_channel()).unzip();
        let (frames, told): (Vec<_>, Vec<_>) = sockets
            .iter()
            .map(|_| mpsc::channel(MAX_WAITING_FRAMES))
            .unzip();
        let publish_generations = Arc::default();
        let relay = config.relay.clone().and_then(|secret| {
            RelayServer::new(secret, candidates.clone(), RelayLimits::default())
        });
        let hub = Arc::new(Hub {
            links: Arc::new(Links::new(counters.clone())),
            peers,
            relay: relay.map(Arc::new),
            places: Places::new(StreamLimits::new(config.max_streams)),
            counters,
            frames,
            adopters,
        });
        let receivers = commands.into_iter().zip(handed_over).zip(adopted).zip(told);
        for (number, (socket, (((commands, handed_over), adopted), told))) in
            sockets.into_iter().zip(receivers).enumerate()
        {
            Worker {
                number,
                socket,
                commands,
                handed_over,
                adopted,
                told,
                publish_generations: Arc::clone(&publish_generations),
                certificate: certificate.clone(),
                candidates: candidates.clone(),
                hub: hub.clone(),
                tap: tap(),
            }
            .spawn()?;
        }
        let running = watch::Sender::new(());
        tcp::spawn(listener, hub.clone(), running.subscribe())?;
        Ok(Self {
            shared: Arc::new(Shared {
                local,
                candidates,
                placement: Placement::new(workers.len()),
                workers,
                hub,
                _running: running,
            }),
        })
    }

    /// The address that the engine listens on, with the port that was picked.
    pub fn local_addr(&self) -> SocketAddr {
        self.shared.local
    }

    /// The addresses that answers name, best first.
    pub fn candidates(&self) -> &[SocketAddr] {
        &self.shared.candidates
    }

    /// Credentials for the relay in this process, for one participant and so long; none if there is no relay.
    pub fn relay_credentials(
        &self,
        person: &PersonId,
        lifetime: Duration,
    ) -> Option<TurnCredentials> {
        let relay = self.shared.hub.relay.as_ref()?;
        Some(relay.credentials(person.as_str(), SystemTime::now(), lifetime))
    }

    /// Credentials for the relay in this process, for so long, for a guest at that network who is no participant; none if
    /// there is no relay.
    pub fn relay_guest_credentials(
        &self,
        network: IpAddr,
        lifetime: Duration,
    ) -> Option<TurnCredentials> {
        let relay = self.shared.hub.relay.as_ref()?;
        Some(relay.guest_credentials(network, SystemTime::now(), lifetime))
    }

    /// Serves a client of the relay (TURN) on a stream that another listener has accepted, such as one of TLS after its
    /// handshake, until it ends; `peer` is the client's address. The first byte of such a stream is 0 or 1, and may have
    /// been looked at but must still be there to be read. The stream is written with `write` and `flush`, and should not
    /// buffer more than a few kilobytes itself: what waits in it when the connection stalls is delivered late. It counts
    /// among the connections of the media port. Without a relay it returns at once.
    pub async fn serve_relay_stream(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send,
        peer: SocketAddr,
    ) {
        hub::serve_relay_stream(Arc::clone(&self.shared.hub), stream, peer).await;
    }

    /// Admits a client: takes its offer, answers it, and fills its slots from
    /// then on. `wants` refines what each receiving line is for; without it audio
    /// lines carry voices, the first video line the stage, further ones tiles.
    pub async fn join(
        &self,
        room: RoomId,
        person: PersonId,
        offer: String,
        wants: Vec<SlotWant>,
        publish: bool,
    ) -> Result<Joined, JoinError> {
        let entering = Entering::new(self, &room, &person);
        let join = Join {
            room,
            person,
            offer,
            wants,
            publish,
        };
        let ask = |reply| Command::Join { join, reply };
        let joined = self.ask(entering.worker, ask).await;
        let joined = joined.unwrap_or(Err(JoinError::Full))?;
        entering.admit(joined.session);
        Ok(joined)
    }

    /// Tells workers who serves a room from now on. One that begins has the scene in force before its first session.
    fn change_workers(&self, room: &RoomId, change: Change) {
        if let Some((worker, Some((epoch, scene)))) = change.begins {
            let show = Command::Show {
                room: room.clone(),
                epoch,
                scene,
                reply: None,
            };
            self.tell(worker, show);
        }
        for worker in change.workers.iter().copied().chain(change.left) {
            let is_left = change.left == Some(worker);
            let others = change.workers.iter().copied();
            let others = others.filter(|other| !is_left && *other != worker);
            let serve = Command::Serve {
                room: room.clone(),
                others: others.collect(),
            };
            self.tell(worker, serve);
        }
    }

    /// Begins a session in which the server plays a recording for a person; [`Self::leave`] ends it. None if the engine is
    /// shutting down.
    pub async fn join_recording(
        &self,
        room: RoomId,
        person: PersonId,
        tracks: Vec<RecordedTrack>,
    ) -> Option<SessionId> {
        let worker = {
            let mut places = self.shared.placement.lock();
            let (worker, change) = places.home(&room);
            if let Some(change) = change {
                self.change_workers(&room, change);
            }
            worker
        };
        self.ask(worker, |reply| Command::JoinRecording {
            room,
            person,
            tracks,
            reply,
        })
        .await
    }

    /// Plays frames of a recording that are due now.
    pub fn play(&self, session: SessionId, frames: RecordedFrames) {
        self.tell(session.worker(), Command::Play { session, frames });
    }

    /// Answers a further offer of a session: a line added, or ICE restarted.
    pub async fn renegotiate(
        &self,
        session: SessionId,
        offer: String,
        wants: Vec<SlotWant>,
    ) -> Result<String, JoinError> {
        let ask = |reply| Command::Renegotiate {
            session,
            offer,
            wants,
            reply,
        };
        self.ask(session.worker(), ask)
            .await
            .unwrap_or(Err(JoinError::Gone))
    }

    /// Changes the purposes of a session's slots. The change is in force when this returns.
    pub async fn want(&self, session: SessionId, wants: Vec<SlotWant>) -> Result<(), WantError> {
        let ask = |reply| Command::Want {
            session,
            wants,
            reply,
        };
        self.ask(session.worker(), ask)
            .await
            .unwrap_or(Err(WantError::Gone))
    }

    /// Sets whether the session publishes for its person; of several devices one does. The change is in force when this
    /// returns.
    pub async fn set_publishing(&self, session: SessionId, publish: bool) {
        let ask = |reply| Command::SetPublishing {
            session,
            publish,
            reply,
        };
        self.ask(session.worker(), ask).await;
    }

    /// Ends a session; nothing is reported of it any more.
    pub fn leave(&self, session: SessionId) {
        let mut places = self.shared.placement.lock();
        self.tell(session.worker(), Command::Leave { session });
        if let Some((room, change)) = places.leave(session) {
            self.change_workers(&room, change);
        }
    }

    /// Sets what may flow in a room; `epoch` rises with every call. When the future completes, the scene is in force, and
    /// nothing that it does not allow is forwarded any more, not even a repair of an earlier packet. It is under way also if
    /// nobody waits. Before anybody has joined, there is nothing to forward.
    pub fn show(
        &self,
        room: &RoomId,
        epoch: u64,
        scene: &Scene,
    ) -> impl Future<Output = ()> + use<> {
        let in_force: Vec<_> = {
            let mut places = self.shared.placement.lock();
            places.show(room, epoch, scene);
            // The one where it began comes last: what that one lets through finds the scene before it at the others.
            let workers = places.workers_of(room).into_iter().rev();
            let shown = workers.map(|worker| {
                let (reply, in_force) = oneshot::channel();
                let show = Command::Show {
                    room: room.clone(),
                    epoch,
                    scene: scene.clone(),
                    reply: Some(reply),
                };
                self.tell(worker, show);
                in_force
            });
            shown.collect()
        };
        async move {
            for worker in in_force {
                // A worker is gone only when the process ends.
                let _ = worker.await;
            }
        }
    }

    /// How the sessions of a room, or of all rooms, are doing.
    pub async fn figures(&self, room: Option<RoomId>) -> Vec<SessionFigures> {
        let owners = match &room {
            Some(room) => self.shared.placement.lock().workers_of(room),
            None => (0..self.shared.workers.len()).collect(),
        };
        let mut figures = Vec::new();
        for worker in owners {
            let room = room.clone();
            let of_worker = self
                .ask(worker, |reply| Command::Figures { room, reply })
                .await;
            figures.extend(of_worker.unwrap_or_default());
        }
        figures
    }

    /// Completes once every forwarding thread has answered; false if one has ended.
    pub async fn responds(&self) -> bool {
        for worker in 0..self.shared.workers.len() {
            let answered = self.ask(worker, |reply| Command::Ping { reply }).await;
            if answered.is_none() {
                return false;
            }
        }
        true
    }

    /// The counters since the start.
    pub fn counters(&self) -> CountersSnapshot {
        self.shared.hub.counters.snapshot()
    }

    async fn ask<T>(
        &self,
        worker: usize,
        command: impl FnOnce(oneshot::Sender<T>) -> Command,
    ) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        self.tell(worker, command(reply));
        answer.await.ok()
    }

    fn tell(&self, worker: usize, command: Command) {
        if let Some(worker) = self.shared.workers.get(worker) {
            // A worker is gone only when the process ends; then the caller sees that the reply's sender was dropped.
            let _ = worker.send(command);
        }
    }
}

/// A session on its way into a room, which gives up its place there if it does not get in.
struct Entering<'a> {
    media: &'a Media,
    place: Option<(RoomId, PersonId)>,
    worker: usize,
}

impl<'a> Entering<'a> {
    fn new(media: &'a Media, room: &RoomId, person: &PersonId) -> Self {
        let mut places = media.shared.placement.lock();
        let busy = &media.shared.hub.counters.busy_millis;
        let is_busy = |worker| busy.of(worker) >= BUSY_MILLIS;
        let (worker, change) = places.enter(room, person, is_busy);
        if let Some(change) = change {
            media.change_workers(room, change);
        }
        Self {
            media,
            place: Some((room.clone(), person.clone())),
            worker,
        }
    }

    fn admit(mut self, session: SessionId) {
        if let Some((room, person)) = self.place.take() {
            let mut places = self.media.shared.placement.lock();
            places.admit(session, room, person);
        }
    }
}

impl Drop for Entering<'_> {
    fn drop(&mut self) {
        if let Some((room, person)) = self.place.take() {
            let mut places = self.media.shared.placement.lock();
            if let Some(change) = places.give_up(&room, &person) {
                self.media.change_workers(&room, change);
            }
        }
    }
}

/// Attempts to find a port that is free for UDP and TCP.
const PORT_ATTEMPTS: usize = 32;

/// Binds the media port: UDP, and TCP under the same number.
fn bind(listen: SocketAddr) -> io::Result<(Socket, std::net::TcpListener)> {
    let mut attempts = PORT_ATTEMPTS;
    loop {
        let socket = Socket::bind(listen, true)?;
        match tcp::bind(socket.local_addr()?) {
            Ok(listener) => return Ok((socket, listener)),
            Err(error) if listen.port() != 0 || attempts == 0 => return Err(error),
            // The system picked a port that somebody else has for TCP.
            Err(_) => attempts -= 1,
        }
    }
}

#[cfg(test)]
mod tests;
