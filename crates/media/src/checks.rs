//! Connectivity checks: the session of each, and the session to which an address belongs.

use std::time::Instant;

use plenary_transport::{
    ice::{BindingRequest, Credentials, Outcome},
    peer::{LinkId, PeerAddress},
};

use crate::{
    core::{Core, Outbox, send},
    key::SessionKey,
};

impl Core {
    /// The worker to which a connectivity check belongs, by the user name fragment in it.
    pub fn worker_of(datagram: &[u8]) -> Option<usize> {
        let request = BindingRequest::parse(datagram)?;
        usize::from_str_radix(request.local_ufrag().get(..2)?, 16).ok()
    }

    /// Credentials whose fragment begins with this worker's number.
    pub(crate) fn credentials(&self) -> Credentials {
        let mut fresh = Credentials::random();
        fresh.ufrag.insert_str(0, &format!("{:02x}", self.worker));
        fresh
    }

    pub(crate) fn connectivity_check(
        &mut self,
        from: PeerAddress,
        bytes: &[u8],
        now: Instant,
        out: &mut Outbox,
    ) -> bool {
        let Some(request) = BindingRequest::parse(bytes) else {
            self.counters.refuse_datagram();
            return true;
        };
        let Some(key) = self.by_ufrag.get(request.local_ufrag()).copied() else {
            return false;
        };
        let owner = self.by_address.get(&from).filter(|owner| **owner != key);
        let owner = owner.and_then(|owner| self.sessions.get(*owner));
        if owner.is_some_and(|owner| owner.paths.holds(from, now)) {
            // A participant can forge the source address of a check of the own session.
            self.counters.refuse_datagram();
            return true;
        }
        let Some(session) = self.session(key) else {
            return true;
        };
        let Ok(answered) = request.answer(&session.ice, &session.offer.ufrag, from.reflexive())
        else {
            self.counters.refuse_datagram();
            return true;
        };
        session.last_received = now;
        send(out, from, &answered.response);
        if answered.outcome != Outcome::RoleConflict {
            self.follow(key, from, now, out);
            if let Some(session) = self.session(key) {
                // Until the client nominates a path, the first path that works is used.
                if answered.outcome == Outcome::Nominated {
                    session.remote = Some(from);
                }
                session.heard(from, now);
            }
        }
        self.handshake(key, now, out);
        true
    }

    /// Assigns an address to a session: from now on its datagrams belong to that session.
    pub(crate) fn follow(
        &mut self,
        key: SessionKey,
        from: PeerAddress,
        now: Instant,
        out: &mut Outbox,
    ) {
        let Some(session) = self.session(key) else {
            return;
        };
        let left = session.paths.follow(from, session.remote, now);
        if let Some(left) = left {
            self.leave_address(key, left, out);
        }
        let before = self.by_address.insert(from, key);
        if before != Some(key) {
            out.addresses.push((from, true));
        }
        if let Some(owner) = before.filter(|before| *before != key)
            && let Some(owner) = self.session(owner)
        {
            owner.paths.forget(from);
            owner.remote = owner.remote.filter(|remote| *remote != from);
        }
    }

    pub(crate) fn forget_silent_paths(&mut self, key: SessionKey, now: Instant, out: &mut Outbox) {
        let Some(session) = self.session(key) else {
            return;
        };
        for address in session.paths.forget_silent(now) {
            self.leave_address(key, address, out);
        }
    }

    /// A connection, or an allocation of the relay, has ended: sessions that used it go on by another path on which they
    /// were heard lately, and otherwise by the one on which they are heard next.
    pub(crate) fn close_link(&mut self, link: LinkId, now: Instant, out: &mut Outbox) {
        let addresses = self.by_address.iter();
        let closed: Vec<(PeerAddress, SessionKey)> = addresses
            .filter(|(address, _)| address.link() == Some(link))
            .map(|(address, key)| (*address, *key))
            .collect();
        for (address, key) in closed {
            self.leave_address(key, address, out);
            let Some(session) = self.session(key) else {
                continue;
            };
            session.paths.forget(address);
            if session.remote == Some(address) {
                session.remote = session.paths.latest(now);
            }
        }
    }

    fn leave_address(&mut self, key: SessionKey, address: PeerAddress, out: &mut Outbox) {
        if self.by_address.get(&address) == Some(&key) {
            self.by_address.remove(&address);
            out.addresses.push((address, false));
        }
    }
}
