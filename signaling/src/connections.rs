//! The connections of a listener. No stranger can take the place of another client or of a seated person.
//!
//! A connection *waits* while its client is to do something: send a request, a body or a hello, or take an answer. Where
//! there are too many, the one that has waited longest is ended for a new one: first of the same address, and for the
//! server as a whole of the address that has most. So a flood from one address ends its own connections, and a person who
//! comes back is let in. A connection with a seat is never ended for another; its descriptor is kept back from the start.

use std::{
    collections::{BTreeSet, HashMap},
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::sync::{AcquireError, Notify, OwnedSemaphorePermit, Semaphore};

use crate::{allowances::count_limited, limits::Limits, proxies::Proxies, rate::Origin};

/// Descriptors of connections that are being closed for another.
const CLOSING: usize = 16;

/// How many connections there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// Without a seat.
    pub unseated: usize,
    /// Without a seat, from one address.
    pub per_address: usize,
    /// With a seat.
    pub seated: usize,
}

impl ConnectionLimits {
    /// What so many descriptors suffice for: at least three of four are for people with a seat.
    pub fn new(limits: &Limits, descriptors: usize) -> Self {
        let unseated = limits.connections.min(descriptors / 4).max(1);
        Self {
            unseated,
            per_address: limits.connections_per_address.clamp(1, unseated),
            seated: descriptors.saturating_sub(unseated + CLOSING).max(1),
        }
    }

    /// The limits of an address on which nobody takes a seat.
    pub fn without_seats(connections: usize) -> Self {
        let unseated = connections.saturating_sub(CLOSING).max(1);
        Self {
            unseated,
            per_address: unseated,
            seated: 0,
        }
    }
}

/// There is no place for one more connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// The address has its share.
    Address,
    /// The server has all that it can have.
    Server,
}

/// The connections of a listener.
#[derive(Debug, Clone)]
pub struct Connections(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    limits: ConnectionLimits,
    /// Their connections carry the requests of many people, who are counted by the address that the proxy names.
    proxies: Proxies,
    sockets: Arc<Semaphore>,
    table: Mutex<Table>,
}

/// To whom a connection without a seat counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Owner {
    Address(Origin),
    /// The proxies together, for their connections between two requests.
    Proxies,
}

#[derive(Debug, Default)]
struct Table {
    last_id: u64,
    /// Rises with each connection that begins to wait, so that it orders them.
    waits: u64,
    unseated: HashMap<u64, Entry>,
    shares: HashMap<Owner, Share>,
    seated: usize,
}

#[derive(Debug)]
struct Entry {
    owner: Owner,
    /// Since when it waits for its client; none while the server works for it.
    waiting: Option<u64>,
    /// How many of its requests the server works for: of HTTP/2, several at once.
    working: usize,
    ended: Arc<Notify>,
}

/// The connections of one owner.
#[derive(Debug, Default)]
struct Share {
    connections: usize,
    /// Those that wait, the longest first: since when, and which.
    waiting: BTreeSet<(u64, u64)>,
}

impl Connections {
    /// No connections yet.
    pub fn new(limits: ConnectionLimits, proxies: Proxies) -> Self {
        let sockets = limits.unseated + limits.seated + CLOSING;
        Self(Arc::new(Inner {
            limits,
            proxies,
            sockets: Arc::new(Semaphore::new(sockets.min(Semaphore::MAX_PERMITS))),
            table: Mutex::default(),
        }))
    }

    /// Waits until the descriptors suffice for one more socket. A connection that was ended keeps its own until it is closed.
    pub async fn socket(&self) -> Result<OwnedSemaphorePermit, AcquireError> {
        Arc::clone(&self.0.sockets).acquire_owned().await
    }

    /// Takes a new connection in, if necessary in place of one that waits.
    pub fn admit(&self, peer: IpAddr, socket: OwnedSemaphorePermit) -> Result<Connection, Full> {
        let owner = if self.0.proxies.contains(peer) {
            Owner::Proxies
        } else {
            Owner::Address(peer.into())
        };
        let ended = Arc::new(Notify::new());
        let mut table = self.table();
        table.make_room(owner, &self.0.limits)?;
        table.last_id += 1;
        let id = table.last_id;
        let entry = Entry {
            owner,
            waiting: None,
            working: 0,
            ended: Arc::clone(&ended),
        };
        table.insert(id, entry);
        table.wait(id);
        drop(table);
        Ok(Connection {
            connections: self.clone(),
            id,
            of_proxy: (owner == Owner::Proxies).into(),
            seated: AtomicBool::new(false),
            ended,
            _socket: socket,
        })
    }

    /// How many connections have no seat, and how many have one.
    pub fn count(&self) -> (usize, usize) {
        let table = self.table();
        (table.unseated.len(), table.seated)
    }

    /// No code panics while it holds the lock, so a poisoned table is whole too.
    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    /// Makes room for one more connection.
    fn make_room(&mut self, owner: Owner, limits: &ConnectionLimits) -> Result<(), Full> {
        self.make_room_in_share(owner, limits)?;
        if self.unseated.len() < limits.unseated {
            return Ok(());
        }
        let largest = self.largest_share();
        if !largest.is_some_and(|owner| self.end_one_of(owner)) {
            count_limited("connections");
            return Err(Full::Server);
        }
        Ok(())
    }

    /// Makes room in the share of an address. That of the proxies has no limit of its own.
    fn make_room_in_share(&mut self, owner: Owner, limits: &ConnectionLimits) -> Result<(), Full> {
        let here = self.shares.get(&owner).map_or(0, |it| it.connections);
        if owner != Owner::Proxies && here >= limits.per_address && !self.end_one_of(owner) {
            count_limited("connections_per_address");
            return Err(Full::Address);
        }
        Ok(())
    }

    /// The owner of most connections, of those that have one that waits.
    fn largest_share(&self) -> Option<Owner> {
        let shares = self.shares.iter().filter(|(_, it)| !it.waiting.is_empty());
        let largest = shares.max_by_key(|(_, it)| it.connections);
        largest.map(|(owner, _)| *owner)
    }

    /// Ends the connection of an owner that has waited longest.
    fn end_one_of(&mut self, owner: Owner) -> bool {
        let share = self.shares.get(&owner);
        let Some((_, id)) = share.and_then(|it| it.waiting.first().copied()) else {
            return false;
        };
        if let Some(entry) = self.remove(id) {
            count_limited("connections_ended");
            entry.ended.notify_one();
        }
        true
    }

    fn insert(&mut self, id: u64, entry: Entry) {
        let share = self.shares.entry(entry.owner).or_default();
        share.connections += 1;
        if let Some(since) = entry.waiting {
            share.waiting.insert((since, id));
        }
        self.unseated.insert(id, entry);
    }

    fn remove(&mut self, id: u64) -> Option<Entry> {
        let entry = self.unseated.remove(&id)?;
        if let Some(share) = self.shares.get_mut(&entry.owner) {
            share.connections -= 1;
            if let Some(since) = entry.waiting {
                share.waiting.remove(&(since, id));
            }
            if share.connections == 0 {
                self.shares.remove(&entry.owner);
            }
        }
        Some(entry)
    }

    /// The connection waits for its client from now on, unless the server works for another of its requests. Nothing
    /// happens to one that was ended.
    fn wait(&mut self, id: u64) {
        if let Some(entry) = self.remove(id) {
            let waiting = (entry.working == 0).then(|| {
                self.waits += 1;
                self.waits
            });
            self.insert(id, Entry { waiting, ..entry });
        }
    }

    fn work(&mut self, id: u64) {
        if let Some(entry) = self.remove(id) {
            let (waiting, working) = (None, entry.working + 1);
            let entry = Entry {
                waiting,
                working,
                ..entry
            };
            self.insert(id, entry);
        }
    }

    fn end_work(&mut self, id: u64) {
        if let Some(entry) = self.unseated.get_mut(&id) {
            entry.working = entry.working.saturating_sub(1);
        }
        self.wait(id);
    }

    fn give_to(&mut self, id: u64, owner: Owner) {
        if let Some(entry) = self.remove(id) {
            self.insert(id, Entry { owner, ..entry });
        }
    }
}

/// A connection; when it is dropped, its place and its descriptor are free.
#[derive(Debug)]
pub struct Connection {
    connections: Connections,
    id: u64,
    of_proxy: AtomicBool,
    seated: AtomicBool,
    ended: Arc<Notify>,
    _socket: OwnedSemaphorePermit,
}

impl Connection {
    /// Completes when the connection is to end for another one.
    pub async fn ended(&self) {
        self.ended.notified().await;
    }

    /// The proxies whose word counts for the address of a request.
    pub fn proxies(&self) -> &Proxies {
        &self.connections.0.proxies
    }

    /// A request of that address begins; between requests, a connection of a proxy belongs to no address.
    pub fn begin_request(&self, origin: Origin) -> Result<(), Full> {
        if self.is_of_proxy() {
            let mut table = self.connections.table();
            let owner = Owner::Address(origin);
            table.make_room_in_share(owner, &self.connections.0.limits)?;
            table.give_to(self.id, owner);
        }
        Ok(())
    }

    /// The server works for a request of it, until [`Connection::end_work`].
    pub fn work(&self) {
        self.connections.table().work(self.id);
    }

    /// The server has done what it did for a request.
    pub fn end_work(&self) {
        self.connections.table().end_work(self.id);
    }

    /// The client is to send a request, to take an answer, or to say hello.
    pub fn wait(&self) {
        self.connections.table().wait(self.id);
    }

    /// An answer is written, and the connection waits for the next request.
    pub fn end_request(&self) {
        let mut table = self.connections.table();
        if self.is_of_proxy() {
            table.give_to(self.id, Owner::Proxies);
        }
        table.wait(self.id);
    }

    /// Whether the client is one of the proxies.
    pub fn is_of_proxy(&self) -> bool {
        self.of_proxy.load(Ordering::Relaxed)
    }

    /// A proxy for TCP has said that the connection is that client's, for good.
    pub fn give_to_client(&self, client: IpAddr) -> Result<(), Full> {
        if self.proxies().contains(client) {
            return Ok(());
        }
        let mut table = self.connections.table();
        let owner = Owner::Address(client.into());
        table.make_room_in_share(owner, &self.connections.0.limits)?;
        table.give_to(self.id, owner);
        self.of_proxy.store(false, Ordering::Relaxed);
        Ok(())
    }

    /// Takes a seat; from now on the connection is not ended for another one.
    pub fn take_seat(&self) -> Result<(), Full> {
        let mut table = self.connections.table();
        if table.seated >= self.connections.0.limits.seated {
            count_limited("seats");
            return Err(Full::Server);
        }
        table.remove(self.id).ok_or(Full::Server)?;
        table.seated += 1;
        self.seated.store(true, Ordering::Relaxed);
        Ok(())
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let mut table = self.connections.table();
        if self.seated.load(Ordering::Relaxed) {
            table.seated -= 1;
        } else {
            table.remove(self.id);
        }
    }
}

#[cfg(test)]
mod tests;
