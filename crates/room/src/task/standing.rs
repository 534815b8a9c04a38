//! What the recorded state gives people whom the conference file no longer gives it: after a restart with another file.

use std::{collections::BTreeSet, sync::Arc};

use plenary_floor::{Directory, SystemCommand};
use plenary_ids::PersonId;
use plenary_protocol::{Participant, RoomEvent};

use super::Room;
use crate::{Body, Member};

impl Room {
    /// Takes away what people have lost: the chair, the floor, a place on the list, a channel. Their roles and names are
    /// those of the file from now on, so that nobody returns as what they were.
    pub(super) fn reconcile_standing(&mut self) {
        if let Some(chair) = self.state.floor.chair().cloned()
            && self.config.can_preside(&chair).is_err()
        {
            self.apply_system_command(&SystemCommand::Unseated(chair));
        }
        let asked: BTreeSet<PersonId> = self.state.floor.beneficiaries().cloned().collect();
        for person in asked {
            if self.config.speaker(&person).is_err() {
                self.apply_system_command(&SystemCommand::Silenced(person));
            }
        }
        for channel in self.state.channels(&self.config) {
            if let Some(interpreter) = channel.interpreter
                && !self.interprets(&interpreter, &channel.language)
            {
                self.stop_interpreting(&interpreter, false);
            }
        }
        let known: Vec<Arc<Participant>> = self.state.participants.values().cloned().collect();
        for participant in known {
            let Some(member) = self.config.members.get(&participant.person) else {
                continue;
            };
            let now = as_in_file(&participant, member);
            if now != *participant {
                self.emit(vec![Body::Room(RoomEvent::Updated { participant: now })]);
            }
        }
    }
}

fn as_in_file(participant: &Participant, member: &Member) -> Participant {
    Participant {
        name: member.name.clone(),
        names: member.names.clone(),
        role: member.role,
        delegation: member.delegation.clone(),
        ..participant.clone()
    }
}
