//! How slowly a client may send or take something.

use std::time::Duration;

use tokio::time::Instant;

/// A client that is slower than this over all, after a first grace, holds a connection and does not use it.
const MIN_BYTES_PER_SECOND: u32 = 2048;

/// The progress of a body or an answer. It is late when nothing moves for the timeout, and when all of it is too slow: a
/// byte in time, again and again, does not hold a connection.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    timeout: Duration,
    began: Instant,
    progressed: Instant,
    bytes: usize,
}

impl Pace {
    /// Begins now.
    pub fn new(timeout: Duration, now: Instant) -> Self {
        Self {
            timeout,
            began: now,
            progressed: now,
            bytes: 0,
        }
    }

    /// So many bytes have moved.
    pub fn progress(&mut self, bytes: usize, now: Instant) {
        self.bytes = self.bytes.saturating_add(bytes);
        self.progressed = now;
    }

    /// When it is late, if no more bytes move.
    pub fn deadline(&self) -> Instant {
        let bytes = u32::try_from(self.bytes).unwrap_or(u32::MAX);
        let worth = Duration::from_secs_f64(f64::from(bytes) / f64::from(MIN_BYTES_PER_SECOND));
        (self.began + worth).min(self.progressed) + self.timeout
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMEOUT: Duration = Duration::from_secs(10);
    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn nothing_that_moves_is_late_after_the_timeout() {
        let now = Instant::now();
        let mut pace = Pace::new(TIMEOUT, now);
        assert_eq!(pace.deadline(), now + TIMEOUT);
        pace.progress(1_000_000, now + SECOND * 5);
        assert_eq!(
            pace.deadline(),
            now + SECOND * 15,
            "a stall after a fast part"
        );
    }

    #[test]
    fn a_byte_now_and_then_is_late_and_a_slow_network_is_not() {
        let now = Instant::now();
        let (mut dripping, mut slow) = (Pace::new(TIMEOUT, now), Pace::new(TIMEOUT, now));
        for second in 1..=60 {
            dripping.progress(1, now + SECOND * second);
            slow.progress(4000, now + SECOND * second);
        }
        assert!(dripping.deadline() < now + SECOND * 11);
        assert!(slow.deadline() > now + SECOND * 60);
    }
}
