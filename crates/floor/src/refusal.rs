//! Why a command changed nothing.

use plenary_ids::RequestId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The codes of domain.md.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The list takes no such request now.
    ListClosed,
    /// The beneficiary has an open request of the kind.
    Duplicate,
    /// The delegation has as many open requests as it may.
    TooManyRequests,
    /// Not for this actor.
    Forbidden,
    /// Every microphone is taken.
    FloorFull,
    /// The beneficiary is not connected.
    Absent,
    /// The policy has another order, and no override was given.
    PolicyViolation,
    /// It was passed before.
    AlreadyPassed,
    /// It was not passed.
    NotPassed,
    /// Only the holder may.
    NotHolder,
    /// It has ended.
    RequestClosed,
    /// Not in this state.
    InvalidTransition,
    /// Nobody on the list can be granted.
    NothingListed,
    /// There is no such request.
    NotFound,
    /// An argument makes no sense.
    Invalid,
    /// Something else must happen first.
    Conflict,
}

/// A refusal: nothing happened, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize, JsonSchema)]
#[error("{detail}")]
pub struct Refusal {
    /// For programs.
    pub code: Code,
    /// A sentence for people.
    pub detail: String,
    /// The request that stands in the way; with `duplicate`, the first one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestId>,
}

impl Refusal {
    /// A refusal with that code and sentence.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            request: None,
        }
    }
}
