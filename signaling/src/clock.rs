//! The clocks of this machine: the time of day, which can be set, and whether the process has stood still.
//!
//! A thread ticks. If a tick comes far too late, nothing of the process ran in between: it was stopped (SIGSTOP), or its
//! machine was suspended. That time is nobody's speaking time.

use std::{
    sync::{Arc, Mutex, PoisonError, Weak},
    thread,
    time::{Duration, Instant},
};

use plenary_ids::{Millis, Moment};
use plenary_room::{Standstill, TimeSource, system_time};
use schemars::JsonSchema;
use serde::Serialize;

use crate::alarms::{ServerAlarm, ServerAlarmKind};

/// How often the thread ticks.
const TICK: Duration = Duration::from_millis(100);
/// A tick that comes so late shows a standstill. A busy machine delays a tick by less.
const MIN_STANDSTILL: Duration = Duration::from_secs(1);
/// How far the machine's clock may be behind the log before operators are told.
const MAX_BEHIND_LOG: Millis = Millis::from_secs(2);

/// The clocks of this machine.
#[derive(Debug)]
pub struct MachineClock {
    started: Instant,
    time_at_start: Moment,
    ticks: Mutex<Ticks>,
}

/// The clocks at the last tick.
#[derive(Debug, Clone, Copy)]
struct Ticks {
    monotonic: Instant,
    since_boot: Duration,
    standstill: Standstill,
}

impl MachineClock {
    /// Starts the thread, which ends with the last pointer to the clock.
    pub fn start() -> Arc<Self> {
        let clock = Arc::new(Self {
            started: Instant::now(),
            time_at_start: system_time(),
            ticks: Mutex::new(Ticks {
                monotonic: Instant::now(),
                since_boot: since_boot(),
                standstill: Standstill::default(),
            }),
        });
        let weak = Arc::downgrade(&clock);
        let ticking = thread::Builder::new()
            .name("clock".to_owned())
            .spawn(move || tick(&weak));
        if let Err(error) = ticking {
            // Rooms look at the clocks too, though seldom while nobody is in them.
            tracing::warn!(%error, "standstills of the server are noticed late");
        }
        clock
    }

    /// By how many milliseconds the clock of the machine was set since the server started; less than 0 if it was set back.
    /// A time in which the machine was suspended is included.
    pub fn set_by(&self) -> i64 {
        let expected = self.time_at_start.after(millis(self.started.elapsed()));
        let now = system_time();
        let signed = |difference: Millis| i64::try_from(difference.0).unwrap_or(i64::MAX);
        signed(now.since(expected)) - signed(expected.since(now))
    }
}

impl TimeSource for MachineClock {
    fn now(&self) -> Moment {
        system_time()
    }

    fn standstill(&self) -> Standstill {
        let mut ticks = self.ticks.lock().unwrap_or_else(PoisonError::into_inner);
        *ticks = ticks.next(Instant::now(), since_boot());
        ticks.standstill
    }
}

impl Ticks {
    /// The time since the last tick is a standstill if it is far too long, apart from the one tick that was due in it.
    fn next(self, monotonic: Instant, since_boot: Duration) -> Self {
        let counted = monotonic.saturating_duration_since(self.monotonic);
        let passed = since_boot.saturating_sub(self.since_boot).max(counted);
        let mut standstill = self.standstill;
        if passed >= MIN_STANDSTILL {
            standstill.total += passed.saturating_sub(TICK);
            standstill.counted += counted.saturating_sub(TICK);
        }
        Self {
            monotonic,
            since_boot,
            standstill,
        }
    }
}

fn tick(clock: &Weak<MachineClock>) {
    while let Some(clock) = clock.upgrade() {
        clock.standstill();
        drop(clock);
        thread::sleep(TICK);
    }
}

/// The time since the machine started, which goes on while it is suspended.
#[cfg(target_os = "linux")]
fn since_boot() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    let nanos = u32::try_from(time.tv_nsec).unwrap_or_default();
    Duration::new(seconds, nanos)
}

/// Other systems have no such clock that is not monotonic time as well.
#[cfg(not(target_os = "linux"))]
fn since_boot() -> Duration {
    Duration::ZERO
}

/// The clock of the server's machine.
#[expect(
    clippy::struct_field_names,
    reason = "a duration on the wire ends in its unit"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ClockHealth {
    /// By how much the log, as the server found it, is ahead of the clock now: 0 unless a clock was wrong. Milliseconds.
    pub log_ahead_ms: Millis,
    /// By how much the clock was set since the server started; less than 0 if it was set back. Milliseconds.
    pub set_by_ms: i64,
    /// For how long the server has stood still since it started: its process was stopped, or its machine suspended.
    /// Milliseconds.
    pub standstill_ms: Millis,
}

impl ClockHealth {
    /// From the clock, and from the latest time in the log at the start of the server.
    pub fn new(clock: &MachineClock, last_in_log: Moment) -> Self {
        Self {
            log_ahead_ms: last_in_log.since(clock.now()),
            set_by_ms: clock.set_by(),
            standstill_ms: millis(clock.standstill().total),
        }
    }

    /// That the log is dated in the future.
    pub fn alarm(&self) -> Option<ServerAlarm> {
        (self.log_ahead_ms > MAX_BEHIND_LOG).then(|| ServerAlarm {
            kind: ServerAlarmKind::LogAhead,
            detail: format!(
                "the log has entries that are dated up to {} after the present time: the machine's clock was wrong then, or it is wrong now",
                words(self.log_ahead_ms)
            ),
            first: "See whether the machine's time is right (timedatectl), and set it if not; the server follows it at once.",
        })
    }
}

/// A duration in its largest unit.
fn words(time: Millis) -> String {
    let (count, unit) = match time.0 / 1000 {
        seconds @ 0..120 => (seconds, "seconds"),
        seconds @ 120..7_200 => (seconds / 60, "minutes"),
        seconds @ 7_200..172_800 => (seconds / 3_600, "hours"),
        seconds => (seconds / 86_400, "days"),
    };
    format!("{count} {unit}")
}

fn millis(duration: Duration) -> Millis {
    Millis(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn ticks() -> Ticks {
        Ticks {
            monotonic: Instant::now(),
            since_boot: 100 * SECOND,
            standstill: Standstill::default(),
        }
    }

    #[test]
    fn a_tick_that_is_a_little_late_is_no_standstill() {
        let before = ticks();
        let late = before.next(
            before.monotonic + SECOND / 2,
            before.since_boot + SECOND / 2,
        );
        assert_eq!(late.standstill, Standstill::default());
    }

    #[test]
    fn a_stopped_process_stands_still_but_for_the_tick_that_was_due() {
        let before = ticks();
        let after = before.next(
            before.monotonic + 5 * SECOND,
            before.since_boot + 5 * SECOND,
        );
        let stood = (5 * SECOND).saturating_sub(TICK);
        let both = Standstill {
            total: stood,
            counted: stood,
        };
        assert_eq!(after.standstill, both);
    }

    #[test]
    fn a_suspended_machine_stands_still_and_its_monotonic_clock_has_not_counted_it() {
        let before = ticks();
        let after = before.next(before.monotonic + TICK, before.since_boot + 3600 * SECOND);
        assert_eq!(after.standstill.counted, Duration::ZERO);
        assert_eq!(after.standstill.total, (3600 * SECOND).saturating_sub(TICK));
    }

    #[test]
    fn a_log_that_is_dated_in_the_future_is_an_alarm_with_a_remedy() {
        let clock = MachineClock::start();
        let year_and_hour = Millis::from_secs(365 * 24 * 3600 + 3600);
        let health = ClockHealth::new(&clock, clock.now().after(year_and_hour));
        assert!(health.log_ahead_ms > Millis(year_and_hour.0 / 2));
        let alarm = health.alarm().unwrap();
        assert_eq!(alarm.kind, ServerAlarmKind::LogAhead);
        assert!(
            alarm.detail.contains("365 days after the present time"),
            "{alarm:?}"
        );
        assert!(alarm.first.contains("timedatectl"));
        assert_eq!(ClockHealth::new(&clock, clock.now()).alarm(), None);
    }
}
