//! One forwarding thread: a socket, a core, and the loop that brings datagrams, commands and time to it.

use std::{io, net::SocketAddr, sync::Arc, time::Instant};

use plenary_transport::{
    dtls::Certificate,
    peer::PeerAddress,
    udp::{RecvBatch, Socket},
};
use tokio::{
    io::{Interest, unix::AsyncFd},
    sync::mpsc,
    time::MissedTickBehavior,
};

use crate::{
    command::{Command, Joined},
    core::{Core, Outbox, TICK_INTERVAL},
    counters::Counters,
    events::Reporters,
    peers::{HandedOver, Peers},
    tap::Tap,
};

/// Datagrams received per system call.
const RECV_BATCH_DATAGRAMS: usize = 64;
/// Batches received before what they caused is sent and others get their turn.
const MAX_BATCHES_PER_TURN: usize = 4;
/// Datagrams taken from other workers before others get their turn.
const MAX_HANDED_OVER_PER_TURN: usize = 64;
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
    pub(crate) certificate: Arc<Certificate>,
    pub(crate) candidates: Vec<SocketAddr>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) peers: Arc<Peers>,
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
        if let Some(tap) = self.tap {
            core.record_into(tap);
        }
        let mut out = Outbox::default();
        let mut reporters = Reporters::default();
        let mut received = RecvBatch::new(RECV_BATCH_DATAGRAMS);
        let mut tick = tokio::time::interval(TICK_INTERVAL);
        tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut blocked = false;
        loop {
            tokio::select! {
                // A tick is due only now and then, and commands come only from this process: neither starves the rest,
                // while a socket that always has something to read would starve both.
                biased;
                _ = tick.tick() => core.tick(Instant::now(), &mut out),
                command = self.commands.recv() => match command {
                    Some(command) => execute(&mut core, command, &mut reporters, &mut out),
                    None => return Ok(()),
                },
                ready = socket.writable(), if blocked => {
                    let mut ready = ready?;
                    blocked = socket.get_ref().send_batch(&mut out.batch.udp).blocked;
                    if blocked {
                        ready.clear_ready();
                    }
                }
                ready = socket.readable() => {
                    let mut ready = ready?;
                    for _ in 0..MAX_BATCHES_PER_TURN {
                        match socket.get_ref().recv_batch(&mut received) {
                            Ok(_) => {
                                let now = Instant::now();
                                for (from, bytes) in received.iter_mut() {
                                    let from = PeerAddress::Udp(from);
                                    if !self.peers.is_forged(self.number, from, bytes)
                                        && !core.datagram(from, bytes, now, &mut out)
                                    {
                                        self.peers.hand_over(self.number, from, bytes);
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
                Some(datagram) = self.handed_over.recv() => {
                    take_over(&mut core, &self.peers, datagram, &mut out);
                }
            }
            // Every turn has room for some of these, so that a busy socket does not starve them.
            for _ in 0..MAX_HANDED_OVER_PER_TURN {
                let Ok(datagram) = self.handed_over.try_recv() else {
                    break;
                };
                take_over(&mut core, &self.peers, datagram, &mut out);
            }
            if !blocked && !out.batch.udp.is_empty() {
                blocked = socket.get_ref().send_batch(&mut out.batch.udp).blocked;
            }
            if blocked && out.batch.udp.len() > MAX_WAITING_PACKETS {
                out.batch.clear();
            }
            self.peers.note_addresses(self.number, &mut out);
            reporters.dispatch(out.events.drain(..));
        }
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

/// Takes a datagram that another worker received. If this core does not know its sender either, it is dropped.
fn take_over(core: &mut Core, peers: &Peers, datagram: HandedOver, out: &mut Outbox) {
    let HandedOver { from, mut bytes } = datagram;
    if peers.is_forged(core.worker, from, &bytes) {
        return;
    }
    core.datagram(from, &mut bytes, Instant::now(), out);
}

/// Carries out a command. A caller that no longer waits for the reply is no fault.
fn execute(core: &mut Core, command: Command, reporters: &mut Reporters, out: &mut Outbox) {
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
            // Packets that a full socket has kept back are past the gate. In force means that they do not go either;
            // a listener that was entitled to one asks for it again by NACK.
            out.batch.clear();
            core.show(&room, epoch, scene, now, out);
            let _ = reply.send(());
        }
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
            counters,
            peers,
            tap: None,
        };
        worker.spawn().unwrap();
        assert!(answered.await.unwrap().is_empty());
    }
}
