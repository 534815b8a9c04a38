//! Connections: what a disconnect, a return, a move to another room and a restart do to the floor. Rules of order,
//! section 12.

use plenary_ids::{Moment, PersonId, RequestId};

use crate::{
    draft::Draft,
    event::{Change, PresenceStep, SpeechStep},
    reason::PassReason,
    refusal::{Code, Refusal, wrong_state},
    speech::{Cause, Speech},
};

impl Draft<'_> {
    pub(crate) fn connected(&mut self, person: &PersonId) -> Result<(), Refusal> {
        self.needs_system()?;
        if !self.floor.connected.contains(person) {
            let person = person.clone();
            self.emit_automatic(Change::Presence(PresenceStep::Connected { person }));
        }
        Ok(())
    }

    pub(crate) fn disconnected(&mut self, person: &PersonId) -> Result<(), Refusal> {
        self.needs_system()?;
        if self.floor.connected.contains(person) {
            let person = person.clone();
            self.emit_automatic(Change::Presence(PresenceStep::Disconnected { person }));
        }
        Ok(())
    }

    /// Pauses the clock of a holder whose media no longer arrives, and resumes it when media arrives again. A recording has
    /// a player that reports more exactly.
    pub(crate) fn flow(&mut self, person: &PersonId, flowing: bool) -> Result<(), Refusal> {
        self.needs_system()?;
        let concerned: Vec<Speech> = self
            .floor
            .speeches
            .values()
            .filter(|speech| speech.speaker == *person && speech.recorded.is_none())
            .cloned()
            .collect();
        for speech in concerned {
            let mut causes = speech.suspended_by;
            let changed = if flowing {
                causes.remove(&Cause::Stalled)
            } else {
                causes.insert(Cause::Stalled)
            };
            if changed {
                self.set_causes(speech.request, causes);
            }
        }
        Ok(())
    }

    /// The person goes to another room: a speech must end first; listed requests are passed and may be recalled.
    pub(crate) fn left(&mut self, person: &PersonId) -> Result<(), Refusal> {
        self.needs_system()?;
        if let Some(speech) = self
            .floor
            .speeches
            .values()
            .find(|speech| speech.speaker == *person && speech.recorded.is_none())
        {
            let detail =
                format!("{person} holds the floor; the speech must end before anybody is moved.");
            return Err(Refusal {
                request: Some(speech.request),
                ..Refusal::new(Code::Conflict, detail)
            });
        }
        let listed: Vec<RequestId> = self.floor.order.to_vec();
        for id in listed {
            if self
                .open(id)
                .is_ok_and(|request| request.beneficiary == *person)
            {
                self.set_aside(id, Some(PassReason::Away));
            }
        }
        self.disconnected(person)
    }

    /// Nobody is connected after the server was down. Clocks stop at the time at which the server stopped; the wait for
    /// holders who return begins now.
    pub(crate) fn restarted(&mut self, down_since: Moment) -> Result<(), Refusal> {
        self.needs_system()?;
        let now = self.now;
        self.now = down_since.min(now);
        self.emit_automatic(Change::Presence(PresenceStep::Restarted { down_since }));
        self.restart_recording();
        self.settle_causes();
        self.now = now;
        let absent: Vec<Speech> = self
            .floor
            .speeches
            .values()
            .filter(|speech| speech.absent_since.is_some())
            .cloned()
            .collect();
        for mut speech in absent {
            speech.absent_since = Some(now);
            (speech.asked, speech.waits_until) = (false, None);
            self.emit_automatic(Change::Timer { speech });
        }
        Ok(())
    }

    /// The chair's first answer about an absent holder: the place is kept for another grace, counted from now. It may
    /// be given before the question, and again after it. (The others are `pass` and `revoke`.)
    pub(crate) fn wait(&mut self, id: RequestId) -> Result<(), Refusal> {
        let request = self.open(id)?;
        self.needs_chair()?;
        let speech = self.floor.speeches.get(&id);
        let Some(mut speech) = speech.filter(|it| it.absent_since.is_some()).cloned() else {
            return Err(wrong_state(&request, "waited for; no holder is absent"));
        };
        speech.asked = false;
        speech.waits_until = Some(self.now.after(self.floor.settings.reconnect_grace));
        self.emit(Change::Speech {
            request,
            speech,
            step: SpeechStep::Waiting,
        });
        Ok(())
    }

    /// Asks the chair about holders who are disconnected for longer than the grace: wait, pass or revoke.
    pub(crate) fn settle_absence(&mut self) {
        let settings = &self.floor.settings;
        let due = |speech: &&Speech| speech.asks_at(settings).is_some_and(|at| at <= self.now);
        let speeches = self.floor.speeches.values();
        let absent: Vec<Speech> = speeches.filter(due).cloned().collect();
        for mut speech in absent {
            speech.asked = true;
            if let Ok(request) = self.open(speech.request) {
                self.emit_automatic(Change::Speech {
                    request,
                    speech,
                    step: SpeechStep::Absent,
                });
            }
        }
    }
}
