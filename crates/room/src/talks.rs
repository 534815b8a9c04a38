//! The table of a room's side talks: who calls whom, on which devices, and when that ends.
//!
//! It is held in memory alone: a side talk is private, so neither the log nor the record of the meeting knows of it. It
//! decides and does nothing else; the room's task asks it, and tells the devices ([`crate::RoomHandle`]).

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use plenary_ids::{Millis, Moment, PersonId, TalkId};
use plenary_protocol::{Code, Problem, SessionId, Talk, TalkEnd, TalkEnded, TalkState};

/// How long a call rings.
const RINGING_TIMEOUT: Millis = Millis::from_secs(30);
/// How long a person who refused is not called again by the same person.
const REFUSAL_PAUSE: Millis = Millis::from_secs(30);
/// How many side talks that have ended are remembered, so that a second press gets the same answer.
const MAX_ENDED: usize = 64;

/// The side talks of a room that have not ended. A person is in one at most.
#[derive(Debug, Default)]
pub(crate) struct Talks {
    last: u64,
    open: BTreeMap<TalkId, OpenTalk>,
    /// Until when a caller may not call a person who has refused: the caller first.
    refused: BTreeMap<(PersonId, PersonId), Moment>,
    /// The last that have ended, the oldest first.
    ended: VecDeque<TalkEnded>,
}

/// The end of a side talk.
#[derive(Debug)]
pub(crate) enum End {
    /// It has ended now.
    Now(TalkEnded),
    /// It had ended before.
    Before(TalkEnded),
}

/// A side talk that has not ended.
#[derive(Debug)]
pub(crate) struct OpenTalk {
    pub(crate) caller: PersonId,
    pub(crate) caller_device: SessionId,
    pub(crate) callee: PersonId,
    /// The device that answered; none while it rings.
    pub(crate) callee_device: Option<SessionId>,
    since: Moment,
}

impl OpenTalk {
    fn includes(&self, person: &PersonId) -> bool {
        self.caller == *person || self.callee == *person
    }

    fn other(&self, person: &PersonId) -> &PersonId {
        if self.caller == *person {
            &self.callee
        } else {
            &self.caller
        }
    }

    fn is_held_on(&self, device: &SessionId) -> bool {
        self.caller_device == *device || self.callee_device.as_ref() == Some(device)
    }

    /// Whether it has rung for so long that nobody will answer.
    pub(crate) fn is_unanswered(&self, now: Moment) -> bool {
        self.callee_device.is_none() && self.since.after(RINGING_TIMEOUT) <= now
    }

    fn view(&self, id: TalkId, device: Option<&SessionId>) -> Talk {
        Talk {
            id,
            caller: self.caller.clone(),
            callee: self.callee.clone(),
            state: match self.callee_device {
                None => TalkState::Ringing,
                Some(_) => TalkState::Talking,
            },
            since: self.since,
            here: device.is_some_and(|device| self.is_held_on(device)),
        }
    }

    fn ended(self, id: TalkId, why: TalkEnd, by: Option<PersonId>) -> TalkEnded {
        TalkEnded {
            id,
            caller: self.caller,
            callee: self.callee,
            why,
            by,
        }
    }
}

impl Talks {
    /// Calls a person who may be called. A second press changes nothing, and two who call each other are connected.
    pub(crate) fn call(
        &mut self,
        caller: &PersonId,
        device: &SessionId,
        other: &PersonId,
        now: Moment,
    ) -> Result<TalkId, Problem> {
        if let Some((id, talk)) = self.of(caller) {
            let is_ringing = talk.callee_device.is_none();
            let calls_back = talk.caller == *other && is_ringing;
            if calls_back {
                return self.answer(id, caller, device, now).map(|()| id);
            }
            if talk.callee == *other && talk.caller_device == *device {
                return Ok(id);
            }
            let detail = if is_ringing && talk.callee == *caller {
                format!("{} is calling you; answer or refuse first.", talk.caller)
            } else {
                format!(
                    "You are in a side talk with {} already; hang up first.",
                    talk.other(caller)
                )
            };
            return Err(Problem::new(Code::Conflict, detail));
        }
        if self.of(other).is_some() {
            let detail = format!("{other} is in another side talk, or is being called.");
            return Err(Problem::new(Code::Conflict, detail));
        }
        self.refused.retain(|_, until| *until > now);
        if self.refused.contains_key(&(caller.clone(), other.clone())) {
            let detail = format!("{other} refused a moment ago; wait a little.");
            return Err(Problem::new(Code::RateLimited, detail));
        }
        self.last += 1;
        let id = TalkId(self.last);
        let talk = OpenTalk {
            caller: caller.clone(),
            caller_device: device.clone(),
            callee: other.clone(),
            callee_device: None,
            since: now,
        };
        self.open.insert(id, talk);
        Ok(id)
    }

    /// Answers a call on a device.
    pub(crate) fn answer(
        &mut self,
        id: TalkId,
        person: &PersonId,
        device: &SessionId,
        now: Moment,
    ) -> Result<(), Problem> {
        let talk = self.of_person(id, person)?;
        match &talk.callee_device {
            Some(answered) if answered == device => Ok(()),
            Some(_) => Err(Problem::new(
                Code::Conflict,
                "This side talk was answered on another device.",
            )),
            None if talk.caller == *person => Err(Problem::new(
                Code::Conflict,
                format!("You are calling {}, who has to answer.", talk.callee),
            )),
            None => {
                talk.callee_device = Some(device.clone());
                talk.since = now;
                Ok(())
            }
        }
    }

    /// Refuses a call, which the caller may not repeat at once.
    pub(crate) fn refuse(
        &mut self,
        id: TalkId,
        person: &PersonId,
        now: Moment,
    ) -> Result<End, Problem> {
        if let Some(talk) = self.open.get(&id).filter(|talk| talk.includes(person)) {
            if talk.caller == *person || talk.callee_device.is_some() {
                let detail =
                    "Only a call that rings at your device can be refused; hang up instead.";
                return Err(Problem::new(Code::Conflict, detail));
            }
            let pair = (talk.caller.clone(), talk.callee.clone());
            self.refused.insert(pair, now.after(REFUSAL_PAUSE));
        }
        self.end_own(id, person, TalkEnd::Refused)
    }

    /// Ends the own side talk.
    pub(crate) fn hang_up(
        &mut self,
        id: TalkId,
        person: &PersonId,
        why: TalkEnd,
    ) -> Result<End, Problem> {
        self.end_own(id, person, why)
    }

    /// Ends a side talk of two others.
    pub(crate) fn close(&mut self, id: TalkId, by: &PersonId) -> Result<End, Problem> {
        self.end(id, TalkEnd::Closed, by, |_| true)
    }

    /// Ends every side talk for which there is a reason.
    pub(crate) fn end_where(
        &mut self,
        reason: impl Fn(&OpenTalk) -> Option<(TalkEnd, Option<PersonId>)>,
    ) -> Vec<TalkEnded> {
        let reasons = self.open.iter();
        let reasons: Vec<_> = reasons
            .filter_map(|(id, talk)| Some((*id, reason(talk)?)))
            .collect();
        let ended = reasons.into_iter();
        let ended: Vec<_> = ended
            .filter_map(|(id, (why, by))| Some(self.open.remove(&id)?.ended(id, why, by)))
            .collect();
        for each in &ended {
            self.remember(each);
        }
        ended
    }

    /// When the first call has rung long enough.
    pub(crate) fn deadline(&self) -> Option<Moment> {
        let ringing = self.open.values();
        let ringing = ringing.filter(|talk| talk.callee_device.is_none());
        ringing.map(|talk| talk.since.after(RINGING_TIMEOUT)).min()
    }

    /// Takes all times over to another time line, in which it is `now` instead of `was`.
    pub(crate) fn carry(&mut self, was: Moment, now: Moment) {
        let since = self.open.values_mut().map(|talk| &mut talk.since);
        for moment in since.chain(self.refused.values_mut()) {
            *moment = moment.carried(was, now);
        }
    }

    /// Everybody who talks aside now, and whom the room does not hear.
    pub(crate) fn private(&self) -> BTreeSet<PersonId> {
        let talking = self.open.values();
        let talking = talking.filter(|talk| talk.callee_device.is_some());
        talking
            .flat_map(|talk| [talk.caller.clone(), talk.callee.clone()])
            .collect()
    }

    /// The side talks that a person may see: the own one, and for `staff` all in which two talk.
    pub(crate) fn view(&self, person: &PersonId, device: &SessionId, staff: bool) -> Vec<Talk> {
        let seen = self
            .open
            .iter()
            .filter(|(_, talk)| talk.includes(person) || (staff && talk.callee_device.is_some()));
        seen.map(|(id, talk)| talk.view(*id, Some(device)))
            .collect()
    }

    /// The side talks in which two talk, as nobody's device sees them.
    pub(crate) fn talking(&self) -> Vec<Talk> {
        let talking = self.open.iter();
        let talking = talking.filter(|(_, talk)| talk.callee_device.is_some());
        talking.map(|(id, talk)| talk.view(*id, None)).collect()
    }

    /// The side talk as a device sees it.
    pub(crate) fn get(&self, id: TalkId, device: &SessionId) -> Result<Talk, Problem> {
        let talk = self.open.get(&id).ok_or_else(|| over(id))?;
        Ok(talk.view(id, Some(device)))
    }

    /// The device of `to` that shares a side talk with a device.
    pub(crate) fn other_device(
        &self,
        id: TalkId,
        device: &SessionId,
        to: &PersonId,
    ) -> Result<&SessionId, Problem> {
        let talk = self.open.get(&id).ok_or_else(|| over(id))?;
        let other = match &talk.callee_device {
            Some(answered) if talk.caller_device == *device && talk.callee == *to => Some(answered),
            Some(answered) if answered == device && talk.caller == *to => Some(&talk.caller_device),
            _ => None,
        };
        other.ok_or_else(|| {
            let detail =
                format!("This device is in no side talk {id} with {to} that was answered.");
            Problem::new(Code::Forbidden, detail)
        })
    }

    fn of(&self, person: &PersonId) -> Option<(TalkId, &OpenTalk)> {
        let mut open = self.open.iter();
        let (id, talk) = open.find(|(_, talk)| talk.includes(person))?;
        Some((*id, talk))
    }

    /// The side talk of that number, if it is the person's own.
    fn of_person(&mut self, id: TalkId, person: &PersonId) -> Result<&mut OpenTalk, Problem> {
        let own = self.open.get_mut(&id).filter(|talk| talk.includes(person));
        own.ok_or_else(|| over(id))
    }

    fn end_own(&mut self, id: TalkId, person: &PersonId, why: TalkEnd) -> Result<End, Problem> {
        self.end(id, why, person, |two| two.contains(&person))
    }

    /// Ends a side talk, if `may_end` says so of its two persons.
    fn end(
        &mut self,
        id: TalkId,
        why: TalkEnd,
        by: &PersonId,
        may_end: impl Fn([&PersonId; 2]) -> bool,
    ) -> Result<End, Problem> {
        let mut before = self.ended.iter();
        if let Some(ended) = before.find(|ended| ended.id == id) {
            return if may_end([&ended.caller, &ended.callee]) {
                Ok(End::Before(ended.clone()))
            } else {
                Err(over(id))
            };
        }
        let open = self.open.get(&id);
        if !open.is_some_and(|talk| may_end([&talk.caller, &talk.callee])) {
            return Err(over(id));
        }
        let talk = self.open.remove(&id).ok_or_else(|| over(id))?;
        let ended = talk.ended(id, why, Some(by.clone()));
        self.remember(&ended);
        Ok(End::Now(ended))
    }

    fn remember(&mut self, ended: &TalkEnded) {
        if self.ended.len() == MAX_ENDED {
            self.ended.pop_front();
        }
        self.ended.push_back(ended.clone());
    }
}

/// The same for a side talk of others, so that nobody learns of it.
fn over(id: TalkId) -> Problem {
    let detail = format!("You have no side talk {id}, or it has ended.");
    Problem::new(Code::NotFound, detail)
}
