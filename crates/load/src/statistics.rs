//! What was measured, as it is collected: for the whole run, and for each interval of its time.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;

/// The intervals of a report at most, so that a chart of an hour is not larger than one of a minute.
const MAX_INTERVALS: u32 = 300;
/// Longer times are counted as this long.
const MAX_MICROS: u64 = 60_000_000;

/// Durations, of which percentiles can be told.
#[derive(Debug, Clone)]
pub struct Times(Histogram<u64>);

impl Times {
    /// Times with that many significant digits.
    fn new(digits: u8) -> Self {
        #[expect(
            clippy::expect_used,
            reason = "the bounds are constants that the library takes"
        )]
        let histogram = Histogram::new_with_bounds(1, MAX_MICROS, digits).expect("valid bounds");
        Self(histogram)
    }

    /// Takes note of a duration.
    pub fn record(&mut self, time: Duration) {
        let micros = u64::try_from(time.as_micros()).unwrap_or(MAX_MICROS);
        self.0.saturating_record(micros.clamp(1, MAX_MICROS));
    }

    /// Takes over the durations of another.
    pub fn add(&mut self, other: &Self) {
        // An error would say that the other one's values do not fit, and both have the same bounds.
        let _ = self.0.add(&other.0);
    }

    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// The duration below which that percentage is, in milliseconds; none without any.
    pub fn percentile(&self, percentage: f64) -> Option<f64> {
        (!self.0.is_empty()).then(|| millis(self.0.value_at_percentile(percentage)))
    }

    /// The longest, in milliseconds; none without any.
    pub fn longest(&self) -> Option<f64> {
        (!self.0.is_empty()).then(|| millis(self.0.max()))
    }
}

impl Default for Times {
    fn default() -> Self {
        Self::new(3)
    }
}

#[expect(clippy::cast_precision_loss, reason = "at most a minute")]
fn millis(micros: u64) -> f64 {
    micros as f64 / 1000.0
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Packets {
    /// Media packets that arrived, without retransmissions and padding.
    pub received: u64,
    /// The bytes of their datagrams.
    pub bytes: u64,
    /// Numbers that were skipped, less those that arrived late: negative in an interval in which only late ones came.
    pub lost: i64,
    /// Lost packets that came again as retransmissions.
    pub repaired: u64,
    /// Datagrams of media that were sent by publishers.
    pub sent: u64,
}

impl Packets {
    pub fn add(&mut self, other: &Self) {
        self.received += other.received;
        self.bytes += other.bytes;
        self.lost += other.lost;
        self.repaired += other.repaired;
        self.sent += other.sent;
    }

    /// The percentage of the packets that were to arrive and did not.
    pub fn loss_percent(&self) -> f64 {
        let lost = u64::try_from(self.lost).unwrap_or(0);
        percent(lost, lost + self.received)
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a percentage is no exact number"
)]
fn percent(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    part as f64 * 100.0 / whole as f64
}

/// Gaps in what should flow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Freezes {
    pub count: u64,
    pub total: Duration,
    pub longest: Duration,
}

impl Freezes {
    /// Takes note of a gap.
    pub fn record(&mut self, gap: Duration) {
        self.count += 1;
        self.total += gap;
        self.longest = self.longest.max(gap);
    }

    fn add(&mut self, other: &Self) {
        self.count += other.count;
        self.total += other.total;
        self.longest = self.longest.max(other.longest);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Sound,
    Picture,
}

/// A change of the floor: the number of its room, and its own number there.
pub type Change = (usize, u32);

/// The times from a grant to the new holder's first packet at the listeners.
#[derive(Debug, Clone, Default)]
pub struct FloorTimes {
    /// Of every listener at every change.
    pub each: Times,
    /// For each change, how many listeners got the new holder, and the time of the last one.
    pub changes: BTreeMap<Change, (u64, Duration)>,
}

impl FloorTimes {
    /// Takes note of the first packet of the new holder at a listener.
    pub fn record(&mut self, change: Change, time: Duration) {
        self.each.record(time);
        let (count, last) = self.changes.entry(change).or_default();
        *count += 1;
        *last = time.max(*last);
    }

    fn add(&mut self, other: &Self) {
        self.each.add(&other.each);
        for (change, (count, last)) in &other.changes {
            let all = self.changes.entry(*change).or_default();
            all.0 += count;
            all.1 = all.1.max(*last);
        }
    }

    /// The times of the last listener at each change.
    pub fn lasts(&self) -> Times {
        let mut times = Times::default();
        for (_, last) in self.changes.values() {
            times.record(*last);
        }
        times
    }
}

/// One interval of the run.
#[derive(Debug, Clone)]
pub struct Interval {
    pub packets: Packets,
    pub delays: Times,
}

impl Default for Interval {
    fn default() -> Self {
        Self {
            packets: Packets::default(),
            delays: Times::new(2),
        }
    }
}

/// What one thread of media has counted, or all together.
#[derive(Debug)]
pub struct Tally {
    epoch: Instant,
    pub interval: Duration,
    /// From the beginning of the run on, joins included.
    pub intervals: Vec<Interval>,
    /// Whether what arrives now counts for the totals.
    pub measures: bool,
    /// Since the beginning of the run.
    pub all: Packets,
    pub packets: Packets,
    pub delays: Times,
    pub sound_freezes: Freezes,
    pub picture_freezes: Freezes,
    /// From hello to the first packet of media, of every join.
    pub joins: Times,
    pub sound_changes: FloorTimes,
    pub picture_changes: FloorTimes,
    /// How long the thread took from being woken to being done: its own part of the delays.
    pub turns: Times,
}

impl Tally {
    /// An empty tally of a run that is expected to last so long.
    pub fn new(epoch: Instant, expected: Duration) -> Self {
        Self {
            epoch,
            interval: (expected / MAX_INTERVALS).max(Duration::from_secs(1)),
            intervals: Vec::new(),
            measures: false,
            all: Packets::default(),
            packets: Packets::default(),
            delays: Times::default(),
            sound_freezes: Freezes::default(),
            picture_freezes: Freezes::default(),
            joins: Times::default(),
            sound_changes: FloorTimes::default(),
            picture_changes: FloorTimes::default(),
            turns: Times::default(),
        }
    }

    /// Counts packets at a moment.
    pub fn count(&mut self, packets: &Packets, now: Instant) {
        self.all.add(packets);
        if self.measures {
            self.packets.add(packets);
        }
        if let Some(interval) = self.interval_at(now) {
            interval.packets.add(packets);
        }
    }

    /// Takes note of how long a packet was on its way.
    pub fn delay(&mut self, delay: Duration, now: Instant) {
        if self.measures {
            self.delays.record(delay);
        }
        if let Some(interval) = self.interval_at(now) {
            interval.delays.record(delay);
        }
    }

    /// Takes note of a gap in what should flow.
    pub fn freeze(&mut self, kind: Kind, gap: Duration) {
        if self.measures {
            match kind {
                Kind::Sound => self.sound_freezes.record(gap),
                Kind::Picture => self.picture_freezes.record(gap),
            }
        }
    }

    /// Takes note of how long a turn of the thread's loop took.
    pub fn turn(&mut self, time: Duration) {
        if self.measures {
            self.turns.record(time);
        }
    }

    /// The first packet of a new holder has come to a listener.
    pub fn floor_change(&mut self, kind: Kind, change: Change, time: Duration) {
        match kind {
            Kind::Sound => self.sound_changes.record(change, time),
            Kind::Picture => self.picture_changes.record(change, time),
        }
    }

    /// Takes over what another thread has counted in the same run.
    pub fn add(&mut self, other: &Self) {
        self.all.add(&other.all);
        self.packets.add(&other.packets);
        self.delays.add(&other.delays);
        self.sound_freezes.add(&other.sound_freezes);
        self.picture_freezes.add(&other.picture_freezes);
        self.joins.add(&other.joins);
        self.sound_changes.add(&other.sound_changes);
        self.picture_changes.add(&other.picture_changes);
        self.turns.add(&other.turns);
        let length = self.intervals.len().max(other.intervals.len());
        self.intervals.resize_with(length, Interval::default);
        for (own, others) in self.intervals.iter_mut().zip(&other.intervals) {
            own.packets.add(&others.packets);
            own.delays.add(&others.delays);
        }
    }

    fn interval_at(&mut self, now: Instant) -> Option<&mut Interval> {
        let since = now.saturating_duration_since(self.epoch);
        let at = usize::try_from(since.as_millis() / self.interval.as_millis().max(1)).ok()?;
        while self.intervals.len() <= at {
            self.intervals.push(Interval::default());
        }
        self.intervals.get_mut(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    fn received(received: u64, lost: i64) -> Packets {
        Packets {
            received,
            lost,
            ..Packets::default()
        }
    }

    #[test]
    fn percentiles_are_those_of_the_times_that_were_recorded() {
        let mut times = Times::default();
        assert_eq!(times.percentile(50.0), None);
        (1..=100).for_each(|time| times.record(millis(time)));
        let near = |percentage: f64, wanted: f64| {
            let found = times.percentile(percentage).unwrap();
            assert!((found - wanted).abs() / wanted < 0.01, "{found}");
        };
        near(50.0, 50.0);
        near(99.0, 99.0);
        assert!((times.longest().unwrap() - 100.0).abs() < 0.1);
    }

    #[test]
    fn only_what_arrives_while_it_measures_is_in_the_totals_and_all_is_in_the_intervals() {
        let epoch = Instant::now();
        let mut tally = Tally::new(epoch, millis(20_000));
        tally.count(&received(5, 1), epoch + millis(500));
        tally.measures = true;
        tally.count(&received(3, 1), epoch + millis(2_500));
        assert_eq!(tally.packets, received(3, 1));
        let counts: Vec<u64> = tally
            .intervals
            .iter()
            .map(|interval| interval.packets.received)
            .collect();
        assert_eq!(counts, [5, 0, 3]);
        assert!((tally.packets.loss_percent() - 25.0).abs() < 0.001);
    }

    #[test]
    fn a_packet_that_comes_late_is_not_lost() {
        let mut packets = received(1, 1);
        packets.add(&received(1, -1));
        assert_eq!((packets.received, packets.lost), (2, 0));
        assert!(packets.loss_percent().abs() < f64::EPSILON);
    }

    #[test]
    fn the_last_listener_of_a_change_may_be_on_any_thread() {
        let epoch = Instant::now();
        let [mut one, mut other] = [(); 2].map(|()| Tally::new(epoch, millis(1_000)));
        one.floor_change(Kind::Sound, (0, 1), millis(3));
        other.floor_change(Kind::Sound, (0, 1), millis(8));
        other.floor_change(Kind::Sound, (0, 2), millis(5));
        one.add(&other);
        assert_eq!(
            one.sound_changes.changes,
            BTreeMap::from([((0, 1), (2, millis(8))), ((0, 2), (1, millis(5)))])
        );
        assert_eq!(one.sound_changes.each.count(), 3);
        assert_eq!(one.picture_changes.each.count(), 0);
    }

    #[test]
    fn a_long_run_has_no_more_intervals_than_a_chart_can_show() {
        let tally = Tally::new(Instant::now(), Duration::from_hours(1));
        assert_eq!(tally.interval, Duration::from_secs(12));
    }
}
