//! A floor request, in the seven states of BFCP (RFC 8855, section 4). Rules of order, section 2.

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
        /// A motion on the procedure.
        Motion = "motion",
        /// A recorded address: nobody asks for it, the chair plays it.
        Address = "address",
    }
}

impl Kind {
    /// Whether such a request has a place on the list of speakers, which others may be given or come after.
    pub(crate) fn is_of_the_list(self) -> bool {
        !matches!(self, Self::PointOfOrder | Self::Address)
    }
}

wire_enum! {
    /// The standing of a speaker's delegation, in the order of `members_first`.
    pub enum Class {
        /// The delegation of a member city.
        Member = "member",
        /// The delegation of a city that observes.
        Observer = "observer",
        /// The delegation of a city that is invited this once.
        Guest = "guest",
        /// The secretariat, which has no delegation.
        Staff = "staff",
    }
}

/// A person who speaks, with the facts that the ordering policies sort by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the field names say it")]
pub struct Speaker {
    pub person: PersonId,
    /// The person's delegation; none for staff.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delegation: Option<DelegationId>,
    pub class: Class,
}

/// The urgency of a request, 0 to 4, by default 2; a higher one is served sooner.
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

/// The state of a floor request.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It waits for the chair's acceptance or ruling.
    Pending,
    /// It is listed, or was passed; or it is an upheld point of order.
    Accepted,
    /// It holds the floor, live or suspended.
    Granted,
    /// Its holder ended or yielded the speech.
    Released,
    /// The floor was taken from it while granted.
    Revoked,
    /// The chair refused it before it was granted.
    Denied,
    /// It was withdrawn before it was granted.
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
    /// Granted, and the holder is heard.
    Live,
    /// Granted, and the holder is not heard for now.
    Suspended,
}

/// A floor request as everybody sees it, and as the floor keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the field names say it")]
pub struct FloorRequest {
    /// Its id; ids are given in the order of arrival.
    pub id: RequestId,
    pub kind: Kind,
    pub state: State,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub substate: Option<Substate>,
    /// The person for whom the floor is asked.
    pub beneficiary: PersonId,
    /// The beneficiary's delegation; none for staff.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delegation: Option<DelegationId>,
    pub class: Class,
    /// The person who asked: the beneficiary, or a clerk on the beneficiary's behalf; none if the system did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_by: Option<PersonId>,
    pub priority: Priority,
    /// Its place on the list, from 1; only listed requests have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<u32>,
    /// The place that the chair gave it; it keeps the place while the others fill in around it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned: Option<u32>,
    /// Whether that place is against the policy. A pin that is not gives way as soon as it would break the policy.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub overrode: bool,
    /// The number of its arrival on the list, which grows: the last part of every ordering key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed: Option<u64>,
    #[serde(with = "plenary_ids::rfc3339")]
    #[schemars(with = "String")]
    pub asked_at: Moment,
    /// What it is about, in the words of the person who asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub info: Option<String>,
    /// Whether the chair let it onto a closed list.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub admitted: bool,
    /// The time left to a holder who was passed in mid-speech.
    #[serde(default, rename = "left_ms", skip_serializing_if = "Option::is_none")]
    pub left: Option<Millis>,
    /// The speaker to whom the holder wishes to yield, until the chair consents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yields_to: Option<Speaker>,
}

impl FloorRequest {
    /// A request that has just been made and waits for the chair.
    pub(crate) fn new(id: RequestId, kind: Kind, speaker: &Speaker, asked_at: Moment) -> Self {
        Self {
            id,
            kind,
            state: State::Pending,
            substate: None,
            beneficiary: speaker.person.clone(),
            delegation: speaker.delegation.clone(),
            class: speaker.class,
            requested_by: None,
            priority: Priority::default(),
            position: None,
            pinned: None,
            overrode: false,
            listed: None,
            asked_at,
            info: None,
            admitted: false,
            left: None,
            yields_to: None,
        }
    }

    /// Ends the request, which keeps its history alone.
    pub(crate) fn end(&mut self, state: State) {
        self.state = state;
        self.substate = None;
        self.pinned = None;
        self.overrode = false;
        self.yields_to = None;
    }

    /// Whether it is an entry of the list: accepted, not passed, no point of order.
    pub fn is_listed(&self) -> bool {
        self.state == State::Accepted && self.substate.is_none() && self.kind != Kind::PointOfOrder
    }

    /// Whether it was passed, and may be recalled.
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

    /// The beneficiary, as commands name a speaker.
    pub fn speaker(&self) -> Speaker {
        Speaker {
            person: self.beneficiary.clone(),
            delegation: self.delegation.clone(),
            class: self.class,
        }
    }
}
