//! What was decided, with its times as the record has them.

use jiff::tz::TimeZone;
use plenary_ids::{DecisionId, DelegationId, ItemId, PersonId};
use plenary_protocol::{Choice, Decision, DecisionKind, DecisionState, Tally, Verdict};
use schemars::JsonSchema;
use serde::Serialize;

use crate::Time;

/// A question that was put to the meeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RecordedDecision {
    /// Its name, in the order of asking.
    pub id: DecisionId,
    /// How it was put.
    pub kind: DecisionKind,
    /// The question.
    pub question: String,
    /// Where it stands.
    pub state: DecisionState,
    /// When it was put.
    pub opened_at: Time,
    /// Who put it.
    pub opened_by: PersonId,
    /// When it was to close by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closes_at: Option<Time>,
    /// When it was closed or withdrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Time>,
    /// The item of the agenda that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<ItemId>,
    /// The member delegations that could vote or object, as they were when it was put.
    pub roll: Vec<RecordedVote>,
    /// Who objected.
    pub objections: Vec<RecordedObjection>,
    /// The votes, counted.
    pub tally: Tally,
    /// What was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Verdict>,
}

/// A delegation on the roll, with its vote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RecordedVote {
    /// Which.
    pub delegation: DelegationId,
    /// Its vote; absent if it cast none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub choice: Option<Choice>,
    /// Who cast it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<PersonId>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Time>,
}

/// An objection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RecordedObjection {
    /// Whose.
    pub delegation: DelegationId,
    /// Who said so.
    pub by: PersonId,
    /// When.
    pub at: Time,
    /// A word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl RecordedDecision {
    /// The decision as it is now.
    pub(crate) fn new(decision: &Decision, zone: &TimeZone) -> Self {
        let time = |moment| Time::new(moment, zone);
        Self {
            id: decision.id,
            kind: decision.kind,
            question: decision.question.clone(),
            state: decision.state,
            opened_at: time(decision.opened_at),
            opened_by: decision.opened_by.clone(),
            closes_at: decision.closes_at.map(time),
            closed_at: decision.closed_at.map(time),
            item: decision.item.clone(),
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
