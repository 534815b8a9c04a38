//! The snapshot of a room, which a client receives when it takes a seat.

use plenary_conference::{Role, Translations};
use plenary_ids::{DelegationId, Moment, PersonId, RoomId, Seq};
use serde::{Deserialize, Serialize};

use crate::{Agenda, Channel, ChatLine, Decision, RecordingFailed, RoomRecording};

/// A room at one place in its sequence of events; `F` is the floor's view.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct RoomSnapshot<F> {
    /// The id of the room.
    pub id: RoomId,
    /// The title that people see.
    pub title: String,
    /// The title by language, where the conference file gives it so.
    #[serde(default, skip_serializing_if = "Translations::is_empty")]
    pub titles: Translations,
    /// Whether cameras are shown small without the floor.
    pub gallery: bool,
    /// Whether two participants may talk aside. A server that does not say so has no side talks.
    #[serde(default)]
    pub side_talks: bool,
    /// The last event that is in it.
    pub seq: Seq,
    /// The participants, seated or away while their places are kept.
    pub participants: Vec<Participant>,
    /// The floor of the room.
    pub floor: F,
    /// The agenda, with the progress of its items.
    pub agenda: Agenda,
    /// Every question that was put, the oldest first.
    pub decisions: Vec<Decision>,
    /// The language channels, in the order of the conference file.
    #[serde(default)]
    pub channels: Vec<Channel>,
    /// The people who were here and are not any more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<Departed>,
    /// The people who were removed and not admitted again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<Removed>,
    /// The last messages that the reader may see.
    pub chat: Vec<ChatLine>,
    /// The calls for help that nobody has closed, as far as the reader may see them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub help: Vec<ChatLine>,
    /// The last notice of the operators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<Notice>,
    /// The recording of the room, while it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recording: Option<RoomRecording>,
    /// That the recording has stopped by itself, until somebody switches it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recording_failed: Option<RecordingFailed>,
}

/// A person who was in a room, and is not any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Departed {
    /// The name on the wire.
    pub person: PersonId,
    /// When the person was last connected.
    #[serde(with = "crate::rfc3339")]
    #[schemars(with = "String")]
    pub at: Moment,
}

impl From<(&PersonId, &Moment)> for Departed {
    fn from((person, at): (&PersonId, &Moment)) -> Self {
        Self {
            person: person.clone(),
            at: *at,
        }
    }
}

/// A person who was removed from a room, and may be admitted again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Removed {
    /// The name on the wire.
    pub person: PersonId,
    /// The name that people see.
    pub name: String,
    /// The name by language, where the conference file gives it so.
    #[serde(default, skip_serializing_if = "Translations::is_empty")]
    pub names: Translations,
}

/// A participant of a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Participant {
    /// The name on the wire.
    pub person: PersonId,
    /// The name that people see.
    pub name: String,
    /// The name by language, where the conference file gives it so.
    #[serde(default, skip_serializing_if = "Translations::is_empty")]
    pub names: Translations,
    /// The person's role in the conference.
    pub role: Role,
    /// The city; none for staff.
    pub delegation: Option<DelegationId>,
    /// Whether the participant is seated or away.
    pub state: Presence,
    /// Whether one of the person's devices publishes.
    pub publishing: bool,
    /// Whether the chair has silenced the microphone.
    #[serde(default)]
    pub muted: bool,
    /// When the person came in.
    #[serde(with = "crate::rfc3339")]
    #[schemars(with = "String")]
    pub joined_at: Moment,
    /// Since when the participant is away; absent while seated, and in events of versions that did not record it.
    #[serde(
        default,
        with = "crate::rfc3339::optional",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "Option<String>")]
    pub since: Option<Moment>,
}

/// Whether somebody in a room is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// At least one device is connected.
    Seated,
    /// No device is connected, and the place is kept for a while.
    Away,
}

/// The last notice of the operators to a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Notice {
    /// The text of the notice.
    pub text: String,
    /// The operator who posted it.
    pub by: PersonId,
    /// When it was posted.
    #[serde(with = "crate::rfc3339")]
    #[schemars(with = "String")]
    pub at: Moment,
}
