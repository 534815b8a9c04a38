//! Datagrams that the kernel gave to another worker than that of their session, and their way to it.
//!
//! The kernel picks the worker by the sender's address, so what a session sends before its address is known may come to any
//! of them; from then on the kernel is told ([`Peers::steering`]). Anybody can send such datagrams, so their queues are
//! bounded, and apart from the commands: what does not fit is dropped and counted, as the network would drop it.

use std::{
    collections::HashMap,
    sync::{
        Arc, RwLock,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use plenary_transport::{
    peer::{LinkId, PeerAddress},
    steering::Steering,
};
use tokio::sync::mpsc;

use crate::{
    core::{Core, Outbox},
    counters::Counters,
};

/// Datagrams that may wait for one worker: at most 2 MB.
const MAX_WAITING_DATAGRAMS: usize = 1024;

/// What a worker is handed by another, or by a connection.
#[derive(Debug)]
pub(crate) enum HandedOver {
    /// A datagram that was received elsewhere.
    Datagram { from: PeerAddress, bytes: Vec<u8> },
    /// A connection, or an allocation of the relay, has ended.
    Closed(LinkId),
}

/// The queues by which workers reach one another. They are used only for senders that a worker does not know.
#[derive(Debug)]
pub(crate) struct Peers {
    workers: Vec<mpsc::Sender<HandedOver>>,
    addresses: RwLock<HashMap<PeerAddress, usize>>,
    /// Whether the kernel has not been told of all addresses.
    has_changed: AtomicBool,
    counters: Arc<Counters>,
}

impl Peers {
    /// The queues of `count` workers, and the receiving end for each of them.
    pub(crate) fn new(
        count: usize,
        counters: Arc<Counters>,
    ) -> (Arc<Self>, Vec<mpsc::Receiver<HandedOver>>) {
        let queues = (0..count).map(|_| mpsc::channel(MAX_WAITING_DATAGRAMS));
        let (workers, receivers) = queues.unzip();
        let peers = Self {
            workers,
            addresses: RwLock::default(),
            has_changed: AtomicBool::new(false),
            counters,
        };
        (Arc::new(peers), receivers)
    }

    /// Hands a datagram to the worker of its session, if that is another than `own`.
    pub(crate) fn hand_over(&self, own: usize, from: PeerAddress, bytes: &[u8]) {
        let known = || self.addresses.read().ok()?.get(&from).copied();
        let owner = Core::worker_of(bytes)
            .or_else(known)
            .filter(|owner| *owner != own);
        if let Some(owner) = owner {
            self.bring(owner, from, bytes);
        }
    }

    /// Brings a datagram to a worker.
    pub(crate) fn bring(&self, worker: usize, from: PeerAddress, bytes: &[u8]) {
        let Some(worker) = self.workers.get(worker) else {
            return;
        };
        let Ok(place) = worker.try_reserve() else {
            self.counters.handed_over_dropped.fetch_add(1, Relaxed);
            return;
        };
        place.send(HandedOver::Datagram {
            from,
            bytes: bytes.to_vec(),
        });
    }

    /// Tells every worker that an allocation of the relay has ended. One whose queue is full notices by the silence.
    pub(crate) fn tell_closed(&self, link: LinkId) {
        for worker in &self.workers {
            let _ = worker.try_send(HandedOver::Closed(link));
        }
    }

    /// The queue of a worker.
    pub(crate) fn queue(&self, worker: usize) -> Option<&mpsc::Sender<HandedOver>> {
        self.workers.get(worker)
    }

    /// Whether this is a check of one of `own`'s sessions that comes from an address of another worker's session. It is
    /// then forged, as in a core of its own, which answers no such check either.
    pub(crate) fn is_forged(&self, own: usize, from: PeerAddress, bytes: &[u8]) -> bool {
        if self.workers.len() < 2 || Core::worker_of(bytes) != Some(own) {
            return false;
        }
        let addresses = self.addresses.read().ok();
        let owner = addresses.and_then(|addresses| addresses.get(&from).copied());
        let forged = owner.is_some_and(|owner| owner != own);
        if forged {
            self.counters.refuse_datagram();
        }
        forged
    }

    /// Notes the addresses that a worker's sessions have gained and lost. What another worker has stays its own.
    pub(crate) fn note_addresses(&self, own: usize, out: &mut Outbox) {
        if out.addresses.is_empty() || self.workers.len() < 2 {
            out.addresses.clear();
            return;
        }
        if let Ok(mut addresses) = self.addresses.write() {
            for (address, ours) in out.addresses.drain(..) {
                if ours {
                    addresses.entry(address).or_insert(own);
                } else if addresses.get(&address) == Some(&own) {
                    addresses.remove(&address);
                }
            }
            self.has_changed.store(true, Relaxed);
        }
    }

    /// How the kernel is to spread datagrams from now on; none if that has not changed.
    pub(crate) fn steering(&self) -> Option<Steering> {
        if !self.has_changed.swap(false, Relaxed) {
            return None;
        }
        let addresses = self.addresses.read().ok()?;
        let senders = addresses.iter().filter_map(|(address, worker)| {
            let PeerAddress::Udp(address) = address else {
                return None;
            };
            Some((*address, u32::try_from(*worker).ok()?))
        });
        Some(Steering::new(senders))
    }
}

#[cfg(test)]
mod tests {
    use rtc_stun::{
        attributes::ATTR_USERNAME,
        fingerprint::FINGERPRINT,
        message::{BINDING_REQUEST, Message, Setter, TransactionId},
        textattrs::TextAttribute,
    };

    use super::*;

    fn address(text: &str) -> PeerAddress {
        PeerAddress::Udp(text.parse().unwrap())
    }

    /// A check of a session of that worker, as far as it is read before it is authenticated.
    fn check(worker: usize) -> Vec<u8> {
        let username = TextAttribute::new(ATTR_USERNAME, format!("{worker:02x}0123:abcd"));
        let setters: [Box<dyn Setter>; 4] = [
            Box::new(BINDING_REQUEST),
            Box::new(TransactionId([9; 12])),
            Box::new(username),
            Box::new(FINGERPRINT),
        ];
        let mut message = Message::new();
        message.build(&setters).unwrap();
        message.raw
    }

    #[test]
    fn a_check_from_an_address_of_another_workers_session_is_forged_until_that_gives_it_up() {
        let (peers, _receivers) = Peers::new(2, Arc::default());
        let from = address("192.0.2.7:50000");
        let note = |worker, ours| {
            let mut out = Outbox {
                addresses: vec![(from, ours)],
                ..Outbox::default()
            };
            peers.note_addresses(worker, &mut out);
        };
        note(0, true);
        assert!(peers.is_forged(1, from, &check(1)));
        assert!(!peers.is_forged(0, from, &check(0)), "its own");
        assert!(!peers.is_forged(1, from, &check(0)), "to be handed over");
        assert!(!peers.is_forged(1, from, b"media"));
        note(1, true);
        note(1, false);
        assert!(
            peers.is_forged(1, from, &check(1)),
            "it is still the first one's"
        );
        note(0, false);
        assert!(!peers.is_forged(1, from, &check(1)));
    }

    #[test]
    fn the_kernel_is_told_when_an_address_has_come_or_gone() {
        let (peers, _receivers) = Peers::new(2, Arc::default());
        let note = |from, ours| {
            let mut out = Outbox {
                addresses: vec![(from, ours)],
                ..Outbox::default()
            };
            peers.note_addresses(1, &mut out);
        };
        assert_eq!(peers.steering(), None);
        let from = address("192.0.2.7:50000");
        note(from, true);
        let to_it = Steering::new([("192.0.2.7:50000".parse().unwrap(), 1)]);
        assert_eq!(peers.steering(), Some(to_it));
        assert_eq!(peers.steering(), None, "nothing new");
        note(from, false);
        assert_eq!(peers.steering(), Some(Steering::default()));
    }

    #[test]
    fn datagrams_beyond_the_queue_are_dropped_and_counted_and_the_queued_ones_stay() {
        let counters = Arc::new(Counters::default());
        let (peers, mut receivers) = Peers::new(2, Arc::clone(&counters));
        let from = address("192.0.2.7:50000");
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
        let numbers = arrived.map(|it| match it {
            HandedOver::Datagram { bytes, .. } => usize::from_be_bytes(bytes.try_into().unwrap()),
            HandedOver::Closed(_) => panic!("nothing was closed"),
        });
        assert!(numbers.eq(0..MAX_WAITING_DATAGRAMS), "the oldest, in order");
        peers.hand_over(1, from, b"its own");
        peers.hand_over(0, address("192.0.2.8:1"), b"nobody's");
        assert!(receivers.iter_mut().all(|it| it.try_recv().is_err()));
    }
}
