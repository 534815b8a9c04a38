//! The steps of a speech: suspending, resuming, extending and ending it. Rules of order, section 9.

use plenary_ids::{Millis, RequestId};

use crate::{
    command::Scope,
    draft::Draft,
    event::{Change, SpeechStep},
    reason::{RevokeReason, RevokeRule, Ruling},
    refusal::{Code, Refusal, check_length, wrong_state},
    request::{Kind, State},
    speech::{Cause, Ending, Speech},
};

impl Draft<'_> {
    pub(crate) fn release(&mut self, id: RequestId) -> Result<(), Refusal> {
        let mut request = self.open(id)?;
        if request.state != State::Granted {
            return Err(wrong_state(&request, "released; it was not granted"));
        }
        if self.actor.person.as_ref() != Some(&request.beneficiary) {
            let detail = format!(
                "Only {}, who holds the floor, may end the speech; the chair takes the floor by \"revoke\".",
                request.beneficiary
            );
            return Err(Refusal::new(Code::NotHolder, detail));
        }
        let Some(speech) = self.ended_speech(id, Ending::Released) else {
            return Err(wrong_state(&request, "released; it was not granted"));
        };
        request.end(State::Released);
        self.emit(Change::Speech {
            request,
            speech,
            step: SpeechStep::Released { ruling: None },
        });
        Ok(())
    }

    pub(crate) fn revoke(&mut self, id: RequestId, reason: Option<&str>) -> Result<(), Refusal> {
        let request = self.open(id)?;
        if self.actor.scope != Scope::Operator {
            self.needs_chair()?;
        }
        check_length(reason)?;
        if request.state != State::Granted {
            return Err(wrong_state(&request, "revoked; it was not granted"));
        }
        let reason = reason.map(|text| RevokeReason::Text(text.to_owned()));
        self.revoke_for(id, reason, None);
        Ok(())
    }

    pub(crate) fn suspend(&mut self, id: RequestId) -> Result<(), Refusal> {
        let request = self.open(id)?;
        self.needs_chair()?;
        let Some(speech) = self.floor.speeches.get(&id) else {
            return Err(wrong_state(&request, "suspended; it was not granted"));
        };
        let mut causes = speech.suspended_by.clone();
        if !causes.insert(Cause::Chair) {
            return Err(wrong_state(&request, "suspended twice"));
        }
        self.set_causes(id, causes);
        Ok(())
    }

    pub(crate) fn resume(&mut self, id: RequestId) -> Result<(), Refusal> {
        let request = self.open(id)?;
        self.needs_chair()?;
        let causes = match self.floor.speeches.get(&id) {
            Some(speech) if !speech.is_live() => speech.suspended_by.clone(),
            _ => return Err(wrong_state(&request, "resumed; it is not suspended")),
        };
        self.needs_sitting()?;
        self.no_priority()?;
        if causes.contains(&Cause::PointOfOrder) {
            self.no_point_of_order()?;
        }
        // A recording that stalled waits for its player, and needs nobody present.
        let recorded = request.kind == Kind::Address;
        let stalls = recorded && causes.contains(&Cause::Stalled);
        if !recorded {
            self.is_present(&request.beneficiary)?;
        }
        let counts = self
            .floor
            .speeches
            .get(&id)
            .is_some_and(|speech| self.floor.counts(speech));
        if counts && !self.floor.has_free_microphone() {
            return Err(self.full());
        }
        if stalls {
            self.retry_recording(id);
        }
        self.set_causes(id, stalls.then_some(Cause::Stalled).into_iter().collect());
        Ok(())
    }

    pub(crate) fn extend(&mut self, id: RequestId, by: Millis) -> Result<(), Refusal> {
        let request = self.open(id)?;
        self.needs_chair()?;
        let Some(mut speech) = self.floor.speeches.get(&id).cloned() else {
            return Err(wrong_state(&request, "extended; it was not granted"));
        };
        if speech.recorded.is_some() {
            return Err(Refusal::new(
                Code::Conflict,
                "A recording takes as long as it is; it cannot be given more time.",
            ));
        }
        if by == Millis(0) {
            return Err(Refusal::new(
                Code::Invalid,
                "An extension is longer than nothing.",
            ));
        }
        speech.limit = speech.limit.saturating_add(by);
        speech.rebase(self.now, &self.floor.settings);
        let back_in_time = speech.consumed < speech.limit.saturating_add(self.floor.settings.grace);
        if back_in_time {
            speech.overtime = false;
        }
        let mut causes = speech.suspended_by.clone();
        self.emit(Change::Speech {
            request,
            speech: speech.clone(),
            step: SpeechStep::Extended { extension: by },
        });
        self.emit_automatic(Change::Timer { speech });
        if back_in_time && causes.remove(&Cause::Overtime) {
            self.set_causes(id, causes);
        }
        Ok(())
    }

    /// Takes the floor from its holder by a rule of order.
    pub(crate) fn take_floor(&mut self, id: RequestId, rule: RevokeRule) {
        self.revoke_for(id, Some(RevokeReason::Rule(rule)), None);
    }

    /// Takes the floor from its holder; with the chair's ruling where it was a point of order.
    pub(crate) fn revoke_for(
        &mut self,
        id: RequestId,
        reason: Option<RevokeReason>,
        ruling: Option<Ruling>,
    ) {
        let (Ok(mut request), Some(speech)) =
            (self.open(id), self.ended_speech(id, Ending::Revoked))
        else {
            return;
        };
        request.end(State::Revoked);
        self.emit(Change::Speech {
            request,
            speech,
            step: SpeechStep::Revoked { reason, ruling },
        });
    }

    /// The speech as it stands when it ends now.
    pub(crate) fn ended_speech(&self, id: RequestId, how: Ending) -> Option<Speech> {
        let mut speech = self.floor.speeches.get(&id)?.clone();
        speech.rebase(self.now, &self.floor.settings);
        speech.set_running(false);
        speech.ended_at = Some(speech.as_of);
        speech.how = Some(how);
        Some(speech)
    }
}
