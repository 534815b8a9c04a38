//! Datagrams that the kernel gave to another worker than that of their session, and their way to it.
//!
//! The kernel picks the worker by the sender's address, so of a session that has just joined every second datagram may
//! come to the wrong one. Anybody can send such datagrams, so their queues are bounded, and apart from the commands: what
//! does not fit is dropped and counted, as the network would drop it.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, RwLock, atomic::Ordering::Relaxed},
};

use tokio::sync::mpsc;

use crate::{
    core::{Core, Outbox},
    counters::Counters,
};

/// Datagrams that may wait for one worker: at most 2 MB.
const MAX_WAITING_DATAGRAMS: usize = 1024;

/// A datagram that another worker received.
#[derive(Debug)]
pub(crate) struct HandedOver {
    pub(crate) from: SocketAddr,
    pub(crate) bytes: Vec<u8>,
}

/// The workers as they reach one another. Looked at only for senders that a worker does not know.
#[derive(Debug)]
pub(crate) struct Peers {
    workers: Vec<mpsc::Sender<HandedOver>>,
    addresses: RwLock<HashMap<SocketAddr, usize>>,
    counters: Arc<Counters>,
}

impl Peers {
    /// So many workers, and what each receives from the others.
    pub(crate) fn new(
        count: usize,
        counters: Arc<Counters>,
    ) -> (Arc<Self>, Vec<mpsc::Receiver<HandedOver>>) {
        let queues = (0..count).map(|_| mpsc::channel(MAX_WAITING_DATAGRAMS));
        let (workers, receivers) = queues.unzip();
        let peers = Self {
            workers,
            addresses: RwLock::default(),
            counters,
        };
        (Arc::new(peers), receivers)
    }

    /// Hands a datagram to the worker of its session, if that is another than `own`.
    pub(crate) fn hand_over(&self, own: usize, from: SocketAddr, bytes: &[u8]) {
        let known = || self.addresses.read().ok()?.get(&from).copied();
        let owner = Core::worker_of(bytes)
            .or_else(known)
            .filter(|owner| *owner != own);
        let Some(worker) = owner.and_then(|owner| self.workers.get(owner)) else {
            return;
        };
        let Ok(place) = worker.try_reserve() else {
            self.counters.handed_over_dropped.fetch_add(1, Relaxed);
            return;
        };
        place.send(HandedOver {
            from,
            bytes: bytes.to_vec(),
        });
    }

    /// Notes the addresses that a worker's sessions have gained and lost.
    pub(crate) fn note_addresses(&self, own: usize, out: &mut Outbox) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_dropped_and_counted_and_what_waits_stays() {
        let counters = Arc::new(Counters::default());
        let (peers, mut receivers) = Peers::new(2, Arc::clone(&counters));
        let from: SocketAddr = "192.0.2.7:50000".parse().unwrap();
        let mut out = Outbox {
            addresses: vec![(from, true)],
            ..Outbox::default()
        };
        peers.note_addresses(1, &mut out);
        let flood = MAX_WAITING_DATAGRAMS + 7;
        for number in 0..flood {
            peers.hand_over(0, from, &number.to_be_bytes());
        }
        assert_eq!(counters.snapshot().handed_over_dropped, 7);
        let arrived = std::iter::from_fn(|| receivers[1].try_recv().ok());
        let numbers = arrived.map(|it| usize::from_be_bytes(it.bytes.try_into().unwrap()));
        assert!(numbers.eq(0..MAX_WAITING_DATAGRAMS), "the oldest, in order");
        peers.hand_over(1, from, b"its own");
        peers.hand_over(0, "192.0.2.8:1".parse().unwrap(), b"nobody's");
        assert!(receivers.iter_mut().all(|it| it.try_recv().is_err()));
    }
}
