//! Rate limits by token buckets: a bucket refills with time, and every message takes one token out of it.
//!
//! Written here because a limit on wrong secrets must be able to check for a token without taking one: only wrong answers
//! take one. The caller passes the time in.

use std::{
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    time::Duration,
};

use dashmap::DashMap;
use tokio::time::Instant;

/// The size and refill rate of a token bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// How many tokens the bucket holds.
    pub burst: u32,
    /// How many tokens are refilled in a minute; at least one.
    pub per_minute: u32,
}

/// A token bucket, without its quota.
#[derive(Debug, Clone, Copy)]
pub struct TokenBucket {
    tokens: f64,
    refilled_at: Instant,
}

impl TokenBucket {
    /// A full bucket.
    pub fn new(quota: Quota, now: Instant) -> Self {
        Self {
            tokens: f64::from(quota.burst),
            refilled_at: now,
        }
    }

    /// Takes a token; an error is how long it takes until there is one.
    pub fn take(&mut self, quota: Quota, now: Instant) -> Result<(), Duration> {
        self.wait(quota, now).map_or(Ok(()), Err)?;
        self.tokens -= 1.0;
        Ok(())
    }

    /// How long it takes until there is a token; none if there is one.
    fn wait(&mut self, quota: Quota, now: Instant) -> Option<Duration> {
        let (burst, per_second) = (f64::from(quota.burst), f64::from(quota.per_minute) / 60.0);
        let elapsed = now.saturating_duration_since(self.refilled_at);
        self.tokens = (self.tokens + elapsed.as_secs_f64() * per_second).min(burst);
        self.refilled_at = now;
        let missing = 1.0 - self.tokens;
        (missing > 0.0)
            .then(|| Duration::try_from_secs_f64(missing / per_second).unwrap_or(Duration::MAX))
    }
}

/// How many buckets are kept before the full ones are dropped.
const MAX_IDLE_BUCKETS: usize = 10_000;

/// A token bucket for each key.
#[derive(Debug)]
pub struct RateLimiter<K: Eq + Hash> {
    quota: Quota,
    buckets: DashMap<K, TokenBucket>,
}

impl<K: Eq + Hash> RateLimiter<K> {
    /// A limiter in which every key starts with a full bucket.
    pub fn new(quota: Quota) -> Self {
        Self {
            quota,
            buckets: DashMap::new(),
        }
    }

    /// Takes a token of a key; an error is how long it takes until there is one.
    pub fn take(&self, key: K, now: Instant) -> Result<(), Duration> {
        if self.buckets.len() >= MAX_IDLE_BUCKETS {
            let full = f64::from(self.quota.burst);
            self.buckets.retain(|_, bucket| {
                bucket.wait(self.quota, now);
                bucket.tokens < full
            });
        }
        let new = || TokenBucket::new(self.quota, now);
        self.buckets
            .entry(key)
            .or_insert_with(new)
            .take(self.quota, now)
    }

    /// Checks whether a key has a token without taking it; an error is how long it takes until there is one.
    pub fn check(&self, key: &K, now: Instant) -> Result<(), Duration> {
        let bucket = self.buckets.get_mut(key);
        let wait = bucket.and_then(|mut it| it.wait(self.quota, now));
        wait.map_or(Ok(()), Err)
    }
}

/// The network that shares one limit: an IPv4 address, or the /64 of an IPv6 address, which one household gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Origin(IpAddr);

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

    #[test]
    fn a_burst_passes_and_a_flood_has_to_wait() {
        let start = Instant::now();
        let mut bucket = TokenBucket::new(QUOTA, start);
        let passed = (0..1000).filter(|_| bucket.take(QUOTA, start).is_ok());
        assert_eq!(passed.count(), 200);
        assert_eq!(bucket.take(QUOTA, start), Err(Duration::from_millis(20)));
        assert!(bucket.take(QUOTA, start + Duration::from_secs(1)).is_ok());
    }

    #[test]
    fn each_key_has_its_own_bucket_that_refills_and_a_check_takes_no_token() {
        let now = Instant::now();
        let second = Duration::from_secs(1);
        let limiter = RateLimiter::new(Quota {
            burst: 2,
            per_minute: 60,
        });
        for _ in 0..10 {
            assert_eq!(limiter.check(&"tokyo", now), Ok(()));
        }
        assert_eq!(limiter.take("tokyo", now), Ok(()));
        assert_eq!(limiter.take("tokyo", now), Ok(()));
        assert_eq!(limiter.take("tokyo", now), Err(second));
        assert_eq!(limiter.check(&"tokyo", now), Err(second));
        assert_eq!(limiter.take("seoul", now), Ok(()));

        assert_eq!(limiter.take("tokyo", now + second), Ok(()));
        let later = now + second * 60;
        let again = (0..10).filter(|_| limiter.take("tokyo", later).is_ok());
        assert_eq!(again.count(), 2, "a bucket holds no more than its burst");
    }

    #[test]
    fn full_buckets_are_dropped_before_there_are_too_many() {
        let limiter = RateLimiter::new(Quota {
            burst: 2,
            per_minute: 60,
        });
        let now = Instant::now();
        for stranger in 0..MAX_IDLE_BUCKETS {
            assert_eq!(limiter.take(stranger, now), Ok(()));
        }
        let later = now + Duration::from_secs(2);
        assert_eq!(limiter.take(MAX_IDLE_BUCKETS, later), Ok(()));
        assert_eq!(limiter.buckets.len(), 1);
    }

    #[test]
    fn addresses_of_one_network_share_an_origin() {
        let origin = |text: &str| Origin::from(text.parse::<IpAddr>().unwrap());
        assert_eq!(origin("2001:db8::1"), origin("2001:db8::ffff"));
        assert_ne!(origin("2001:db8::1"), origin("2001:db8:0:1::1"));
        assert_eq!(origin("::ffff:192.0.2.1"), origin("192.0.2.1"));
        assert_ne!(origin("192.0.2.1"), origin("192.0.2.2"));
    }
}
