//! A decision of the meeting, with times in UTC and in the conference's zone.

use jiff::tz::TimeZone;
use plenary_ids::{DecisionId, DelegationId, ItemId, PersonId, Seq};
use plenary_protocol::{
    Choice, Decision, DecisionKind, DecisionState, QuorumCount, Tally, Verdict,
};
use schemars::JsonSchema;
use serde::Serialize;

use crate::Time;

/// A question that was put to the meeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RecordedDecision {
    /// The event with which the question was put.
    pub seq: Seq,
    /// The id, numbered in the order of opening.
    pub id: DecisionId,
    /// Whether it was put without objection or to a roll call.
    pub kind: DecisionKind,
    /// The wording of the question.
    pub question: String,
    /// Whether it is open, closed or withdrawn.
    pub state: DecisionState,
    /// When the question was put.
    pub opened_at: Time,
    /// The person who put the question.
    pub opened_by: PersonId,
    /// When the decision closes automatically, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closes_at: Option<Time>,
    /// When the decision was closed or withdrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Time>,
    /// The agenda item that the decision belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<ItemId>,
    /// The quorum, where one was set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quorum: Option<QuorumCount>,
    /// The member delegations entitled to vote or object when the question was put.
    pub roll: Vec<RecordedVote>,
    /// The objections, in the order in which they were made.
    pub objections: Vec<RecordedObjection>,
    /// The votes, counted by choice.
    pub tally: Tally,
    /// The outcome; absent until the decision is closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Verdict>,
}

/// A delegation on the roll and its vote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RecordedVote {
    /// The id of the delegation.
    pub delegation: DelegationId,
    /// The vote; absent if none was cast.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub choice: Option<Choice>,
    /// The delegate who cast the vote.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<PersonId>,
    /// When the vote was cast.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Time>,
}

/// An objection by a delegation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RecordedObjection {
    /// The id of the delegation.
    pub delegation: DelegationId,
    /// The delegate who made the objection.
    pub by: PersonId,
    /// When the objection was made.
    pub at: Time,
    /// The reason that the delegate gave, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl RecordedDecision {
    /// Records the decision's present state.
    pub(crate) fn new(seq: Seq, decision: &Decision, zone: &TimeZone) -> Self {
        let time = |moment| Time::new(moment, zone);
        Self {
            seq,
            id: decision.id,
            kind: decision.kind,
            question: decision.question.clone(),
            state: decision.state,
            opened_at: time(decision.opened_at),
            opened_by: decision.opened_by.clone(),
            closes_at: decision.closes_at.map(time),
            closed_at: decision.closed_at.map(time),
            item: decision.item.clone(),
            quorum: decision.quorum,
            roll: decision
                .roll
                .iter()
                .map(|entry| RecordedVote {
                    delegation: entry.delegation.clone(),
                    choice: entry.choice,
                    by: entry.by.clone(),
                    at: entry.at.map(time),
                })
                .collect(),
            objections: decision
                .objections
                .iter()
                .map(|objection| RecordedObjection {
                    delegation: objection.delegation.clone(),
                    by: objection.by.clone(),
                    at: time(objection.at),
                    reason: objection.reason.clone(),
                })
                .collect(),
            tally: decision.tally,
            result: decision.result,
        }
    }
}
