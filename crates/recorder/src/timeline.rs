//! The time of a frame within its take, by the RTP clock, and the wall-clock time at which the take begins.
//!
//! Position 0 is the first frame. Within a stream the RTP clock counts; where the stream changes, sender reports say how
//! both clocks relate, or else the arrival does. A stream whose RTP clock runs away from the arrival is brought back, so
//! that a file is never longer than the time that it was recorded in.

use std::{collections::HashMap, time::Instant};

use plenary_transport::sdp::Codec;

use crate::take::PacketFacts;

/// Nanoseconds from the first frame of a take, or from another instant that the name says.
pub(crate) type Nanos = i64;

/// A frame that is so far from its arrival has a timestamp that is not by the clock.
const MAX_DEVIATION: Nanos = 2_000_000_000;
const NANOS_PER_SECOND: i64 = 1_000_000_000;

/// The clock of one take.
#[derive(Debug)]
pub(crate) struct Timeline {
    /// The instant that arrivals are counted from.
    began: Instant,
    stretch: Option<Stretch>,
    /// The least by which a frame arrived after `began` and its time within the take: the beginning of the take, with the
    /// quickest way through the network.
    lead: Option<Nanos>,
    /// The latest sender report of each stream.
    reports: HashMap<(u8, u64), (u64, u32)>,
    /// The sender's time at position 0, by the first and by the latest of its reports.
    sender_zero: Option<(Nanos, Nanos)>,
    last: Nanos,
}

/// A stretch of one stream on one RTP clock.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    stream: (u8, u64),
    rate: i64,
    /// The timestamp of the last frame, and how many ticks it is after the first of the stretch.
    timestamp: u32,
    ticks: i64,
    /// The position of the first frame.
    base: Nanos,
}

impl Stretch {
    fn position(&self, ticks: i64) -> Nanos {
        let nanos = i128::from(ticks) * i128::from(NANOS_PER_SECOND) / i128::from(self.rate);
        self.base
            .saturating_add(i64::try_from(nanos).unwrap_or_default())
    }

    fn ticks_of(&self, timestamp: u32) -> i64 {
        let step = timestamp.wrapping_sub(self.timestamp).cast_signed();
        self.ticks + i64::from(step)
    }
}

impl Timeline {
    pub(crate) fn new(began: Instant) -> Self {
        Self {
            began,
            stretch: None,
            lead: None,
            reports: HashMap::new(),
            sender_zero: None,
            last: 0,
        }
    }

    /// Begins anew: the next frame is at position 0.
    pub(crate) fn restart(&mut self) {
        self.stretch = None;
        self.lead = None;
        self.sender_zero = None;
        self.last = 0;
    }

    /// The position of a frame, by the facts of its first packet. Positions never go back.
    pub(crate) fn position(&mut self, facts: &PacketFacts) -> Nanos {
        let stream = (facts.layer, facts.generation);
        let arrived = self.since_beginning(facts.arrival);
        let Some(stretch) = &mut self.stretch else {
            self.lead = Some(arrived);
            self.stretch = Some(Stretch::new(facts, 0));
            return 0;
        };
        let by_arrival = arrived.saturating_sub(self.lead.unwrap_or_default());
        let mut at = None;
        if stretch.stream == stream {
            let ticks = stretch.ticks_of(facts.timestamp);
            at = Some(stretch.position(ticks))
                .filter(|at| at.saturating_sub(by_arrival).saturating_abs() <= MAX_DEVIATION);
            if at.is_some() {
                (stretch.timestamp, stretch.ticks) = (facts.timestamp, ticks);
            }
        }
        let at = if let Some(at) = at {
            at
        } else {
            let by_reports = self
                .by_reports(facts)
                .filter(|at| at.saturating_sub(by_arrival).saturating_abs() <= MAX_DEVIATION);
            let at = by_reports.unwrap_or(by_arrival).max(self.last);
            self.stretch = Some(Stretch::new(facts, at));
            at
        };
        self.lead = self.lead.map(|lead| lead.min(arrived.saturating_sub(at)));
        self.last = self.last.max(at);
        self.last
    }

    /// The position of the first frame of a new stream, if both streams have sender reports.
    fn by_reports(&self, facts: &PacketFacts) -> Option<Nanos> {
        let (zero, _) = self.sender_zero?;
        let stream = (facts.layer, facts.generation);
        let (ntp, rtp) = *self.reports.get(&stream)?;
        let ticks = i64::from(facts.timestamp.wrapping_sub(rtp).cast_signed());
        let sent =
            nanos_of_ntp(ntp) + ticks * NANOS_PER_SECOND / i64::from(facts.codec.clock_rate());
        Some(sent - zero)
    }

    /// Takes note of a sender report.
    pub(crate) fn sender_report(&mut self, stream: (u8, u64), ntp: u64, rtp: u32) {
        if ntp == 0 {
            return;
        }
        self.reports.insert(stream, (ntp, rtp));
        let Some(stretch) = self.stretch.filter(|it| it.stream == stream) else {
            return;
        };
        let position = stretch.position(stretch.ticks_of(rtp));
        let zero = nanos_of_ntp(ntp).saturating_sub(position);
        // A sender whose clock was set is no measure.
        self.sender_zero = match self.sender_zero {
            Some((first, _)) if (zero - first).abs() < MAX_DEVIATION => Some((first, zero)),
            _ => Some((zero, zero)),
        };
    }

    /// When position 0 was, after the instant at which the take was begun, by the arrival of its packets.
    pub(crate) fn lead(&self) -> Nanos {
        self.lead.unwrap_or_default()
    }

    /// The sender's time at position 0, if its reports say it.
    pub(crate) fn sender_zero(&self) -> Option<Nanos> {
        // Both clocks drift apart, so the middle is nearest to all of the take.
        self.sender_zero
            .map(|(first, latest)| first + (latest - first) / 2)
    }

    /// The position at an instant.
    pub(crate) fn at(&self, now: Instant) -> Nanos {
        self.since_beginning(now).saturating_sub(self.lead())
    }

    fn since_beginning(&self, at: Instant) -> Nanos {
        match at.checked_duration_since(self.began) {
            Some(since) => i64::try_from(since.as_nanos()).unwrap_or(i64::MAX),
            None => -i64::try_from(self.began.duration_since(at).as_nanos()).unwrap_or(i64::MAX),
        }
    }
}

impl Stretch {
    fn new(facts: &PacketFacts, base: Nanos) -> Self {
        Self {
            stream: (facts.layer, facts.generation),
            rate: i64::from(facts.codec.clock_rate()),
            timestamp: facts.timestamp,
            ticks: 0,
            base,
        }
    }
}

/// Nanoseconds of a time in NTP format (RFC 3550, section 4). Only differences are used, and the era does not matter.
fn nanos_of_ntp(ntp: u64) -> Nanos {
    let (seconds, fraction) = (ntp >> 32, ntp & 0xffff_ffff);
    let seconds = i64::try_from(seconds).unwrap_or_default();
    let nanos = i64::try_from(fraction.saturating_mul(1_000_000_000) >> 32).unwrap_or_default();
    seconds * NANOS_PER_SECOND + nanos
}

/// How long a frame lasts where nothing says it.
pub(crate) fn usual_length(codec: Codec) -> Nanos {
    match codec {
        Codec::Opus => 20_000_000,
        Codec::Vp8 | Codec::Vp9 | Codec::H264 => 33_000_000,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const MS: Nanos = 1_000_000;

    fn facts(began: Instant, ms: u64, timestamp: u32, layer: u8) -> PacketFacts {
        PacketFacts {
            codec: Codec::Vp8,
            index: 0,
            timestamp,
            marker: true,
            keyframe: true,
            layer,
            generation: 0,
            arrival: began + Duration::from_millis(ms),
        }
    }

    fn ntp(ms: u64) -> u64 {
        ((3_000_000 + ms / 1000) << 32) + ((ms % 1000) << 32) / 1000
    }

    #[test]
    fn the_rtp_clock_counts_and_not_the_arrival_also_where_its_numbers_wrap() {
        let began = Instant::now();
        let mut timeline = Timeline::new(began);
        let start = u32::MAX - 4_000;
        assert_eq!(timeline.position(&facts(began, 70, start, 0)), 0);
        assert_eq!(
            timeline.position(&facts(began, 80, start.wrapping_add(3_600), 0)),
            40 * MS
        );
        assert_eq!(
            timeline.position(&facts(began, 170, start.wrapping_add(9_000), 0)),
            100 * MS
        );
        assert_eq!(timeline.lead(), 40 * MS, "the quickest packet counts");
    }

    #[test]
    fn another_layer_goes_on_by_sender_reports_or_else_by_its_arrival() {
        let began = Instant::now();
        let mut timeline = Timeline::new(began);
        timeline.position(&facts(began, 0, 0, 1));
        timeline.sender_report((1, 0), ntp(500), 9_000);
        assert_eq!(timeline.position(&facts(began, 133, 777, 0)), 133 * MS);
        timeline.sender_report((1, 0), ntp(500), 9_000);
        timeline.sender_report((2, 0), ntp(600), 50_000);
        let by_report = timeline.position(&facts(began, 240, 50_900, 2));
        assert!((by_report - 210 * MS).abs() < 1000, "{by_report}");
    }

    #[test]
    fn a_clock_that_runs_away_is_brought_back_and_time_never_goes_back() {
        let began = Instant::now();
        let mut timeline = Timeline::new(began);
        timeline.position(&facts(began, 0, 0, 0));
        assert_eq!(
            timeline.position(&facts(began, 100, 0x7fff_ffff, 0)),
            100 * MS
        );
        assert_eq!(
            timeline.position(&facts(began, 110, 0x7fff_ffff - 4_500, 0)),
            100 * MS
        );
    }
}
