//! Trying whether a path carries more: for a moment padding is sent beside the media, and what arrives decides.
//!
//! A larger layer that does not fit is seen by everybody as a picture that stands still; padding that does not fit is
//! seen by nobody. It goes out as empty retransmissions, which clients count and throw away (RFC 4588, section 4).

use std::time::{Duration, Instant};

use super::Estimate;

/// How long padding is sent, and how long its feedback may take to come.
const RUN: Duration = Duration::from_millis(600);
const SETTLE: Duration = Duration::from_millis(300);
/// The wait after a success, and after a failure at first; doubled with each further failure, up to the last.
const REST: Duration = Duration::from_millis(500);
const PATIENCE: (Duration, Duration) = (Duration::from_secs(5), Duration::from_mins(1));
/// A success is to have so much (of a hundred) of what was tried arrive.
const ENOUGH: u64 = 85;
/// At most so much (of a hundred) of what is known to fit is tried at once.
const STEP: u64 = 150;

/// The probing of one path.
#[derive(Debug)]
pub struct Probe {
    state: State,
    patience: Duration,
}

#[derive(Debug, Clone, Copy)]
enum State {
    Resting {
        until: Option<Instant>,
    },
    Running {
        goal: u64,
        began: Instant,
        /// The most that arrived at once.
        peak: u64,
    },
}

impl Default for Probe {
    fn default() -> Self {
        Self {
            state: State::Resting { until: None },
            patience: PATIENCE.0,
        }
    }
}

impl Probe {
    /// What is to be sent in all for now, bits per second, padding included; none if nothing is to be tried.
    ///
    /// `wanted` is what would be sent if the path carried it.
    pub fn poll(&mut self, estimate: &mut Estimate, wanted: u64, now: Instant) -> Option<u64> {
        match self.state {
            State::Resting { until } => {
                let known = estimate.bits(now);
                let rested = until.is_none_or(|until| now >= until);
                if !rested || wanted <= known || estimate.is_wary(now) || estimate.is_congested() {
                    return None;
                }
                let goal = wanted.min(known.saturating_mul(STEP) / 100);
                self.state = State::Running {
                    goal,
                    began: now,
                    peak: 0,
                };
                Some(goal)
            }
            State::Running { goal, began, peak } => {
                let peak = peak.max(estimate.received());
                let elapsed = now.saturating_duration_since(began);
                if estimate.is_congested() {
                    self.failed(now);
                } else if peak.saturating_mul(100) >= goal.saturating_mul(ENOUGH)
                    && elapsed >= RUN / 2
                {
                    estimate.proven(goal);
                    self.patience = PATIENCE.0;
                    self.state = State::Resting {
                        until: Some(now + REST),
                    };
                } else if elapsed >= RUN + SETTLE {
                    self.failed(now);
                } else {
                    self.state = State::Running { goal, began, peak };
                    return (elapsed < RUN).then_some(goal);
                }
                None
            }
        }
    }

    fn failed(&mut self, now: Instant) {
        self.state = State::Resting {
            until: Some(now + self.patience),
        };
        self.patience = (self.patience * 2).min(PATIENCE.1);
    }
}
