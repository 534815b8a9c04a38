//! Granting the floor, and what becomes of a speech.

use std::collections::BTreeSet;

use plenary_ids::{Millis, RequestId};

use crate::{
    command::Scope,
    decide::Draft,
    event::Event,
    floor::born,
    refusal::{Code, Refusal},
    request::{FloorRequest, Kind, Speaker, State, Substate},
    requests::{check_words, end, wrong_state},
    settings::WhenFull,
    speech::{Cause, Colour, Ending, Speech},
    view::ListState,
};

/// The longest extension at once.
const MAX_EXTENSION: Millis = Millis::from_secs(24 * 60 * 60);

impl Draft<'_> {
    pub(crate) fn grant(
        &mut self,
        id: RequestId,
        replace: Option<RequestId>,
    ) -> Result<(), Refusal> {
        let request = self.open(id)?;
        self.needs_chair()?;
        if request.state == State::Granted {
            return Err(wrong_state(&request, "granted again"));
        }
        self.nothing_stands_in_the_way(&request)?;
        self.is_present(&request.beneficiary.clone())?;
        let replaced = self.whom_to_replace(&request, replace)?;
        if let Some(replaced) = replaced {
            self.take_floor(replaced, Some("Replaced by the next speaker."));
        }
        self.give_floor(id);
        Ok(())
    }

    pub(crate) fn next(&mut self) -> Result<(), Refusal> {
        self.needs_chair()?;
        self.needs_sitting()?;
        self.no_roll_call(Kind::Statement)?;
        self.no_priority()?;
        self.no_point_of_order()?;
        let Some(head) = self.floor.first_present() else {
            let detail = match self.floor.order.len() {
                0 => "Nobody is on the list.".to_owned(),
                absent => format!("Nobody on the list is present: {absent} absent."),
            };
            return Err(Refusal::new(Code::NothingListed, detail));
        };
        let live = self
            .floor
            .by_grant()
            .find(|speech| speech.is_live() && self.floor.counts(speech));
        let ends = live.or_else(|| {
            self.floor
                .by_grant()
                .find(|speech| self.floor.counts(speech))
        });
        if let Some(ends) = ends.map(|speech| speech.request) {
            self.take_floor(ends, Some("The next speaker was called."));
        }
        let absent: Vec<RequestId> = self
            .floor
            .order
            .iter()
            .copied()
            .take_while(|id| *id != head)
            .collect();
        for id in absent {
            self.set_aside(id, Some("absent"));
        }
        self.give_floor(head);
        Ok(())
    }

    pub(crate) fn release(&mut self, id: RequestId) -> Result<(), Refusal> {
        let mut request = self.open(id)?;
        if self.actor.person.as_ref() != Some(&request.beneficiary) {
            let detail = format!(
                "Only {}, who holds the floor, may end the speech.",
                request.beneficiary
            );
            return Err(Refusal::new(Code::NotHolder, detail));
        }
        let Some(speech) = self.ended_speech(id, Ending::Released) else {
            return Err(wrong_state(&request, "released; it was not granted"));
        };
        end(&mut request, State::Released);
        self.emit(Event::Released {
            request,
            speech,
            by: self.by(),
        });
        Ok(())
    }

    pub(crate) fn revoke(&mut self, id: RequestId, reason: Option<&str>) -> Result<(), Refusal> {
        let request = self.open(id)?;
        if self.actor.scope != Scope::Operator {
            self.needs_chair()?;
        }
        check_words(reason)?;
        if request.state != State::Granted {
            return Err(wrong_state(&request, "revoked; it was not granted"));
        }
        self.take_floor(id, reason);
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
        self.is_present(&request.beneficiary)?;
        let counts = self
            .floor
            .speeches
            .get(&id)
            .is_some_and(|speech| self.floor.counts(speech));
        if counts && !self.floor.has_free_microphone() {
            return Err(self.full());
        }
        self.set_causes(id, BTreeSet::new());
        Ok(())
    }

    pub(crate) fn extend(&mut self, id: RequestId, by: Millis) -> Result<(), Refusal> {
        let request = self.open(id)?;
        self.needs_chair()?;
        let Some(mut speech) = self.floor.speeches.get(&id).cloned() else {
            return Err(wrong_state(&request, "extended; it was not granted"));
        };
        if by == Millis(0) || by > MAX_EXTENSION {
            return Err(Refusal::new(
                Code::Invalid,
                "An extension is longer than nothing and at most a day.",
            ));
        }
        speech.limit = speech.limit.saturating_add(by);
        speech.rebase(self.now, &self.floor.settings);
        let back_in_time = speech.consumed < speech.limit.saturating_add(self.floor.settings.grace);
        if back_in_time {
            speech.overtime = false;
        }
        let mut causes = speech.suspended_by.clone();
        self.emit(Event::Extended {
            request,
            speech: speech.clone(),
            by_ms: by,
            by: self.by(),
        });
        self.emit(Event::Timer { speech });
        if back_in_time && causes.remove(&Cause::Overtime) {
            self.set_causes(id, causes);
        }
        Ok(())
    }

    /// The holder wishes it, the chair consents; the consent is what does it.
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
        if request.state != State::Granted {
            return Err(wrong_state(&request, "yielded; it was not granted"));
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
            self.emit(Event::Yielded {
                request,
                speech: None,
                to: to.person,
                by: self.by(),
            });
            return Ok(());
        }
        self.may_be_yielded_to(&request, &to)?;
        self.nothing_stands_in_the_way(&request)?;
        let Some(speech) = self.ended_speech(id, Ending::Yielded) else {
            return Err(wrong_state(&request, "yielded; it was not granted"));
        };
        let (kind, left) = (request.kind, speech.limit.saturating_sub(speech.consumed));
        end(&mut request, State::Released);
        self.emit(Event::Yielded {
            request,
            speech: Some(speech),
            to: to.person.clone(),
            by: self.by(),
        });
        self.grant_the_rest(kind, &to, left);
        Ok(())
    }

    fn grant_the_rest(&mut self, kind: Kind, to: &Speaker, left: Millis) {
        let own = self
            .floor
            .requests
            .values()
            .find(|own| own.beneficiary == to.person && own.kind == kind);
        let mut heir = own.map_or_else(
            || born(RequestId(self.floor.last_request + 1), kind, to, self.now),
            |own| own.as_ref().clone(),
        );
        heir.left = Some(left);
        if heir.requested_by.is_none() {
            heir.requested_by = self.by();
        }
        let id = heir.id;
        self.emit(Event::Requested {
            request: heir,
            by: self.by(),
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

    /// Gives the floor to an open request that was found to be free to have it.
    pub(crate) fn give_floor(&mut self, id: RequestId) {
        self.clear_upheld_points(id);
        let Ok(mut request) = self.open(id) else {
            return;
        };
        let unused = match &request.delegation {
            Some(delegation)
                if self.floor.settings.carry_over && request.kind != Kind::PointOfOrder =>
            {
                self.floor
                    .spoken()
                    .get(delegation)
                    .map_or(Millis(0), |spoken| spoken.unused)
            }
            _ => Millis(0),
        };
        let full = self.floor.limit_for(&request).saturating_add(unused);
        let mut speech = Speech {
            request: id,
            speaker: request.beneficiary.clone(),
            delegation: request.delegation.clone(),
            kind: request.kind,
            limit: request.left.take().unwrap_or(full),
            consumed: Millis(0),
            as_of: self.now,
            running: false,
            colour: Colour::Green,
            granted_at: self.now,
            began: None,
            ended_at: None,
            how: None,
            suspended_by: BTreeSet::new(),
            absent_since: None,
            asked: false,
            overtime: false,
        };
        speech.colour = speech.colour_after(Millis(0), &self.floor.settings);
        request.state = State::Granted;
        request.substate = Some(Substate::Live);
        request.pinned = None;
        request.overrode = false;
        self.emit(Event::Granted {
            request,
            speech,
            by: self.by(),
        });
    }

    /// Takes the floor from whoever holds it by that request.
    pub(crate) fn take_floor(&mut self, id: RequestId, reason: Option<&str>) {
        let Ok(mut request) = self.open(id) else {
            return;
        };
        let Some(speech) = self.ended_speech(id, Ending::Revoked) else {
            return;
        };
        end(&mut request, State::Revoked);
        self.emit(Event::Revoked {
            request,
            speech,
            reason: reason.map(str::to_owned),
            by: self.by(),
        });
    }

    /// The speech as it stands when it ends now.
    pub(crate) fn ended_speech(&self, id: RequestId, how: Ending) -> Option<Speech> {
        let mut speech = self.floor.speeches.get(&id)?.clone();
        speech.rebase(self.now, &self.floor.settings);
        speech.running = false;
        speech.ended_at = Some(speech.as_of);
        speech.how = Some(how);
        Some(speech)
    }

    /// Whether the system may grant it by itself: present, a microphone that nobody has a claim on, nothing else on.
    pub(crate) fn can_grant_unasked(&self, id: RequestId) -> bool {
        self.open(id).is_ok_and(|request| {
            self.is_present(&request.beneficiary).is_ok()
                && self.nothing_stands_in_the_way(&request).is_ok()
                && self.floor.has_unclaimed_microphone()
                && self.floor.has_free_microphone()
        })
    }

    fn whom_to_replace(
        &self,
        request: &FloorRequest,
        named: Option<RequestId>,
    ) -> Result<Option<RequestId>, Refusal> {
        if let Some(named) = named {
            let holder = self.open(named)?;
            let Some(speech) = self.floor.speeches.get(&named) else {
                return Err(wrong_state(&holder, "replaced; it does not hold the floor"));
            };
            let frees = speech.is_live() && self.floor.counts(speech);
            let needs = request.kind != Kind::PointOfOrder
                && self.floor.chair.as_ref() != Some(&request.beneficiary);
            return if !needs || frees || self.floor.has_free_microphone() {
                Ok(Some(named))
            } else {
                Err(self.full())
            };
        }
        let uncounted = request.kind == Kind::PointOfOrder
            || self.floor.chair.as_ref() == Some(&request.beneficiary);
        if uncounted || self.floor.has_free_microphone() {
            return Ok(None);
        }
        match self.floor.settings.when_full {
            WhenFull::Wait => Err(self.full()),
            WhenFull::Override => {
                let longest = self
                    .floor
                    .by_grant()
                    .find(|speech| speech.is_live() && self.floor.counts(speech));
                Ok(longest.map(|speech| speech.request))
            }
        }
    }

    fn full(&self) -> Refusal {
        let live: Vec<&str> = self
            .floor
            .live()
            .map(plenary_ids::PersonId::as_str)
            .collect();
        let detail = format!(
            "Every microphone is taken: {} of {}, by {}.",
            live.len(),
            self.floor.settings.nom,
            live.join(", ")
        );
        Refusal::new(Code::FloorFull, detail)
    }

    pub(crate) fn is_present(&self, person: &plenary_ids::PersonId) -> Result<(), Refusal> {
        if self.floor.connected.contains(person) {
            Ok(())
        } else {
            Err(Refusal::new(
                Code::Absent,
                format!("{person} is not connected."),
            ))
        }
    }

    fn nothing_stands_in_the_way(&self, request: &FloorRequest) -> Result<(), Refusal> {
        self.needs_sitting()?;
        self.no_priority()?;
        self.no_roll_call(request.kind)?;
        match self.floor.point_of_order() {
            Some(point) if request.kind == Kind::PointOfOrder && point.state == State::Pending => {
                Ok(())
            }
            Some(point) if point.id == request.id => Ok(()),
            _ => self.no_point_of_order(),
        }
    }

    fn no_point_of_order(&self) -> Result<(), Refusal> {
        self.floor.point_of_order().map_or(Ok(()), |point| {
            let detail = format!(
                "{}'s point of order must be ruled on first.",
                point.beneficiary
            );
            Err(Refusal {
                request: Some(point.id),
                ..Refusal::new(Code::Conflict, detail)
            })
        })
    }

    fn no_priority(&self) -> Result<(), Refusal> {
        if self.floor.chair_priority {
            return Err(Refusal::new(
                Code::Conflict,
                "The chair holds the floor by priority; let it go first.",
            ));
        }
        Ok(())
    }

    /// A point of order that was upheld stays in sight until the next grant, then it has had its time.
    fn clear_upheld_points(&mut self, but: RequestId) {
        let upheld: Vec<FloorRequest> = self
            .floor
            .requests
            .values()
            .filter(|request| {
                request.kind == Kind::PointOfOrder
                    && request.state == State::Accepted
                    && request.id != but
            })
            .map(|request| request.as_ref().clone())
            .collect();
        for mut request in upheld {
            end(&mut request, State::Cancelled);
            self.emit(Event::Cancelled { request, by: None });
        }
    }

    /// Whether the meeting sits, nobody holds the floor by priority and no point of order is open.
    pub(crate) fn may_advance(&self) -> bool {
        self.floor.list.state != ListState::Adjourned
            && !self.floor.roll_call
            && self.no_priority().is_ok()
            && self.no_point_of_order().is_ok()
    }
}
