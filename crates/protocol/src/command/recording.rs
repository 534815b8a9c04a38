//! Playing a recorded address. Rules of order, section 22.

use plenary_floor::FloorView;
use plenary_ids::{BoundedMillis, ItemId, MediaId, PersonId};

use super::{Rules, invalid};
use crate::{Problem, permission::Allowed};

plenary_floor::commands! {
    /// A command about the recorded address of a room.
    #[derive(Eq)]
    pub enum RecordingCommand, RecordingCommandType;
    /// Plays a recording as a speech of the beneficiary: a `media` of the library, or that of an agenda `item`. Without
    /// either, the recording that stands still goes on.
    "recording.play" Play { media: Option<MediaId>, item: Option<ItemId>, beneficiary: Option<PersonId>, #[serde(rename = "position_ms")] position: Option<BoundedMillis> }
    /// Has the recording stand still where it is.
    "recording.pause" Pause {}
    /// Has the recording go on from another position.
    "recording.seek" Seek { #[serde(rename = "position_ms")] position: BoundedMillis }
    /// Ends the recording, and with it its speech; the floor is free.
    "recording.stop" Stop {}
}

pub(super) fn rules(command: RecordingCommandType) -> Rules {
    let floor = Rules::new::<FloorView>(Allowed::CHAIR);
    match command {
        RecordingCommandType::Play => floor.post("/recording/play"),
        RecordingCommandType::Pause => floor.post("/recording/pause"),
        RecordingCommandType::Seek => floor.post("/recording/seek"),
        RecordingCommandType::Stop => floor.post("/recording/stop"),
    }
}

pub(super) fn check(command: &RecordingCommand) -> Result<(), Problem> {
    match command {
        RecordingCommand::Play {
            media: Some(_),
            item: Some(_),
            ..
        } => invalid("Say which recording by \"media\" or by \"item\", and not by both."),
        RecordingCommand::Play {
            media: None,
            item: None,
            beneficiary,
            position,
        } if beneficiary.is_some() || position.is_some() => {
            invalid("Say which recording, by \"media\" or by \"item\".")
        }
        RecordingCommand::Play { .. }
        | RecordingCommand::Pause {}
        | RecordingCommand::Seek { .. }
        | RecordingCommand::Stop {} => Ok(()),
    }
}
