//! How busy a worker is, and what it gives up when there is more to do than it can.
//!
//! What is given up is what is missed least: first nobody new gets in, then the tiles pause, then the stage has its smallest
//! picture. Sound is never given up, and the floor does not depend on any of it.

use std::time::{Duration, Instant};

/// A worker that is so busy takes nobody new.
const FULL: f64 = 0.85;
/// A worker that is so busy gives something up.
const OVERLOADED: f64 = 0.90;
/// A worker that is less busy than this gives something back.
const RELIEVED: f64 = 0.60;
/// How long it has to be so busy before nobody new gets in: a crowd that joins at once is gone by then.
const PATIENCE_WITH_NEWCOMERS: Duration = Duration::from_secs(3);
/// How long it has to be too busy before it gives something up.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long it has to be relieved before something is given back: doubled each time that this was too early, up to the last.
const MIN_RELIEF: Duration = Duration::from_secs(5);
const MAX_RELIEF: Duration = Duration::from_secs(80);

/// What a worker has given up. Each step contains those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Degradation {
    /// Nothing.
    #[default]
    None,
    /// Nobody new gets in.
    NoNewcomers,
    /// Tiles pause.
    NoTiles,
    /// The stage has its smallest picture.
    SmallStage,
}

impl Degradation {
    const STEPS: [Self; 4] = [
        Self::None,
        Self::NoNewcomers,
        Self::NoTiles,
        Self::SmallStage,
    ];

    fn next(self) -> Self {
        Self::STEPS
            .into_iter()
            .find(|step| *step > self)
            .unwrap_or(self)
    }

    fn before(self) -> Self {
        let mut steps = Self::STEPS.into_iter().rev();
        steps.find(|step| *step < self).unwrap_or(self)
    }
}

/// The time that a thread has used since it began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ThreadTime {
    /// On a core.
    pub running: Duration,
    /// Ready to run, while others had the cores.
    pub waiting: Duration,
}

/// The pressure on one worker.
#[derive(Debug, Default)]
pub struct Pressure {
    degradation: Degradation,
    last: Option<(Instant, ThreadTime)>,
    /// The part of the time in which it had something to do.
    busy: f64,
    /// Since when it has been too busy, or relieved.
    over: Option<Instant>,
    relieved: Option<Instant>,
    relief: Option<Duration>,
    gave_back: Option<Instant>,
}

impl Pressure {
    /// What is given up now.
    pub fn degradation(&self) -> Degradation {
        self.degradation
    }

    /// The part of the last while in which it had something to do, 0 to 1.
    pub fn busy(&self) -> f64 {
        self.busy
    }

    /// Takes the time that the thread has used so far, a few times a second. Returns whether it gives up something else now.
    ///
    /// Time in which others had the cores says nothing of how much there is to do, so it does not count.
    pub fn measure(&mut self, used: ThreadTime, now: Instant) -> bool {
        let Some((at, before)) = self.last.replace((now, used)) else {
            return false;
        };
        let passed = now.saturating_duration_since(at);
        let ran = used.running.saturating_sub(before.running);
        let waited = used.waiting.saturating_sub(before.waiting);
        let own = passed.saturating_sub(waited).max(ran);
        if own.is_zero() {
            return false;
        }
        let busy = ran.as_secs_f64() / own.as_secs_f64();
        self.busy = self.busy.midpoint(busy);
        self.step(now)
    }

    fn step(&mut self, now: Instant) -> bool {
        let before = self.degradation;
        let (limit, patience) = if before == Degradation::None {
            (FULL, PATIENCE_WITH_NEWCOMERS)
        } else {
            (OVERLOADED, PATIENCE)
        };
        let lasted = |since: &mut Option<Instant>, holds: bool, time: Duration| {
            if !holds {
                *since = None;
                return false;
            }
            let since = *since.get_or_insert(now);
            now.saturating_duration_since(since) >= time
        };
        let relief = self.relief.unwrap_or(MIN_RELIEF);
        let is_over = lasted(&mut self.over, self.busy >= limit, patience);
        let is_relieved = lasted(&mut self.relieved, self.busy < RELIEVED, relief);
        if is_over {
            let was_early = self
                .gave_back
                .is_some_and(|at| now.saturating_duration_since(at) < 2 * relief);
            if was_early {
                self.relief = Some((relief * 2).min(MAX_RELIEF));
                self.gave_back = None;
            }
            self.degradation = before.next();
            self.over = None;
        } else if is_relieved {
            self.degradation = before.before();
            self.relieved = None;
            self.gave_back = Some(now);
            if self.degradation == Degradation::None {
                self.relief = None;
            }
        }
        self.degradation != before
    }
}

/// Reads the two times of this thread in the form of `/proc/thread-self/schedstat`.
pub fn thread_time(schedstat: &str) -> Option<ThreadTime> {
    let mut nanos = schedstat.split_whitespace().map(str::parse);
    let mut next = || Some(Duration::from_nanos(nanos.next()?.ok()?));
    Some(ThreadTime {
        running: next()?,
        waiting: next()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: Duration = Duration::from_millis(200);

    /// A thread under measurement.
    struct Thread {
        pressure: Pressure,
        now: Instant,
        used: ThreadTime,
    }

    impl Thread {
        fn new() -> Self {
            let mut thread = Self {
                pressure: Pressure::default(),
                now: Instant::now(),
                used: ThreadTime::default(),
            };
            thread.pressure.measure(thread.used, thread.now);
            thread
        }

        /// Lets time pass in which the thread runs and waits for these parts; returns the degradations that it comes to.
        fn pass(&mut self, time: Duration, running: f64, waiting: f64) -> Vec<Degradation> {
            let mut steps = Vec::new();
            let end = self.now + time;
            while self.now < end {
                self.now += STEP;
                self.used.running += STEP.mul_f64(running);
                self.used.waiting += STEP.mul_f64(waiting);
                if self.pressure.measure(self.used, self.now) {
                    steps.push(self.pressure.degradation());
                }
            }
            steps
        }
    }

    const MINUTE: Duration = Duration::from_mins(1);

    #[test]
    fn a_thread_gives_up_newcomers_first_then_tiles_then_the_large_stage_and_nothing_more() {
        let mut thread = Thread::new();
        assert_eq!(thread.pass(MINUTE, 0.5, 0.0), []);
        assert_eq!(
            thread.pass(MINUTE, 0.87, 0.0),
            [Degradation::NoNewcomers],
            "those who are there still have everything"
        );
        assert_eq!(
            thread.pass(MINUTE, 1.0, 0.0),
            [Degradation::NoTiles, Degradation::SmallStage]
        );
    }

    #[test]
    fn what_was_given_up_comes_back_step_by_step() {
        let mut thread = Thread::new();
        thread.pass(MINUTE, 1.0, 0.0);
        assert_eq!(
            thread.pass(MINUTE, 0.3, 0.0),
            [
                Degradation::NoTiles,
                Degradation::NoNewcomers,
                Degradation::None
            ]
        );
    }

    #[test]
    fn a_machine_that_is_busy_with_something_else_is_no_pressure() {
        let mut thread = Thread::new();
        assert_eq!(thread.pass(MINUTE, 0.1, 0.7), []);
    }

    #[test]
    fn a_thread_that_has_to_share_its_core_is_overloaded_by_what_it_has_left() {
        let mut thread = Thread::new();
        let steps = thread.pass(MINUTE, 0.5, 0.49);
        assert_eq!(steps.last(), Some(&Degradation::SmallStage));
    }

    #[test]
    fn a_load_that_returns_with_the_tiles_has_them_come_back_ever_more_rarely() {
        let mut thread = Thread::new();
        let mut steps = Vec::new();
        for _ in 0..20 * 60 {
            // Tiles are half of the work.
            let running = if thread.pressure.degradation() < Degradation::NoTiles {
                1.0
            } else {
                0.5
            };
            steps.extend(thread.pass(Duration::from_secs(1), running, 0.0));
        }
        let returns = steps.iter().filter(|it| **it == Degradation::NoNewcomers);
        assert!(returns.count() < 25, "{}", steps.len());
    }

    #[test]
    fn the_kernels_figures_of_a_thread_are_read() {
        let read = thread_time("1500000000 250000000 42\n").unwrap();
        assert_eq!(read.running, Duration::from_millis(1500));
        assert_eq!(read.waiting, Duration::from_millis(250));
        assert_eq!(thread_time(""), None);
        let own = std::fs::read_to_string("/proc/thread-self/schedstat");
        assert!(own.is_ok_and(|own| thread_time(&own).is_some()));
    }
}
