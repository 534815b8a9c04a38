//! What a room is at one moment, for who comes in.

use plenary_conference::Role;
use plenary_ids::{DelegationId, Moment, PersonId, RoomId, Seq};
use serde::{Deserialize, Serialize};

use crate::{Agenda, Audience, Channel, Decision};

/// A room at one place in its sequence of events; `F` is the floor's view.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct RoomSnapshot<F> {
    /// The id of the room.
    pub id: RoomId,
    /// The title that people see.
    pub title: String,
    /// Whether cameras are shown small without the floor.
    pub gallery: bool,
    /// The last event that is in it.
    pub seq: Seq,
    /// Who is seated, or away for a moment.
    pub participants: Vec<Participant>,
    /// The floor of the room.
    pub floor: F,
    /// What is planned, what is on, and what is done.
    pub agenda: Agenda,
    /// Every question that was put, the oldest first.
    pub decisions: Vec<Decision>,
    /// The language channels, in the order of the conference file.
    #[serde(default)]
    pub channels: Vec<Channel>,
    /// Who was sent out and not admitted again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<Removed>,
    /// The last messages that the reader may see.
    pub chat: Vec<ChatMessage>,
}

/// Somebody who was sent out of a room, and may be admitted again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Removed {
    /// The name on the wire.
    pub person: PersonId,
    /// The name that people see.
    pub name: String,
}

/// A participant of a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Participant {
    /// The name on the wire.
    pub person: PersonId,
    /// The name that people see.
    pub name: String,
    /// What the person may do.
    pub role: Role,
    /// The city; none for staff.
    pub delegation: Option<DelegationId>,
    /// Here, or away for a moment.
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
}

/// Whether somebody in a room is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// With a device at least.
    Seated,
    /// With none, and the place is kept for a moment.
    Away,
}

/// A message of the chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ChatMessage {
    /// The number of the message in the room.
    pub id: u64,
    /// The participant who wrote it.
    pub from: PersonId,
    /// The participants who may read it.
    pub to: Audience,
    /// The text of the message.
    pub text: String,
}
