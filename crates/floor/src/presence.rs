//! Who is connected, and what a drop, a return, a move to another room and a restart do to the floor.

use plenary_ids::{Moment, PersonId, RequestId};

use crate::{
    decide::Draft,
    event::Event,
    refusal::{Code, Refusal},
    requests::wrong_state,
    speech::{Cause, Speech},
};

impl Draft<'_> {
    pub(crate) fn connected(&mut self, person: &PersonId) -> Result<(), Refusal> {
        self.needs_system()?;
        if !self.floor.connected.contains(person) {
            self.emit(Event::Connected {
                person: person.clone(),
            });
        }
        Ok(())
    }

    pub(crate) fn disconnected(&mut self, person: &PersonId) -> Result<(), Refusal> {
        self.needs_system()?;
        if self.floor.connected.contains(person) {
            self.emit(Event::Disconnected {
                person: person.clone(),
            });
        }
        Ok(())
    }

    /// What a holder sends has stopped to arrive, or arrives again: the clock waits for it.
    pub(crate) fn flow(&mut self, person: &PersonId, flowing: bool) -> Result<(), Refusal> {
        self.needs_system()?;
        let concerned: Vec<Speech> = self
            .floor
            .speeches
            .values()
            .filter(|speech| speech.speaker == *person)
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

    /// Gone to another room: a holder must end first, what was accepted is passed and may be recalled.
    pub(crate) fn left(&mut self, person: &PersonId) -> Result<(), Refusal> {
        self.needs_system()?;
        if let Some(speech) = self
            .floor
            .speeches
            .values()
            .find(|speech| speech.speaker == *person)
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
                self.set_aside(id, Some("away"));
            }
        }
        self.disconnected(person)
    }

    /// Nobody is connected after the server was down. Clocks stop where it stopped; the wait for those who return
    /// begins now.
    pub(crate) fn restarted(&mut self, down_since: Moment) -> Result<(), Refusal> {
        self.needs_system()?;
        let now = self.now;
        self.now = down_since.min(now);
        self.emit(Event::Restarted { down_since });
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
            self.emit(Event::Timer { speech });
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
        self.emit(Event::Waiting {
            request,
            speech,
            by: self.by(),
        });
        Ok(())
    }

    /// Asks the chair about holders who have been away for longer than the grace: wait, pass or revoke.
    pub(crate) fn settle_absence(&mut self) {
        let settings = &self.floor.settings;
        let due = |speech: &&Speech| speech.asks_at(settings).is_some_and(|at| at <= self.now);
        let speeches = self.floor.speeches.values();
        let away: Vec<Speech> = speeches.filter(due).cloned().collect();
        for mut speech in away {
            speech.asked = true;
            if let Ok(request) = self.open(speech.request) {
                self.emit(Event::Absent { request, speech });
            }
        }
    }
}
