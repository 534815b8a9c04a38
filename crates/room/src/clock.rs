//! The time of the room tasks.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use plenary_ids::Moment;
use tokio::time::Instant;

/// Wall time that never steps: read from the machine once, then counted. What is consumed of a speech must not change
/// because the machine's clock was set.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    started: Instant,
    wall: Moment,
}

impl Clock {
    /// From the machine's clock.
    pub fn new() -> Self {
        let since_1970 = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Self::starting_at(Moment(
            u64::try_from(since_1970.as_millis()).unwrap_or(u64::MAX),
        ))
    }

    /// From the machine's clock, but not before that moment: what is recorded is never followed by what was earlier.
    pub fn not_before(moment: Moment) -> Self {
        let clock = Self::new();
        Self {
            wall: clock.wall.max(moment),
            ..clock
        }
    }

    /// From a given moment, for tests.
    pub fn starting_at(wall: Moment) -> Self {
        Self {
            started: Instant::now(),
            wall,
        }
    }

    /// Now.
    pub fn now(&self) -> Moment {
        let elapsed = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        Moment(self.wall.0.saturating_add(elapsed))
    }

    /// When a moment will be.
    pub fn instant(&self, moment: Moment) -> Instant {
        self.started + Duration::from_millis(moment.since(self.wall).0)
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}
