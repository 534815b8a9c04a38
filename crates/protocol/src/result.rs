//! The results of commands that were carried out.

use plenary_floor::{FloorRequest, FloorView};
use plenary_ids::{Millis, Moment, PersonId, RoomId, Seq};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    AgendaItem, Channel, Code, Decision, IceServer, Participant, RecordingState, SessionId, Talk,
    TalkEnded,
};

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
    Loaded(Box<Loaded>),
    Decision(Box<Decision>),
    Channel(Channel),
    Slower(SlowerAsked),
    Participant(Box<Participant>),
    Placed(Box<Placed>),
    Posted(Posted),
    Notice(NoticeRecorded),
    Recorded(Recorded),
    Recording(RecordingState),
    Device(PublishingDevice),
    Talk(Talk),
    TalkEnded(TalkEnded),
    Token(Token),
    /// The result of the same command when it was first given, as the log has it.
    #[schemars(skip)]
    Stored(Value),
}

/// The result of putting the planned speakers of an item on the list.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Loaded {
    /// The item of the agenda.
    pub item: AgendaItem,
    /// The requests of those who were put on the list, as planned.
    pub listed: Vec<FloorRequest>,
    /// The planned speakers who were not, each with the reason.
    pub not_listed: Vec<NotListed>,
    /// Whether the list has them in their planned order; another policy than `fifo` and `agreed` may order them otherwise.
    pub in_planned_order: bool,
}

/// A planned speaker who was not put on the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NotListed {
    /// The planned speaker.
    pub person: PersonId,
    /// The reason, for programs.
    pub code: Code,
    /// The reason in a sentence.
    pub detail: String,
}

/// The result about a participant who was moved, removed or admitted.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Placed {
    /// The participant that the command was about.
    pub person: PersonId,
    /// What was done to the participant.
    pub state: Placement,
    /// The entry of a participant who was admitted to the list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<FloorRequest>,
    /// The room to which a participant was moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<RoomId>,
}

/// What a command did to a participant.
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

/// The result of asking for a slower speech.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SlowerAsked {
    /// The speakers who were asked.
    pub speakers: Vec<PersonId>,
}

/// The result of a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NoticeRecorded {
    /// The room.
    pub room: RoomId,
    /// The event that holds the notice.
    pub seq: Seq,
}

/// The result of a correction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Recorded {
    /// The event that holds the correction.
    pub seq: Seq,
    /// The event that is corrected, if it is a single one.
    pub about_seq: Option<Seq>,
    /// The text of the correction.
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
    /// How long it lives from now on. A client whose own clock is wrong renews it in time by this.
    pub expires_in_ms: Millis,
    /// The time of the server.
    #[serde(with = "crate::rfc3339")]
    #[schemars(with = "String")]
    pub now: Moment,
    /// The relays (TURN) that the bearer may use, with credentials that outlive the token.
    pub ice_servers: Vec<IceServer>,
}

impl CommandOutput {
    /// The version of the floor, if the result is a floor: over HTTP its `ETag`.
    pub fn floor_version(&self) -> Option<u64> {
        match self {
            Self::Floor(floor) => Some(floor.version),
            Self::Stored(result) => result.get("version")?.as_u64(),
            Self::Request(_)
            | Self::Item(_)
            | Self::Loaded(_)
            | Self::Decision(_)
            | Self::Channel(_)
            | Self::Slower(_)
            | Self::Participant(_)
            | Self::Placed(_)
            | Self::Posted(_)
            | Self::Notice(_)
            | Self::Recorded(_)
            | Self::Recording(_)
            | Self::Device(_)
            | Self::Talk(_)
            | Self::TalkEnded(_)
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
