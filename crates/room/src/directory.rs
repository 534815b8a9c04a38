//! The people and delegations that a command to the floor may name: those of the conference file.

use plenary_conference::Role;
use plenary_floor::{Code, Directory, Refusal, Speaker};
use plenary_ids::{DelegationId, PersonId};

use crate::{Member, RoomConfig, authority};

impl Directory for RoomConfig {
    /// A viewer, an interpreter or an operator has no voice on the floor.
    fn speaker(&self, person: &PersonId) -> Result<Speaker, Refusal> {
        let member = member(self, person)?;
        if authority::speaks(member.role) {
            return Ok(member.speaker());
        }
        Err(Refusal::new(
            Code::Forbidden,
            format!("{person} is here as {}, and does not speak.", member.role),
        ))
    }

    fn can_preside(&self, person: &PersonId) -> Result<(), Refusal> {
        if member(self, person)?.role == Role::Moderator {
            return Ok(());
        }
        Err(Refusal::new(
            Code::Invalid,
            format!("{person} is not a moderator, and cannot take the chair."),
        ))
    }

    fn is_delegation(&self, delegation: &DelegationId) -> Result<(), Refusal> {
        if self.delegations.contains(delegation) {
            return Ok(());
        }
        let known = self.delegations.iter().map(DelegationId::as_str);
        let hint = plenary_conference::nearest(delegation.as_str(), known);
        let detail = format!("The conference has no delegation \"{delegation}\". {hint}");
        Err(Refusal::new(Code::Invalid, detail))
    }
}

fn member<'a>(config: &'a RoomConfig, person: &PersonId) -> Result<&'a Member, Refusal> {
    config.members.get(person).ok_or_else(|| {
        Refusal::new(
            Code::NotFound,
            format!("Nobody called {person} may enter this room."),
        )
    })
}
