//! The record of the meeting. Rules of order, section 17.

use plenary_conference::Role;
use plenary_floor::Scope;
use plenary_ids::Seq;

use super::{Command, Rules, some_text};
use crate::{Problem, Recorded, permission::Allowed};

plenary_floor::commands! {
    /// A command about the record of the meeting.
    #[derive(Eq)]
    pub enum RecordCommand, RecordCommandType;
    /// Adds a correction to the record, which itself stays as it is.
    "proceedings.correct" Correct { about_seq: Option<Seq>, text: String }
}

const CORRECT: Allowed = Allowed(&[(Role::Moderator, Scope::Own), (Role::Clerk, Scope::Own)]);

pub(super) fn rules(command: RecordCommandType) -> Rules {
    match command {
        RecordCommandType::Correct => {
            Rules::new::<Recorded>(CORRECT).create("/proceedings/corrections")
        }
    }
}

pub(super) fn check(command: &RecordCommand) -> Result<(), Problem> {
    match command {
        RecordCommand::Correct { text, .. } => some_text("text", Command::MAX_TEXT, text),
    }
}
