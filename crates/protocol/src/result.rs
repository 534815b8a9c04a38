//! What a command that was carried out gives back.

use plenary_floor::{FloorRequest, FloorView};
use plenary_ids::{Moment, PersonId, RoomId, Seq};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{AgendaItem, Channel, Decision, Participant, SessionId};

/// The result of a command, typed by its group; written as it is, without a name around it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
#[expect(missing_docs, reason = "named like what they hold")]
pub enum CommandOutput {
    /// The request that the command was about.
    Request(Box<FloorRequest>),
    /// The floor after a command that was about no request.
    Floor(Box<FloorView>),
    Item(Box<AgendaItem>),
    Decision(Box<Decision>),
    Channel(Channel),
    Participant(Box<Participant>),
    Placed(Box<Placed>),
    Posted(Posted),
    Recorded(Recorded),
    Device(PublishingDevice),
    Token(Token),
    /// The result of the same command when it was first given, as the log has it.
    #[schemars(skip)]
    Stored(Value),
}

/// The result about a participant who was moved, removed or admitted.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Placed {
    /// The participant that the command was about.
    pub person: PersonId,
    /// What has become of the participant.
    pub state: Placement,
    /// The entry of a participant who was admitted to the list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<FloorRequest>,
    /// The room to which a participant was moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<RoomId>,
}

/// What has become of a participant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Placement {
    /// The participant was sent to another room.
    Moved,
    /// Sent out, until admitted again.
    Removed,
    /// The participant may come in again.
    Admitted,
    /// Admitted to the closed list of speakers.
    Listed,
}

/// The result of a chat message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Posted {
    /// The number of the message.
    pub id: u64,
}

/// The result of a correction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Recorded {
    /// The event that holds the correction.
    pub seq: Seq,
    /// The event that is corrected, if it is a single one.
    pub about_seq: Option<Seq>,
    /// The text that is right.
    pub text: String,
    /// The participant who corrected it.
    pub by: PersonId,
}

/// The device of a participant that publishes from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PublishingDevice {
    /// The attachment of the device.
    pub session: SessionId,
    /// Always true: the device publishes.
    pub publishing: bool,
}

/// A token as it is handed out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Secret")]
pub struct Token {
    /// For `Authorization: Bearer`, and for a hello.
    pub token: String,
    /// The moment at which it ends; renew it before.
    #[serde(with = "crate::rfc3339")]
    #[schemars(with = "String")]
    pub expires: Moment,
}

impl CommandOutput {
    /// The version of the floor, if the result is a floor: over HTTP its `ETag`.
    pub fn floor_version(&self) -> Option<u64> {
        match self {
            Self::Floor(floor) => Some(floor.version),
            Self::Stored(result) => result.get("version")?.as_u64(),
            Self::Request(_)
            | Self::Item(_)
            | Self::Decision(_)
            | Self::Channel(_)
            | Self::Participant(_)
            | Self::Placed(_)
            | Self::Posted(_)
            | Self::Recorded(_)
            | Self::Device(_)
            | Self::Token(_) => None,
        }
    }
}

impl From<FloorRequest> for CommandOutput {
    fn from(request: FloorRequest) -> Self {
        Self::Request(Box::new(request))
    }
}

impl From<FloorView> for CommandOutput {
    fn from(floor: FloorView) -> Self {
        Self::Floor(Box::new(floor))
    }
}
