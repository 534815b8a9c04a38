//! The clients of the relay that send UDP. The kernel gives one address's datagrams to one worker always, so each worker
//! has its own.

use std::{
    collections::HashMap,
    net::SocketAddr,
    ops::Range,
    sync::Arc,
    time::{Instant, SystemTime},
};

use plenary_transport::{
    peer::{PathKind, PeerAddress, RelayAccess},
    turn::{RelayClient, RelayOutput, RelayServer, RelayTransport, ReplyCredit},
};

use crate::{core::Outbox, hub::Hub};

/// The clients of the relay whose UDP datagrams come to one worker.
pub(crate) struct UdpRelay {
    hub: Arc<Hub>,
    server: Arc<RelayServer>,
    clients: HashMap<SocketAddr, RelayClient>,
    credit: ReplyCredit,
}

impl UdpRelay {
    /// None if the server has no relay.
    pub(crate) fn new(hub: &Arc<Hub>) -> Option<Self> {
        Some(Self {
            server: Arc::clone(hub.relay.as_ref()?),
            hub: Arc::clone(hub),
            clients: HashMap::new(),
            credit: ReplyCredit::default(),
        })
    }

    /// Takes a message for the relay. If there is a datagram for this server in it, its sender and its place are returned.
    pub(crate) fn take(
        &mut self,
        from: SocketAddr,
        bytes: &[u8],
        now: Instant,
        out: &mut Outbox,
    ) -> Option<(PeerAddress, Range<usize>)> {
        let clock = SystemTime::now();
        let (output, ended) = if let Some(client) = self.clients.get_mut(&from) {
            let output = client.handle(bytes, now, clock);
            (output, (!client.is_allocated()).then_some(from))
        } else {
            // A client is stored once it has an allocation, so that strangers take no memory.
            let transport = RelayTransport {
                access: RelayAccess::Udp,
                client: from,
            };
            let link = self.hub.links.next_id();
            let mut client = RelayClient::new(Arc::clone(&self.server), link, transport);
            let output = client.handle(bytes, now, clock);
            if client.is_allocated() {
                let routes = Arc::clone(client.routes());
                self.hub.links.add_datagrams(link, from, routes);
                self.clients.insert(from, client);
            }
            (output, None)
        };
        if let Some(ended) = ended {
            self.end(ended);
        }
        match output {
            RelayOutput::Nothing => None,
            RelayOutput::Respond {
                bytes: reply,
                authenticated,
            } => {
                let allowed =
                    authenticated || self.credit.allows(from.ip(), bytes.len(), reply.len(), now);
                if allowed {
                    out.batch.udp.push(from, reply.len(), |buffer| {
                        buffer.copy_from_slice(&reply);
                        Some(reply.len())
                    });
                }
                None
            }
            RelayOutput::Deliver { from, range } => {
                let counters = &self.hub.counters;
                counters.received_by(PathKind::TurnUdp, 1, range.len());
                Some((from, range))
            }
        }
    }

    /// Ends allocations of the relay that have expired.
    pub(crate) fn expire(&mut self, now: Instant) {
        let mut ended = Vec::new();
        for (address, client) in &mut self.clients {
            if client.deadline().is_some_and(|due| due <= now) {
                client.expire(now);
                if !client.is_allocated() {
                    ended.push(*address);
                }
            }
        }
        for address in ended {
            self.end(address);
        }
    }

    fn end(&mut self, address: SocketAddr) {
        if let Some(client) = self.clients.remove(&address) {
            self.hub.links.remove(client.link());
            // Any worker may have the session that used it.
            self.hub.peers.tell_closed(client.link());
        }
    }
}
