//! How many connections to the media port there may be, and which one makes way for another.
//!
//! A connection has *proved itself* when a session was heard by it, or when its client has shown credentials to the relay.
//! Until then it may be anybody's. Where there are too many, the one that has waited longest without a proof is ended for
//! the new one: first of the same address. One that has proved itself is never ended for another.

use std::{
    collections::{BTreeMap, HashMap},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

/// How many connections there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StreamLimits {
    pub(crate) total: usize,
    pub(crate) per_address: usize,
}

impl StreamLimits {
    /// So many in all, of which one address may have a quarter: a whole city may sit behind one.
    pub(crate) fn new(total: usize) -> Self {
        let total = total.max(1);
        Self {
            total,
            per_address: (total / 4).max(1),
        }
    }
}

/// The connections to the media port.
#[derive(Debug)]
pub(crate) struct Places {
    limits: StreamLimits,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    last: u64,
    total: usize,
    of_address: HashMap<IpAddr, usize>,
    /// Those that have proved nothing, the oldest first.
    unproven: BTreeMap<u64, (IpAddr, Arc<Notify>)>,
}

/// The place of one connection, which is free again when this is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    places: Arc<Places>,
    number: u64,
    origin: IpAddr,
    ended: Arc<Notify>,
}

impl Places {
    pub(crate) fn new(limits: StreamLimits) -> Arc<Self> {
        Arc::new(Self {
            limits,
            table: Mutex::default(),
        })
    }

    /// A place for a connection from an address; none if every place is taken by one that has proved itself.
    pub(crate) fn enter(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let origin = origin(address);
        let mut table = self.table();
        let of_address = table.of_address.get(&origin).copied().unwrap_or(0);
        if of_address >= self.limits.per_address {
            table.end_oldest(Some(origin))?;
        } else if table.total >= self.limits.total {
            table.end_oldest(None)?;
        }
        table.last += 1;
        table.total += 1;
        let number = table.last;
        *table.of_address.entry(origin).or_default() += 1;
        let ended = Arc::new(Notify::new());
        table.unproven.insert(number, (origin, Arc::clone(&ended)));
        drop(table);
        Some(Place {
            places: Arc::clone(self),
            number,
            origin,
            ended,
        })
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    /// Ends the connection that has waited longest without a proof; none if there is none.
    fn end_oldest(&mut self, of: Option<IpAddr>) -> Option<()> {
        let mut waiting = self.unproven.iter();
        let found = waiting.find(|(_, (origin, _))| of.is_none_or(|of| *origin == of));
        let number = found.map(|(number, _)| *number)?;
        let (origin, ended) = self.unproven.remove(&number)?;
        ended.notify_one();
        // Its place is free at once, though the connection ends a moment later.
        self.leave(origin);
        Some(())
    }

    fn leave(&mut self, origin: IpAddr) {
        self.total = self.total.saturating_sub(1);
        if let Some(count) = self.of_address.get_mut(&origin) {
            *count -= 1;
            if *count == 0 {
                self.of_address.remove(&origin);
            }
        }
    }
}

impl Place {
    /// Takes note that the connection has proved itself. One that has been ended for another cannot any more.
    pub(crate) fn prove(&mut self) {
        if self.number != 0 && self.places.table().unproven.remove(&self.number).is_some() {
            self.number = 0;
        }
    }

    /// Returns when the connection has to make way for another.
    pub(crate) async fn ended(&self) {
        self.ended.notified().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut table = self.places.table();
        let is_counted = self.number == 0 || table.unproven.remove(&self.number).is_some();
        if is_counted {
            table.leave(self.origin);
        }
    }
}

/// What counts as one address: of IPv6 the network of 64 bits, which is one customer's.
fn origin(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() >> 64 << 64).into()),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(total: usize, per_address: usize) -> Arc<Places> {
        Places::new(StreamLimits { total, per_address })
    }

    fn address(host: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, host])
    }

    #[tokio::test]
    async fn the_oldest_that_proved_nothing_makes_way_for_a_new_one_of_the_same_address() {
        let places = places(10, 2);
        let first = places.enter(address(1)).unwrap();
        let other = places.enter(address(2)).unwrap();
        let _second = places.enter(address(1)).unwrap();
        let _third = places.enter(address(1)).unwrap();
        first.ended().await;
        drop(first);
        assert_eq!(places.table().total, 3);
        drop(other);
        assert_eq!(places.table().of_address.len(), 1);
    }

    #[tokio::test]
    async fn one_that_has_proved_itself_is_never_ended_for_another() {
        let places = places(2, 2);
        let mut first = places.enter(address(1)).unwrap();
        let second = places.enter(address(2)).unwrap();
        first.prove();
        let mut third = places.enter(address(3)).unwrap();
        second.ended().await;
        third.prove();
        assert!(places.enter(address(4)).is_none());
        assert!(places.enter(address(1)).is_none());
        drop(third);
        assert!(places.enter(address(4)).is_some());
    }

    #[test]
    fn a_place_is_counted_once_however_it_ends() {
        let places = places(1, 1);
        let mut first = places.enter(address(1)).unwrap();
        let second = places.enter(address(1)).unwrap();
        // It was ended already: too late to prove anything.
        first.prove();
        drop(first);
        assert_eq!(places.table().total, 1);
        drop(second);
        assert_eq!(places.table().total, 0);
        assert!(places.table().unproven.is_empty());
    }

    #[test]
    fn a_network_of_ipv6_counts_as_one_address() {
        let one = origin("2001:db8:1:2::1".parse().unwrap());
        assert_eq!(one, origin("2001:db8:1:2:ffff::9".parse().unwrap()));
        assert_ne!(one, origin("2001:db8:1:3::1".parse().unwrap()));
        assert_eq!(origin("::ffff:192.0.2.1".parse().unwrap()), address(1));
    }
}
