//! When each participant was present.

use plenary_ids::{Moment, PersonId};
use plenary_protocol::{Participant, Presence};

/// Everyone who was ever in the room, in the order of first arrival.
#[derive(Debug, Default)]
pub(crate) struct AttendanceLog {
    pub(crate) entries: Vec<AttendanceEntry>,
}

/// A participant and the intervals of presence; the last one may still be open.
#[derive(Debug)]
pub(crate) struct AttendanceEntry {
    pub(crate) participant: Participant,
    pub(crate) spans: Vec<(Moment, Option<Moment>)>,
}

impl AttendanceLog {
    /// Records that a participant was seated or away from that moment on.
    pub(crate) fn record(&mut self, participant: &Participant, at: Moment) {
        let index = self
            .entries
            .iter()
            .position(|entry| entry.participant.person == participant.person);
        let index = index.unwrap_or_else(|| {
            let next = self.entries.len();
            self.entries.push(AttendanceEntry {
                participant: participant.clone(),
                spans: Vec::new(),
            });
            next
        });
        if let Some(entry) = self.entries.get_mut(index) {
            match participant.state {
                Presence::Seated => entry.arrive(at),
                Presence::Away => entry.leave(at),
            }
        }
    }

    /// Records that a participant has left the room.
    pub(crate) fn record_left(&mut self, person: &PersonId, at: Moment) {
        let mut entries = self.entries.iter_mut();
        let entry = entries.find(|entry| entry.participant.person == *person);
        if let Some(entry) = entry {
            entry.leave(at);
        }
    }

    /// Records that the clock was moved: who is present stays so, by the new clock.
    pub(crate) fn record_clock_move(&mut self, was: Moment, now: Moment) {
        for entry in &mut self.entries {
            if entry.spans.last().is_some_and(|(_, to)| to.is_none()) {
                entry.leave(was);
                entry.arrive(now);
            }
        }
    }

    /// Records that the server was down from that moment on, so that no one was present.
    pub(crate) fn record_outage(&mut self, since: Moment) {
        for entry in &mut self.entries {
            entry.leave(since);
        }
    }
}

impl AttendanceEntry {
    fn arrive(&mut self, at: Moment) {
        if self.spans.last().is_none_or(|(_, to)| to.is_some()) {
            self.spans.push((at, None));
        }
    }

    fn leave(&mut self, at: Moment) {
        if let Some((from, to @ None)) = self.spans.last_mut() {
            *to = Some(at.max(*from));
        }
    }
}
