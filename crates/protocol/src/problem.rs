//! Refusals, as RFC 9457 has them.

use plenary_ids::RequestId;
use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($(#[$doc:meta])* $code:ident = $word:literal, $status:literal, $title:literal;)+) => {
        /// Why something was refused: the codes of the rules of order and those of the transport.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
        pub enum Code { $($(#[$doc])* #[serde(rename = $word)] $code,)+ }

        impl Code {
            /// Every code that a problem can have.
            pub const ALL: &'static [Self] = &[$(Self::$code),+];

            /// The word on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$code => $word),+ }
            }

            /// The HTTP status that goes with it.
            pub fn status(self) -> u16 {
                match self { $(Self::$code => $status),+ }
            }

            /// The same few words for every problem of this code.
            pub fn title(self) -> &'static str {
                match self { $(Self::$code => $title),+ }
            }
        }
    };
}

codes! {
    /// No token, or none that is valid.
    Unauthorized = "unauthorized", 401, "Not signed in";
    /// Not for this role, or not now.
    Forbidden = "forbidden", 403, "Not allowed";
    /// There is no such thing.
    NotFound = "not_found", 404, "Not found";
    /// The message or the field is not understood.
    Invalid = "invalid", 400, "Not understood";
    /// The message is larger than the server reads.
    TooLarge = "too_large", 413, "Too large";
    /// The messages come faster than the server reads.
    RateLimited = "rate_limited", 429, "Too many requests";
    /// The state has moved on.
    Conflict = "conflict", 409, "In conflict with the present state";
    /// The list of speakers takes no statements.
    ListClosed = "list_closed", 409, "The list of speakers is not open";
    /// The same request stands already.
    Duplicate = "duplicate", 409, "Asked already";
    /// The delegation's cap is reached.
    TooManyRequests = "too_many_requests", 409, "Too many open requests";
    /// All microphones of the floor are taken.
    FloorFull = "floor_full", 409, "The floor is taken";
    /// The beneficiary is not connected.
    Absent = "absent", 409, "Not present";
    /// The order does not allow that place.
    PolicyViolation = "policy_violation", 409, "Against the order of speakers";
    /// The request was passed already, and is not passed twice.
    AlreadyPassed = "already_passed", 409, "Passed already";
    /// Only a passed request is recalled.
    NotPassed = "not_passed", 409, "Not passed";
    /// Only the holder may end a speech by a release.
    NotHolder = "not_holder", 403, "Not the holder of the floor";
    /// The floor request has ended.
    RequestClosed = "request_closed", 409, "The request has ended";
    /// The table of states has no such step.
    InvalidTransition = "invalid_transition", 409, "Not possible in this state";
    /// Too few members are present for a decision.
    NoQuorum = "no_quorum", 409, "No quorum";
    /// Nobody can be granted the floor.
    NothingListed = "nothing_listed", 409, "Nobody is listed";
    /// The time for undoing it is over, or there is nothing to undo.
    TooLate = "too_late", 409, "Too late to undo";
    /// Something later depends on it.
    Depends = "depends", 409, "Something later depends on it";
    /// It cannot be recorded at the moment, or the server goes down: nothing has changed, and trying again may help.
    Unavailable = "unavailable", 503, "Not possible at the moment";
}

/// A refusal: a code for programs and a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Problem {
    /// The HTTP status of the refusal.
    pub status: u16,
    /// The same few words for every problem of this code.
    pub title: String,
    /// A sentence with the facts of this refusal.
    pub detail: String,
    /// The code of the refusal, for programs.
    pub code: Code,
    /// Of a `duplicate`, the request that stands already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestId>,
}

impl Problem {
    /// A refusal with its sentence.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            status: code.status(),
            title: code.title().to_owned(),
            detail: detail.into(),
            code,
            request: None,
        }
    }

    /// A change of a state that has moved on since it was read (`If-Match`, RFC 9110 section 13.1.1).
    pub fn stale(detail: impl Into<String>) -> Self {
        Self {
            status: 412,
            ..Self::new(Code::Conflict, detail)
        }
    }

    /// Names the request that is in the way.
    #[must_use]
    pub fn about(mut self, request: RequestId) -> Self {
        self.request = Some(request);
        self
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}: {}", self.code.as_str(), self.detail)
    }
}

impl std::error::Error for Problem {}

impl From<plenary_floor::Refusal> for Problem {
    fn from(refusal: plenary_floor::Refusal) -> Self {
        use plenary_floor::Code as Floor;
        let code = match refusal.code {
            Floor::ListClosed => Code::ListClosed,
            Floor::Duplicate => Code::Duplicate,
            Floor::TooManyRequests => Code::TooManyRequests,
            Floor::Forbidden => Code::Forbidden,
            Floor::FloorFull => Code::FloorFull,
            Floor::Absent => Code::Absent,
            Floor::PolicyViolation => Code::PolicyViolation,
            Floor::AlreadyPassed => Code::AlreadyPassed,
            Floor::NotPassed => Code::NotPassed,
            Floor::NotHolder => Code::NotHolder,
            Floor::RequestClosed => Code::RequestClosed,
            Floor::InvalidTransition => Code::InvalidTransition,
            Floor::NothingListed => Code::NothingListed,
            Floor::NotFound => Code::NotFound,
            Floor::Invalid => Code::Invalid,
            Floor::Conflict => Code::Conflict,
            Floor::TooLate => Code::TooLate,
            Floor::Depends => Code::Depends,
        };
        Self {
            request: refusal.request,
            ..Self::new(code, refusal.detail)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_serialized_as_the_same_word_that_as_str_gives() {
        for code in Code::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
    }

    #[test]
    fn a_stale_change_is_412_and_a_conflict() {
        let problem = Problem::stale("The floor has changed since.");
        assert_eq!((problem.status, problem.code), (412, Code::Conflict));
    }
}
