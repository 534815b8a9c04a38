//! One forwarding thread: a socket, a core, and the loop that brings datagrams, commands and time to it.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use plenary_transport::{
    dtls::Certificate,
    peer::{PathKind, PeerAddress},
    turn::is_relay_message,
    udp::{RecvBatch, SendBatch, Socket},
};
use tokio::{
    io::{Interest, unix::AsyncFd},
    sync::mpsc,
    time::{Interval, MissedTickBehavior},
};

use crate::{
    alarm::Alarm,
    command::{Command, Joined},
    core::{Core, Outbox, TICK_INTERVAL},
    events::Reporters,
    hub::Hub,
    peers::{HandedOver, Peers},
    pressure::{Pressure, thread_time},
    relay::UdpRelay,
    spread::Frame,
    tap::Tap,
    tcp::{self, Adopted},
};

/// Datagrams received per system call.
const RECV_BATCH_DATAGRAMS: usize = 64;
/// Batches received before what they caused is sent and others get their turn.
const MAX_BATCHES_PER_TURN: usize = 4;
/// Datagrams taken from other workers before others get their turn.
const MAX_HANDED_OVER_PER_TURN: usize = 64;
/// How many ticks lie between two looks at how busy the thread is, and at who came and went: 200 ms.
const SURVEY_INTERVAL_TICKS: u64 = 10;
/// The same time, for a thread that has nobody to serve.
const IDLE_TICK_INTERVAL: Duration = Duration::from_millis(200);
/// Messages taken from other workers before others get their turn.
const MAX_FRAMES_PER_TURN: usize = 64;
/// Packets that wait for a socket whose buffer is full; more are too late to be of use.
const MAX_WAITING_PACKETS: usize = 8192;

/// The niceness of a media thread, below the usual 0.
const NICENESS: i32 = -10;

/// The parts of a thread before it starts.
pub(crate) struct Worker {
    pub(crate) number: usize,
    pub(crate) socket: Socket,
    pub(crate) commands: mpsc::UnboundedReceiver<Command>,
    /// Datagrams of its sessions that other workers received. Apart from the commands: a flood of them delays none.
    pub(crate) handed_over: mpsc::Receiver<HandedOver>,
    /// Connections whose session is here.
    pub(crate) adopted: mpsc::UnboundedReceiver<Adopted>,
    /// What the other workers of its rooms tell it.
    pub(crate) told: mpsc::Receiver<Frame>,
    /// How often sessions were told to publish, on all workers.
    pub(crate) publish_generations: Arc<AtomicU64>,
    pub(crate) certificate: Arc<Certificate>,
    pub(crate) candidates: Vec<SocketAddr>,
    pub(crate) hub: Arc<Hub>,
    /// Where packets that are recorded go, if any are.
    pub(crate) tap: Option<Box<dyn Tap>>,
}

impl Worker {
    /// Starts the thread. It ends when every handle of the engine is gone.
    pub(crate) fn spawn(self) -> io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let name = format!("media-{}", self.number);
        std::thread::Builder::new().name(name).spawn(move || {
            prefer_this_thread();
            if let Err(error) = runtime.block_on(self.run()) {
                tracing::error!(%error, "a media thread has ended");
            }
        })?;
        Ok(())
    }

    async fn run(mut self) -> io::Result<()> {
        let socket = watched(self.socket)?;
        let mut core = Core::new(
            self.number,
            self.certificate,
            self.candidates,
            Arc::clone(&self.hub.counters),
            Instant::now(),
        );
        core.publish_generations = self.publish_generations;
        if let Some(tap) = self.tap {
            core.record_into(tap);
        }
        let mut out = Outbox::default();
        out.batch.udp = SendBatch::sending_early(Arc::clone(socket.get_ref()));
        let hub = self.hub;
        let mut relay = UdpRelay::new(&hub);
        let mut reporters = Reporters::default();
        let mut received = RecvBatch::new(RECV_BATCH_DATAGRAMS);
        let mut ticks = Ticks::new();
        let mut alarm = Alarm::new()?;
        let mut pressure = Pressure::default();
        let (mut blocked, mut told) = (false, None);
        loop {
            alarm.set(core.next_release(), Instant::now())?;
            tokio::select! {
                // A tick is due only now and then, and commands come only from this process: neither starves the rest,
                // while a socket that always has something to read would starve both.
                biased;
                () = ticks.next(core.has_sessions()) => {
                    let now = Instant::now();
                    core.tick(now, &mut out);
                    if core.ticks.is_multiple_of(SURVEY_INTERVAL_TICKS) || !core.has_sessions() {
                        measure(&mut pressure, &mut core, &hub, now, &mut out);
                        steer(self.number, socket.get_ref(), &hub);
                    }
                    if let Some(relay) = &mut relay {
                        relay.expire(now);
                    }
                }
                rings = alarm.rings() => {
                    rings?;
                    core.release_due(Instant::now(), &mut out);
                }
                command = self.commands.recv() => match command {
                    Some(command) => execute(&mut core, command, &hub, &mut reporters, &mut out),
                    None => return Ok(()),
                },
                Some(adopted) = self.adopted.recv() => tcp::adopt(adopted, self.number),
                ready = socket.writable(), if blocked => {
                    let mut ready = ready?;
                    blocked = send(socket.get_ref(), &hub, &mut out);
                    if blocked {
                        ready.clear_ready();
                    }
                }
                ready = socket.readable() => {
                    let mut ready = ready?;
                    let is_empty = receive(socket.get_ref(), &mut received, |received| {
                        take_batch(received, &mut core, relay.as_mut(), &hub, &mut out);
                    });
                    if is_empty {
                        // What comes from now on makes the socket ready again.
                        ready.clear_ready();
                    }
                }
                Some(frame) = self.told.recv() => told = Some(frame),
                Some(datagram) = self.handed_over.recv() => {
                    take_over(&mut core, &hub.peers, datagram, &mut out);
                }
            }
            // Every turn has room for some of these, so that a busy socket does not starve them.
            if let Some(frame) = told.take().or_else(|| self.told.try_recv().ok()) {
                let more = self.told.len().min(MAX_FRAMES_PER_TURN);
                // The scenes that were in force where these frames come from wait among the commands here.
                while let Ok(command) = self.commands.try_recv() {
                    execute(&mut core, command, &hub, &mut reporters, &mut out);
                }
                let more = (0..more).map_while(|_| self.told.try_recv().ok());
                take_frames(std::iter::once(frame).chain(more), &mut core, &mut out);
            }
            for _ in 0..MAX_HANDED_OVER_PER_TURN {
                let Ok(datagram) = self.handed_over.try_recv() else {
                    break;
                };
                take_over(&mut core, &hub.peers, datagram, &mut out);
            }
            tell_others(&mut core, &hub, &mut out);
            let has_linked = deliver(&hub, &mut out);
            if !blocked && !out.batch.udp.is_empty() {
                blocked = send(socket.get_ref(), &hub, &mut out);
            }
            if blocked && out.batch.udp.len() > MAX_WAITING_PACKETS {
                out.batch.clear();
            }
            note_addresses(self.number, &hub, &mut out);
            reporters.dispatch(out.events.drain(..));
            if has_linked {
                // The connections of this thread write now, not when the socket has nothing to read.
                tokio::task::yield_now().await;
            }
        }
    }
}

/// A socket of which the runtime says when it can be read and written.
fn watched(socket: Socket) -> io::Result<AsyncFd<Arc<Socket>>> {
    #[expect(
        deprecated,
        reason = "its successor needs `unsafe`; our socket owns its descriptor, which is what matters"
    )]
    AsyncFd::with_interest(Arc::new(socket), Interest::READABLE | Interest::WRITABLE)
}

/// The beat of a thread: slow while it has nobody to serve, because each beat wakes it.
struct Ticks {
    quick: Interval,
    slow: Interval,
}

impl Ticks {
    fn new() -> Self {
        let interval = |period| {
            let mut interval = tokio::time::interval(period);
            interval.set_missed_tick_behavior(MissedTickBehavior::Skip);
            interval
        };
        Self {
            quick: interval(TICK_INTERVAL),
            slow: interval(IDLE_TICK_INTERVAL),
        }
    }

    async fn next(&mut self, has_sessions: bool) {
        let interval = if has_sessions {
            &mut self.quick
        } else {
            &mut self.slow
        };
        interval.tick().await;
    }
}

/// Looks at how busy this thread is, and has the core give up or give back what that demands. Without the kernel's figures
/// nothing is given up.
fn measure(pressure: &mut Pressure, core: &mut Core, hub: &Hub, now: Instant, out: &mut Outbox) {
    let used = std::fs::read_to_string("/proc/thread-self/schedstat");
    let Some(used) = used.ok().and_then(|used| thread_time(&used)) else {
        return;
    };
    if pressure.measure(used, now) {
        let degradation = pressure.degradation();
        if degradation > core.degradation {
            tracing::warn!(
                worker = core.worker,
                ?degradation,
                "a media thread is too busy"
            );
        } else {
            tracing::info!(
                worker = core.worker,
                ?degradation,
                "a media thread is relieved"
            );
        }
        core.degradation = degradation;
        core.choose_layers(now, out);
        let given_up = degradation as u64;
        hub.counters.degradation.set(core.worker, given_up);
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 1000"
    )]
    let busy = (pressure.busy() * 1000.0) as u64;
    hub.counters.busy_millis.set(core.worker, busy);
}

/// Tells the kernel which worker has which addresses. One socket speaks for all of the port.
fn steer(worker: usize, socket: &Socket, hub: &Hub) {
    if worker != 0 {
        return;
    }
    if let Some(steering) = hub.peers.steering()
        && let Err(error) = socket.steer(steering)
    {
        tracing::debug!(%error, "the kernel spreads datagrams over the media threads as it likes");
    }
}

/// Has the system run this thread before others, because a packet that waits is a gap in somebody's speech, and anything
/// else that waits is only late. A process that may not ask for it runs as before.
fn prefer_this_thread() {
    let thread = rustix::thread::gettid();
    if let Err(error) = rustix::process::setpriority_process(Some(thread), NICENESS) {
        tracing::debug!(%error, "media threads run with the usual priority");
    }
}

/// Receives some of what has arrived, batch by batch; returns whether nothing is left.
fn receive(
    socket: &Socket,
    received: &mut RecvBatch,
    mut take: impl FnMut(&mut RecvBatch),
) -> bool {
    for _ in 0..MAX_BATCHES_PER_TURN {
        match socket.recv_batch(received) {
            Ok(count) => {
                take(received);
                if count < RECV_BATCH_DATAGRAMS {
                    return true;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return true,
            // An ICMP error of an earlier send, or an interrupted call.
            Err(error) => {
                tracing::trace!(%error, "receiving media");
                return false;
            }
        }
    }
    false
}

/// Takes the datagrams that the socket has received: those of the relay out of their frames, those of another worker's
/// sessions to that worker.
fn take_batch(
    received: &mut RecvBatch,
    core: &mut Core,
    mut relay: Option<&mut UdpRelay>,
    hub: &Hub,
    out: &mut Outbox,
) {
    let now = Instant::now();
    let (mut datagrams, mut length) = (0, 0);
    for (from, bytes) in received.iter_mut() {
        let (from, bytes) = if !is_relay_message(bytes) {
            datagrams += 1;
            length += bytes.len();
            (PeerAddress::Udp(from), bytes)
        } else if let Some(relay) = relay.as_mut()
            && let Some((from, range)) = relay.take(from, bytes, now, out)
            && let Some(inner) = bytes.get_mut(range)
        {
            (from, inner)
        } else {
            continue;
        };
        if !hub.peers.is_forged(core.worker, from, bytes) && !core.datagram(from, bytes, now, out) {
            hub.peers.hand_over(core.worker, from, bytes);
        }
    }
    hub.counters.received_by(PathKind::Udp, datagrams, length);
}

/// Sends what waits for the socket; returns whether its buffer is full.
fn send(socket: &Socket, hub: &Hub, out: &mut Outbox) -> bool {
    let flushed = socket.send_batch(&mut out.batch.udp);
    let (packets, bytes) = (flushed.datagrams, flushed.bytes);
    hub.counters.sent_by(PathKind::Udp, packets, bytes);
    flushed.blocked
}

/// Gives packets to their connections; returns whether there were any.
fn deliver(hub: &Hub, out: &mut Outbox) -> bool {
    if out.batch.linked.is_empty() {
        return false;
    }
    let now = Instant::now();
    for packet in out.batch.linked.drain(..) {
        hub.links.deliver(packet, &mut out.batch.udp, now);
    }
    true
}

/// Tells the others which addresses a worker's sessions have gained and lost.
fn note_addresses(worker: usize, hub: &Hub, out: &mut Outbox) {
    for (address, ours) in &out.addresses {
        if let (Some(link), true) = (address.link(), ours) {
            hub.links.prove(link);
        }
    }
    hub.peers.note_addresses(worker, out);
}

/// Takes what another worker or a connection received. If this core does not know its sender either, it is dropped.
fn take_over(core: &mut Core, peers: &Peers, datagram: HandedOver, out: &mut Outbox) {
    let now = Instant::now();
    match datagram {
        HandedOver::Datagram { from, mut bytes } => {
            if !peers.is_forged(core.worker, from, &bytes) {
                core.datagram(from, &mut bytes, now, out);
            }
        }
        HandedOver::Closed(link) => core.close_link(link, now, out),
    }
}

/// Takes what other workers have told.
fn take_frames(frames: impl Iterator<Item = Frame>, core: &mut Core, out: &mut Outbox) {
    let now = Instant::now();
    for frame in frames {
        core.take_frame(frame, now, out);
    }
}

/// Tells the other workers what they are to know, and gives packets that they get to the listeners here after that. What has
/// no place in a queue is dropped and counted: a state is told again.
fn tell_others(core: &mut Core, hub: &Hub, out: &mut Outbox) {
    for (worker, frame) in out.frames.drain(..) {
        let told = hub.frames.get(worker).map(|queue| queue.try_send(frame));
        if told.is_none_or(|told| told.is_err()) {
            hub.counters.frames_dropped.fetch_add(1, Relaxed);
        }
    }
    core.fan_out_told(Instant::now(), out);
}

/// Carries out a command. A caller that no longer waits for the reply is no fault.
fn execute(
    core: &mut Core,
    command: Command,
    hub: &Hub,
    reporters: &mut Reporters,
    out: &mut Outbox,
) {
    let now = Instant::now();
    match command {
        Command::Join { join, reply } => {
            let joined = core.join(join, now, out);
            let _ = reply.send(joined.map(|(session, answer)| Joined {
                session,
                answer,
                events: reporters.open(session),
            }));
        }
        Command::JoinRecording {
            room,
            person,
            tracks,
            reply,
        } => {
            let session = core.join_recording(&room, &person, &tracks, now, out);
            if let Err(session) = reply.send(session) {
                // Nobody is left who would end it.
                core.leave(session, now, out);
            }
        }
        Command::Play { session, frames } => core.play(session, &frames, now, out),
        Command::Renegotiate {
            session,
            offer,
            wants,
            reply,
        } => {
            let _ = reply.send(core.renegotiate(session, &offer, &wants, now, out));
        }
        Command::Want {
            session,
            wants,
            reply,
        } => {
            let _ = reply.send(core.want(session, wants, now, out));
        }
        Command::SetPublishing {
            session,
            publish,
            reply,
        } => {
            core.set_publishing(session, publish, now, out);
            let _ = reply.send(());
        }
        Command::Leave { session } => {
            core.leave(session, now, out);
            reporters.close(session);
        }
        Command::Show {
            room,
            epoch,
            scene,
            reply,
        } => {
            // Packets that a full socket or a connection has kept back are past the gate. In force means that they do not
            // go either; a listener that was entitled to one asks for it again by NACK.
            hub.links.drop_media();
            out.batch.clear();
            core.show(&room, epoch, scene, now, out);
            if let Some(reply) = reply {
                let _ = reply.send(());
            }
        }
        Command::Serve { room, others } => core.serve_with(&room, others, now, out),
        Command::Figures { room, reply } => {
            let _ = reply.send(core.figures(room.as_ref(), now));
        }
        Command::Ping { reply } => {
            let _ = reply.send(());
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;
    use crate::{
        counters::Counters,
        links::Links,
        places::{Places, StreamLimits},
    };

    #[tokio::test]
    async fn a_command_is_carried_out_though_the_datagrams_of_others_fill_their_queue() {
        let counters = Arc::new(Counters::default());
        let (peers, mut handed_over) = Peers::new(2, Arc::clone(&counters));
        let (commander, commands) = mpsc::unbounded_channel();
        let from = PeerAddress::Udp("192.0.2.7:50000".parse().unwrap());
        let mut addresses = Outbox {
            addresses: vec![(from, true)],
            ..Outbox::default()
        };
        peers.note_addresses(0, &mut addresses);
        while counters.snapshot().handed_over_dropped == 0 {
            peers.hand_over(1, from, b"nothing that anybody knows");
        }
        let (reply, answered) = oneshot::channel();
        let _ = commander.send(Command::Figures { room: None, reply });
        let worker = Worker {
            number: 0,
            socket: Socket::bind("127.0.0.1:0".parse().unwrap(), false).unwrap(),
            commands,
            handed_over: handed_over.remove(0),
            certificate: Arc::new(Certificate::generate().unwrap()),
            candidates: Vec::new(),
            adopted: mpsc::unbounded_channel().1,
            told: mpsc::channel(1).1,
            publish_generations: Arc::default(),
            hub: Arc::new(Hub {
                links: Arc::new(Links::new(Arc::clone(&counters))),
                peers,
                relay: None,
                places: Places::new(StreamLimits::new(1)),
                counters,
                frames: Vec::new(),
                adopters: Vec::new(),
            }),
            tap: None,
        };
        worker.spawn().unwrap();
        assert!(answered.await.unwrap().is_empty());
    }
}
