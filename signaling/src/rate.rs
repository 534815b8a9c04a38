//! How fast somebody may speak: a bucket that fills with time, and out of which everything that is said takes one.
//!
//! By hand, because what guards a secret has to ask whether anything is left without taking it: only wrong answers
//! are counted there. Time only comes in.

use std::{
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    time::Duration,
};

use dashmap::DashMap;
use tokio::time::Instant;

/// How much may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// At once.
    pub burst: u32,
    /// A minute, for ever; more than nothing.
    pub a_minute: u32,
}

/// One bucket.
#[derive(Debug, Clone, Copy)]
pub struct Bucket {
    left: f64,
    at: Instant,
}

impl Bucket {
    /// A full one.
    pub fn new(quota: Quota, now: Instant) -> Self {
        Self {
            left: f64::from(quota.burst),
            at: now,
        }
    }

    /// Takes one out, or says how long it is until there is one.
    pub fn take(&mut self, quota: Quota, now: Instant) -> Result<(), Duration> {
        self.wait(quota, now).map_or(Ok(()), Err)?;
        self.left -= 1.0;
        Ok(())
    }

    /// How long it is until there is one to take; none if there is.
    fn wait(&mut self, quota: Quota, now: Instant) -> Option<Duration> {
        let (burst, steady) = (f64::from(quota.burst), f64::from(quota.a_minute) / 60.0);
        let passed = now.saturating_duration_since(self.at);
        self.left = (self.left + passed.as_secs_f64() * steady).min(burst);
        self.at = now;
        let missing = 1.0 - self.left;
        (missing > 0.0)
            .then(|| Duration::try_from_secs_f64(missing / steady).unwrap_or(Duration::MAX))
    }
}

/// How many buckets are kept before those that have filled again are forgotten.
const MANY: usize = 10_000;

/// A bucket for each of many.
#[derive(Debug)]
pub struct Buckets<K: Eq + Hash> {
    quota: Quota,
    of: DashMap<K, Bucket>,
}

impl<K: Eq + Hash> Buckets<K> {
    /// Full ones, for whoever comes.
    pub fn new(quota: Quota) -> Self {
        Self {
            quota,
            of: DashMap::new(),
        }
    }

    /// Takes one out of somebody's, or says how long it is until there is one.
    pub fn take(&self, whose: K, now: Instant) -> Result<(), Duration> {
        if self.of.len() >= MANY {
            let full = f64::from(self.quota.burst);
            self.of.retain(|_, bucket| {
                bucket.wait(self.quota, now);
                bucket.left < full
            });
        }
        let new = || Bucket::new(self.quota, now);
        self.of
            .entry(whose)
            .or_insert_with(new)
            .take(self.quota, now)
    }

    /// Whether there is one to take, which is left there; or how long it is until there is one.
    pub fn check(&self, whose: &K, now: Instant) -> Result<(), Duration> {
        let bucket = self.of.get_mut(whose);
        let wait = bucket.and_then(|mut it| it.wait(self.quota, now));
        wait.map_or(Ok(()), Err)
    }
}

/// Whoever shares an address: of IPv6 everybody in a network of 64 bits, which one household is given.
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
        a_minute: 3000,
    };

    #[test]
    fn a_burst_passes_a_flood_does_not_and_patience_helps() {
        let start = Instant::now();
        let mut bucket = Bucket::new(QUOTA, start);
        let passed = (0..1000).filter(|_| bucket.take(QUOTA, start).is_ok());
        assert_eq!(passed.count(), 200);
        assert_eq!(bucket.take(QUOTA, start), Err(Duration::from_millis(20)));
        assert!(bucket.take(QUOTA, start + Duration::from_secs(1)).is_ok());
    }

    #[test]
    fn each_has_a_bucket_of_his_own_that_fills_again_and_looking_takes_nothing() {
        let now = Instant::now();
        let second = Duration::from_secs(1);
        let buckets = Buckets::new(Quota {
            burst: 2,
            a_minute: 60,
        });
        for _ in 0..10 {
            assert_eq!(buckets.check(&"tokyo", now), Ok(()));
        }
        assert_eq!(buckets.take("tokyo", now), Ok(()));
        assert_eq!(buckets.take("tokyo", now), Ok(()));
        assert_eq!(buckets.take("tokyo", now), Err(second));
        assert_eq!(buckets.check(&"tokyo", now), Err(second));
        assert_eq!(buckets.take("seoul", now), Ok(()));

        assert_eq!(buckets.take("tokyo", now + second), Ok(()));
        let later = now + second * 60;
        let again = (0..10).filter(|_| buckets.take("tokyo", later).is_ok());
        assert_eq!(again.count(), 2, "it does not fill over its brim");
    }

    #[test]
    fn those_who_have_been_quiet_are_forgotten_before_they_are_too_many() {
        let buckets = Buckets::new(Quota {
            burst: 2,
            a_minute: 60,
        });
        let now = Instant::now();
        for stranger in 0..MANY {
            assert_eq!(buckets.take(stranger, now), Ok(()));
        }
        let later = now + Duration::from_secs(2);
        assert_eq!(buckets.take(MANY, later), Ok(()));
        assert_eq!(buckets.of.len(), 1);
    }

    #[test]
    fn addresses_of_one_network_are_one_origin() {
        let origin = |text: &str| Origin::from(text.parse::<IpAddr>().unwrap());
        assert_eq!(origin("2001:db8::1"), origin("2001:db8::ffff"));
        assert_ne!(origin("2001:db8::1"), origin("2001:db8:0:1::1"));
        assert_eq!(origin("::ffff:192.0.2.1"), origin("192.0.2.1"));
        assert_ne!(origin("192.0.2.1"), origin("192.0.2.2"));
    }
}
