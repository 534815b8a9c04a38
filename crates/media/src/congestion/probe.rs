//! Trying whether a path carries more: for a moment padding is sent beside the media, and what arrives decides.
//!
//! A larger layer that does not fit is seen by everybody as a picture that stands still; padding that does not fit is
//! seen by nobody. It goes out as empty retransmissions, which clients count and throw away (RFC 4588, section 4).

use std::time::{Duration, Instant};

use super::BandwidthEstimate;

/// How long padding is sent, and how long its feedback may take to come.
const PROBE_DURATION: Duration = Duration::from_millis(600);
const FEEDBACK_GRACE: Duration = Duration::from_millis(300);
/// The wait after a success, and after a failure at first; doubled with each further failure, up to the last.
const PAUSE_AFTER_SUCCESS: Duration = Duration::from_millis(500);
const MIN_BACKOFF: Duration = Duration::from_secs(5);
const MAX_BACKOFF: Duration = Duration::from_mins(1);
/// A success is to have so much (of a hundred) of what was tried arrive.
const SUCCESS_PERCENT: u64 = 85;
/// At most so much (of a hundred) of what is known to fit is tried at once.
const MAX_STEP_PERCENT: u64 = 150;

/// The probing of one path.
#[derive(Debug)]
pub struct Probe {
    state: State,
    backoff: Duration,
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
            backoff: MIN_BACKOFF,
        }
    }
}

impl Probe {
    /// The bitrate to send for now, padding included, bits per second; none while nothing is probed.
    ///
    /// `wanted` is the bitrate that would be sent if the path carried it.
    pub fn poll(
        &mut self,
        estimate: &mut BandwidthEstimate,
        wanted: u64,
        now: Instant,
    ) -> Option<u64> {
        match self.state {
            State::Resting { until } => {
                let known = estimate.bits(now);
                let rested = until.is_none_or(|until| now >= until);
                if !rested || wanted <= known || estimate.is_wary(now) || estimate.is_congested() {
                    return None;
                }
                let goal = wanted.min(known.saturating_mul(MAX_STEP_PERCENT) / 100);
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
                } else if peak.saturating_mul(100) >= goal.saturating_mul(SUCCESS_PERCENT)
                    && elapsed >= PROBE_DURATION / 2
                {
                    estimate.proven(goal);
                    self.backoff = MIN_BACKOFF;
                    self.state = State::Resting {
                        until: Some(now + PAUSE_AFTER_SUCCESS),
                    };
                } else if elapsed >= PROBE_DURATION + FEEDBACK_GRACE {
                    self.failed(now);
                } else {
                    self.state = State::Running { goal, began, peak };
                    return (elapsed < PROBE_DURATION).then_some(goal);
                }
                None
            }
        }
    }

    fn failed(&mut self, now: Instant) {
        self.state = State::Resting {
            until: Some(now + self.backoff),
        };
        self.backoff = (self.backoff * 2).min(MAX_BACKOFF);
    }
}
