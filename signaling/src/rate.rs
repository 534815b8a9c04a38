//! Rate limits by token buckets: a bucket refills with time, and every message takes tokens out of it.
//!
//! The caller passes the time in.

use std::{
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use dashmap::DashMap;
use plenary_ids::PersonId;
use tokio::time::Instant;

/// The size and refill rate of a token bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// How many tokens the bucket holds; at least one.
    pub burst: u32,
    /// How many tokens are refilled in a minute; at least one.
    pub per_minute: u32,
}

impl Quota {
    /// A bucket that holds what `minutes` refill.
    pub const fn with_burst_minutes(per_minute: u32, minutes: u32) -> Self {
        Self {
            burst: per_minute.saturating_mul(minutes),
            per_minute,
        }
    }

    /// The quota of so many together.
    const fn times(self, many: u32) -> Self {
        Self {
            burst: self.burst.saturating_mul(many),
            per_minute: self.per_minute.saturating_mul(many),
        }
    }
}

/// A token bucket, without its quota.
#[derive(Debug, Clone, Copy)]
struct TokenBucket {
    tokens: f64,
    refilled_at: Instant,
}

impl TokenBucket {
    /// A full bucket.
    fn new(quota: Quota, now: Instant) -> Self {
        Self {
            tokens: f64::from(quota.burst),
            refilled_at: now,
        }
    }

    /// Takes tokens; an error is how long it takes until there are as many. More than the bucket holds is the whole bucket.
    fn take(&mut self, quota: Quota, tokens: u32, now: Instant) -> Result<(), Duration> {
        self.refill(quota, now);
        let taken = f64::from(tokens.min(quota.burst));
        let missing = taken - self.tokens;
        if missing > 0.0 {
            let per_second = f64::from(quota.per_minute) / 60.0;
            return Err(Duration::try_from_secs_f64(missing / per_second).unwrap_or(Duration::MAX));
        }
        self.tokens -= taken;
        Ok(())
    }

    fn refill(&mut self, quota: Quota, now: Instant) {
        let per_second = f64::from(quota.per_minute) / 60.0;
        let elapsed = now.saturating_duration_since(self.refilled_at);
        let refilled = self.tokens + elapsed.as_secs_f64() * per_second;
        self.tokens = refilled.min(f64::from(quota.burst));
        self.refilled_at = now;
    }
}

/// How many buckets are kept before the full ones are dropped.
const MAX_IDLE_BUCKETS: usize = 10_000;

/// A token bucket for each key.
#[derive(Debug)]
pub struct RateLimiter<K: Eq + Hash> {
    quota: Quota,
    buckets: DashMap<K, TokenBucket>,
    /// With how many buckets the full ones are dropped again.
    sweep_at: AtomicUsize,
}

impl<K: Eq + Hash> RateLimiter<K> {
    /// A limiter in which every key starts with a full bucket.
    pub fn new(quota: Quota) -> Self {
        Self {
            quota,
            buckets: DashMap::new(),
            sweep_at: AtomicUsize::new(MAX_IDLE_BUCKETS),
        }
    }

    /// Takes tokens of a key; an error is how long it takes until there are as many.
    pub fn take(&self, key: K, tokens: u32, now: Instant) -> Result<(), Duration> {
        if self.buckets.len() >= self.sweep_at.load(Ordering::Relaxed) {
            self.drop_full_buckets(now);
        }
        let new = || TokenBucket::new(self.quota, now);
        self.buckets
            .entry(key)
            .or_insert_with(new)
            .take(self.quota, tokens, now)
    }

    fn drop_full_buckets(&self, now: Instant) {
        let full = f64::from(self.quota.burst);
        self.buckets.retain(|_, bucket| {
            bucket.refill(self.quota, now);
            bucket.tokens < full
        });
        // Twice as many as are in use, so that a sweep costs each of its buckets little.
        let next = MAX_IDLE_BUCKETS.max(2 * self.buckets.len());
        self.sweep_at.store(next, Ordering::Relaxed);
    }
}

/// Limits a person over all devices, tokens and connections, and the people of one address together.
#[derive(Debug)]
pub struct PersonLimiter {
    people: RateLimiter<PersonId>,
    addresses: RateLimiter<Origin>,
}

impl PersonLimiter {
    /// A limiter in which an address has the quota of `people_per_address` people.
    pub fn new(quota: Quota, people_per_address: u32) -> Self {
        Self {
            people: RateLimiter::new(quota),
            addresses: RateLimiter::new(quota.times(people_per_address.max(1))),
        }
    }

    /// Takes tokens of a person and of the address. What a person may not do takes nothing from the others at the address.
    pub fn take(
        &self,
        person: &PersonId,
        origin: Origin,
        tokens: u32,
        now: Instant,
    ) -> Result<(), Duration> {
        self.people.take(person.clone(), tokens, now)?;
        self.addresses.take(origin, tokens, now)
    }
}

/// The network that shares one limit: an IPv4 address, or the /64 of an IPv6 address, which one household gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Origin(IpAddr);

impl Origin {
    /// The address, or the first of the network.
    pub fn network(self) -> IpAddr {
        self.0
    }
}

impl From<IpAddr> for Origin {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) => {
                let network = address.to_bits() >> 64 << 64;
                Ipv6Addr::from_bits(network).into()
            }
            address @ IpAddr::V4(_) => address,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUOTA: Quota = Quota {
        burst: 200,
        per_minute: 3000,
    };
    const SECOND: Duration = Duration::from_secs(1);

    fn person(name: &str) -> PersonId {
        PersonId::new(name).unwrap()
    }

    fn origin(text: &str) -> Origin {
        text.parse::<IpAddr>().unwrap().into()
    }

    #[test]
    fn a_burst_passes_and_a_flood_has_to_wait() {
        let start = Instant::now();
        let mut bucket = TokenBucket::new(QUOTA, start);
        let passed = (0..1000).filter(|_| bucket.take(QUOTA, 1, start).is_ok());
        assert_eq!(passed.count(), 200);
        let wait = bucket.take(QUOTA, 1, start);
        assert_eq!(wait, Err(Duration::from_millis(20)));
        assert!(bucket.take(QUOTA, 1, start + SECOND).is_ok());
    }

    #[test]
    fn each_key_has_its_own_bucket_that_refills_up_to_its_burst() {
        let now = Instant::now();
        let limiter = RateLimiter::new(Quota {
            burst: 2,
            per_minute: 60,
        });
        assert_eq!(limiter.take("tokyo", 1, now), Ok(()));
        assert_eq!(limiter.take("tokyo", 1, now), Ok(()));
        assert_eq!(limiter.take("tokyo", 1, now), Err(SECOND));
        assert_eq!(limiter.take("seoul", 1, now), Ok(()));

        assert_eq!(limiter.take("tokyo", 1, now + SECOND), Ok(()));
        let later = now + SECOND * 60;
        let again = (0..10).filter(|_| limiter.take("tokyo", 1, later).is_ok());
        assert_eq!(again.count(), 2, "a bucket holds no more than its burst");
    }

    #[test]
    fn a_message_takes_as_many_tokens_as_it_has_bytes_and_one_too_large_for_the_bucket_takes_all() {
        let now = Instant::now();
        let limiter = RateLimiter::new(Quota {
            burst: 100,
            per_minute: 600,
        });
        assert_eq!(limiter.take("tokyo", 60, now), Ok(()));
        assert_eq!(limiter.take("tokyo", 60, now), Err(SECOND * 2));
        assert_eq!(limiter.take("tokyo", 40, now), Ok(()), "a shorter one fits");
        assert_eq!(limiter.take("tokyo", 5000, now + SECOND * 10), Ok(()));
        assert_eq!(
            limiter.take("tokyo", 1, now + SECOND * 10),
            Err(SECOND / 10)
        );
    }

    #[test]
    fn full_buckets_are_dropped_before_there_are_too_many_and_used_ones_stay() {
        let limiter = RateLimiter::new(Quota {
            burst: 2,
            per_minute: 60,
        });
        let now = Instant::now();
        for stranger in 0..MAX_IDLE_BUCKETS {
            assert_eq!(limiter.take(stranger, 1, now), Ok(()));
        }
        let later = now + SECOND * 2;
        assert_eq!(limiter.take(MAX_IDLE_BUCKETS, 2, later), Ok(()));
        assert_eq!(limiter.buckets.len(), 1);

        for stranger in 0..2 * MAX_IDLE_BUCKETS {
            let _ = limiter.take(stranger, 2, later);
        }
        assert_eq!(
            limiter.take(7, 1, later),
            Err(SECOND),
            "a flood of keys frees none"
        );
    }

    #[test]
    fn a_person_has_one_allowance_however_many_addresses_and_connections_they_use() {
        let now = Instant::now();
        let limiter = PersonLimiter::new(QUOTA, 10);
        let addresses = (1..=200).map(|number| origin(&format!("192.0.2.{number}")));
        let passed = addresses
            .flat_map(|origin| [origin; 5])
            .filter(|origin| limiter.take(&person("tokyo-1"), *origin, 1, now).is_ok());
        assert_eq!(passed.count(), 200);
        let other = limiter.take(&person("seoul-1"), origin("192.0.2.1"), 1, now);
        assert_eq!(other, Ok(()));
    }

    #[test]
    fn an_address_has_the_allowance_of_many_people_and_a_flood_of_one_takes_none_of_it() {
        let now = Instant::now();
        let limiter = PersonLimiter::new(QUOTA, 3);
        let nat = origin("192.0.2.1");
        let flood = (0..10_000).filter(|_| limiter.take(&person("flood"), nat, 1, now).is_ok());
        assert_eq!(flood.count(), 200);
        for name in ["tokyo-1", "seoul-1"] {
            for _ in 0..200 {
                assert_eq!(limiter.take(&person(name), nat, 1, now), Ok(()), "{name}");
            }
        }
        assert!(limiter.take(&person("delhi-1"), nat, 1, now).is_err());
        let elsewhere = origin("192.0.2.2");
        assert_eq!(limiter.take(&person("delhi-1"), elsewhere, 1, now), Ok(()));
    }

    #[test]
    fn addresses_of_one_network_share_an_origin() {
        assert_eq!(origin("2001:db8::1"), origin("2001:db8::ffff"));
        assert_ne!(origin("2001:db8::1"), origin("2001:db8:0:1::1"));
        assert_eq!(origin("::ffff:192.0.2.1"), origin("192.0.2.1"));
        assert_ne!(origin("192.0.2.1"), origin("192.0.2.2"));
    }
}
