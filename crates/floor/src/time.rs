//! Clocks: when they start, change colour and run out, and the next deadline. Rules of order, section 9.

use std::sync::Arc;

use plenary_ids::{Millis, Moment, PersonId, RequestId};

use crate::{
    draft::Draft,
    event::Change,
    floor::Floor,
    reason::RevokeRule,
    refusal::Refusal,
    settings::{Overtime, Settings},
    speech::{Cause, Colour, Speech},
    view::ListState,
};

impl Floor {
    /// The next time at which something is due by itself: the room issues
    /// [`SystemCommand::Tick`](crate::SystemCommand::Tick) then.
    pub fn deadline(&self) -> Option<Moment> {
        let closing = if self.list.state == ListState::Open {
            self.list.closes_at
        } else {
            None
        };
        self.speeches
            .values()
            .flat_map(|speech| speech.deadlines(&self.settings))
            .flatten()
            .chain(closing)
            .min()
    }
}

impl Speech {
    fn deadlines(&self, settings: &Settings) -> [Option<Moment>; 5] {
        if self.recorded.is_some() {
            // The recording's own end ends it, and its player starts its clock.
            return [None; 5];
        }
        let reaches = |target: Millis| self.as_of.after(target.saturating_sub(self.consumed));
        let amber = self.running && self.colour == Colour::Green;
        let red = self.running && self.colour != Colour::Red;
        let action = self.running && !self.overtime && settings.overtime != Overtime::Continue;
        [
            self.starts_at(settings),
            amber.then(|| reaches(self.limit.saturating_sub(settings.warning))),
            red.then(|| reaches(self.limit)),
            action.then(|| reaches(self.limit.saturating_add(settings.grace))),
            self.asks_at(settings),
        ]
    }

    /// When the clock of a speech that has not begun starts by itself.
    fn starts_at(&self, settings: &Settings) -> Option<Moment> {
        let waits = self.began.is_none() && self.is_live() && self.recorded.is_none();
        waits.then(|| self.granted_at.after(settings.first_voice).max(self.as_of))
    }

    /// Restates the clock as of now.
    pub(crate) fn rebase(&mut self, now: Moment, settings: &Settings) {
        self.count_until(now);
        self.as_of = self.as_of.max(now);
        self.colour = self.colour_after(self.consumed, settings);
    }

    /// Carries every time by which the floor counts over to a clock that goes on from `now` instead of `was`. When the
    /// clock first ran stays as it was recorded.
    fn carry_over(&mut self, was: Moment, now: Moment) {
        self.count_until(was);
        self.carry_over_stopped(was, now);
    }

    /// The same for a speech whose clock has been stopped.
    pub(crate) fn carry_over_stopped(&mut self, was: Moment, now: Moment) {
        self.as_of = now;
        self.granted_at = self.granted_at.carried(was, now);
        if let Some(stall) = self.recorded.as_mut().and_then(|it| it.stall.as_mut()) {
            stall.since = stall.since.carried(was, now);
        }
        for at in [&mut self.absent_since, &mut self.waits_until] {
            *at = at.map(|at| at.carried(was, now));
        }
    }

    fn start(&mut self, at: Moment) {
        self.as_of = self.as_of.max(at);
        self.began = Some(self.as_of);
        self.set_running(true);
    }
}

impl Draft<'_> {
    pub(crate) fn voice(&mut self, person: &PersonId) -> Result<(), Refusal> {
        self.needs_system()?;
        let waiting =
            self.floor.speeches.values().find(|speech| {
                speech.speaker == *person && speech.is_live() && speech.began.is_none()
            });
        if let Some(id) = waiting.map(|speech| speech.request) {
            self.start_clock(id);
        }
        Ok(())
    }

    /// Starts the clock of a live speech that has not begun.
    pub(crate) fn start_clock(&mut self, id: RequestId) {
        let speech = self.floor.speeches.get(&id);
        let waiting = speech.filter(|speech| speech.is_live() && speech.began.is_none());
        if let Some(mut speech) = waiting.cloned() {
            speech.start(self.now);
            self.emit_automatic(Change::Timer { speech });
        }
    }

    /// The clock was moved from `was` to the present time: what counts from a time before counts from there.
    pub(crate) fn clock_moved(&mut self, was: Moment) -> Result<(), Refusal> {
        self.needs_system()?;
        let speeches: Vec<Speech> = self.floor.speeches.values().cloned().collect();
        for mut speech in speeches {
            speech.carry_over(was, self.now);
            self.emit_automatic(Change::Timer { speech });
        }
        self.carry_undo_over(was);
        Ok(())
    }

    /// Brings every clock up to the present time.
    pub(crate) fn settle_time(&mut self) {
        let ids: Vec<RequestId> = self.floor.speeches.keys().copied().collect();
        for id in ids {
            self.settle_clock(id);
        }
    }

    fn settle_clock(&mut self, id: RequestId) {
        let Some(mut speech) = self.floor.speeches.get(&id).cloned() else {
            return;
        };
        let settings = Arc::clone(&self.floor.settings);
        if let Some(at) = speech.starts_at(&settings).filter(|at| *at <= self.now) {
            speech.start(at);
            self.emit_automatic(Change::Timer {
                speech: speech.clone(),
            });
        }
        let before = speech.clone();
        if speech.colour_after(speech.consumed_at(self.now), &settings) != speech.colour {
            speech.rebase(self.now, &settings);
        }
        let used_up = speech.limit.saturating_add(settings.grace);
        let over = speech.recorded.is_none()
            && speech.running
            && !speech.overtime
            && speech.consumed_at(self.now) >= used_up;
        let action = settings.overtime;
        speech.overtime |= over && action != Overtime::Continue;
        let mut causes = speech.suspended_by.clone();
        if speech != before {
            self.emit_automatic(Change::Timer { speech });
        }
        match action {
            Overtime::Mute if over => {
                causes.insert(Cause::Overtime);
                self.set_causes(id, causes);
            }
            Overtime::Revoke if over => {
                self.take_floor(id, RevokeRule::TimeUsedUp);
            }
            _ => {}
        }
    }
}
