//! Why a request was passed or the floor was taken, and how the chair ruled on a point of order.

use plenary_ids::wire_enum;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

wire_enum! {
    /// Why a request was passed by itself. The chair gives no reason.
    pub enum PassReason {
        /// The beneficiary was not connected when called.
        Absent = "absent",
        /// The beneficiary went to another room.
        Away = "away",
    }
}

/// Why the floor was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum RevokeReason {
    /// A rule of order took it.
    Rule(RevokeRule),
    /// The chair or an operator took it, and gave this text as the reason.
    Text(String),
}

wire_enum! {
    /// The rules by which the floor is taken, as the record has said them from the first version on.
    pub enum RevokeRule {
        /// The chair granted another request in its place.
        Replaced = "Replaced by the next speaker.",
        /// The chair called the next speaker.
        NextCalled = "The next speaker was called.",
        /// The conference file no longer gives the holder the floor.
        NotEntitled = "The conference no longer gives this person the floor.",
        /// The overtime action is `revoke`.
        TimeUsedUp = "The time and its grace are used up.",
        /// The chair stopped the recording.
        RecordingStopped = "The recording was stopped.",
    }
}

impl RevokeReason {
    /// The reason as a sentence.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Rule(rule) => rule.as_str(),
            Self::Text(text) => text,
        }
    }
}

wire_enum! {
    /// How the chair ruled on a point of order that was heard.
    pub enum Ruling {
        /// The point is well taken.
        Upheld = "upheld",
        /// The point is not well taken.
        Overruled = "overruled",
    }
}
