//! Moving, removing, muting and admitting the participants of a room.

use plenary_floor::MAX_TEXT_BYTES;
use plenary_ids::{PersonId, RoomId};

use super::{Rules, at_most};
use crate::{Participant, Placed, Problem, permission::Allowed};

plenary_floor::commands! {
    /// A command about a participant.
    #[derive(Eq)]
    pub enum ParticipantCommand, ParticipantCommandType;
    /// Sends a person to another room.
    "participant.move" Move { person: PersonId, to: RoomId }
    /// Removes a person from the room, until admitted again.
    "participant.remove" Remove { person: PersonId, reason: Option<String> }
    /// Silences a person's microphone, or (`on: false`) lets it be heard again.
    "participant.mute" Mute { person: PersonId, #[serde(default = "yes")] on: bool }
    /// Lets a removed person in again; anybody else is admitted to the list of speakers, if it is closed.
    "participant.admit" Admit { person: PersonId }
}

#[rustfmt::skip] // a table: a line is a row
pub(super) fn rules(command: ParticipantCommandType) -> Rules {
    use ParticipantCommandType as T;
    let placed = Rules::new::<Placed>(Allowed::CHAIR);
    let participant = Rules::new::<Participant>(Allowed::CHAIR);
    match command {
        T::Move => placed.post("/participants/{person}/move"),
        T::Remove => placed.post("/participants/{person}/remove"),
        T::Mute => participant.post("/participants/{person}/mute"),
        T::Admit => placed.post("/participants/{person}/admit"),
    }
}

pub(super) fn check(command: &ParticipantCommand) -> Result<(), Problem> {
    match command {
        ParticipantCommand::Remove { reason, .. } => at_most(MAX_TEXT_BYTES, reason.as_ref()),
        ParticipantCommand::Move { .. }
        | ParticipantCommand::Mute { .. }
        | ParticipantCommand::Admit { .. } => Ok(()),
    }
}

fn yes() -> bool {
    true
}
