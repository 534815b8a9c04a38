//! A bad network, made inside the tool: a queue of bounded rate that loses, delays and jitters what goes through it.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    time::{Duration, Instant},
};

use rand::Rng;

/// A router's buffer: what would wait longer for its turn is dropped.
const MAX_WAIT: Duration = Duration::from_millis(300);

/// How bad the network is, in one direction.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Conditions {
    /// The share of packets that are lost, 0 to 1.
    pub loss: f64,
    pub delay: Duration,
    /// Up to so much is added to the delay, evenly spread. Packets keep their order.
    pub jitter: Duration,
    /// The bandwidth of the bottleneck, in bits per second; none for no limit.
    pub rate: Option<u64>,
}

impl Conditions {
    /// Whether anything is wrong with it.
    pub fn is_bad(&self) -> bool {
        *self != Self::default()
    }
}

/// One direction of one participant's bad network.
#[derive(Debug)]
pub struct Impairment {
    conditions: Conditions,
    /// When the packets that were accepted so far will have passed the bottleneck.
    busy_until: Option<Instant>,
    queue: VecDeque<Delayed>,
}

/// A datagram that waits for its time.
#[derive(Debug)]
pub struct Delayed {
    pub due: Instant,
    pub address: SocketAddr,
    pub datagram: Vec<u8>,
}

impl Impairment {
    /// A network in these conditions.
    pub fn new(conditions: Conditions) -> Self {
        Self {
            conditions,
            busy_until: None,
            queue: VecDeque::new(),
        }
    }

    /// Puts a datagram into the network. Returns when it will come out, unless it is lost.
    pub fn push(
        &mut self,
        datagram: &[u8],
        address: SocketAddr,
        now: Instant,
        random: &mut impl Rng,
    ) -> Option<Instant> {
        if random.random::<f64>() < self.conditions.loss {
            return None;
        }
        let mut passed = now;
        if let Some(rate) = self.conditions.rate {
            let begins = self.busy_until.map_or(now, |busy| busy.max(now));
            if begins - now > MAX_WAIT {
                return None;
            }
            let nanos = (datagram.len() as u64 * 8).saturating_mul(1_000_000_000) / rate.max(1);
            passed = begins + Duration::from_nanos(nanos);
            self.busy_until = Some(passed);
        }
        let jitter = self.conditions.jitter.mul_f64(random.random());
        let due = passed + self.conditions.delay + jitter;
        let due = self.queue.back().map_or(due, |last| last.due.max(due));
        let datagram = datagram.to_vec();
        self.queue.push_back(Delayed {
            due,
            address,
            datagram,
        });
        Some(due)
    }

    /// The next datagram whose time has come.
    pub fn pop(&mut self, now: Instant) -> Option<Delayed> {
        self.queue.pop_front_if(|next| next.due <= now)
    }
}

#[cfg(test)]
mod tests {
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;

    const ANYWHERE: SocketAddr =
        SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 9);

    fn millis(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    /// The times at which packets of 125 bytes come out that go in at these milliseconds.
    fn times(conditions: Conditions, sent: impl Iterator<Item = u64>) -> Vec<Option<Duration>> {
        let mut random = StdRng::seed_from_u64(7);
        let start = Instant::now();
        let mut network = Impairment::new(conditions);
        sent.map(|at| {
            let due = network.push(&[0; 125], ANYWHERE, start + millis(at), &mut random);
            due.map(|due| due - start)
        })
        .collect()
    }

    #[test]
    fn the_share_that_is_lost_is_the_one_that_was_asked_for() {
        let conditions = Conditions {
            loss: 0.05,
            ..Conditions::default()
        };
        let lost = times(conditions, 0..10_000)
            .iter()
            .filter(|time| time.is_none())
            .count();
        assert!((400..600).contains(&lost), "{lost}");
    }

    #[test]
    fn jitter_stays_in_its_bounds_and_keeps_the_order() {
        let conditions = Conditions {
            delay: millis(50),
            jitter: millis(20),
            ..Conditions::default()
        };
        let times: Vec<Duration> = times(conditions, 0..1_000).into_iter().flatten().collect();
        assert!(times.is_sorted());
        for (sent, came) in (0..).zip(times) {
            let took = came.checked_sub(millis(sent)).unwrap();
            assert!((50..=71).contains(&took.as_millis()), "{took:?}");
        }
    }

    #[test]
    fn a_bottleneck_makes_packets_wait_and_drops_what_would_wait_too_long() {
        let conditions = Conditions {
            rate: Some(10_000),
            ..Conditions::default()
        };
        let came = times(conditions, std::iter::repeat_n(0, 10));
        let whole = [100, 200, 300, 400].map(|at| Some(millis(at)));
        assert_eq!(came[..4], whole, "each takes 100 ms");
        assert_eq!(came[4..], [None; 6]);
    }

    #[test]
    fn a_datagram_comes_out_when_its_time_has_come() {
        let mut random = StdRng::seed_from_u64(7);
        let start = Instant::now();
        let mut network = Impairment::new(Conditions {
            delay: millis(10),
            ..Conditions::default()
        });
        network.push(b"a", ANYWHERE, start, &mut random);
        assert!(network.pop(start + millis(9)).is_none());
        assert_eq!(network.pop(start + millis(10)).unwrap().datagram, b"a");
        assert!(network.pop(start + millis(10)).is_none());
    }
}
