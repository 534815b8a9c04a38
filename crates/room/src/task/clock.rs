//! The room's time and the machine's clock: what happens when they part, while the room runs or between two starts.

use plenary_floor::SystemCommand;
use plenary_ids::{Millis, Moment};
use plenary_protocol::{ClockCause, RoomEvent};

use super::{LIVENESS_INTERVAL, Room};
use crate::{Body, clock::ClockMove};

impl Room {
    /// Goes on by the machine's clock if that was set or the server stood still; whether it was.
    pub(super) fn follow_clock(&mut self) -> bool {
        // While nothing can be recorded, the room stays in its time: it would be rolled back to it at once.
        if self.retry.is_some_and(|retry| retry > self.now()) {
            return false;
        }
        let mut time = self.time.clone();
        let Some(ClockMove { was, cause }) = time.follow() else {
            return false;
        };
        // What was due by the former time is done as of then.
        self.apply_system_command_as_of(&SystemCommand::Tick, was);
        *self.time_mut() = time;
        self.carry_over(was, cause);
        true
    }

    /// Records that the server was down since `alive`, or a moment later.
    pub(super) fn record_restart(&mut self, alive: Moment) {
        let now = self.now();
        let down_since = self.down_since(alive);
        let restarted = SystemCommand::Restarted { down_since };
        if down_since <= now {
            self.apply_system_command(&restarted);
        } else {
            // The clock was set back meanwhile: the log ends in the future.
            self.apply_system_command_as_of(&restarted, down_since);
            self.carry_over(down_since, ClockCause::Set);
        }
    }

    /// Carries everything that waits for a moment over to a time line that goes on from now instead of `was`.
    fn carry_over(&mut self, was: Moment, cause: ClockCause) {
        let now = self.now();
        let room = &self.config.id;
        let (from, to) = (
            plenary_ids::rfc3339::text(was),
            plenary_ids::rfc3339::text(now),
        );
        tracing::info!(%room, ?cause, from, to, "the room goes on by the machine's clock");
        let decision = self.state.decisions.carried_over(was, now).map(Box::new);
        let moved = RoomEvent::ClockMoved {
            was,
            cause,
            decision,
        };
        // Speeches go on as of the time of this event, to the millisecond.
        self.emit_at(vec![Body::Room(moved)], now);
        self.apply_system_command_as_of(&SystemCommand::ClockMoved { was }, now);
        let handovers = self.state.channels.carried_over(was, now);
        self.emit(handovers.into_iter().map(Body::Room).collect());
        for until in self.present_mut().seat_expiry.values_mut() {
            *until = until.carried(was, now);
        }
        self.talks.carry(was, now);
        self.retry = self.retry.map(|retry| retry.carried(was, now));
        // The last sign of life must not be one of the former time line.
        self.log.heartbeat(now);
    }

    /// When the server went down, at `alive` or later. While it counts time it records every [`LIVENESS_INTERVAL`] that
    /// it is alive, so it may have run for as long again: time that was shown to people is never taken back.
    fn down_since(&self, alive: Moment) -> Moment {
        if !self.is_counting() {
            return alive;
        }
        let interval = u64::try_from(LIVENESS_INTERVAL.as_millis()).unwrap_or(u64::MAX);
        let later = alive.after(Millis(interval));
        let now = self.now();
        if alive <= now { later.min(now) } else { later }
    }
}
