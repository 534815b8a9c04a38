//! A machine's clock that a test sets.

use std::{
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use plenary_ids::{Millis, Moment};
use plenary_room::{Standstill, TimeSource};
use tokio::time::Instant;

/// It follows Tokio's time, which tests pause.
#[derive(Debug)]
pub struct TestTime(Mutex<Clocks>);

#[derive(Debug)]
struct Clocks {
    set_at: Instant,
    time: Moment,
    standstill: Standstill,
}

impl TestTime {
    pub fn starting_at(time: Moment) -> Self {
        Self(Mutex::new(Clocks {
            set_at: Instant::now(),
            time,
            standstill: Standstill::default(),
        }))
    }

    /// Somebody sets the clock.
    pub fn set(&self, time: Moment) {
        let mut clocks = self.clocks();
        (clocks.set_at, clocks.time) = (Instant::now(), time);
    }

    /// The process was stopped for the last so many milliseconds.
    pub fn was_stopped_for(&self, time: Millis) {
        let time = Duration::from_millis(time.0);
        let mut clocks = self.clocks();
        clocks.standstill.total += time;
        clocks.standstill.counted += time;
    }

    /// The machine is suspended for so long: monotonic time does not pass meanwhile, and the time of day does.
    pub fn suspend_for(&self, time: Millis) {
        self.set(self.now().after(time));
        self.clocks().standstill.total += Duration::from_millis(time.0);
    }

    fn clocks(&self) -> MutexGuard<'_, Clocks> {
        self.0.lock().expect("a lock")
    }
}

impl TimeSource for TestTime {
    fn now(&self) -> Moment {
        let clocks = self.clocks();
        let elapsed = u64::try_from(clocks.set_at.elapsed().as_millis()).expect("a test's time");
        clocks.time.after(Millis(elapsed))
    }

    fn standstill(&self) -> Standstill {
        self.clocks().standstill
    }
}
