//! A thread of media: one loop over the sockets and timers of its participants.

use std::{
    collections::HashMap,
    io,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use mio::{Interest, Poll, Token, Waker, unix::SourceFd};
use plenary_transport::udp::RecvBatch;
use rand::{SeedableRng, rngs::StdRng};
use tokio::sync::mpsc::UnboundedSender;

use super::{
    handshake::Identity,
    peer::{Event, Joining, Peer, Turn, Watch},
    timers::Timers,
};
use crate::statistics::{Packets, Tally};
use std::os::fd::AsRawFd;

/// Participants are numbered from 0 on, so this is none of theirs.
const WAKER: Token = Token(usize::MAX);
/// Datagrams of one system call: more than a picture has.
const BATCH: usize = 16;
const EVENTS: usize = 1024;
/// Nothing waits for the end of this: the waker ends it too.
const IDLE: Duration = Duration::from_secs(1);
/// A change of the floor whose new holder has not come by then is given up.
const WATCH_TIMEOUT: Duration = Duration::from_secs(5);
const PROGRESS_INTERVAL: Duration = Duration::from_millis(200);

/// What a thread of media is told.
#[derive(Debug)]
pub enum Command {
    Join(Box<Joining>),
    Leave(usize),
    /// For each slot of a participant, whether the server says that it carries something.
    Announce(usize, Vec<(String, bool)>),
    /// The floor of a room is about to change.
    Watch(usize, Watch),
    /// Whether what arrives from now on counts for the totals.
    Measure(bool),
    Stop,
}

/// The handle of a thread of media.
pub struct Worker {
    commands: mpsc::Sender<Command>,
    waker: Arc<Waker>,
    /// What has arrived so far, for the display.
    progress: Arc<Mutex<Packets>>,
    thread: Mutex<Option<JoinHandle<Tally>>>,
}

impl Worker {
    /// Starts a thread that counts into `tally`.
    pub fn start(
        identity: Identity,
        tally: Tally,
        epoch: Instant,
        events: UnboundedSender<Event>,
    ) -> io::Result<Self> {
        let poll = Poll::new()?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKER)?);
        let (commands, queue) = mpsc::channel();
        let progress = Arc::new(Mutex::new(Packets::default()));
        let worker = Loop {
            poll,
            commands: queue,
            peers: HashMap::new(),
            timers: Timers::default(),
            batch: RecvBatch::new(BATCH),
            tally,
            epoch,
            events,
            identity,
            random: StdRng::from_os_rng(),
            watches: HashMap::new(),
            progress: Arc::clone(&progress),
            progress_due: epoch,
        };
        let thread = std::thread::Builder::new()
            .name("media".to_owned())
            .spawn(move || worker.run())?;
        Ok(Self {
            commands,
            waker,
            progress,
            thread: Mutex::new(Some(thread)),
        })
    }

    pub fn send(&self, command: Command) {
        // The thread ends only when it is told to.
        let _ = self.commands.send(command);
        let _ = self.waker.wake();
    }

    /// What has arrived so far.
    pub fn progress(&self) -> Packets {
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stops the thread; returns what it has counted, unless it was stopped before.
    pub fn stop(&self) -> Option<Tally> {
        self.send(Command::Stop);
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        thread.take()?.join().ok()
    }
}

struct Loop {
    poll: Poll,
    commands: mpsc::Receiver<Command>,
    peers: HashMap<usize, Peer>,
    timers: Timers,
    batch: RecvBatch,
    tally: Tally,
    epoch: Instant,
    events: UnboundedSender<Event>,
    identity: Identity,
    random: StdRng,
    watches: HashMap<usize, Watch>,
    progress: Arc<Mutex<Packets>>,
    progress_due: Instant,
}

/// Lends a peer what it needs, which is everything but the peers.
macro_rules! turn {
    ($loop:ident, $room:expr) => {
        Turn {
            now: Instant::now(),
            epoch: $loop.epoch,
            tally: &mut $loop.tally,
            timers: &mut $loop.timers,
            events: &$loop.events,
            identity: &$loop.identity,
            random: &mut $loop.random,
            watch: $loop.watches.get(&$room).copied(),
        }
    };
}

impl Loop {
    fn run(mut self) -> Tally {
        let mut ready = mio::Events::with_capacity(EVENTS);
        loop {
            let now = Instant::now();
            let next = self.timers.next();
            let wait = next.map_or(IDLE, |at| at.saturating_duration_since(now).min(IDLE));
            // An interrupted wait is one without an event.
            if self.poll.poll(&mut ready, Some(wait)).is_err() {
                continue;
            }
            let begun = Instant::now();
            let mut is_woken = false;
            for event in &ready {
                if event.token() == WAKER {
                    is_woken = true;
                } else {
                    self.receive(event.token().0);
                }
            }
            self.handle_timers();
            if is_woken && self.handle_commands() {
                return self.tally;
            }
            self.tally.turn(begun.elapsed());
            self.show_progress(begun);
        }
    }

    /// Reads what has come to a participant's socket.
    fn receive(&mut self, id: usize) {
        let Some(peer) = self.peers.get_mut(&id) else {
            return;
        };
        while let Ok(count) = peer.socket.recv_batch(&mut self.batch) {
            let mut turn = turn!(self, peer.room);
            for (from, datagram) in self.batch.iter_mut() {
                peer.arrived(from, datagram, &mut turn);
            }
            // Another one would have made the socket ready anew.
            if count < BATCH {
                break;
            }
        }
    }

    fn handle_timers(&mut self) {
        let now = Instant::now();
        while let Some((id, timer)) = self.timers.pop(now) {
            if let Some(peer) = self.peers.get_mut(&id) {
                peer.due(timer, &mut turn!(self, peer.room));
            }
        }
        self.watches
            .retain(|_, watch| now.saturating_duration_since(watch.since) < WATCH_TIMEOUT);
    }

    /// Returns whether the thread is to stop.
    fn handle_commands(&mut self) -> bool {
        while let Ok(command) = self.commands.try_recv() {
            match command {
                Command::Join(joining) => self.join(*joining),
                Command::Leave(id) => self.leave(id),
                Command::Announce(id, slots) => {
                    if let Some(peer) = self.peers.get_mut(&id) {
                        peer.announce(&slots);
                    }
                }
                Command::Watch(room, watch) => drop(self.watches.insert(room, watch)),
                Command::Measure(measures) => {
                    if self.tally.measures && !measures {
                        self.end_all();
                    }
                    self.tally.measures = measures;
                }
                Command::Stop => return true,
            }
        }
        false
    }

    fn join(&mut self, joining: Joining) {
        let id = joining.id;
        let begun = Peer::begin(joining, &mut turn!(self, usize::MAX));
        let begun = begun.and_then(|peer| {
            let descriptor = peer.socket.as_raw_fd();
            let mut source = SourceFd(&descriptor);
            let registry = self.poll.registry();
            registry.register(&mut source, Token(id), Interest::READABLE)?;
            Ok(peer)
        });
        match begun {
            Ok(peer) => drop(self.peers.insert(id, peer)),
            Err(error) => drop(self.events.send(Event::Failed(id, error.to_string()))),
        }
    }

    fn leave(&mut self, id: usize) {
        // Closing the socket takes it out of the poll.
        if let Some(peer) = self.peers.remove(&id) {
            peer.end(Instant::now(), &mut self.tally);
        }
    }

    fn end_all(&mut self) {
        let now = Instant::now();
        for peer in self.peers.values() {
            peer.end(now, &mut self.tally);
        }
    }

    fn show_progress(&mut self, now: Instant) {
        if now >= self.progress_due {
            self.progress_due = now + PROGRESS_INTERVAL;
            let mut shown = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
            *shown = self.tally.all;
        }
    }
}
