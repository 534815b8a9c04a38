//! Refusals: a refused command changes nothing, and says why. Rules of order, section 18.

use plenary_ids::RequestId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::request::{FloorRequest, Kind, State, Substate};

/// The longest text about a request, or reason for a decision, in bytes.
pub const MAX_TEXT_BYTES: usize = 1000;

/// The reason of a refusal, for programs; `docs/rules-of-order.md` has them all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The list takes no request of that kind now.
    ListClosed,
    /// The beneficiary has an open request of the kind.
    Duplicate,
    /// The delegation has as many open requests as it may.
    TooManyRequests,
    /// The actor may not do that.
    Forbidden,
    /// Every microphone is taken, and no holder was named to be replaced.
    FloorFull,
    /// The beneficiary is not connected.
    Absent,
    /// The policy has another order, and no override was given.
    PolicyViolation,
    /// The request was passed before.
    AlreadyPassed,
    /// The request was not passed, so it cannot be recalled.
    NotPassed,
    /// Only the holder of the floor may do that.
    NotHolder,
    /// The request has ended already.
    RequestClosed,
    /// The request or the list is in another state.
    InvalidTransition,
    /// Nobody on the list can be granted.
    NothingListed,
    /// The room has no request of that id.
    NotFound,
    /// An argument is out of its range.
    Invalid,
    /// Something else must happen first.
    Conflict,
    /// The time in which it could be undone is over.
    TooLate,
    /// Something later depends on it, so it cannot be undone.
    Depends,
}

/// A refused command: nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize, JsonSchema)]
#[error("{detail}")]
#[expect(missing_docs, reason = "the field names say it")]
pub struct Refusal {
    pub code: Code,
    /// The reason as a sentence, for people.
    pub detail: String,
    /// The request that stands in the way; with `duplicate`, the earlier one.
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

/// Refuses a reason or a note about a request that is too long.
pub(crate) fn check_length(text: Option<&str>) -> Result<(), Refusal> {
    match text {
        Some(text) if text.len() > MAX_TEXT_BYTES => Err(Refusal::new(
            Code::Invalid,
            format!("A word about it has at most {MAX_TEXT_BYTES} bytes."),
        )),
        _ => Ok(()),
    }
}

/// The request is not in the state that the verb asks for.
pub(crate) fn wrong_state(request: &FloorRequest, verb: &str) -> Refusal {
    let state = match (request.state, request.substate) {
        (_, Some(Substate::Passed)) => "passed",
        (_, Some(Substate::Live)) => "live",
        (_, Some(Substate::Suspended)) => "suspended",
        (State::Pending, _) => "pending",
        (State::Accepted, _) if request.kind == Kind::PointOfOrder => "upheld",
        _ => "on the list",
    };
    Refusal::new(
        Code::InvalidTransition,
        format!(
            "The request {} is {state}; it cannot be {verb}.",
            request.id
        ),
    )
}
