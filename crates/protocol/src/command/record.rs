//! The record of the meeting, and its recording. Rules of order, sections 17 and 23.

use plenary_conference::Role;
use plenary_floor::Scope;
use plenary_ids::Seq;

use super::{Command, Rules, some_text};
use crate::{Problem, Recorded, RecordingState, permission::Allowed};

plenary_floor::commands! {
    /// A command about the record of the meeting.
    #[derive(Eq)]
    pub enum RecordCommand, RecordCommandType;
    /// Adds a correction to the record, which itself stays as it is.
    "proceedings.correct" Correct { about_seq: Option<Seq>, text: String }
    /// Begins to record the room: what the floor lets through is kept.
    "record.start" Start {}
    /// Ends the recording of the room.
    "record.stop" Stop {}
}

const CORRECT: Allowed = Allowed(&[(Role::Moderator, Scope::Own), (Role::Clerk, Scope::Own)]);

/// The chair records the meeting, and the operators whose disk it is.
const RECORD: Allowed = Allowed(&[
    (Role::Moderator, Scope::Chair),
    (Role::Operator, Scope::Operator),
]);

pub(super) fn rules(command: RecordCommandType) -> Rules {
    let recording = Rules::new::<RecordingState>(RECORD);
    match command {
        RecordCommandType::Correct => {
            Rules::new::<Recorded>(CORRECT).create("/proceedings/corrections")
        }
        RecordCommandType::Start => recording.post("/record/start"),
        RecordCommandType::Stop => recording.post("/record/stop"),
    }
}

pub(super) fn check(command: &RecordCommand) -> Result<(), Problem> {
    match command {
        RecordCommand::Correct { text, .. } => some_text("text", Command::MAX_TEXT, text),
        RecordCommand::Start {} | RecordCommand::Stop {} => Ok(()),
    }
}
