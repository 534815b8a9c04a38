//! What the relay may send to addresses that have proved nothing: never more bytes than came from there.
//!
//! A request without credentials is shorter than the answer that asks for them, and its source may be forged. So an
//! address has a credit of the bytes that came from it, and is answered when that suffices: a client that repeats its
//! request, as every client does, is answered at the third time, and nobody gets traffic multiplied.

use std::{
    collections::HashMap,
    net::IpAddr,
    time::{Duration, Instant},
};

/// Addresses whose credit is kept.
const MAX_ADDRESSES: usize = 4096;
/// A credit that was not used for so long is forgotten.
const MAX_AGE: Duration = Duration::from_secs(30);

/// The credit of addresses that have proved nothing.
#[derive(Debug, Default)]
pub struct ReplyCredit(HashMap<IpAddr, (usize, Instant)>);

impl ReplyCredit {
    /// Counts a request of an address; returns whether a reply of so many bytes may go there, and counts that.
    pub fn allows(&mut self, to: IpAddr, request: usize, reply: usize, now: Instant) -> bool {
        if !self.0.contains_key(&to) && self.0.len() >= MAX_ADDRESSES {
            self.0
                .retain(|_, (_, since)| now.saturating_duration_since(*since) < MAX_AGE);
            if self.0.len() >= MAX_ADDRESSES {
                return reply <= request;
            }
        }
        let (credit, since) = self.0.entry(to).or_insert((0, now));
        if now.saturating_duration_since(*since) >= MAX_AGE {
            *credit = 0;
        }
        *since = now;
        // No more than a few replies can be saved up.
        *credit = (*credit + request).min(1024);
        let allowed = *credit >= reply;
        if allowed {
            *credit -= reply;
        }
        allowed
    }
}
