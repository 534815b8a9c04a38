//! Undoing: the command that may be undone, what it changed, and what overtakes it. Rules of order, section 21.
//!
//! Every command that may be undone ends with an event that holds the changed parts as they were before. The floor
//! keeps the last one, and every later event that rests on one of those parts overtakes it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use plenary_ids::{DelegationId, Millis, Moment, PersonId, RequestId, wire_enum};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    command::Command,
    draft::Draft,
    event::{Change, Event, ListStep, MeetingStep, SpeechStep},
    floor::Floor,
    open_requests::Entry,
    refusal::{Code, Refusal},
    request::{FloorRequest, State},
    speech::{Cause, Speech},
    view::{ListView, Spoken, UndoableView},
};

/// How long a command may be undone.
const UNDO_WINDOW: Millis = Millis::from_secs(10);

wire_enum! {
    /// The commands that may be undone.
    pub enum UndoableCommand {
        /// The chair called the next speaker.
        Next = "floor.next",
        /// The chair gave the floor.
        Grant = "floor.grant",
        /// The chair refused a request, or overruled a point of order.
        Deny = "floor.deny",
        /// The chair passed a request.
        Pass = "floor.pass",
        /// The chair put a request on the list, or upheld a point of order.
        Accept = "floor.accept",
        /// The chair moved a request to another place.
        Move = "floor.move",
        /// The chair listed a passed request again.
        Recall = "floor.recall",
        /// The chair set the whole order.
        Order = "floor.order",
        /// The chair played a recorded address.
        Play = "recording.play",
    }
}

impl UndoableCommand {
    pub(crate) fn of(command: &Command) -> Option<Self> {
        Some(match command {
            Command::Next { .. } => Self::Next,
            Command::Grant { .. } => Self::Grant,
            Command::Deny { .. } => Self::Deny,
            Command::Pass { .. } => Self::Pass,
            Command::Accept { .. } => Self::Accept,
            Command::Move { .. } => Self::Move,
            Command::Recall { .. } => Self::Recall,
            Command::Order { .. } => Self::Order,
            _ => return None,
        })
    }
}

/// The parts of a floor that a command changed, as they were before it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct FormerState {
    /// The requests that the command changed, those apart that only got another place by it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requests: Vec<FloorRequest>,
    /// The requests that it made, which are no more once it is undone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub made: Vec<RequestId>,
    /// The speeches that it ended, or that it made wait for a microphone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub speeches: Vec<Speech>,
    /// The listed requests, first to last.
    pub order: Vec<RequestId>,
    /// The places of other requests, as the chair had given them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pins: Vec<Pin>,
    /// The list of speakers, if the command changed its state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<ListView>,
    /// What the delegations had spoken whose figures the command changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spoken: Vec<SpokenBefore>,
}

/// The place that the chair gave to a request, or none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "named like the fields of a request")]
pub struct Pin {
    pub request: RequestId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned: Option<u32>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub overrode: bool,
}

/// The speeches of a delegation, in the agenda item and in the room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the field names say it")]
pub struct SpokenBefore {
    pub delegation: DelegationId,
    pub in_item: Spoken,
    pub in_room: Spoken,
}

impl FormerState {
    /// The parts of `before` that differ in `after`. A speech that has ended has the clock that it ended with.
    fn between(before: &Floor, after: &Floor, about: Option<RequestId>, now: Moment) -> Self {
        let mut former = Self {
            order: before.order.to_vec(),
            list: (before.list != after.list).then_some(before.list),
            made: after
                .requests
                .iter()
                .map(|entry| entry.id)
                .filter(|id| before.requests.get(*id).is_none())
                .collect(),
            ..Self::default()
        };
        for entry in before.requests.iter() {
            let then = after.requests.get(entry.id);
            let moved = then.is_some_and(|then| pin_of(then) != pin_of(entry));
            let holds = then.is_some_and(|it| it.state == State::Granted);
            if holds && entry.state == State::Granted {
                // Whether it is live follows from the causes of suspension.
                continue;
            }
            if then.is_none_or(|then| **then != **entry) || moved && about == Some(entry.id) {
                former.requests.push(entry.request(before.position(entry)));
            } else if moved {
                former.pins.push(pin_of(entry));
            }
        }
        let waits = |speech: &Speech| speech.suspended_by.contains(&Cause::Full);
        for speech in before.speeches.values() {
            let then = after.speeches.get(&speech.request);
            if then.is_none_or(|then| waits(then) != waits(speech)) {
                let mut speech = speech.clone();
                speech.rebase(now, &before.settings);
                former.speeches.push(speech);
            }
        }
        let then: BTreeMap<_, _> = spoken(after).collect();
        for (delegation, had) in spoken(before) {
            if then.get(&delegation).is_some_and(|now| *now != had) {
                let (in_item, in_room) = had;
                former.spoken.push(SpokenBefore {
                    delegation,
                    in_item,
                    in_room,
                });
            }
        }
        former
    }

    fn has_request(&self, id: RequestId) -> bool {
        self.requests.iter().any(|request| request.id == id)
    }
}

fn pin_of(entry: &Entry) -> Pin {
    Pin {
        request: entry.id,
        pinned: entry.pinned,
        overrode: entry.overrode,
    }
}

fn spoken(floor: &Floor) -> impl Iterator<Item = (DelegationId, (Spoken, Spoken))> {
    let saved = floor.delegations.saved().into_iter();
    saved.map(|(delegation, item, room)| (delegation, (item, room)))
}

/// The last command that may be undone, and what has overtaken it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Undoable {
    pub(crate) id: u64,
    command: UndoableCommand,
    about: Option<RequestId>,
    by: Option<PersonId>,
    #[serde(with = "plenary_ids::rfc3339")]
    until: Moment,
    before: FormerState,
    overtaken: Option<Overtaken>,
}

/// The later change that rests on what the command changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Overtaken {
    Request(RequestId, PersonId),
    Delegation(DelegationId),
    /// Nobody speaks in person beside their own recording.
    Recorded(PersonId),
    List,
    Item,
    RollCall,
}

impl Overtaken {
    fn sentence(&self) -> String {
        match self {
            Self::Request(_, person) => {
                format!("Something else has happened to {person}'s request since.")
            }
            Self::Delegation(delegation) => {
                format!("{delegation} has had the floor since.")
            }
            Self::Recorded(person) => {
                format!("{person} has had the floor since, in person or by a recording.")
            }
            Self::List => "The list of speakers has changed since.".to_owned(),
            Self::Item => "The agenda has moved on since.".to_owned(),
            Self::RollCall => "A vote has been opened since.".to_owned(),
        }
    }
}

impl Undoable {
    /// The command as clients see it, while it may be undone.
    pub(crate) fn view(&self, now: Moment) -> Option<UndoableView> {
        let open = self.overtaken.is_none() && now <= self.until;
        open.then(|| UndoableView {
            id: self.id,
            command: self.command,
            about: self.about,
            by: self.by.clone(),
            until: self.until,
        })
    }

    fn event(&self) -> Change {
        Change::Undoable {
            id: self.id,
            command: self.command,
            about: self.about,
            until: self.until,
            before: self.before.clone(),
        }
    }

    /// Whether an event rests on what the command changed. A clock, a pause and a lost connection do not.
    fn overtaken_by(&self, event: &Event, carries_over: bool) -> Option<Overtaken> {
        let changed = |request: &FloorRequest| {
            let own = self.about == Some(request.id) || self.before.has_request(request.id);
            own.then(|| Overtaken::Request(request.id, request.beneficiary.clone()))
        };
        let counted = |speech: Option<&Speech>| {
            let delegation = speech?.delegation.as_ref()?;
            let mut known = self.before.spoken.iter();
            let known = known.any(|it| it.delegation == *delegation);
            known.then(|| Overtaken::Delegation(delegation.clone()))
        };
        let recorded = |granted: &Speech| {
            let contradicts = |ended: &Speech| {
                ended.speaker == granted.speaker
                    && (ended.recorded.is_some() || granted.recorded.is_some())
            };
            let is_contradicted = self.before.speeches.iter().any(contradicts);
            is_contradicted.then(|| Overtaken::Recorded(granted.speaker.clone()))
        };
        match &event.change {
            Change::Request { request, .. } => changed(request),
            Change::Speech {
                request,
                speech,
                step,
            } => match step {
                SpeechStep::Released { .. } | SpeechStep::Revoked { .. } => {
                    changed(request).or_else(|| counted(Some(speech)))
                }
                SpeechStep::Granted => changed(request)
                    .or_else(|| {
                        let counts = carries_over && speech.kind.is_of_the_list();
                        counted(Some(speech)).filter(|_| counts)
                    })
                    .or_else(|| recorded(speech)),
                SpeechStep::Extended { .. } => changed(request),
                SpeechStep::Suspended { .. }
                | SpeechStep::Resumed
                | SpeechStep::Absent
                | SpeechStep::Waiting => None,
            },
            Change::Passed {
                request, speech, ..
            }
            | Change::Yielded {
                request, speech, ..
            } => changed(request).or_else(|| counted(speech.as_ref())),
            Change::List { step, .. } => {
                let rests = *step == ListStep::Adjourned || self.before.list.is_some();
                rests.then_some(Overtaken::List)
            }
            Change::Meeting(MeetingStep::ItemBegan { .. } | MeetingStep::ItemEnded) => {
                Some(Overtaken::Item)
            }
            Change::Meeting(MeetingStep::RollCall { open: true }) => Some(Overtaken::RollCall),
            _ => None,
        }
    }
}

impl Floor {
    /// Notes whether an event overtakes the command that may be undone.
    pub(crate) fn overtake(&mut self, event: &Event) {
        let carries_over = self.settings.carry_over;
        if let Some(undoable) = &mut self.undoable
            && undoable.overtaken.is_none()
            && let Some(overtaken) = undoable.overtaken_by(event, carries_over)
        {
            Arc::make_mut(undoable).overtaken = Some(overtaken);
        }
    }

    /// Keeps the command that may be undone from now on, or carries its end over to another time line.
    pub(crate) fn keep_undoable(&mut self, change: &Change, by: Option<&PersonId>) {
        let Change::Undoable {
            id,
            command,
            about,
            until,
            before,
        } = change
        else {
            return;
        };
        let known = self.undoable.take().filter(|known| known.id == *id);
        self.last_undoable = self.last_undoable.max(*id);
        self.undoable = Some(Arc::new(Undoable {
            id: *id,
            command: *command,
            about: *about,
            by: by.cloned(),
            until: *until,
            before: before.clone(),
            overtaken: known.and_then(|known| known.overtaken.clone()),
        }));
    }

    /// Puts the former state back.
    pub(crate) fn restore(&mut self, former: &FormerState) {
        for made in &former.made {
            self.requests.remove(*made);
            self.speeches.remove(made);
        }
        for request in &former.requests {
            self.keep(request);
            self.speeches.remove(&request.id);
        }
        for speech in &former.speeches {
            self.note_generation(speech);
            self.speeches.insert(speech.request, speech.clone());
        }
        for pin in &former.pins {
            self.requests.pin(pin.request, pin.pinned, pin.overrode);
        }
        if let Some(list) = former.list {
            self.list = list;
        }
        for it in &former.spoken {
            let number = self.delegations.enrol(&it.delegation, &self.settings);
            self.delegations.restore(number, it.in_item, it.in_room);
        }
        self.order = former.order.clone().into();
        self.undoable = None;
    }
}

impl Draft<'_> {
    /// Offers the command for undoing, if it has changed anything. Comes last of its events.
    pub(crate) fn offer_undo(
        &mut self,
        kind: UndoableCommand,
        named: Option<RequestId>,
        before: &Floor,
        events_before: usize,
    ) {
        if self.event_count() == events_before {
            return;
        }
        let granted = || {
            let mut speeches = self.floor.speeches.keys();
            speeches
                .rfind(|id| !before.speeches.contains_key(id))
                .copied()
        };
        let about = match kind {
            UndoableCommand::Next | UndoableCommand::Play => granted(),
            _ => named,
        };
        let change = Change::Undoable {
            id: self.floor.last_undoable.saturating_add(1),
            command: kind,
            about,
            until: self.now.after(UNDO_WINDOW),
            before: FormerState::between(before, &self.floor, about, self.now),
        };
        self.emit_as(change, self.actor.person.clone());
    }

    /// Undoes the last command that may be undone; `of` names it where another one is not meant.
    pub(crate) fn undo(&mut self, of: Option<u64>) -> Result<(), Refusal> {
        self.needs_chair()?;
        let undoable = self.undoable_now(of)?;
        let restored = self.what_is_restored(undoable.before.clone());
        self.emit(Change::Undone {
            of: undoable.id,
            command: undoable.command,
            about: undoable.about,
            restored,
        });
        for before in &undoable.before.speeches {
            self.restore_wait(before);
        }
        Ok(())
    }

    fn undoable_now(&self, of: Option<u64>) -> Result<Arc<Undoable>, Refusal> {
        let too_late = |detail: &str| Err(Refusal::new(Code::TooLate, detail));
        let Some(undoable) = &self.floor.undoable else {
            return too_late("There is nothing to undo.");
        };
        if of.is_some_and(|of| of != undoable.id) {
            let detail = "Another command was given since; look at it before undoing it.";
            return Err(Refusal::new(Code::Conflict, detail));
        }
        if undoable.by != self.actor.person {
            return too_late("The last command that could be undone was another chair's.");
        }
        if self.now > undoable.until {
            return too_late("That was more than ten seconds ago; it can no longer be undone.");
        }
        match &undoable.overtaken {
            None => Ok(Arc::clone(undoable)),
            Some(overtaken) => Err(Refusal {
                request: match overtaken {
                    Overtaken::Request(request, _) => Some(*request),
                    _ => None,
                },
                ..Refusal::new(Code::Depends, overtaken.sentence())
            }),
        }
    }

    /// The former state as of now: clocks stood still meanwhile, and requests that came since stay on the list.
    fn what_is_restored(&self, mut former: FormerState) -> FormerState {
        let own: BTreeSet<RequestId> = former.requests.iter().map(|request| request.id).collect();
        let mut listed: BTreeSet<RequestId> = self.floor.order.iter().copied().collect();
        for request in &former.requests {
            if request.is_listed() {
                listed.insert(request.id);
            } else {
                listed.remove(&request.id);
            }
        }
        former
            .speeches
            .retain(|speech| own.contains(&speech.request));
        for speech in &mut former.speeches {
            speech.as_of = speech.as_of.max(self.now);
            // Its player was told to end.
            speech.play_anew(self.floor.next_generation());
        }
        former.pins.retain(|pin| listed.contains(&pin.request));
        former.order.retain(|id| listed.contains(id));
        let kept: BTreeSet<RequestId> = former.order.iter().copied().collect();
        let since = self.floor.order.iter().copied();
        former
            .order
            .extend(since.filter(|id| listed.contains(id) && !kept.contains(id)));
        former
    }

    /// Of a speech that went on: whether it waits for a microphone, as it did before.
    fn restore_wait(&mut self, before: &Speech) {
        let request = self.floor.requests.get(before.request);
        let Some(speech) = self.floor.speeches.get(&before.request) else {
            return;
        };
        if request.is_none_or(|it| it.state != State::Granted) {
            return;
        }
        let mut causes = speech.suspended_by.clone();
        if before.suspended_by.contains(&Cause::Full) {
            causes.insert(Cause::Full);
        } else {
            causes.remove(&Cause::Full);
        }
        self.set_causes(before.request, causes);
    }

    /// Carries the end of the time for undoing over to a clock that goes on from the present time instead of `was`.
    pub(crate) fn carry_undo_over(&mut self, was: Moment) {
        let Some(undoable) = self.floor.undoable.as_deref() else {
            return;
        };
        if undoable.until < was {
            return;
        }
        let mut undoable = undoable.clone();
        undoable.until = undoable.until.carried(was, self.now);
        for speech in &mut undoable.before.speeches {
            speech.carry_over_stopped(was, self.now);
        }
        self.emit_as(undoable.event(), undoable.by.clone());
    }
}
