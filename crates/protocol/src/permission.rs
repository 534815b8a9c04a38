//! Permissions: the roles that may give a command or read something, and the list of them in the welcome. Rules of
//! order, section 1.

use std::{borrow::Cow, fmt};

use plenary_conference::Role;
use plenary_floor::Scope;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::{Command, command::PUBLISH};

/// The roles that may do something, each with the scope in which it does. Within a scope the floor still checks whose
/// request it is, and whether somebody else is in the chair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowed(pub(crate) &'static [(Role, Scope)]);

impl Allowed {
    /// Moderators alone, as the chair.
    pub(crate) const CHAIR: Self = Self(&[(Role::Moderator, Scope::Chair)]);

    /// Operators alone.
    pub(crate) const OPERATOR: Self = Self(&[(Role::Operator, Scope::Operator)]);

    /// The roles that send sound and pictures into a room.
    pub const PUBLISH: Self = PUBLISH;

    /// The scope in which a role may do it; without one it may not.
    pub fn scope(self, role: Role) -> Option<Scope> {
        let mut allowed = self.0.iter();
        allowed.find_map(|(one, scope)| (*one == role).then_some(*scope))
    }

    /// Whether a role may do it.
    pub fn includes(self, role: Role) -> bool {
        self.scope(role).is_some()
    }
}

/// The roles in a sentence: `delegates and clerks`.
impl fmt::Display for Allowed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let roles = [
            (Role::Delegate, "delegates"),
            (Role::Moderator, "moderators"),
            (Role::Clerk, "clerks"),
            (Role::Interpreter, "interpreters"),
            (Role::Operator, "operators"),
            (Role::Viewer, "viewers"),
        ];
        let allowed = roles.iter().filter(|(role, _)| self.includes(*role));
        let names: Vec<&str> = allowed.map(|(_, name)| *name).collect();
        match names.split_last() {
            Some((last, [])) => out.write_str(last),
            Some((last, others)) => write!(out, "{} and {last}", others.join(", ")),
            None => out.write_str("nobody"),
        }
    }
}

/// A permission that is no command: something that is read or done over HTTP alone, or by signals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Access {
    /// Reading the room, its floor and its events.
    ReadRoom,
    /// Reading the record of a room.
    ReadProceedings,
    /// Reading the health of every device.
    ReadHealth,
    /// Making an invitation and its tokens worthless.
    RevokeInvitation,
    /// Deleting what was recorded of a room.
    DeleteRecording,
    /// Adding, listing and removing the recordings of the media library.
    ManageMedia,
    /// Calling another participant, or being called: by signals that the server relays.
    Call,
}

impl Access {
    /// Every access that is no command.
    pub const ALL: &'static [Self] = &[
        Self::ReadRoom,
        Self::ReadProceedings,
        Self::ReadHealth,
        Self::RevokeInvitation,
        Self::DeleteRecording,
        Self::ManageMedia,
        Self::Call,
    ];

    /// The word for it in [`crate::You::may`].
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReadRoom => "room.read",
            Self::ReadProceedings => "proceedings.read",
            Self::ReadHealth => "health.read",
            Self::RevokeInvitation => "invitation.revoke",
            Self::DeleteRecording => "recording.delete",
            Self::ManageMedia => "media.manage",
            Self::Call => "participant.call",
        }
    }

    /// The roles that may do it.
    pub const fn allowed(self) -> Allowed {
        match self {
            Self::ReadRoom => Allowed(&[
                (Role::Delegate, Scope::Own),
                (Role::Moderator, Scope::Own),
                (Role::Clerk, Scope::Own),
                (Role::Interpreter, Scope::Own),
                (Role::Operator, Scope::Own),
                (Role::Viewer, Scope::Own),
            ]),
            Self::ReadProceedings => Allowed(&[
                (Role::Moderator, Scope::Own),
                (Role::Clerk, Scope::Own),
                (Role::Operator, Scope::Own),
            ]),
            Self::ReadHealth | Self::RevokeInvitation | Self::DeleteRecording => {
                Allowed(&[(Role::Operator, Scope::Own)])
            }
            Self::ManageMedia => {
                Allowed(&[(Role::Moderator, Scope::Own), (Role::Operator, Scope::Own)])
            }
            // Who sends no sound and no pictures can be in no call.
            Self::Call => Allowed::PUBLISH,
        }
    }
}

/// Something that a participant may do: the `type` of a command, or the word of an [`Access`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Permission(Cow<'static, str>);

impl Permission {
    /// Everything that a role may do: the commands, then what is no command.
    pub fn of(role: Role) -> Vec<Self> {
        let commands = Command::rows().map(|row| (row.kind, row.rules.allowed));
        let access = Access::ALL.iter().map(|it| (it.as_str(), it.allowed()));
        commands
            .chain(access)
            .filter(|(_, allowed)| allowed.includes(role))
            .map(|(word, _)| Self(word.into()))
            .collect()
    }

    /// The word on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Every word that there is, so that the types of a client can be made from it.
impl JsonSchema for Permission {
    fn schema_name() -> Cow<'static, str> {
        "Permission".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let access = Access::ALL.iter().map(|access| access.as_str());
        let words: Vec<&str> = Command::TYPES.iter().copied().chain(access).collect();
        json_schema!({
            "type": "string",
            "enum": words,
            "description": "The `type` of a command, or what may be read or done without one.",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table once more, as a person would draw it: D delegate, M moderator, C clerk, I interpreter, O operator,
    /// V viewer; `.` for no.
    const TABLE: &str = "
        floor.request        DMC...
        floor.accept         .M....
        floor.grant          .M....
        floor.deny           .M....
        floor.cancel         DMC...
        floor.move           .M....
        floor.pass           .M....
        floor.wait           .M....
        floor.recall         .M....
        floor.suspend        .M....
        floor.resume         .M....
        floor.release        DMC.O.
        floor.yield          DM....
        floor.revoke         .M..O.
        floor.extend         .M....
        floor.order          .M....
        floor.next           .M....
        floor.undo           .M....
        floor.set            .M....
        list.open            .M....
        list.close           .M....
        list.announce_close  .M....
        list.reopen          .M....
        list.admit           .M....
        list.adjourn         .M....
        list.resume          .M....
        list.conclude        .M....
        chair.take           .M....
        chair.hand_over      .M....
        chair.priority_on    .M....
        chair.priority_off   .M....
        agenda.start         .M....
        agenda.end           .M....
        agenda.postpone      .M....
        agenda.load          .M....
        decision.open        .M....
        decision.object      D.C...
        decision.vote        D.C...
        decision.close       .M....
        decision.withdraw    .M....
        channel.take         ...I..
        channel.release      ...I..
        channel.hand_over    ...I..
        channel.keep         ...I..
        channel.relay        ...I..
        channel.assign       .M..O.
        channel.clear        .M..O.
        speech.slower        ...I..
        recording.play       .M....
        recording.pause      .M....
        recording.seek       .M....
        recording.stop       .M....
        participant.move     .M....
        participant.remove   .M....
        participant.mute     .M....
        participant.admit    .M....
        chat.post            DMCIO.
        help.close           DMCIO.
        notice.post          ....O.
        proceedings.correct  .MC...
        record.start         .M..O.
        record.stop          .M..O.
        device.use           DM.I..
        talk.call            DM....
        talk.answer          DM....
        talk.refuse          DM....
        talk.hang_up         DM....
        talk.close           .M..O.
        room.read            DMCIOV
        proceedings.read     .MC.O.
        health.read          ....O.
        invitation.revoke    ....O.
        recording.delete     ....O.
        media.manage         .M..O.
        participant.call     DM.I..
    ";

    const ROLES: [Role; 6] = [
        Role::Delegate,
        Role::Moderator,
        Role::Clerk,
        Role::Interpreter,
        Role::Operator,
        Role::Viewer,
    ];

    #[test]
    fn every_cell_of_the_table_is_as_drawn() {
        let rows = TABLE.lines().map(str::trim).filter(|row| !row.is_empty());
        let drawn: Vec<(&str, &str)> = rows
            .filter_map(|row| row.split_once(' '))
            .map(|(word, cells)| (word, cells.trim()))
            .collect();
        for (index, role) in ROLES.into_iter().enumerate() {
            let allowed: Vec<&str> = drawn
                .iter()
                .filter(|(_, cells)| cells.as_bytes()[index] != b'.')
                .map(|(word, _)| *word)
                .collect();
            let permissions = Permission::of(role);
            let permitted: Vec<&str> = permissions.iter().map(Permission::as_str).collect();
            assert_eq!(permitted, allowed, "{role}");
        }
        assert_eq!(drawn.len(), Command::TYPES.len() + Access::ALL.len());
    }

    #[test]
    fn a_refusal_says_who_may() {
        assert_eq!(Allowed::CHAIR.to_string(), "moderators");
        let command = Command::read("decision.vote", vote()).unwrap();
        assert_eq!(command.rules().allowed.to_string(), "delegates and clerks");
    }

    fn vote() -> serde_json::Map<String, serde_json::Value> {
        let fields = [("decision", "d1"), ("choice", "yes")];
        fields
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect()
    }
}
