//! How fast a client may speak.

use std::time::Duration;

use tokio::time::Instant;

/// Messages that may come at once: an offer, a list of candidates, and somebody who clicks about.
const BURST: f64 = 200.0;
/// Messages a second that may come for ever.
const STEADY: f64 = 50.0;

/// A bucket that fills with time, and out of which every message takes one.
#[derive(Debug)]
pub struct Rate {
    left: f64,
    at: Instant,
}

impl Rate {
    /// A full bucket.
    pub fn new(now: Instant) -> Self {
        Self {
            left: BURST,
            at: now,
        }
    }

    /// Whether another message may come now.
    pub fn allows(&mut self, now: Instant) -> bool {
        let passed: Duration = now.saturating_duration_since(self.at);
        self.left = (self.left + passed.as_secs_f64() * STEADY).min(BURST);
        self.at = now;
        if self.left < 1.0 {
            return false;
        }
        self.left -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_a_flood_does_not_and_patience_helps() {
        let start = Instant::now();
        let mut rate = Rate::new(start);
        let passed = (0..1000).filter(|_| rate.allows(start)).count();
        assert_eq!(passed, 200);
        assert!(!rate.allows(start));
        assert!(rate.allows(start + Duration::from_secs(1)));
    }
}
