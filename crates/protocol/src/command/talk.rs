//! Side talks of two participants. They are held on devices, which HTTP does not have, and are never recorded.

use plenary_conference::Role;
use plenary_floor::Scope;
use plenary_ids::{PersonId, TalkId};

use super::Rules;
use crate::{Problem, Talk, TalkEnded, permission::Allowed};

plenary_floor::commands! {
    /// A command about a side talk.
    #[derive(Eq)]
    pub enum TalkCommand, TalkCommandType;
    /// Calls another participant for a side talk, from the device that gives the command.
    "talk.call" Call { to: PersonId }
    /// Answers a call on the device that gives the command.
    "talk.answer" Answer { talk: TalkId }
    /// Refuses a call.
    "talk.refuse" Refuse { talk: TalkId }
    /// Ends the own side talk, or gives up calling; `no_path` if the two devices do not reach each other.
    "talk.hang_up" HangUp { talk: TalkId, #[serde(default)] no_path: bool }
    /// Ends the side talk of two others.
    "talk.close" Close { talk: TalkId }
}

/// The roles that talk aside: those that are given the floor.
const PARTIES: Allowed = Allowed(&[(Role::Delegate, Scope::Own), (Role::Moderator, Scope::Own)]);

/// The roles that see and close the side talks of others. Every moderator may, in the chair or not.
const STAFF: Allowed = Allowed(&[
    (Role::Moderator, Scope::Own),
    (Role::Operator, Scope::Operator),
]);

impl TalkCommandType {
    /// The roles that may give a command of this type.
    pub fn allowed(self) -> Allowed {
        rules(self).allowed
    }
}

pub(super) fn rules(command: TalkCommandType) -> Rules {
    use TalkCommandType as T;
    match command {
        T::Call | T::Answer => Rules::new::<Talk>(PARTIES),
        T::Refuse | T::HangUp => Rules::new::<TalkEnded>(PARTIES),
        T::Close => Rules::new::<TalkEnded>(STAFF).post("/talks/{talk}/close"),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "every group has the same check")]
pub(super) fn check(command: &TalkCommand) -> Result<(), Problem> {
    match command {
        TalkCommand::Call { .. }
        | TalkCommand::Answer { .. }
        | TalkCommand::Refuse { .. }
        | TalkCommand::HangUp { .. }
        | TalkCommand::Close { .. } => Ok(()),
    }
}
