//! From a command to its events: the dispatch, and the draft that every decision is written in.

use std::sync::Arc;

use plenary_ids::{Moment, PersonId, RequestId};

use crate::{
    command::{Actor, Command, Directory, Scope, SystemCommand, Wish},
    event::Event,
    floor::{Floor, apply},
    ordering,
    refusal::{Code, Refusal},
    request::{FloorRequest, Priority},
    view::ListState,
};

/// Decides a command that an actor gives at a moment: the events that follow, in order, or why nothing changes. The people
/// and delegations that the command names are looked up in the directory.
///
/// The floor itself is left as it is; fold the events with [`apply`].
pub fn decide(
    floor: &Floor,
    command: &Command,
    actor: &Actor,
    directory: &dyn Directory,
    now: Moment,
) -> Result<Vec<Event>, Refusal> {
    Draft::new(floor, actor, now).decide(floor, |draft| draft.execute(command, directory))
}

/// Decides a command that the room gives. The actor is the system, and of an agenda item the moderator who takes it up.
pub fn decide_system(
    floor: &Floor,
    command: &SystemCommand,
    actor: &Actor,
    now: Moment,
) -> Result<Vec<Event>, Refusal> {
    Draft::new(floor, actor, now).decide(floor, |draft| draft.execute_system(command))
}

/// A decision being written: a copy of the floor as it would be, and the events that made it so.
pub(crate) struct Draft<'a> {
    pub(crate) floor: Floor,
    pub(crate) actor: &'a Actor,
    /// Who is recorded as having done what is written now; nobody for what follows by itself.
    pub(crate) by: Option<PersonId>,
    pub(crate) now: Moment,
    /// The request to which the command gives a place.
    pub(crate) latest: Option<RequestId>,
    /// The order as the events have it so far.
    announced: Arc<Vec<RequestId>>,
    events: Vec<Event>,
}

impl<'a> Draft<'a> {
    fn new(floor: &Floor, actor: &'a Actor, now: Moment) -> Self {
        Self {
            floor: floor.clone(),
            actor,
            by: actor.person.clone(),
            now,
            latest: None,
            announced: Arc::clone(&floor.order),
            events: Vec::new(),
        }
    }

    fn decide(
        mut self,
        before: &Floor,
        execute: impl FnOnce(&mut Self) -> Result<(), Refusal>,
    ) -> Result<Vec<Event>, Refusal> {
        self.close_in_time();
        execute(&mut self)?;
        self.settle();
        if !self.events.is_empty() {
            self.announce_order();
            self.announce_on_deck(before.on_deck());
        }
        Ok(self.finish())
    }

    fn execute(&mut self, command: &Command, directory: &dyn Directory) -> Result<(), Refusal> {
        match command {
            Command::Request {
                kind,
                beneficiary,
                priority,
                info,
            } => {
                let beneficiary = beneficiary.as_ref().or_else(|| self.own_voice());
                let Some(beneficiary) = beneficiary else {
                    let detail = "Say by \"beneficiary\" for whom.";
                    return Err(Refusal::new(Code::Invalid, detail));
                };
                let wish = Wish {
                    kind: kind.unwrap_or_default(),
                    beneficiary: directory.speaker(beneficiary)?,
                    priority: priority.unwrap_or_default(),
                    info: info.clone(),
                };
                self.request(&wish)
            }
            Command::Accept { request, position } => self.accept(*request, *position),
            Command::Grant { request, replace } => self.grant(*request, *replace),
            Command::Deny { request, reason } => self.deny(*request, reason.as_deref()),
            Command::Cancel { request } => self.cancel(*request),
            Command::Move {
                request,
                position,
                overriding,
            } => self.place(*request, *position, *overriding),
            Command::Pass { request } => self.pass(*request),
            Command::Wait { request } => self.wait(*request),
            Command::Recall { request, position } => self.recall(*request, *position),
            Command::Suspend { request } => self.suspend(*request),
            Command::Resume { request } => self.resume(*request),
            Command::Release { request } => self.release(*request),
            Command::Yield { request, to } => {
                let to = to.as_ref().map(|to| directory.speaker(to)).transpose()?;
                self.yield_to(*request, to.as_ref())
            }
            Command::Revoke { request, reason } => self.revoke(*request, reason.as_deref()),
            Command::Extend { request, by } => self.extend(*request, *by),
            Command::Order { ids } => self.whole_order(ids),
            Command::Next {} => self.next(),
            Command::Set(patch) => {
                let mut named = patch.protocol.iter().flatten();
                named.try_for_each(|delegation| directory.is_delegation(delegation))?;
                self.change_settings(patch)
            }
            Command::ListAdmit { person, kind } => {
                let wish = Wish {
                    kind: kind.unwrap_or_default(),
                    beneficiary: directory.speaker(person)?,
                    priority: Priority::default(),
                    info: None,
                };
                self.admit(&wish)
            }
            Command::ListOpen {}
            | Command::ListClose {}
            | Command::ListAnnounceClose { .. }
            | Command::ListReopen {}
            | Command::ListAdjourn {}
            | Command::ListResume {}
            | Command::ListConclude {} => self.change_list(command),
            Command::ChairTake {} => self.take_chair(),
            Command::ChairHandOver { to } => {
                directory.can_preside(to)?;
                self.hand_over_chair(to)
            }
            Command::ChairPriorityOn {} => self.set_chair_priority(true),
            Command::ChairPriorityOff {} => self.set_chair_priority(false),
        }
    }

    fn execute_system(&mut self, command: &SystemCommand) -> Result<(), Refusal> {
        match command {
            SystemCommand::BeginItem { agreed, limit } => self.begin_item(agreed, *limit),
            SystemCommand::EndItem => self.end_item(),
            SystemCommand::RollCall { open } => self.roll_call(*open),
            SystemCommand::Connected(person) => self.connected(person),
            SystemCommand::Disconnected(person) => self.disconnected(person),
            SystemCommand::Left(person) => self.left(person),
            SystemCommand::Voice(person) => self.voice(person),
            SystemCommand::Stalled(person) => self.flow(person, false),
            SystemCommand::Flowing(person) => self.flow(person, true),
            SystemCommand::Tick => self.needs_system(),
            SystemCommand::Restarted { down_since } => self.restarted(*down_since),
        }
    }

    /// The actor, unless the actor asks on behalf of others and so has to name somebody.
    fn own_voice(&self) -> Option<&'a PersonId> {
        let actor = self.actor;
        actor
            .person
            .as_ref()
            .filter(|_| actor.scope != Scope::OnBehalf)
    }

    /// What has happened, each request with the position it ends up at.
    fn finish(self) -> Vec<Event> {
        let Self {
            floor, mut events, ..
        } = self;
        for event in &mut events {
            if let Some(request) = event.request_mut() {
                request.position = floor.position(request);
            }
        }
        events
    }

    pub(crate) fn emit(&mut self, event: Event) {
        apply(&mut self.floor, &event);
        if matches!(event, Event::Order { .. }) {
            self.announced = Arc::clone(&self.floor.order);
        }
        self.events.push(event);
    }

    /// How many events there are so far.
    pub(crate) fn told(&self) -> usize {
        self.events.len()
    }

    /// Who did it, for the record.
    pub(crate) fn by(&self) -> Option<PersonId> {
        self.by.clone()
    }

    /// The open request of that name.
    pub(crate) fn open(&self, id: RequestId) -> Result<FloorRequest, Refusal> {
        match self.floor.requests.get(id) {
            Some(entry) => Ok(entry.request(None)),
            None if (1..=self.floor.last_request).contains(&id.0) => Err(Refusal::new(
                Code::RequestClosed,
                format!("The request {id} has ended."),
            )),
            None => Err(Refusal::new(
                Code::NotFound,
                format!("There is no request {id} in this room."),
            )),
        }
    }

    /// Passes the acting chair, any moderator while nobody is in the chair, and the system.
    pub(crate) fn needs_chair(&self) -> Result<(), Refusal> {
        match (self.actor.scope, &self.floor.chair) {
            (Scope::System, _) | (Scope::Chair, None) => Ok(()),
            (Scope::Chair, chair) if *chair == self.actor.person => Ok(()),
            (Scope::Chair, Some(chair)) => Err(Refusal::new(
                Code::Forbidden,
                format!(
                    "{chair} is in the chair; ask for it to be handed over, or take it if it is empty."
                ),
            )),
            _ => Err(Refusal::new(Code::Forbidden, "Only the chair may do that.")),
        }
    }

    pub(crate) fn needs_system(&self) -> Result<(), Refusal> {
        match self.actor.scope {
            Scope::System => Ok(()),
            _ => Err(Refusal::new(
                Code::Forbidden,
                "Only the server itself says so.",
            )),
        }
    }

    /// The order freezes while the list is adjourned.
    pub(crate) fn needs_sitting(&self) -> Result<(), Refusal> {
        match self.floor.list.state {
            ListState::Adjourned => Err(Refusal::new(
                Code::Conflict,
                "The meeting is adjourned; resume it before changing the order.",
            )),
            _ => Ok(()),
        }
    }

    /// Tells who is next if it is somebody else than before.
    fn announce_on_deck(&mut self, before: Option<&PersonId>) {
        let person = self.floor.on_deck();
        if person != before {
            let person = person.cloned();
            self.emit(Event::OnDeck { person });
        }
    }

    /// Tells the order if it is not the one last told.
    fn announce_order(&mut self) {
        let order = if self.floor.list.state == ListState::Adjourned {
            self.floor.order.to_vec()
        } else {
            ordering::order(&self.floor, self.latest)
        };
        if order != *self.announced || order != *self.floor.order {
            self.emit(Event::Order {
                order,
                overrode: false,
                by: None,
            });
        }
    }
}
