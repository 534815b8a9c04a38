//! Time in a room: it counts monotonic time, and follows the machine's clock.
//!
//! A machine's clock can be set while the server runs, and a process can be stopped. A speech must not gain or lose time
//! by either, and the stamps in the log must not stay behind. So a room counts monotonic time from a reading of the
//! machine's clock ([`TimeLine`]), compares the two whenever it wakes, and takes a new reading when they differ.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use plenary_ids::{Millis, Moment};
use plenary_protocol::ClockCause;
use tokio::time::Instant;

/// How far a room's time may be from the machine's clock.
const MAX_DIFFERENCE: Millis = Millis(100);
/// How long the reading of the clocks may take; if it takes longer, the task was interrupted in the middle.
const MAX_READING_TIME: Duration = Duration::from_millis(5);
/// How often the clocks are read anew after an interruption.
const MAX_READINGS: usize = 10;

/// What a machine knows of time.
pub trait TimeSource: Send + Sync + fmt::Debug {
    /// The time of day by the machine's clock, which can be set at any time.
    fn now(&self) -> Moment;

    /// For how long the process has stood still so far.
    fn standstill(&self) -> Standstill {
        Standstill::default()
    }
}

/// For how long in all a process has stood still: it was stopped (SIGSTOP), or its machine was suspended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standstill {
    /// The whole time.
    pub total: Duration,
    /// The part that the monotonic clock has counted. It counts while a process is stopped, and not while its machine is
    /// suspended.
    pub counted: Duration,
}

/// The machine's clock; cloning it copies a pointer.
#[derive(Debug, Clone)]
pub struct Clock(Arc<dyn TimeSource>);

impl Clock {
    /// The clock of this machine, without an eye for standstills.
    pub fn new() -> Self {
        Self::of(Arc::new(SystemClock))
    }

    /// A clock that reads that source.
    pub fn of(source: Arc<dyn TimeSource>) -> Self {
        Self(source)
    }

    /// The time of day.
    pub fn now(&self) -> Moment {
        self.0.now()
    }

    /// For how long the process has stood still so far.
    pub fn standstill(&self) -> Standstill {
        self.0.standstill()
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}

/// The time of day as the operating system has it.
pub fn system_time() -> Moment {
    let since_1970 = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Moment(u64::try_from(since_1970.as_millis()).unwrap_or(u64::MAX))
}

#[derive(Debug)]
struct SystemClock;

impl TimeSource for SystemClock {
    fn now(&self) -> Moment {
        system_time()
    }
}

/// The time of a room: monotonic time since a reading of the machine's clock.
#[derive(Debug, Clone)]
pub(crate) struct TimeLine {
    clock: Clock,
    read_at: Instant,
    reading: Moment,
    standstill: Standstill,
}

/// A time line goes on from another time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ClockMove {
    /// The time up to which the former line counts.
    pub(crate) was: Moment,
    pub(crate) cause: ClockCause,
}

impl TimeLine {
    pub(crate) fn new(clock: Clock) -> Self {
        Self {
            read_at: Instant::now(),
            reading: clock.now(),
            standstill: clock.standstill(),
            clock,
        }
    }

    pub(crate) fn now(&self) -> Moment {
        self.at(Instant::now())
    }

    /// The Tokio instant of a moment, for timers.
    pub(crate) fn instant(&self, moment: Moment) -> Instant {
        self.read_at + Duration::from_millis(moment.since(self.reading).0)
    }

    /// Goes on from the machine's clock if that differs from this line, or if the process stood still.
    pub(crate) fn follow(&mut self) -> Option<ClockMove> {
        let (read_at, reading, standstill) = self.read()?;
        let stood_still = standstill.total > self.standstill.total;
        let not_time = standstill.counted.saturating_sub(self.standstill.counted);
        let line = self.at(read_at);
        let was = line.before(millis(not_time));
        let cause = if stood_still {
            ClockCause::StoodStill
        } else if reading.since(line).max(line.since(reading)) > MAX_DIFFERENCE {
            ClockCause::Set
        } else {
            return None;
        };
        (self.read_at, self.reading, self.standstill) = (read_at, reading, standstill);
        Some(ClockMove { was, cause })
    }

    /// Reads the clocks at one instant; none if the task was interrupted each time.
    fn read(&self) -> Option<(Instant, Moment, Standstill)> {
        (0..MAX_READINGS).find_map(|_| {
            let began = Instant::now();
            let (reading, standstill) = (self.clock.now(), self.clock.standstill());
            (began.elapsed() <= MAX_READING_TIME).then_some((began, reading, standstill))
        })
    }

    fn at(&self, instant: Instant) -> Moment {
        let elapsed = instant.saturating_duration_since(self.read_at);
        self.reading.after(millis(elapsed))
    }
}

fn millis(duration: Duration) -> Millis {
    Millis(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}
