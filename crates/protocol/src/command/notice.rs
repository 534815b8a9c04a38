//! Notices of the operators to everybody in a room. Rules of order, section 17.

use plenary_floor::MAX_TEXT_BYTES;

use super::{Rules, some_text};
use crate::{NoticeRecorded, Problem, permission::Allowed};

plenary_floor::commands! {
    /// A command about notices.
    #[derive(Eq)]
    pub enum NoticeCommand, NoticeCommandType;
    /// Posts a notice to everybody in the room, which the record keeps.
    "notice.post" Post { text: String }
}

pub(super) fn rules(command: NoticeCommandType) -> Rules {
    match command {
        NoticeCommandType::Post => {
            Rules::new::<NoticeRecorded>(Allowed::OPERATOR).create("/notices")
        }
    }
}

pub(super) fn check(command: &NoticeCommand) -> Result<(), Problem> {
    match command {
        NoticeCommand::Post { text } => some_text("text", MAX_TEXT_BYTES, text),
    }
}
