//! The statistics of one arriving stream: loss and jitter (RFC 3550, appendix A), and which packets to ask for again.

use std::{
    ops::Range,
    time::{Duration, Instant},
};

use rtc_rtcp::reception_report::ReceptionReport;

use crate::{
    packet_index::{IndexWindow, nearest_index},
    rewrite::MAX_DROPOUT,
};

/// The wait before a missing packet counts as lost and not merely late.
const NACK_DELAY: Duration = Duration::from_millis(10);
/// The wait before a packet is asked for once more.
const NACK_INTERVAL: Duration = Duration::from_millis(60);
/// How often a packet is asked for.
const MAX_NACKS: u8 = 8;
/// More missing than this is a break: only a keyframe mends it.
const MAX_MISSING_PACKETS: u64 = 200;

/// The statistics of one SSRC, and which of its packets have come, directly or as retransmissions.
#[derive(Debug, Default)]
pub struct Receive {
    base: u64,
    came: IndexWindow<16>,
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
    /// Whether nothing has come yet.
    pub fn is_empty(&self) -> bool {
        self.came.highest().is_none()
    }

    /// Takes note of a packet; `epoch` is any fixed instant. Returns whether it is new: a late packet may have come as a
    /// retransmission before.
    pub fn packet(
        &mut self,
        index: u64,
        timestamp: u32,
        clock_hz: u32,
        now: Instant,
        epoch: Instant,
    ) -> bool {
        let before = self.came.highest();
        if !self.came.insert(index) {
            return false;
        }
        self.received += 1;
        let Some(highest) = before else {
            self.base = index;
            return true;
        };
        if index > highest {
            self.missed(highest + 1..index, now);
        } else {
            self.base = self.base.min(index);
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
        true
    }

    fn missed(&mut self, missing: Range<u64>, now: Instant) {
        let count = missing.end - missing.start;
        if count >= MAX_DROPOUT {
            // The sender has begun anew, so nothing was lost.
            self.base += count;
        }
        if count + self.missing.len() as u64 > MAX_MISSING_PACKETS {
            self.missing.clear();
            return;
        }
        self.missing.extend(missing.map(|index| Missing {
            index,
            since: now,
            asked: None,
            tries: 0,
        }));
    }

    /// A packet came as a retransmission; returns its index if it was missing.
    pub fn recovered(&mut self, sequence: u16) -> Option<u64> {
        let index = nearest_index(self.came.highest()?, sequence);
        (self.found(index) && self.came.insert(index)).then_some(index)
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
        let highest = self.came.highest()?;
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
            last_sequence_number: u32::try_from(highest & 0xffff_ffff).unwrap_or(0),
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
        for index in [65_534, 65_535, 65_538] {
            assert!(stream.packet(index, 0, 90_000, start, start));
        }
        assert!(stream.due_nacks(start).is_empty());
        let later = start + NACK_DELAY;
        assert_eq!(stream.due_nacks(later), [0, 1]);
        assert!(stream.due_nacks(later).is_empty());
        assert_eq!(stream.recovered(0), Some(65_536));
        assert_eq!(stream.due_nacks(later + NACK_INTERVAL), [1]);
        assert_eq!(stream.report(7).unwrap().fraction_lost, 102);
    }

    #[test]
    fn a_packet_that_was_retransmitted_is_not_new_when_it_comes_late() {
        let start = Instant::now();
        let mut stream = Receive::default();
        let packet = |stream: &mut Receive, index| stream.packet(index, 0, 90_000, start, start);
        assert!(packet(&mut stream, 10) && packet(&mut stream, 12));
        assert_eq!(stream.recovered(11), Some(11));
        assert!(!packet(&mut stream, 11), "it came as a retransmission");
        assert!(packet(&mut stream, 9), "it is only late");
        assert_eq!(stream.recovered(9), None);
    }

    #[test]
    fn a_break_in_the_numbers_is_no_loss_and_is_not_asked_for() {
        let start = Instant::now();
        let mut stream = Receive::default();
        for index in [1_199, 40_000, 40_001] {
            assert!(stream.packet(index, 0, 90_000, start, start));
        }
        assert!(stream.due_nacks(start + NACK_DELAY).is_empty());
        assert_eq!(stream.report(7).unwrap().fraction_lost, 0);
    }
}
