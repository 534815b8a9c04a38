//! A wish to hold the floor, in the seven states of BFCP (RFC 8855, section 4).

use plenary_ids::{DelegationId, Millis, Moment, PersonId, RequestId, wire_enum};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

wire_enum! {
    /// What the floor is wanted for.
    #[derive(Default)]
    pub enum Kind {
        /// A statement in the debate.
        #[default]
        Statement = "statement",
        /// An answer to a speech.
        Response = "response",
        /// A right of reply, asked once the list is closed and served after the last statement.
        Reply = "reply",
        /// A point of order: not listed, it suspends the speech and must be ruled on, before or after it is heard.
        PointOfOrder = "point_of_order",
        /// A procedural motion.
        Motion = "motion",
    }
}

wire_enum! {
    /// The standing of a speaker's delegation, in the order of `members_first`.
    pub enum Class {
        /// A member city.
        Member = "member",
        /// A city that observes.
        Observer = "observer",
        /// A city invited this once.
        Guest = "guest",
        /// The secretariat: no delegation.
        Staff = "staff",
    }
}

/// Who speaks, with what the ordering policies must know of him.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Speaker {
    /// The person.
    pub person: PersonId,
    /// His delegation; none for staff.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delegation: Option<DelegationId>,
    /// Its standing.
    pub class: Class,
}

/// 0 to 4; 2 unless said otherwise, the higher the sooner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Priority(u8);

impl JsonSchema for Priority {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Priority".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "integer", "minimum": 0, "maximum": 4 })
    }
}

impl Priority {
    /// The priority of that number, if there is one.
    pub fn new(value: u8) -> Option<Self> {
        (value <= 4).then_some(Self(value))
    }
}

impl Default for Priority {
    fn default() -> Self {
        Self(2)
    }
}

impl TryFrom<u8> for Priority {
    type Error = &'static str;
    fn try_from(value: u8) -> Result<Self, Self::Error> {
        Self::new(value).ok_or("a priority is 0 to 4")
    }
}

impl From<Priority> for u8 {
    fn from(priority: Priority) -> Self {
        priority.0
    }
}

/// Where a request stands.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Waits for the chair.
    Pending,
    /// Listed, or passed.
    Accepted,
    /// Holds the floor, live or suspended.
    Granted,
    /// Ended by its holder.
    Released,
    /// Ended by somebody else while granted.
    Revoked,
    /// Refused by the chair before it was granted.
    Denied,
    /// Withdrawn before it was granted.
    Cancelled,
}

impl State {
    /// Whether nothing can happen to it any more.
    pub fn is_terminal(self) -> bool {
        !matches!(self, Self::Pending | Self::Accepted | Self::Granted)
    }
}

/// A finer state within `accepted` or `granted`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Substate {
    /// Accepted, but absent when called or sent back; may be recalled.
    Passed,
    /// Granted, and heard.
    Live,
    /// Granted, and not heard for now.
    Suspended,
}

/// A floor request as everybody sees it, and as the floor keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FloorRequest {
    /// Its name, in order of arrival.
    pub id: RequestId,
    /// What for.
    pub kind: Kind,
    /// Where it stands.
    pub state: State,
    /// Where within that state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub substate: Option<Substate>,
    /// Who would speak.
    pub beneficiary: PersonId,
    /// His delegation; none for staff.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delegation: Option<DelegationId>,
    /// Its standing.
    pub class: Class,
    /// Who asked: the beneficiary, or a clerk on his behalf; none if the system did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_by: Option<PersonId>,
    /// How urgent.
    pub priority: Priority,
    /// Its place on the list, from 1; only listed ones have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<u32>,
    /// The place the chair gave it, which it keeps while the others fill in around it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned: Option<u32>,
    /// Whether that place is against the policy. One that is not gives way as soon as the policy would be broken.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub overrode: bool,
    /// When it came to the list, as a number that grows: the last part of every ordering key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed: Option<u64>,
    /// When it was asked.
    #[serde(with = "plenary_ids::rfc3339")]
    #[schemars(with = "String")]
    pub asked_at: Moment,
    /// A word about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub info: Option<String>,
    /// Whether the chair let it onto a closed list.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub admitted: bool,
    /// The time left to a holder who was passed in mid-speech.
    #[serde(default, rename = "left_ms", skip_serializing_if = "Option::is_none")]
    pub left: Option<Millis>,
    /// To whom the holder wishes to yield, while the chair has not consented.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yields_to: Option<Speaker>,
}

impl FloorRequest {
    /// Whether it is an entry of the list: accepted, not passed, no point of order.
    pub fn is_listed(&self) -> bool {
        self.state == State::Accepted && self.substate.is_none() && self.kind != Kind::PointOfOrder
    }

    /// Whether it was passed and may be recalled.
    pub fn is_passed(&self) -> bool {
        self.substate == Some(Substate::Passed)
    }

    /// Whether its holder is heard.
    pub fn is_live(&self) -> bool {
        self.substate == Some(Substate::Live)
    }

    /// Whether it is a point of order that is being heard, and is to be ruled on.
    pub fn is_heard_point(&self) -> bool {
        self.kind == Kind::PointOfOrder && self.state == State::Granted
    }

    /// Who would speak, as commands name him.
    pub fn speaker(&self) -> Speaker {
        Speaker {
            person: self.beneficiary.clone(),
            delegation: self.delegation.clone(),
            class: self.class,
        }
    }
}
