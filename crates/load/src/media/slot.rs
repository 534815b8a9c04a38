//! A slot of a listener: its packets, counted by their numbers (RFC 3550, appendix A).

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use super::rtp::Header;
use crate::statistics::{Kind, Packets, Tally};

/// A gap of what should flow is a freeze from here on.
const FREEZE: Duration = Duration::from_millis(200);
/// An announcement may come so much later than the packets that it is about: they take different ways.
const ANNOUNCEMENT_DELAY: Duration = Duration::from_millis(500);
/// Packets of one request for repair; after a larger gap a picture begins anew.
const MAX_PACKETS_PER_NACK: u16 = 100;
/// Lost packets that may still be repaired.
const MAX_MISSING: usize = 200;
/// One of so many packets is opened, for the time at which it was sent.
const SAMPLE: u32 = 16;

/// What an answer says about a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotLine {
    pub mid: String,
    pub kind: Kind,
    /// Whether it carries who has the floor, rather than a small picture.
    pub is_stage: bool,
    pub ssrc: u32,
    pub rtx: Option<u32>,
}

/// A slot and what has arrived in it.
#[derive(Debug)]
pub struct Slot {
    pub line: SlotLine,
    numbers: Option<Numbers>,
    packets: u32,
    last: Option<Instant>,
    /// Whether the server said that something flows.
    shows: bool,
    /// Whether that was said after the last packet: a gap around a change is none of the network's.
    changed: bool,
    /// A gap that is a freeze unless an announcement explains it, and when it ended.
    gap: Option<(Instant, Duration)>,
    missing: VecDeque<u16>,
    report: SenderReport,
}

/// The sequence numbers so far.
#[derive(Debug, Clone, Copy)]
struct Numbers {
    first: u64,
    highest: u64,
    received: u64,
    /// As of the last receiver report.
    reported: (u64, u64),
    jitter: f64,
    transit: f64,
}

/// The server's last sender report, by which it measures the round trip.
#[derive(Debug, Clone, Copy, Default)]
struct SenderReport {
    middle: u32,
    at: Option<Instant>,
}

/// What to do about a packet that was counted.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Numbers to ask for again: the first, and how many.
    pub missing: Option<(u16, u16)>,
    /// Whether to open it.
    pub sampled: bool,
}

impl Slot {
    pub fn new(line: SlotLine) -> Self {
        Self {
            line,
            numbers: None,
            packets: 0,
            last: None,
            shows: false,
            changed: false,
            gap: None,
            missing: VecDeque::new(),
            report: SenderReport::default(),
        }
    }

    /// The server has said what the slot carries.
    pub fn announce(&mut self, shows: bool) {
        self.shows = shows;
        self.changed = true;
        self.gap = None;
    }

    /// Counts a packet of the slot's stream.
    pub fn packet(
        &mut self,
        header: &Header,
        bytes: usize,
        now: Instant,
        epoch: Instant,
        tally: &mut Tally,
    ) -> Counted {
        let mut counted = Counted {
            sampled: self.packets.is_multiple_of(SAMPLE),
            ..Counted::default()
        };
        self.packets = self.packets.wrapping_add(1);
        let mut lost = 0;
        match &mut self.numbers {
            None => self.numbers = Some(Numbers::first(header.sequence)),
            Some(numbers) => match numbers.next(header.sequence) {
                Step::Next => {}
                Step::Ahead(skipped) => {
                    lost = i64::from(skipped);
                    let first = header.sequence.wrapping_sub(skipped);
                    self.missing
                        .extend((0..skipped).map(|at| first.wrapping_add(at)));
                    let excess = self.missing.len().saturating_sub(MAX_MISSING);
                    self.missing.drain(..excess);
                    let repairs =
                        self.line.kind == Kind::Picture && skipped <= MAX_PACKETS_PER_NACK;
                    counted.missing = repairs.then_some((first, skipped));
                }
                Step::Late => {
                    let known = self.missing.len();
                    self.missing.retain(|missing| *missing != header.sequence);
                    lost = -i64::from(self.missing.len() < known);
                }
            },
        }
        let hertz = match self.line.kind {
            Kind::Sound => 48_000.0,
            Kind::Picture => 90_000.0,
        };
        if let Some(numbers) = &mut self.numbers {
            let arrival = now.saturating_duration_since(epoch).as_secs_f64() * hertz;
            numbers.jitter(arrival - f64::from(header.timestamp));
        }
        let packets = Packets {
            received: 1,
            bytes: bytes as u64,
            lost,
            ..Packets::default()
        };
        tally.count(&packets, now);
        if let Some((_, gap)) = self
            .gap
            .take_if(|(ended, _)| now.saturating_duration_since(*ended) > ANNOUNCEMENT_DELAY)
        {
            tally.freeze(self.line.kind, gap);
        }
        if let Some(gap) = self.gap_before(now) {
            self.gap = Some((now, gap));
        }
        self.last = Some(now);
        self.changed = false;
        counted
    }

    /// A retransmission has come of that packet; returns whether it was missing.
    pub fn repaired(&mut self, sequence: u16, now: Instant, tally: &mut Tally) -> bool {
        let known = self.missing.len();
        self.missing.retain(|missing| *missing != sequence);
        let was_missing = self.missing.len() < known;
        if was_missing {
            let packets = Packets {
                repaired: 1,
                ..Packets::default()
            };
            tally.count(&packets, now);
        }
        was_missing
    }

    /// The run or the stay ends: what should flow and has not come for a while is a freeze.
    pub fn end(&self, now: Instant, tally: &mut Tally) {
        let open = self.gap_before(now).filter(|_| self.shows);
        let before = self.gap.map(|(_, gap)| gap);
        for gap in before.into_iter().chain(open) {
            tally.freeze(self.line.kind, gap);
        }
    }

    /// How long nothing has come, if that is too long and the server has not said why.
    fn gap_before(&self, now: Instant) -> Option<Duration> {
        let gap = now.saturating_duration_since(self.last?);
        (gap > FREEZE && !self.changed).then_some(gap)
    }

    /// The server's sender report has come.
    pub fn sender_report(&mut self, middle: u32, now: Instant) {
        self.report = SenderReport {
            middle,
            at: Some(now),
        };
    }

    /// The block of a receiver report about this slot (RFC 3550, section 6.4.1); none before the first packet.
    pub fn report_block(&mut self, now: Instant) -> Option<[u8; 24]> {
        let numbers = self.numbers.as_mut()?;
        let (fraction, lost) = numbers.report();
        let delay = self.report.at.map_or(0, |at| {
            let since = now.saturating_duration_since(at).as_micros();
            u32::try_from(since * 65_536 / 1_000_000).unwrap_or(u32::MAX)
        });
        let low = |value: u64| u32::try_from(value & u64::from(u32::MAX)).unwrap_or(0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "`as` saturates"
        )]
        let jitter = numbers.jitter as u32;
        let words = [
            self.line.ssrc,
            u32::from(fraction) << 24 | lost,
            low(numbers.highest),
            jitter,
            self.report.middle,
            delay,
        ];
        let mut block = [0; 24];
        for (place, word) in block.chunks_exact_mut(4).zip(words) {
            place.copy_from_slice(&word.to_be_bytes());
        }
        Some(block)
    }
}

enum Step {
    Next,
    /// So many numbers were skipped.
    Ahead(u16),
    Late,
}

impl Numbers {
    fn first(sequence: u16) -> Self {
        let first = u64::from(sequence);
        Self {
            first,
            highest: first,
            received: 1,
            reported: (0, 0),
            jitter: 0.0,
            transit: 0.0,
        }
    }

    /// Compares modulo 2^16 (RFC 1982): a number less than half the circle ahead is newer, any other is late.
    fn next(&mut self, sequence: u16) -> Step {
        self.received += 1;
        let ahead = sequence.wrapping_sub((self.highest & 0xffff) as u16);
        match ahead {
            1..0x8000 => {
                self.highest += u64::from(ahead);
                if ahead == 1 {
                    Step::Next
                } else {
                    Step::Ahead(ahead - 1)
                }
            }
            _ => Step::Late,
        }
    }

    /// RFC 3550, section 6.4.1.
    fn jitter(&mut self, transit: f64) {
        if self.received > 1 {
            // The sender's timestamp wraps; such a step says nothing.
            let step = (transit - self.transit).abs();
            if step < f64::from(u32::MAX / 2) {
                self.jitter += (step - self.jitter) / 16.0;
            }
        }
        self.transit = transit;
    }

    /// The fraction lost since the last report, and how many are lost in all.
    fn report(&mut self) -> (u8, u32) {
        let expected = self.highest - self.first + 1;
        let (expected_before, received_before) =
            std::mem::replace(&mut self.reported, (expected, self.received));
        let of_interval = expected - expected_before;
        let lost = of_interval.saturating_sub(self.received - received_before);
        let fraction = (lost * 256).checked_div(of_interval).unwrap_or(0);
        let all = expected.saturating_sub(self.received).min(0x7f_ffff);
        (
            u8::try_from(fraction).unwrap_or(u8::MAX),
            u32::try_from(all).unwrap_or(0),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Test {
        slot: Slot,
        tally: Tally,
        start: Instant,
    }

    impl Test {
        fn new() -> Self {
            let start = Instant::now();
            let mut tally = Tally::new(start, Duration::from_secs(10));
            tally.measures = true;
            let line = SlotLine {
                mid: "1".to_owned(),
                kind: Kind::Picture,
                is_stage: true,
                ssrc: 7,
                rtx: Some(8),
            };
            Self {
                slot: Slot::new(line),
                tally,
                start,
            }
        }

        fn packet(&mut self, sequence: u16, millis: u64) -> Counted {
            let header = Header {
                sequence,
                timestamp: u32::try_from(millis * 90).unwrap(),
                ssrc: 7,
                twcc: None,
                payload_start: 12,
                is_padded: false,
            };
            let now = self.start + Duration::from_millis(millis);
            self.slot
                .packet(&header, 100, now, self.start, &mut self.tally)
        }
    }

    #[test]
    fn packets_are_counted_over_the_wrap_and_what_is_skipped_is_lost_and_asked_for() {
        let mut test = Test::new();
        assert_eq!(test.packet(65_534, 0).missing, None);
        assert_eq!(test.packet(65_535, 1).missing, None);
        assert_eq!(test.packet(2, 2).missing, Some((0, 2)));
        assert_eq!(test.tally.packets.lost, 2);
        test.packet(1, 3);
        assert_eq!(test.tally.packets.lost, 1, "one was only late");
        assert!(test.slot.repaired(0, test.start, &mut test.tally));
        assert!(!test.slot.repaired(0, test.start, &mut test.tally));
        let packets = test.tally.packets;
        assert_eq!((packets.received, packets.repaired), (4, 1));
    }

    #[test]
    fn a_duplicate_is_not_a_packet_that_was_lost_before() {
        let mut test = Test::new();
        for sequence in [1, 3, 3, 3] {
            test.packet(sequence, 0);
        }
        assert_eq!(test.tally.packets.lost, 1);
    }

    #[test]
    fn a_gap_is_a_freeze_unless_the_server_changed_what_the_slot_carries() {
        let mut test = Test::new();
        test.slot.announce(true);
        test.packet(1, 0);
        test.packet(2, 150);
        test.packet(3, 600);
        for at in 4..20 {
            test.packet(at, u64::from(at) * 100 + 300);
        }
        assert_eq!(test.tally.picture_freezes.count, 1);
        assert_eq!(
            test.tally.picture_freezes.longest,
            Duration::from_millis(450)
        );
        test.slot.announce(true);
        test.packet(20, 5_000);
        assert_eq!(test.tally.picture_freezes.count, 1);
        test.packet(21, 5_300);
        test.slot.announce(true);
        for at in 22..40 {
            test.packet(at, u64::from(at) * 100 + 3_200);
        }
        assert_eq!(test.tally.picture_freezes.count, 1, "announced a bit later");
        let end = test.start + Duration::from_secs(9);
        test.slot.end(end, &mut test.tally);
        assert_eq!(test.tally.picture_freezes.count, 2, "nothing came again");
    }

    #[test]
    fn a_receiver_report_names_the_share_that_was_lost_since_the_last() {
        let mut test = Test::new();
        for sequence in [10, 11, 13, 14] {
            test.packet(sequence, 0);
        }
        let block = test.slot.report_block(test.start).unwrap();
        assert_eq!(block[..4], 7_u32.to_be_bytes());
        assert_eq!(block[4], 51, "a fifth of 256");
        assert_eq!(block[5..8], [0, 0, 1]);
        assert_eq!(block[8..12], 14_u32.to_be_bytes());
        test.packet(15, 0);
        assert_eq!(test.slot.report_block(test.start).unwrap()[4], 0);
    }
}
