//! Asking for the floor, and the steps of a request until it is granted. Rules of order, sections 2 and 3.

use plenary_ids::{PersonId, RequestId};

use crate::{
    command::{Scope, Wish},
    draft::Draft,
    event::{Change, RequestStep},
    open_requests::Entry,
    ordering,
    reason::{PassReason, RevokeRule},
    refusal::{Code, Refusal, check_length, wrong_state},
    request::{FloorRequest, Kind, Priority, Speaker, State, Substate},
    settings::Mode,
    speech::{Cause, Ending},
    view::ListState,
};

/// The most open requests of a room, points of order apart: three for each member of the United Nations.
pub const MAX_OPEN_REQUESTS: usize = 600;

impl Draft<'_> {
    pub(crate) fn request(&mut self, wish: &Wish) -> Result<(), Refusal> {
        self.may_ask_for(wish)?;
        is_no_address(wish.kind)?;
        check_length(wish.info.as_deref())?;
        self.is_admissible(wish.kind)?;
        self.no_roll_call(wish.kind)?;
        self.is_no_duplicate(wish)?;
        self.is_under_the_cap(wish)?;
        self.has_room_for(wish.kind)?;
        let listed = wish.kind != Kind::PointOfOrder && self.floor.settings.mode != Mode::Moderated;
        let request = self.new_request(wish, listed);
        let id = request.id;
        self.emit(Change::Request {
            request,
            step: RequestStep::Requested,
        });
        if self.floor.settings.mode == Mode::Direct && listed && self.can_grant_unasked(id) {
            self.give_floor(id);
        }
        Ok(())
    }

    /// The chair appends a request to a closed list.
    pub(crate) fn admit(&mut self, wish: &Wish) -> Result<(), Refusal> {
        self.needs_chair()?;
        check_length(wish.info.as_deref())?;
        if self.floor.list.state != ListState::Closed {
            return Err(Refusal::new(
                Code::InvalidTransition,
                "Only a closed list is admitted to; ask as usual.",
            ));
        }
        is_no_address(wish.kind)?;
        self.no_roll_call(wish.kind)?;
        self.is_no_duplicate(wish)?;
        self.has_room_for(wish.kind)?;
        let mut request = self.new_request(wish, wish.kind != Kind::PointOfOrder);
        request.admitted = true;
        self.emit(Change::Request {
            request,
            step: RequestStep::Requested,
        });
        Ok(())
    }

    /// The chair puts a planned speaker of an agenda item on the list.
    pub(crate) fn enlist(&mut self, speaker: &Speaker) -> Result<(), Refusal> {
        self.needs_chair()?;
        let refused = |detail| Err(Refusal::new(Code::Conflict, detail));
        match self.floor.settings.mode {
            Mode::Direct => {
                return refused(
                    "In this room the chair alone opens microphones; it has no list of speakers.",
                );
            }
            Mode::Open => {
                return refused(
                    "In this room whoever asks is heard at once; its list of speakers only holds those who wait.",
                );
            }
            Mode::Moderated | Mode::Queue => {}
        }
        let kind = Kind::Statement;
        let admitted = self.floor.list.state == ListState::Closed;
        if !admitted {
            self.is_admissible(kind)?;
        }
        let wish = Wish {
            kind,
            beneficiary: speaker.clone(),
            priority: Priority::default(),
            info: None,
        };
        self.no_roll_call(kind)?;
        self.is_no_duplicate(&wish)?;
        self.has_room_for(kind)?;
        let mut request = self.new_request(&wish, true);
        request.admitted = admitted;
        self.emit(Change::Request {
            request,
            step: RequestStep::Requested,
        });
        Ok(())
    }

    pub(crate) fn accept(&mut self, id: RequestId, position: Option<u32>) -> Result<(), Refusal> {
        let mut request = self.open(id)?;
        self.needs_chair()?;
        self.needs_sitting()?;
        if request.is_heard_point() {
            self.uphold(id);
            return Ok(());
        }
        if request.state != State::Pending {
            return Err(wrong_state(&request, "accepted"));
        }
        request.state = State::Accepted;
        if request.kind == Kind::PointOfOrder {
            self.emit(Change::Request {
                request,
                step: RequestStep::Accepted,
            });
            return Ok(());
        }
        self.check_place(position, 1)?;
        request.listed = Some(self.floor.next_listed());
        self.pin(&mut request, position);
        self.emit(Change::Request {
            request,
            step: RequestStep::Accepted,
        });
        self.record_override(id);
        Ok(())
    }

    pub(crate) fn deny(&mut self, id: RequestId, reason: Option<&str>) -> Result<(), Refusal> {
        let mut request = self.open(id)?;
        self.needs_chair()?;
        check_length(reason)?;
        if request.is_heard_point() {
            self.overrule(id, reason);
            return Ok(());
        }
        if request.state == State::Granted {
            return Err(wrong_state(&request, "denied; take the floor from it"));
        }
        request.end(State::Denied);
        let reason = reason.map(str::to_owned);
        self.emit(Change::Request {
            request,
            step: RequestStep::Denied { reason },
        });
        Ok(())
    }

    /// Ends every request of a person who may not be given the floor any more.
    pub(crate) fn silence(&mut self, person: &PersonId) -> Result<(), Refusal> {
        self.needs_system()?;
        let open = self.floor.requests.iter();
        let own: Vec<RequestId> = open
            .filter(|entry| entry.beneficiary == *person)
            .map(|entry| entry.id)
            .collect();
        for id in own {
            let mut request = self.open(id)?;
            if request.state == State::Granted {
                self.take_floor(id, RevokeRule::NotEntitled);
                continue;
            }
            request.end(State::Denied);
            let reason = Some(RevokeRule::NotEntitled.as_str().to_owned());
            self.emit_automatic(Change::Request {
                request,
                step: RequestStep::Denied { reason },
            });
        }
        Ok(())
    }

    pub(crate) fn cancel(&mut self, id: RequestId) -> Result<(), Refusal> {
        let mut request = self.open(id)?;
        let person = self.actor.person.as_ref();
        let concerned =
            person == Some(&request.beneficiary) || person == request.requested_by.as_ref();
        let for_others = matches!(self.actor.scope, Scope::OnBehalf | Scope::System);
        if !for_others && (person.is_none() || !concerned) {
            let detail = format!(
                "Only {} or the person who asked on that behalf may withdraw it.",
                request.beneficiary
            );
            return Err(Refusal::new(Code::Forbidden, detail));
        }
        if request.state == State::Granted {
            return Err(wrong_state(&request, "withdrawn; end the speech"));
        }
        request.end(State::Cancelled);
        self.emit(Change::Request {
            request,
            step: RequestStep::Cancelled,
        });
        Ok(())
    }

    pub(crate) fn place(
        &mut self,
        id: RequestId,
        position: u32,
        overriding: bool,
    ) -> Result<(), Refusal> {
        let mut request = self.open(id)?;
        self.needs_chair()?;
        if !request.is_listed() {
            return Err(wrong_state(&request, "moved; it has no place on the list"));
        }
        self.needs_sitting()?;
        self.check_place(Some(position), 0)?;
        let unpinned = request.pinned.is_none();
        self.pin(&mut request, Some(position));
        let overrode = request.overrode;
        if overrode && !overriding {
            let detail = format!(
                "The list is ordered by {}; place {position} is not where {} stands in it. Override it to move anyway.",
                self.floor.settings.policy.rules().name,
                request.beneficiary
            );
            return Err(Refusal::new(Code::PolicyViolation, detail));
        }
        let stays = self.floor.order.get(position as usize - 1) == Some(&id);
        if stays && unpinned && !overrode {
            return Ok(());
        }
        self.emit(Change::Request {
            request,
            step: RequestStep::Moved { overrode },
        });
        Ok(())
    }

    pub(crate) fn pass(&mut self, id: RequestId) -> Result<(), Refusal> {
        let request = self.open(id)?;
        self.needs_chair()?;
        self.needs_sitting()?;
        if request.is_passed() {
            let detail = format!(
                "{} was passed before; recall it, or deny it.",
                request.beneficiary
            );
            return Err(Refusal::new(Code::AlreadyPassed, detail));
        }
        // A point of order is no entry of the list, and has no place to come back to: it is waited for, or ended.
        let absent = request.kind != Kind::PointOfOrder
            && self
                .floor
                .speeches
                .get(&id)
                .is_some_and(|speech| speech.suspended_by.contains(&Cause::Disconnected));
        if !request.is_listed() && !absent {
            return Err(wrong_state(&request, "passed"));
        }
        self.set_aside(id, None);
        Ok(())
    }

    /// Passes a listed request, or an absent holder, whose time left is kept.
    pub(crate) fn set_aside(&mut self, id: RequestId, reason: Option<PassReason>) {
        let Ok(mut request) = self.open(id) else {
            return;
        };
        let speech = self.ended_speech(id, Ending::Passed);
        if let Some(speech) = &speech {
            request.left = Some(speech.limit.saturating_sub(speech.consumed));
        }
        request.state = State::Accepted;
        request.substate = Some(Substate::Passed);
        request.pinned = None;
        request.overrode = false;
        self.emit(Change::Passed {
            request,
            speech,
            reason,
        });
    }

    pub(crate) fn recall(&mut self, id: RequestId, position: Option<u32>) -> Result<(), Refusal> {
        let mut request = self.open(id)?;
        self.needs_chair()?;
        self.needs_sitting()?;
        if request.state != State::Accepted {
            return Err(wrong_state(&request, "recalled; it was not passed"));
        }
        if !request.is_passed() {
            return Err(Refusal::new(
                Code::NotPassed,
                format!("{} was not passed.", request.beneficiary),
            ));
        }
        self.check_place(position, 1)?;
        request.substate = None;
        request.listed = Some(self.floor.next_listed());
        self.pin(&mut request, position);
        self.emit(Change::Request {
            request,
            step: RequestStep::Recalled,
        });
        self.record_override(id);
        Ok(())
    }

    pub(crate) fn whole_order(&mut self, ids: &[RequestId]) -> Result<(), Refusal> {
        self.needs_chair()?;
        self.needs_sitting()?;
        let (mut asked, mut listed) = (ids.to_vec(), self.floor.order.to_vec());
        asked.sort_unstable();
        listed.sort_unstable();
        if asked != listed {
            let detail =
                "The list has changed meanwhile: an order names every listed request once.";
            return Err(Refusal::new(Code::Conflict, detail));
        }
        if ids != self.floor.order.as_slice() {
            self.emit(Change::Order {
                order: ids.to_vec(),
                overrode: true,
            });
        }
        Ok(())
    }

    fn may_ask_for(&self, wish: &Wish) -> Result<(), Refusal> {
        let own = self.actor.person.as_ref() == Some(&wish.beneficiary.person);
        if self.floor.settings.mode == Mode::Direct {
            return self.needs_chair().map_err(|refusal| {
                Refusal::new(
                    refusal.code,
                    "In this room the chair alone opens microphones; nobody asks for the floor.",
                )
            });
        }
        match self.actor.scope {
            Scope::System | Scope::OnBehalf => Ok(()),
            Scope::Own if own => Ok(()),
            Scope::Chair => Err(Refusal::new(
                Code::Forbidden,
                "A moderator asks for nobody; the chair may speak at any time, and admits to a closed list.",
            )),
            Scope::Own | Scope::Operator => Err(Refusal::new(
                Code::Forbidden,
                "Only a clerk asks for the floor on behalf of somebody else.",
            )),
        }
    }

    fn is_admissible(&self, kind: Kind) -> Result<(), Refusal> {
        use ListState::{Adjourned, Closed, Concluded, NotOpen, Open, Replies};
        let state = self.floor.list.state;
        let (code, detail) = match (kind, state) {
            (Kind::PointOfOrder, Open | Closed | Replies | NotOpen | Concluded)
            | (Kind::Motion, Open | Closed | Replies)
            | (Kind::Statement | Kind::Response, Open)
            | (Kind::Reply, Closed | Replies) => return Ok(()),
            (_, Adjourned) => (Code::ListClosed, "The meeting is adjourned."),
            (Kind::Reply, Open) => (
                Code::Forbidden,
                "A right of reply is asked once the list of speakers is closed.",
            ),
            (_, NotOpen) => (Code::ListClosed, "The list of speakers is not open yet."),
            (_, Concluded) => (Code::ListClosed, "The list of speakers has ended."),
            _ => (Code::ListClosed, "The list of speakers is closed."),
        };
        Err(Refusal::new(code, detail))
    }

    fn is_no_duplicate(&self, wish: &Wish) -> Result<(), Refusal> {
        let first = self.floor.requests.iter().find(|request| {
            let upheld = request.kind == Kind::PointOfOrder && request.state == State::Accepted;
            request.beneficiary == wish.beneficiary.person && request.kind == wish.kind && !upheld
        });
        first.map_or(Ok(()), |first| {
            let detail = format!("{} has asked for that already.", wish.beneficiary.person);
            Err(Refusal {
                request: Some(first.id),
                ..Refusal::new(Code::Duplicate, detail)
            })
        })
    }

    fn is_under_the_cap(&self, wish: &Wish) -> Result<(), Refusal> {
        let Some(delegation) = &wish.beneficiary.delegation else {
            return Ok(());
        };
        if !wish.kind.is_of_the_list() {
            return Ok(());
        }
        let number = self.floor.delegations.number(delegation);
        let mut open = self.floor.requests.iter();
        let counted =
            |entry: &&Entry| entry.delegation_number == number && entry.kind.is_of_the_list();
        let open = number.map_or(0, |_| open.by_ref().filter(counted).count());
        let limit = self.floor.settings.max_requests;
        if open < limit as usize {
            return Ok(());
        }
        let detail =
            format!("{delegation} has {open} open requests; a delegation may have {limit}.");
        Err(Refusal::new(Code::TooManyRequests, detail))
    }

    /// Everybody in the room is sent the whole order whenever it changes, so it has a length.
    fn has_room_for(&self, kind: Kind) -> Result<(), Refusal> {
        let open = self.floor.requests.iter();
        let open = open
            .filter(|entry| entry.kind != Kind::PointOfOrder)
            .count();
        if kind == Kind::PointOfOrder || open < MAX_OPEN_REQUESTS {
            return Ok(());
        }
        let detail = format!(
            "This room has {open} open requests, and takes no more before some of them have ended."
        );
        Err(Refusal::new(Code::TooManyRequests, detail))
    }

    fn new_request(&self, wish: &Wish, listed: bool) -> FloorRequest {
        let id = self.floor.next_request();
        let mut request = FloorRequest::new(id, wish.kind, &wish.beneficiary, self.now);
        request.requested_by = self.by();
        request.priority = wish.priority;
        request.info.clone_from(&wish.info);
        if listed {
            request.state = State::Accepted;
            request.listed = Some(self.floor.next_listed());
        }
        request
    }

    /// A place is 1 to the length of the list, plus the entries that are about to be added.
    fn check_place(&self, position: Option<u32>, more: usize) -> Result<(), Refusal> {
        let last = self.floor.order.len() + more;
        match position {
            Some(place) if !(1..=last).contains(&(place as usize)) => Err(Refusal::new(
                Code::Invalid,
                format!("There is no place {place}: the list has places 1 to {last}."),
            )),
            _ => Ok(()),
        }
    }

    /// Records that an accepted or recalled request was given a place against the policy.
    fn record_override(&mut self, id: RequestId) {
        if let Ok(request) = self.open(id)
            && request.overrode
        {
            self.emit(Change::Request {
                request,
                step: RequestStep::Moved { overrode: true },
            });
        }
    }

    /// Gives a request a place, and notes whether the place overrides the policy.
    fn pin(&mut self, request: &mut FloorRequest, position: Option<u32>) {
        request.pinned = position;
        request.overrode = false;
        if position.is_some() {
            let mut floor = self.floor.clone();
            floor.put(request);
            request.overrode = !ordering::is_allowed(&floor, request.id);
            self.latest = Some(request.id);
        }
    }
}

/// An address has no place on the list: the chair plays its recording.
fn is_no_address(kind: Kind) -> Result<(), Refusal> {
    match kind {
        Kind::Address => Err(Refusal::new(
            Code::Invalid,
            "Nobody asks for an address: the chair plays its recording.",
        )),
        _ => Ok(()),
    }
}
