//! What all clients of the relay share: the secrets, the addresses to which it leads, and how much there may be.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use ring::{hmac, rand::SystemRandom};

use super::{
    credentials::{TurnCredentials, TurnSecret, is_guest, is_guest_name, participant, seconds},
    message::long_term_key,
};
use crate::peer::RelayAccess;

/// For so long a client may use a nonce (RFC 8656, section 5).
const NONCE_LIFETIME: Duration = Duration::from_hours(1);

/// How much of the relay there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RelayLimits {
    /// Allocations of one participant: a client makes one for each of its networks and each way to the relay.
    pub per_person: usize,
    /// Allocations of all guests together, of which one network may have as many as a participant.
    pub guests: usize,
    /// Allocations of everybody.
    pub total: usize,
}

impl Default for RelayLimits {
    fn default() -> Self {
        Self {
            per_person: 32,
            guests: 256,
            total: 4096,
        }
    }
}

/// What all clients of the relay share.
#[derive(Debug)]
pub struct RelayServer {
    secret: TurnSecret,
    nonce_key: hmac::Key,
    peers: Arc<[SocketAddr]>,
    limits: RelayLimits,
    people: Mutex<HashMap<String, usize>>,
}

impl RelayServer {
    /// A relay that leads to these addresses of the server and nowhere else. None if the system has no randomness.
    pub fn new(secret: TurnSecret, peers: Vec<SocketAddr>, limits: RelayLimits) -> Option<Self> {
        let nonce_key = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new()).ok()?;
        Some(Self {
            secret,
            nonce_key,
            peers: peers.into(),
            limits,
            people: Mutex::default(),
        })
    }

    /// Credentials for a participant that hold for so long.
    pub fn credentials(
        &self,
        person: &str,
        now: SystemTime,
        lifetime: Duration,
    ) -> TurnCredentials {
        self.secret.credentials(person, now, lifetime)
    }

    /// Credentials for a guest, who is no participant, at that network. Unlike a participant's, an allocation of a guest
    /// ends soon after them.
    pub fn guest_credentials(
        &self,
        network: IpAddr,
        now: SystemTime,
        lifetime: Duration,
    ) -> TurnCredentials {
        self.secret.guest_credentials(network, now, lifetime)
    }

    pub(super) fn peers(&self) -> &Arc<[SocketAddr]> {
        &self.peers
    }

    /// The realm that clients are told (RFC 8489, section 9.2).
    pub(super) const fn realm() -> &'static str {
        "plenary"
    }

    /// A nonce for a client: when it was made, and a code that nobody else can make, for nobody else.
    pub(super) fn nonce(&self, client: SocketAddr, access: RelayAccess, now: SystemTime) -> String {
        let made = u32::try_from(seconds(now)).unwrap_or(u32::MAX);
        let mut nonce = made.to_be_bytes().to_vec();
        nonce.extend_from_slice(&self.nonce_code(made, client, access));
        BASE64_STANDARD.encode(nonce)
    }

    pub(super) fn is_nonce(
        &self,
        nonce: &str,
        client: SocketAddr,
        access: RelayAccess,
        now: SystemTime,
    ) -> bool {
        let Ok(bytes) = BASE64_STANDARD.decode(nonce) else {
            return false;
        };
        let Some((made, code)) = bytes.split_first_chunk() else {
            return false;
        };
        let made = u32::from_be_bytes(*made);
        let age = seconds(now).checked_sub(u64::from(made));
        code == self.nonce_code(made, client, access)
            && age.is_some_and(|age| age <= NONCE_LIFETIME.as_secs())
    }

    fn nonce_code(&self, made: u32, client: SocketAddr, access: RelayAccess) -> [u8; 8] {
        let whose = format!("{made} {client} {access:?}");
        let signed = hmac::sign(&self.nonce_key, whose.as_bytes());
        signed.as_ref().first_chunk().copied().unwrap_or_default()
    }

    /// The key of a user name, whether it has expired or not.
    pub(super) fn key(&self, username: &str) -> Option<Vec<u8>> {
        long_term_key(username, Self::realm(), self.secret.password(username))
    }

    /// Whether a user name still allows a new allocation.
    pub(super) fn is_current(username: &str, now: SystemTime) -> bool {
        participant(username, now).is_some()
    }

    /// A place for one more allocation of a user's participant; none if there are enough.
    pub(super) fn reserve(self: &Arc<Self>, username: &str) -> Option<AllocationPlace> {
        let person = username.split_once(':').map_or(username, |(_, it)| it);
        let mut people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        let total: usize = people.values().sum();
        let of_person = people.get(person).copied().unwrap_or(0);
        if total >= self.limits.total || of_person >= self.limits.per_person {
            return None;
        }
        if is_guest(username) {
            let of_guests = people.iter().filter(|(name, _)| is_guest_name(name));
            let of_guests: usize = of_guests.map(|(_, count)| count).sum();
            if of_guests >= self.limits.guests {
                return None;
            }
        }
        people.insert(person.to_owned(), of_person + 1);
        Some(AllocationPlace {
            server: Arc::clone(self),
            person: person.to_owned(),
        })
    }

    /// How many allocations there are.
    pub fn allocations(&self) -> usize {
        let people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        people.values().sum()
    }
}

/// The place of one allocation, which is free again when this is dropped.
#[derive(Debug)]
pub(super) struct AllocationPlace {
    server: Arc<RelayServer>,
    person: String,
}

impl Drop for AllocationPlace {
    fn drop(&mut self) {
        let people = self.server.people.lock();
        let mut people = people.unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = people.get_mut(&self.person) {
            *count -= 1;
            if *count == 0 {
                people.remove(&self.person);
            }
        }
    }
}
