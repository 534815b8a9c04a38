//! The clients that are not reached by plain UDP: connections of ICE-TCP, and clients of the relay.
//!
//! The core addresses them like anybody else. What it sends them is framed here and goes to the queue of their connection,
//! or, to a client of the relay by UDP, back into the batch of the socket.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::Instant,
};

use dashmap::DashMap;
use plenary_transport::{
    outgoing::{LinkedPacket, PacketClass},
    peer::{LinkId, PeerAddress},
    send_queue::{Frame, SendQueue},
    turn::RelayRoutes,
    udp::SendBatch,
};
use tokio::sync::Notify;

use crate::counters::Counters;

/// The clients that are not reached by plain UDP.
#[derive(Debug)]
pub(crate) struct Links {
    table: DashMap<LinkId, Link>,
    last_id: AtomicU64,
    counters: Arc<Counters>,
}

#[derive(Debug)]
enum Link {
    Stream(Arc<StreamLink>),
    Datagrams {
        client: SocketAddr,
        routes: Arc<RelayRoutes>,
    },
}

impl Links {
    pub(crate) fn new(counters: Arc<Counters>) -> Self {
        Self {
            table: DashMap::new(),
            last_id: AtomicU64::new(0),
            counters,
        }
    }

    /// A number that no link had before.
    pub(crate) fn next_id(&self) -> LinkId {
        LinkId(self.last_id.fetch_add(1, Relaxed) + 1)
    }

    /// Adds a connection. It is there until the returned value is dropped.
    pub(crate) fn add_stream(
        self: &Arc<Self>,
        id: LinkId,
        routes: Option<Arc<RelayRoutes>>,
    ) -> Registered {
        let stream = Arc::new(StreamLink {
            routes,
            queue: Mutex::default(),
            wake: Notify::new(),
            proven: AtomicBool::new(false),
        });
        self.table.insert(id, Link::Stream(Arc::clone(&stream)));
        self.counters.streams.fetch_add(1, Relaxed);
        Registered {
            links: Arc::clone(self),
            id,
            stream,
        }
    }

    /// Adds a client of the relay by UDP.
    pub(crate) fn add_datagrams(&self, id: LinkId, client: SocketAddr, routes: Arc<RelayRoutes>) {
        self.table.insert(id, Link::Datagrams { client, routes });
    }

    pub(crate) fn remove(&self, id: LinkId) {
        self.table.remove(&id);
    }

    /// Takes note that a connection carries an authenticated check of a session.
    pub(crate) fn prove(&self, id: LinkId) {
        if let Some(Link::Stream(stream)) = self.table.get(&id).as_deref() {
            stream.proven.store(true, Relaxed);
        }
    }

    /// Sends a packet on its way. One whose link has gone is dropped, as a network would drop it.
    pub(crate) fn deliver(&self, packet: LinkedPacket, udp: &mut SendBatch, now: Instant) {
        let LinkedPacket { to, class, bytes } = packet;
        let link = to.link().and_then(|id| self.table.get(&id));
        let candidate = match to {
            PeerAddress::Relayed(relayed) => relayed.candidate,
            PeerAddress::Stream(_) | PeerAddress::Udp(_) => 0,
        };
        match link.as_deref() {
            Some(Link::Stream(stream)) => {
                let Some(frame) = stream.frame(candidate, bytes) else {
                    return;
                };
                self.counters.sent_by(to.kind(), 1, frame.as_slice().len());
                let dropped = stream.push(class, frame, now);
                self.counters.count_late(dropped);
            }
            Some(Link::Datagrams { client, routes }) => {
                let Some(frame) = routes.frame(candidate, bytes) else {
                    return;
                };
                self.counters.sent_by(to.kind(), 1, frame.len());
                udp.push(*client, frame.len(), |buffer| {
                    buffer.copy_from_slice(&frame);
                    Some(frame.len())
                });
            }
            None => {}
        }
    }

    /// Drops the media that waits for all connections: what a scene has taken away goes nowhere any more.
    pub(crate) fn drop_media(&self) {
        for link in &self.table {
            if let Link::Stream(stream) = link.value() {
                stream.queue().drop_media();
            }
        }
    }
}

/// What other threads know of a connection.
#[derive(Debug)]
pub(crate) struct StreamLink {
    /// Of a client of the relay.
    routes: Option<Arc<RelayRoutes>>,
    queue: Mutex<SendQueue>,
    wake: Notify,
    proven: AtomicBool,
}

impl StreamLink {
    fn frame(&self, candidate: u8, packet: Vec<u8>) -> Option<Frame> {
        match &self.routes {
            None => Frame::of_ice(packet),
            Some(routes) => routes.frame(candidate, packet).map(Frame::new),
        }
    }

    /// Adds a frame that is complete; returns how many were dropped for it.
    pub(crate) fn push(&self, class: PacketClass, frame: Frame, now: Instant) -> usize {
        let mut queue = self.queue();
        let was_empty = queue.is_empty();
        let dropped = queue.push(class, frame, now);
        drop(queue);
        if was_empty {
            self.wake.notify_one();
        }
        dropped
    }

    /// Moves what is not too old into the buffer that is written next, up to so many bytes; returns how many were
    /// dropped.
    pub(crate) fn take(&self, into: &mut Vec<u8>, bytes: usize, now: Instant) -> usize {
        let mut queue = self.queue();
        let dropped = queue.drop_late(now);
        while into.len() < bytes {
            let Some(frame) = queue.pop() else { break };
            into.extend_from_slice(frame.as_slice());
        }
        dropped
    }

    /// Returns when something has been added to an empty queue.
    pub(crate) async fn filled(&self) {
        self.wake.notified().await;
    }

    /// Whether a session was heard by it.
    pub(crate) fn is_proven(&self) -> bool {
        self.proven.load(Relaxed)
    }

    fn queue(&self) -> MutexGuard<'_, SendQueue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection in the table, which leaves it when this is dropped.
#[derive(Debug)]
pub(crate) struct Registered {
    links: Arc<Links>,
    pub(crate) id: LinkId,
    pub(crate) stream: Arc<StreamLink>,
}

impl Drop for Registered {
    fn drop(&mut self) {
        self.links.remove(self.id);
        self.links.counters.streams.fetch_sub(1, Relaxed);
    }
}
