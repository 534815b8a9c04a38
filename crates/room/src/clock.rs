//! The clock that all room tasks share.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use plenary_ids::Moment;
use tokio::time::Instant;

/// A wall clock that never steps: it reads the machine's clock once and counts monotonic time from there. A speech must
/// not gain or lose time because the machine's clock was set.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    started: Instant,
    wall: Moment,
}

impl Clock {
    /// A clock that starts from the machine's time.
    pub fn new() -> Self {
        let since_1970 = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Self::starting_at(Moment(
            u64::try_from(since_1970.as_millis()).unwrap_or(u64::MAX),
        ))
    }

    /// The same, but never before `moment`: the times in a log never decrease, also across restarts.
    pub fn not_before(moment: Moment) -> Self {
        let clock = Self::new();
        Self {
            wall: clock.wall.max(moment),
            ..clock
        }
    }

    /// A clock that starts at a given moment, for tests.
    pub fn starting_at(wall: Moment) -> Self {
        Self {
            started: Instant::now(),
            wall,
        }
    }

    /// The current moment.
    pub fn now(&self) -> Moment {
        let elapsed = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        Moment(self.wall.0.saturating_add(elapsed))
    }

    /// The Tokio instant of a moment, for timers.
    pub fn instant(&self, moment: Moment) -> Instant {
        self.started + Duration::from_millis(moment.since(self.wall).0)
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}
