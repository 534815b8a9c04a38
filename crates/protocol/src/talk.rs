//! Side talks: two participants of a room who speak with each other, from one device to the other, and whom the room
//! does not hear. Nothing of them is recorded.

use plenary_ids::{Moment, PersonId, TalkId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A side talk that has not ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Talk {
    /// The number of the side talk in its room.
    pub id: TalkId,
    /// The participant who called.
    pub caller: PersonId,
    /// The participant who is called.
    pub callee: PersonId,
    /// Whether it rings, or both talk.
    pub state: TalkState,
    /// When it began to ring, or was answered.
    #[serde(with = "crate::rfc3339")]
    #[schemars(with = "String")]
    pub since: Moment,
    /// Whether it is held on the device that reads this.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub here: bool,
}

/// How far a side talk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TalkState {
    /// It rings at the devices of the participant who is called.
    Ringing,
    /// It was answered.
    Talking,
}

/// A side talk that has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TalkEnded {
    /// The number of the side talk in its room.
    pub id: TalkId,
    /// The participant who called.
    pub caller: PersonId,
    /// The participant who was called.
    pub callee: PersonId,
    /// The cause of the end.
    pub why: TalkEnd,
    /// The participant who ended it, by an act or by a connection that was lost; none of a call that nobody answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<PersonId>,
}

/// Why a side talk has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TalkEnd {
    /// The participant who was called refused.
    Refused,
    /// Nobody answered in time.
    Unanswered,
    /// One of the two hung up, or gave up calling.
    HungUp,
    /// The two networks have no path to each other.
    NoPath,
    /// The device of one of the two is gone.
    Left,
    /// One of the two was given the floor, or took priority as the chair.
    Floor,
    /// A moderator or an operator closed it.
    Closed,
}
