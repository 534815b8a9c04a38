//! What one arriving stream tells about its path: loss and jitter
//! (RFC 3550, appendix A), and which packets to ask for again.

use std::time::{Duration, Instant};

use rtc_rtcp::reception_report::ReceptionReport;

use crate::srtp::nearest_index;

/// The wait before a missing packet counts as lost and not merely late.
const NACK_DELAY: Duration = Duration::from_millis(10);
/// The wait before a packet is asked for once more.
const NACK_INTERVAL: Duration = Duration::from_millis(60);
/// How often a packet is asked for.
const MAX_NACKS: u8 = 8;
/// More missing than this is a break: only a keyframe mends it.
const MAX_MISSING_PACKETS: usize = 200;

/// The statistics of one SSRC.
#[derive(Debug, Default)]
pub struct Receive {
    base: u64,
    highest: Option<u64>,
    pub received: u64,
    jitter: f64,
    transit: Option<f64>,
    before: (u64, u64),
    /// The fraction lost in the last interval, 0 to 1.
    pub loss: f64,
    missing: Vec<Missing>,
}

#[derive(Debug, Clone, Copy)]
struct Missing {
    index: u64,
    since: Instant,
    asked: Option<Instant>,
    tries: u8,
}

impl Receive {
    /// Takes note of a packet; `epoch` is any fixed instant.
    pub fn packet(
        &mut self,
        sequence: u16,
        timestamp: u32,
        clock_hz: u32,
        now: Instant,
        epoch: Instant,
    ) {
        let index = self
            .highest
            .map_or((1 << 16) + u64::from(sequence), |highest| {
                nearest_index(highest, sequence)
            });
        self.received += 1;
        let Some(highest) = self.highest else {
            self.base = index;
            self.highest = Some(index);
            return;
        };
        if index > highest {
            for lost in highest + 1..index.min(highest + 1 + MAX_MISSING_PACKETS as u64) {
                self.missing.push(Missing {
                    index: lost,
                    since: now,
                    asked: None,
                    tries: 0,
                });
            }
            if self.missing.len() > MAX_MISSING_PACKETS {
                self.missing.clear();
            }
            self.highest = Some(index);
        } else {
            self.found(index);
        }
        let arrival = now.saturating_duration_since(epoch).as_secs_f64() * f64::from(clock_hz);
        let transit = (arrival % TWO_TO_32) - f64::from(timestamp);
        if let Some(before) = self.transit {
            let change = (transit - before).abs();
            // A wrap of either clock is no jitter.
            if change < TWO_TO_32 / 2.0 {
                self.jitter += (change - self.jitter) / 16.0;
            }
        }
        self.transit = Some(transit);
    }

    /// A missing packet came as a retransmission; answers whether it was missing.
    pub fn recovered(&mut self, sequence: u16) -> bool {
        self.highest
            .is_some_and(|highest| self.found(nearest_index(highest, sequence)))
    }

    fn found(&mut self, index: u64) -> bool {
        let before = self.missing.len();
        self.missing.retain(|missing| missing.index != index);
        before != self.missing.len()
    }

    /// The packets to ask for now.
    pub fn due_nacks(&mut self, now: Instant) -> Vec<u16> {
        self.missing.retain(|missing| missing.tries < MAX_NACKS);
        let due = |missing: &Missing| match missing.asked {
            None => now.saturating_duration_since(missing.since) >= NACK_DELAY,
            Some(asked) => now.saturating_duration_since(asked) >= NACK_INTERVAL,
        };
        let mut wanted = Vec::new();
        for missing in self.missing.iter_mut().filter(|missing| due(missing)) {
            missing.asked = Some(now);
            missing.tries += 1;
            wanted.push(u16::try_from(missing.index & 0xffff).unwrap_or(0));
        }
        wanted
    }

    /// The report on this stream since the last one.
    pub fn report(&mut self, ssrc: u32) -> Option<ReceptionReport> {
        let highest = self.highest?;
        let expected = highest - self.base + 1;
        let (expected_before, received_before) = self.before;
        let expected_now = expected.saturating_sub(expected_before);
        let lost_now = expected_now.saturating_sub(self.received - received_before);
        self.before = (expected, self.received);
        let fraction = (lost_now * 256)
            .checked_div(expected_now)
            .unwrap_or(0)
            .min(255);
        let fraction_lost = u8::try_from(fraction).unwrap_or(u8::MAX);
        self.loss = f64::from(fraction_lost) / 256.0;
        Some(ReceptionReport {
            ssrc,
            fraction_lost,
            total_lost: u32::try_from(expected.saturating_sub(self.received).min(0x7f_ffff))
                .unwrap_or(0),
            last_sequence_number: u32::try_from((highest - (1 << 16)) & 0xffff_ffff).unwrap_or(0),
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "`as` saturates, and it is never negative"
            )]
            jitter: self.jitter as u32,
            ..ReceptionReport::default()
        })
    }

    /// The interarrival jitter in milliseconds.
    pub fn jitter_ms(&self, clock_hz: u32) -> f64 {
        self.jitter * 1000.0 / f64::from(clock_hz)
    }
}

const TWO_TO_32: f64 = 4_294_967_296.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_asked_for_until_it_is_repaired() {
        let start = Instant::now();
        let mut stream = Receive::default();
        for sequence in [65_534, 65_535, 2] {
            stream.packet(sequence, 0, 90_000, start, start);
        }
        assert!(stream.due_nacks(start).is_empty());
        let later = start + NACK_DELAY;
        assert_eq!(stream.due_nacks(later), [0, 1]);
        assert!(stream.due_nacks(later).is_empty());
        assert!(stream.recovered(0));
        assert_eq!(stream.due_nacks(later + NACK_INTERVAL), [1]);
        assert_eq!(stream.report(7).unwrap().fraction_lost, 102);
    }
}
