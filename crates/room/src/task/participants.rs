//! Commands about participants: moving, removing, muting and admitting. Rules of order, section 13.

use std::collections::BTreeSet;

use plenary_floor::{Actor, Command as FloorCommand, ListState, SystemCommand};
use plenary_ids::{PersonId, RoomId};
use plenary_protocol::{
    CloseCode, Code, CommandOutput, CommandResult, DepartureReason, Participant,
    ParticipantCommand, Placed, Placement, Problem, RoomEvent,
};

use tokio::sync::watch;

use super::Room;
use crate::{Body, authority};

impl Room {
    /// Carries out a command about a participant.
    pub(super) fn execute_participant(
        &mut self,
        command: ParticipantCommand,
        by: &Actor,
    ) -> CommandResult {
        match command {
            ParticipantCommand::Mute { person, on } => {
                let mut participant = self.participant(&person)?;
                if participant.muted != on {
                    participant.muted = on;
                    self.emit(vec![Body::Room(RoomEvent::Updated {
                        participant: participant.clone(),
                    })]);
                }
                Ok(CommandOutput::Participant(Box::new(participant)))
            }
            ParticipantCommand::Remove { person, reason } => {
                self.participant(&person)?;
                self.take_floor_from(&person, reason.as_ref(), by)?;
                self.leave(
                    &person,
                    DepartureReason::Removed,
                    None,
                    CloseCode::Forbidden,
                );
                Ok(placed(person, Placement::Removed))
            }
            ParticipantCommand::Move { person, to } => {
                self.participant(&person)?;
                self.may_be_sent(&person, &to)?;
                if self.state.floor.is_holder(&person) {
                    let detail = format!(
                        "{person} holds the floor, and cannot be moved before the speech has ended."
                    );
                    return Err(Problem::new(Code::Conflict, detail));
                }
                self.leave(
                    &person,
                    DepartureReason::Moved,
                    Some(to.clone()),
                    CloseCode::Forbidden,
                );
                Ok(CommandOutput::Placed(Box::new(Placed {
                    person,
                    state: Placement::Moved,
                    request: None,
                    to: Some(to),
                })))
            }
            ParticipantCommand::Admit { person } => self.admit(person, by),
        }
    }

    /// Watches who was sent out.
    pub(crate) fn subscribe_removed(&self) -> watch::Receiver<BTreeSet<PersonId>> {
        self.removed.subscribe()
    }

    /// Shows who was sent out to those who watch it.
    pub(super) fn publish_removed(&self) {
        self.removed.send_if_modified(|told| {
            let differs = *told != self.state.removed;
            if differs {
                told.clone_from(&self.state.removed);
            }
            differs
        });
    }

    /// Ends the speeches of a person who is sent out. The person counts as absent first, so that nothing else is granted
    /// meanwhile.
    fn take_floor_from(
        &mut self,
        person: &PersonId,
        reason: Option<&String>,
        by: &Actor,
    ) -> Result<(), Problem> {
        self.apply_system_command(&SystemCommand::Disconnected(person.clone()));
        for held in self.state.floor_view(self.now()).granted {
            if held.beneficiary == *person {
                let revoke = FloorCommand::Revoke {
                    request: held.id,
                    reason: reason.cloned(),
                };
                self.decide(&revoke, by)?;
            }
        }
        Ok(())
    }

    /// Passes a person who may enter the room to which it is to be sent.
    fn may_be_sent(&self, person: &PersonId, to: &RoomId) -> Result<(), Problem> {
        let Some(title) = self.config.rooms.get(to) else {
            return Err(Problem::new(
                Code::NotFound,
                format!("This conference has no room {to}."),
            ));
        };
        if *to == self.config.id {
            let detail = format!("{person} is in \"{title}\" already.");
            return Err(Problem::new(Code::Conflict, detail));
        }
        let member = self.config.members.get(person);
        if member.is_none_or(|member| !member.rooms.contains(to)) {
            let detail = format!("{person} has no place in \"{title}\".");
            return Err(Problem::new(Code::Forbidden, detail));
        }
        Ok(())
    }

    /// Lets a person in who was sent out. Anybody else is admitted to the list, if it is closed.
    fn admit(&mut self, person: PersonId, by: &Actor) -> CommandResult {
        let Some(member) = self.config.members.get(&person) else {
            let detail = format!("Nobody called {person} may enter this room.");
            return Err(Problem::new(Code::NotFound, detail));
        };
        let speaks = authority::speaks(member.role);
        if self.state.removed.contains(&person) {
            self.emit(vec![Body::Room(RoomEvent::Admitted {
                person: person.clone(),
            })]);
        } else if self.state.floor.list().state == ListState::Closed && speaks {
            let admit = FloorCommand::ListAdmit {
                person: person.clone(),
                kind: None,
            };
            return Ok(CommandOutput::Placed(Box::new(Placed {
                person,
                state: Placement::Listed,
                request: self.decide(&admit, by)?,
                to: None,
            })));
        }
        Ok(placed(person, Placement::Admitted))
    }

    pub(super) fn participant(&self, person: &PersonId) -> Result<Participant, Problem> {
        let found = self.state.participants.get(person);
        let found = found.map(|it| Participant::clone(it));
        found.ok_or_else(|| Problem::new(Code::NotFound, format!("{person} is not in this room.")))
    }
}

fn placed(person: PersonId, state: Placement) -> CommandOutput {
    CommandOutput::Placed(Box::new(Placed {
        person,
        state,
        request: None,
        to: None,
    }))
}
