//! Yielding the rest of a speech to another speaker, with the chair's consent. Rules of order, section 10.

use plenary_ids::{Millis, RequestId};

use crate::{
    draft::Draft,
    event::{Change, RequestStep},
    refusal::{Code, Refusal, wrong_state},
    request::{FloorRequest, Kind, Speaker, State},
    speech::Ending,
};

impl Draft<'_> {
    /// The holder wishes to yield and the chair consents; the consent hands the rest over.
    pub(crate) fn yield_to(&mut self, id: RequestId, to: Option<&Speaker>) -> Result<(), Refusal> {
        let mut request = self.open(id)?;
        if !self.floor.settings.yielding {
            return Err(Refusal::new(
                Code::Forbidden,
                "The rules of this room do not let a speaker yield.",
            ));
        }
        let holder = self.actor.person.as_ref() == Some(&request.beneficiary);
        if !holder {
            self.needs_chair()?;
        }
        if request.state != State::Granted || !request.kind.is_of_the_list() {
            return Err(wrong_state(
                &request,
                "yielded; it is not a speech of the list",
            ));
        }
        if let Some(to) = to {
            self.may_be_yielded_to(&request, to)?;
        }
        let consents = self.needs_chair().is_ok();
        let to = match (&request.yields_to, to) {
            (_, Some(to)) if holder => to.clone(),
            (Some(wished), None) if consents => wished.clone(),
            (Some(wished), Some(to)) if consents && wished.person == to.person => wished.clone(),
            (_, None) if holder => {
                return Err(Refusal::new(Code::Invalid, "Say to whom you yield."));
            }
            _ => {
                let detail = format!(
                    "{} has not asked to yield to that speaker.",
                    request.beneficiary
                );
                return Err(Refusal::new(Code::Forbidden, detail));
            }
        };
        if !consents {
            request.yields_to = Some(to.clone());
            self.emit(Change::Yielded {
                request,
                speech: None,
                to: to.person,
            });
            return Ok(());
        }
        self.may_be_yielded_to(&request, &to)?;
        self.nothing_stands_in_the_way(&request)?;
        let Some(speech) = self.ended_speech(id, Ending::Yielded) else {
            return Err(wrong_state(&request, "yielded; it was not granted"));
        };
        let (kind, left) = (request.kind, speech.limit.saturating_sub(speech.consumed));
        request.end(State::Released);
        self.emit(Change::Yielded {
            request,
            speech: Some(speech),
            to: to.person.clone(),
        });
        self.grant_the_rest(kind, &to, left);
        Ok(())
    }

    fn grant_the_rest(&mut self, kind: Kind, to: &Speaker, left: Millis) {
        let own = self
            .floor
            .requests
            .iter()
            .find(|own| own.beneficiary == to.person && own.kind == kind);
        let mut heir = own.map_or_else(
            || FloorRequest::new(self.floor.next_request(), kind, to, self.now),
            |own| own.request(None),
        );
        heir.left = Some(left);
        if heir.requested_by.is_none() {
            heir.requested_by = self.by();
        }
        let id = heir.id;
        self.emit(Change::Request {
            request: heir,
            step: RequestStep::Requested,
        });
        self.give_floor(id);
    }

    fn may_be_yielded_to(&self, request: &FloorRequest, to: &Speaker) -> Result<(), Refusal> {
        if to.person == request.beneficiary {
            return Err(Refusal::new(
                Code::Invalid,
                "A speaker yields to somebody else.",
            ));
        }
        if self
            .floor
            .speeches
            .values()
            .any(|speech| speech.speaker == to.person)
        {
            return Err(Refusal::new(
                Code::Conflict,
                format!("{} holds the floor already.", to.person),
            ));
        }
        self.is_present(&to.person)
    }
}
