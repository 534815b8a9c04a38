//! A question put to the meeting, and its result.

use plenary_ids::{DecisionId, DelegationId, ItemId, Moment, PersonId};
use serde::{Deserialize, Serialize};

/// The way in which a question is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DecisionKind {
    /// It is adopted unless a member objects.
    NoObjection,
    /// Every member on the roll votes.
    RollCall,
}

/// The state of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DecisionState {
    /// Objections or votes are taken.
    Open,
    /// The question is decided, with a result.
    Closed,
    /// Taken back by the chair: nothing was decided.
    Withdrawn,
}

/// The vote of a delegation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words of the rules")]
pub enum Choice {
    Yes,
    No,
    Abstain,
}

/// The result of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// No member objected; or more voted yes than no.
    Adopted,
    /// More voted no than yes.
    Rejected,
    /// At least one member objected.
    Objected,
    /// As many voted yes as no.
    Tied,
    /// Too few members were present when it was closed: nothing was decided.
    NoQuorum,
}

/// A question put to the meeting, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Decision {
    /// Its name, in the order of asking.
    pub id: DecisionId,
    /// The way in which it is put.
    pub kind: DecisionKind,
    /// The text of the question.
    pub question: String,
    /// Whether it is open, closed or withdrawn.
    pub state: DecisionState,
    /// The moment at which it was put.
    #[serde(with = "crate::rfc3339")]
    #[schemars(with = "String")]
    pub opened_at: Moment,
    /// The moderator who put it.
    pub opened_by: PersonId,
    /// When it closes by itself.
    #[serde(
        default,
        with = "crate::rfc3339::optional",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "Option<String>")]
    pub closes_at: Option<Moment>,
    /// When it was closed or withdrawn.
    #[serde(
        default,
        with = "crate::rfc3339::optional",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "Option<String>")]
    pub closed_at: Option<Moment>,
    /// The item of the agenda that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<ItemId>,
    /// The quorum, where one is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quorum: Option<QuorumCount>,
    /// The member delegations that were present when it was put; frozen from then on.
    pub roll: Vec<RollEntry>,
    /// The delegations that objected, in order.
    pub objections: Vec<Objection>,
    /// The count of the votes so far.
    pub tally: Tally,
    /// The result; absent until the question is closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Verdict>,
}

/// A quorum in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct QuorumCount {
    /// How many member delegations have to be present when the question is put and when it is closed.
    pub needed: u32,
    /// How many member delegations may enter the room.
    pub members: u32,
}

/// A delegation on the roll, with its vote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct RollEntry {
    /// The delegation on the roll.
    pub delegation: DelegationId,
    /// Its vote; absent until it votes. A vote may be changed until the question is closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choice: Option<Choice>,
    /// The person who cast it: a delegate of the delegation, or a clerk on its behalf.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<PersonId>,
    /// The moment of the vote.
    #[serde(
        default,
        with = "crate::rfc3339::optional",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "Option<String>")]
    pub at: Option<Moment>,
}

/// An objection of a delegation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Objection {
    /// The delegation that objected.
    pub delegation: DelegationId,
    /// The person who objected: a delegate of the delegation, or a clerk on its behalf.
    pub by: PersonId,
    /// The moment of the objection.
    #[serde(with = "crate::rfc3339")]
    #[schemars(with = "String")]
    pub at: Moment,
    /// The reason that the delegation gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The votes of a roll call, counted.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema,
)]
#[expect(missing_docs, reason = "the words of the rules")]
pub struct Tally {
    pub yes: u32,
    pub no: u32,
    pub abstain: u32,
    /// On the roll, without a vote (yet).
    pub absent: u32,
    /// The member delegations with a delegate in the room, when the question was put and again when it was closed; absent
    /// in records of an older server. A place that is kept for a lost connection counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub present: Option<u32>,
}
