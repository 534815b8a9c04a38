//! From a command to its events: the dispatch to the module of each command.

use plenary_ids::{Moment, PersonId};

use crate::{
    command::{Actor, Command, Directory, Scope, SystemCommand, Wish},
    draft::Draft,
    event::Event,
    floor::Floor,
    recording::RecordingAction,
    refusal::{Code, Refusal},
    request::Priority,
    undo::UndoableCommand,
};

/// Decides a command that an actor gives at a moment: the events that follow, in order, or the refusal. The people and
/// delegations that the command names are looked up in the directory.
///
/// The floor itself stays as it is; fold the events with [`apply`](crate::apply).
pub fn decide(
    floor: &Floor,
    command: &Command,
    actor: &Actor,
    directory: &dyn Directory,
    now: Moment,
) -> Result<Vec<Event>, Refusal> {
    let mut draft = Draft::new(floor, actor, now);
    draft.close_in_time();
    let undoable = UndoableCommand::of(command);
    let before = undoable.map(|kind| (kind, draft.floor.clone(), draft.event_count()));
    draft.decide(floor, |draft| draft.execute(command, directory))?;
    if let Some((kind, before, events_before)) = before {
        draft.offer_undo(kind, command.request(), &before, events_before);
    }
    Ok(draft.finish())
}

/// Decides a command that the room gives. The actor is the system; of an agenda item and of a recording, the moderator who
/// takes it up or plays it.
pub fn decide_system(
    floor: &Floor,
    command: &SystemCommand,
    actor: &Actor,
    now: Moment,
) -> Result<Vec<Event>, Refusal> {
    let mut draft = Draft::new(floor, actor, now);
    draft.close_in_time();
    let plays = matches!(command, SystemCommand::Recording(RecordingAction::Play(_)));
    let before = plays.then(|| (draft.floor.clone(), draft.event_count()));
    draft.decide(floor, |draft| draft.execute_system(command))?;
    if let Some((before, events_before)) = before {
        draft.offer_undo(UndoableCommand::Play, None, &before, events_before);
    }
    Ok(draft.finish())
}

impl<'a> Draft<'a> {
    fn decide(
        &mut self,
        before: &Floor,
        execute: impl FnOnce(&mut Self) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        execute(self)?;
        self.settle();
        if self.event_count() > 0 {
            self.announce_order();
            self.announce_on_deck(before.on_deck());
            self.announce_recording(before);
        }
        Ok(())
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
            Command::Extend { request, by } => self.extend(*request, by.get()),
            Command::Order { ids } => self.whole_order(ids),
            Command::Next { expect } => self.next(*expect),
            Command::Undo { of } => self.undo(*of),
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
            SystemCommand::Enlist(speaker) => self.enlist(speaker),
            SystemCommand::RollCall { open } => self.roll_call(*open),
            SystemCommand::Connected(person) => self.connected(person),
            SystemCommand::Disconnected(person) => self.disconnected(person),
            SystemCommand::Left(person) => self.left(person),
            SystemCommand::Silenced(person) => self.silence(person),
            SystemCommand::Unseated(person) => self.unseat(person),
            SystemCommand::Voice(person) => self.voice(person),
            SystemCommand::Stalled(person) => self.flow(person, false),
            SystemCommand::Flowing(person) => self.flow(person, true),
            SystemCommand::Recording(action) => self.act_on_recording(action),
            SystemCommand::Tick => self.needs_system(),
            SystemCommand::ClockMoved { was } => self.clock_moved(*was),
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
}
