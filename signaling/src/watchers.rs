//! The watchers that are connected now. They hold no places in rooms, so nothing but this bounds them.
//!
//! A link that is full refuses the next watcher. It ends none that is there: a screen that somebody looks at goes on,
//! whoever else has got hold of the link.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{allowances::count_limited, limits::Limits, rate::Origin};

/// The registry of connected watchers.
#[derive(Debug)]
pub struct Watchers {
    per_link: usize,
    per_address: usize,
    connected: Arc<Mutex<Connected>>,
}

#[derive(Debug, Default)]
struct Connected {
    by_link: HashMap<String, usize>,
    by_address: HashMap<Origin, usize>,
}

/// A place among the connected watchers, given back when it is dropped.
#[derive(Debug)]
pub struct Watch {
    link: String,
    origin: Origin,
    connected: Arc<Mutex<Connected>>,
}

impl Watchers {
    /// Nobody watches yet.
    pub fn new(limits: &Limits) -> Self {
        Self {
            per_link: limits.displays_per_link,
            per_address: limits.displays_per_address,
            connected: Arc::default(),
        }
    }

    /// A place for one more watcher with that link at that address; none if either has too many.
    pub fn begin(&self, link: &str, origin: Origin) -> Option<Watch> {
        // Nothing panics while it is held, and the counts are sound after every step.
        let mut guard = self
            .connected
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let of = |count: Option<&usize>| count.copied().unwrap_or_default();
        if of(guard.by_link.get(link)) >= self.per_link
            || of(guard.by_address.get(&origin)) >= self.per_address
        {
            drop(guard);
            count_limited("displays");
            return None;
        }
        *guard.by_link.entry(link.to_owned()).or_default() += 1;
        *guard.by_address.entry(origin).or_default() += 1;
        Some(Watch {
            link: link.to_owned(),
            origin,
            connected: Arc::clone(&self.connected),
        })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut guard = self
            .connected
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        release(&mut guard.by_link, &self.link);
        release(&mut guard.by_address, &self.origin);
    }
}

fn release<K: Eq + Hash>(counts: &mut HashMap<K, usize>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn origin(last: u8) -> Origin {
        Origin::from(IpAddr::from([203, 0, 113, last]))
    }

    #[test]
    fn a_link_and_an_address_have_their_share_and_what_ends_is_free_again() {
        let watchers = Watchers::new(&Limits {
            displays_per_link: 2,
            displays_per_address: 3,
            ..Limits::default()
        });
        let mut of_one: Vec<_> = (1..=2).map(|it| watchers.begin("a", origin(it))).collect();
        assert!(of_one.iter().all(Option::is_some));
        assert!(watchers.begin("a", origin(9)).is_none(), "the link is full");
        of_one.pop();
        assert!(watchers.begin("a", origin(9)).is_some());

        let _others = ["b", "c"].map(|link| watchers.begin(link, origin(1)).unwrap());
        assert!(
            watchers.begin("d", origin(1)).is_none(),
            "the address is full"
        );
        assert!(watchers.begin("d", origin(2)).is_some());
    }

    #[test]
    fn nothing_is_kept_of_watchers_that_are_gone() {
        let watchers = Watchers::new(&Limits::default());
        drop(watchers.begin("a", origin(1)));
        let guard = watchers.connected.lock().unwrap();
        assert_eq!((guard.by_link.len(), guard.by_address.len()), (0, 0));
    }
}
