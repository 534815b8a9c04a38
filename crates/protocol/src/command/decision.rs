//! Putting questions to the meeting, objecting and voting.

use plenary_conference::{Quorum, Role};
use plenary_floor::{MAX_TEXT_BYTES, Scope};
use plenary_ids::{BoundedMillis, DecisionId, DelegationId, ItemId, Millis};

use super::{Rules, at_most, invalid, some_text};
use crate::{Choice, Decision, DecisionKind, Problem, permission::Allowed};

plenary_floor::commands! {
    /// A command about a question that is put to the meeting.
    #[derive(Eq)]
    pub enum DecisionCommand, DecisionCommandType;
    /// Puts a question to the meeting; one at a time is open in a room.
    "decision.open" Open { kind: DecisionKind, question: String, closes_in_ms: Option<BoundedMillis>, item: Option<ItemId>, quorum: Option<Quorum> }
    /// Objects, for one's delegation or (a clerk) for the one named.
    "decision.object" Object { decision: DecisionId, reason: Option<String>, delegation: Option<DelegationId> }
    /// Votes, for one's delegation or (a clerk) for the one named.
    "decision.vote" Vote { decision: DecisionId, choice: Choice, delegation: Option<DelegationId> }
    /// Closes the question: no more objections or votes are taken, and the result is announced.
    "decision.close" Close { decision: DecisionId }
    /// Takes the question back undecided.
    "decision.withdraw" Withdraw { decision: DecisionId }
}

const VOTE: Allowed = Allowed(&[(Role::Delegate, Scope::Own), (Role::Clerk, Scope::OnBehalf)]);

#[rustfmt::skip] // a table: a line is a row
pub(super) fn rules(command: DecisionCommandType) -> Rules {
    use DecisionCommandType as T;
    let decision = Rules::new::<Decision>;
    match command {
        T::Open => decision(Allowed::CHAIR).create("/decisions"),
        T::Object => decision(VOTE).post("/decisions/{decision}/object"),
        T::Vote => decision(VOTE).post("/decisions/{decision}/vote"),
        T::Close => decision(Allowed::CHAIR).post("/decisions/{decision}/close"),
        T::Withdraw => decision(Allowed::CHAIR).post("/decisions/{decision}/withdraw"),
    }
}

pub(super) fn check(command: &DecisionCommand) -> Result<(), Problem> {
    match command {
        DecisionCommand::Open {
            question,
            closes_in_ms,
            ..
        } => {
            some_text("question", MAX_TEXT_BYTES, question)?;
            match closes_in_ms {
                Some(time) if time.get() == Millis(0) => {
                    invalid("A question is open for some time.")
                }
                _ => Ok(()),
            }
        }
        DecisionCommand::Object { reason, .. } => at_most(MAX_TEXT_BYTES, reason.as_ref()),
        DecisionCommand::Vote { .. }
        | DecisionCommand::Close { .. }
        | DecisionCommand::Withdraw { .. } => Ok(()),
    }
}
