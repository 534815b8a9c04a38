//! Granting the floor: to which request, in place of which holder, and for how long. Rules of order, section 5.

use std::collections::BTreeSet;

use plenary_ids::{Millis, RequestId};

use crate::{
    draft::Draft,
    event::{Change, SpeechStep},
    reason::{PassReason, RevokeRule},
    recording::RecordedAddress,
    refusal::{Code, Refusal, wrong_state},
    request::{FloorRequest, Kind, State, Substate},
    settings::WhenFull,
    speech::{Colour, Speech},
};

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
        let replaced = self.holder_to_replace(&request, replace)?;
        if let Some(replaced) = replaced {
            self.take_floor(replaced, RevokeRule::Replaced);
        }
        self.give_floor(id);
        Ok(())
    }

    pub(crate) fn next(&mut self, expect: Option<RequestId>) -> Result<(), Refusal> {
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
        if expect.is_some_and(|expected| expected != head) {
            return Err(self.not_expected(head));
        }
        let live = self
            .floor
            .by_grant()
            .find(|speech| speech.is_live() && self.floor.counts(speech));
        let ends = live.or_else(|| {
            self.floor
                .by_grant()
                .find(|speech| self.floor.counts(speech))
        });
        let ends = ends.map(|speech| speech.request);
        if let Ok(request) = self.open(head)
            && ends.is_none_or(|ends| self.floor.recorded().is_none_or(|it| it.request != ends))
        {
            self.own_recording_is_over(&request)?;
        }
        if let Some(ends) = ends {
            self.take_floor(ends, RevokeRule::NextCalled);
        }
        let absent: Vec<RequestId> = self
            .floor
            .order
            .iter()
            .copied()
            .take_while(|id| *id != head)
            .collect();
        for id in absent {
            self.set_aside(id, Some(PassReason::Absent));
        }
        self.give_floor(head);
        Ok(())
    }

    /// Somebody else would be called than the chair has seen.
    fn not_expected(&self, head: RequestId) -> Refusal {
        let head = self.floor.requests.get(head);
        let person = head.map_or("somebody else", |head| head.beneficiary.as_str());
        let detail = format!("The order has changed: the next speaker would be {person}.");
        Refusal {
            request: head.map(|head| head.id),
            ..Refusal::new(Code::Conflict, detail)
        }
    }

    /// Gives the floor to an open request, after the obstacles have been checked.
    pub(crate) fn give_floor(&mut self, id: RequestId) {
        self.give_floor_to(id, None);
    }

    /// The same, for a recording if there is one.
    pub(crate) fn give_floor_to(&mut self, id: RequestId, recorded: Option<Box<RecordedAddress>>) {
        self.clear_upheld_points(id);
        let Ok(mut request) = self.open(id) else {
            return;
        };
        let unused = match &request.delegation {
            Some(delegation) if self.floor.settings.carry_over && request.kind.is_of_the_list() => {
                self.floor
                    .delegations
                    .unused(delegation, self.floor.item_on)
            }
            _ => Millis(0),
        };
        let full = match &recorded {
            Some(recorded) => recorded.duration.saturating_sub(recorded.position),
            None => self.floor.limit_for(&request).saturating_add(unused),
        };
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
            waits_until: None,
            overtime: false,
            recorded,
        };
        speech.colour = speech.colour_after(Millis(0), &self.floor.settings);
        request.state = State::Granted;
        request.substate = Some(Substate::Live);
        request.pinned = None;
        request.overrode = false;
        self.emit(Change::Speech {
            request,
            speech,
            step: SpeechStep::Granted,
        });
    }

    /// Whether the system may grant it by itself: present, with an unclaimed microphone, and no obstacle.
    pub(crate) fn can_grant_unasked(&self, id: RequestId) -> bool {
        self.open(id).is_ok_and(|request| {
            self.is_present(&request.beneficiary).is_ok()
                && self.nothing_stands_in_the_way(&request).is_ok()
                && self.floor.has_unclaimed_microphone()
                && self.floor.has_free_microphone()
        })
    }

    pub(crate) fn holder_to_replace(
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
            let needs = self
                .floor
                .takes_microphone(request.kind, &request.beneficiary);
            return if !needs || frees || self.floor.has_free_microphone() {
                Ok(Some(named))
            } else {
                Err(self.full())
            };
        }
        let counted = self
            .floor
            .takes_microphone(request.kind, &request.beneficiary);
        if !counted || self.floor.has_free_microphone() {
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

    pub(crate) fn full(&self) -> Refusal {
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
}
