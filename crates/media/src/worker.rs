//! One forwarding thread: a socket, a core, and the loop that brings datagrams, commands and time to it.

use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    sync::{Arc, RwLock},
    time::Instant,
};

use plenary_transport::{
    dtls::Certificate,
    udp::{RecvBatch, Socket},
};
use tokio::{
    io::{Interest, unix::AsyncFd},
    sync::mpsc,
    time::MissedTickBehavior,
};

use crate::{
    api::MediaEvent,
    command::Command,
    core::{Core, Outbox, TICK},
    counters::Counters,
};

/// Datagrams received per system call.
const BATCH: usize = 64;
/// Batches taken before what they caused is sent and others get their turn.
const BATCHES: usize = 4;
/// Packets kept for a socket whose buffer is full; more are too late to be of use.
const MOST_WAITING: usize = 8192;

/// Where datagrams go that the kernel gave to another thread than their session's. Looked at only for senders that a
/// thread does not know.
#[derive(Debug)]
pub(crate) struct Neighbours {
    pub(crate) workers: Vec<mpsc::WeakUnboundedSender<Command>>,
    pub(crate) addresses: RwLock<HashMap<SocketAddr, usize>>,
}

/// What a thread starts from.
pub(crate) struct Worker {
    pub(crate) number: usize,
    pub(crate) socket: Socket,
    pub(crate) commands: mpsc::UnboundedReceiver<Command>,
    pub(crate) certificate: Arc<Certificate>,
    pub(crate) candidates: Vec<SocketAddr>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) events: mpsc::UnboundedSender<MediaEvent>,
    pub(crate) neighbours: Arc<Neighbours>,
}

impl Worker {
    /// Starts the thread. It ends when every handle of the engine is gone.
    pub(crate) fn spawn(self) -> io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let name = format!("media-{}", self.number);
        std::thread::Builder::new().name(name).spawn(move || {
            if let Err(error) = runtime.block_on(self.run()) {
                tracing::error!(%error, "a media thread has ended");
            }
        })?;
        Ok(())
    }

    async fn run(mut self) -> io::Result<()> {
        #[expect(
            deprecated,
            reason = "its successor needs `unsafe`; our socket owns its descriptor, which is what matters"
        )]
        let socket = AsyncFd::with_interest(self.socket, Interest::READABLE | Interest::WRITABLE)?;
        let mut core = Core::new(
            self.number,
            self.certificate,
            self.candidates,
            self.counters,
            Instant::now(),
        );
        let mut out = Outbox::default();
        let mut received = RecvBatch::new(BATCH);
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut blocked = false;
        loop {
            tokio::select! {
                biased;
                command = self.commands.recv() => match command {
                    Some(command) => obey(&mut core, command, &mut out),
                    None => return Ok(()),
                },
                ready = socket.writable(), if blocked => {
                    let mut ready = ready?;
                    blocked = socket.get_ref().send_batch(&mut out.batch).blocked;
                    if blocked {
                        ready.clear_ready();
                    }
                }
                ready = socket.readable() => {
                    let mut ready = ready?;
                    for _ in 0..BATCHES {
                        match socket.get_ref().recv_batch(&mut received) {
                            Ok(_) => {
                                let now = Instant::now();
                                for (from, bytes) in received.iter_mut() {
                                    if !core.datagram(from, bytes, now, &mut out) {
                                        self.neighbours.hand_over(self.number, from, bytes);
                                    }
                                }
                            }
                            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                                ready.clear_ready();
                                break;
                            }
                            // An ICMP error of an earlier send, or an interrupted call.
                            Err(error) => {
                                tracing::trace!(%error, "receiving media");
                                break;
                            }
                        }
                    }
                }
                _ = tick.tick() => core.tick(Instant::now(), &mut out),
            }
            if !blocked && !out.batch.is_empty() {
                blocked = socket.get_ref().send_batch(&mut out.batch).blocked;
            }
            if blocked && out.batch.len() > MOST_WAITING {
                out.batch.clear();
            }
            self.neighbours.note(self.number, &mut out);
            for event in out.events.drain(..) {
                // Nobody listens any more: the process is ending.
                let _ = self.events.send(event);
            }
        }
    }
}

impl Neighbours {
    fn hand_over(&self, own: usize, from: SocketAddr, bytes: &[u8]) {
        let known = || self.addresses.read().ok()?.get(&from).copied();
        let owner = Core::worker_of(bytes)
            .or_else(known)
            .filter(|owner| *owner != own);
        if let Some(worker) = owner.and_then(|owner| self.workers.get(owner)?.upgrade()) {
            let _ = worker.send(Command::Datagram {
                from,
                bytes: bytes.to_vec(),
            });
        }
    }

    fn note(&self, own: usize, out: &mut Outbox) {
        if out.addresses.is_empty() || self.workers.len() < 2 {
            out.addresses.clear();
            return;
        }
        if let Ok(mut addresses) = self.addresses.write() {
            for (address, ours) in out.addresses.drain(..) {
                if ours {
                    addresses.insert(address, own);
                } else {
                    addresses.remove(&address);
                }
            }
        }
    }
}

/// Carries out a command. A reply that nobody waits for any more is no fault.
fn obey(core: &mut Core, command: Command, out: &mut Outbox) {
    let now = Instant::now();
    match command {
        Command::Join { join, reply } => {
            let _ = reply.send(core.join(join, now, out));
        }
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
        Command::Leave { session } => core.leave(session, now, out),
        Command::Show {
            room,
            epoch,
            scene,
            reply,
        } => {
            // Packets that a full socket has kept back are past the gate. In force means that they do not go either;
            // whoever was entitled to one asks for it again.
            out.batch.clear();
            core.show(&room, epoch, scene, now, out);
            let _ = reply.send(());
        }
        Command::Figures { room, reply } => {
            let _ = reply.send(core.figures(room.as_ref(), now));
        }
        Command::Datagram { from, mut bytes } => {
            core.datagram(from, &mut bytes, now, out);
        }
    }
}
