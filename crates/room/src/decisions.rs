//! The questions that are put to a meeting, as a pure state machine. A function for each command gives the event that
//! follows, and [`Decisions::apply`] folds it. One question at a time is open. The caller has checked that the
//! delegation is a member, and who speaks for it. Rules of order, section 15.

use plenary_ids::{DecisionId, DelegationId, ItemId, Millis, Moment, PersonId};
use plenary_protocol::{
    Choice, Code, Decision, DecisionKind, DecisionState, Objection, Problem, QuorumCount,
    RollEntry, RoomEvent, Tally, Verdict,
};
use serde::{Deserialize, Serialize};

/// Every question of a room, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Decisions(Vec<Decision>);

/// A question as it is put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Question {
    pub(crate) kind: DecisionKind,
    pub(crate) text: String,
    pub(crate) closes_in: Option<Millis>,
    pub(crate) item: Option<ItemId>,
    pub(crate) quorum: Option<QuorumCount>,
    /// The members that are present.
    pub(crate) roll: Vec<DelegationId>,
}

impl Decisions {
    /// Puts a question to the meeting.
    pub(crate) fn put(
        &self,
        question: Question,
        by: &PersonId,
        now: Moment,
    ) -> Result<RoomEvent, Problem> {
        if let Some(open) = self.the_open_one() {
            let detail = format!(
                "\"{}\" is still open; close or withdraw it before another question is put.",
                open.question
            );
            return Err(Problem::new(Code::Conflict, detail));
        }
        let present = u32::try_from(question.roll.len()).unwrap_or(u32::MAX);
        if let Some(QuorumCount { needed, members }) = question.quorum
            && present < needed
        {
            let detail = format!(
                "{present} of {members} members are present, and a decision needs {needed}."
            );
            return Err(Problem::new(Code::NoQuorum, detail));
        }
        if question.kind == DecisionKind::RollCall && question.roll.is_empty() {
            return Err(Problem::new(
                Code::Conflict,
                "No member has a delegate seated: there is nobody on the roll.",
            ));
        }
        let entry = |delegation| RollEntry {
            delegation,
            choice: None,
            by: None,
            at: None,
        };
        let mut decision = Decision {
            id: DecisionId(self.0.last().map_or(1, |last| last.id.0.saturating_add(1))),
            kind: question.kind,
            question: question.text,
            state: DecisionState::Open,
            opened_at: now,
            opened_by: by.clone(),
            closes_at: question.closes_in.map(|time| now.after(time)),
            closed_at: None,
            item: question.item,
            quorum: question.quorum,
            roll: question.roll.into_iter().map(entry).collect(),
            objections: Vec::new(),
            tally: Tally {
                present: Some(present),
                ..Tally::default()
            },
            result: None,
        };
        decision.tally = count(&decision);
        Ok(RoomEvent::DecisionOpened { decision })
    }

    /// Counts, and says what was decided; `present` is how many members are in the room now.
    pub(crate) fn close(
        &self,
        id: DecisionId,
        by: &PersonId,
        now: Moment,
        present: u32,
    ) -> Result<RoomEvent, Problem> {
        Ok(RoomEvent::DecisionClosed {
            decision: closed(self.open(id)?, now, present),
            by: Some(by.clone()),
        })
    }

    /// Takes a question back undecided.
    pub(crate) fn withdraw(
        &self,
        id: DecisionId,
        by: &PersonId,
        now: Moment,
    ) -> Result<RoomEvent, Problem> {
        let mut decision = self.open(id)?.clone();
        decision.state = DecisionState::Withdrawn;
        decision.closed_at = Some(now);
        Ok(RoomEvent::DecisionWithdrawn {
            decision,
            by: by.clone(),
        })
    }

    /// The closing of a question whose time is up.
    pub(crate) fn due(&self, now: Moment, present: u32) -> Option<RoomEvent> {
        let open = self.the_open_one()?;
        let at = open.closes_at.filter(|at| *at <= now)?;
        Some(RoomEvent::DecisionClosed {
            decision: closed(open, at, present),
            by: None,
        })
    }

    /// When [`Self::due`] has something to say.
    pub(crate) fn deadline(&self) -> Option<Moment> {
        self.the_open_one()?.closes_at
    }

    /// Folds an event about a question; others leave them as they are.
    pub(crate) fn apply(&mut self, event: &RoomEvent) {
        let decision = match event {
            RoomEvent::DecisionOpened { decision }
            | RoomEvent::DecisionObjected { decision }
            | RoomEvent::DecisionVoted { decision }
            | RoomEvent::DecisionClosed { decision, .. }
            | RoomEvent::DecisionWithdrawn { decision, .. } => decision,
            RoomEvent::ClockMoved {
                decision: Some(decision),
                ..
            } => decision,
            _ => return,
        };
        match self.0.iter_mut().find(|known| known.id == decision.id) {
            Some(known) => known.clone_from(decision),
            None => self.0.push(decision.clone()),
        }
    }

    /// The open question, if it closes by itself: after the same time by a clock that goes on from `now` instead of `was`.
    pub(crate) fn carried_over(&self, was: Moment, now: Moment) -> Option<Decision> {
        let open = self.the_open_one()?;
        let closes_at = open.closes_at?.carried(was, now);
        Some(Decision {
            closes_at: Some(closes_at),
            ..open.clone()
        })
    }

    /// Whether votes are being taken.
    pub(crate) fn is_roll_call_open(&self) -> bool {
        self.the_open_one()
            .is_some_and(|open| open.kind == DecisionKind::RollCall)
    }

    pub(crate) fn all(&self) -> &[Decision] {
        &self.0
    }

    fn the_open_one(&self) -> Option<&Decision> {
        self.0
            .last()
            .filter(|last| last.state == DecisionState::Open)
    }

    /// Takes the objection of a delegation.
    pub(crate) fn object(
        &self,
        id: DecisionId,
        delegation: DelegationId,
        reason: Option<String>,
        by: &PersonId,
        now: Moment,
    ) -> Result<RoomEvent, Problem> {
        let mut decision = self.in_time(id, now)?.clone();
        if decision.kind != DecisionKind::NoObjection {
            return Err(Problem::new(
                Code::InvalidTransition,
                "This is a roll call: a delegation votes yes, no or abstain.",
            ));
        }
        let mut objections = decision.objections.iter();
        if objections.any(|objection| objection.delegation == delegation) {
            let detail = format!("{delegation} has objected already.");
            return Err(Problem::new(Code::Duplicate, detail));
        }
        decision.objections.push(Objection {
            delegation,
            by: by.clone(),
            at: now,
            reason,
        });
        Ok(RoomEvent::DecisionObjected { decision })
    }

    /// Takes the vote of a delegation, or changes it.
    pub(crate) fn vote(
        &self,
        id: DecisionId,
        delegation: &DelegationId,
        choice: Choice,
        by: &PersonId,
        now: Moment,
    ) -> Result<RoomEvent, Problem> {
        let mut decision = self.in_time(id, now)?.clone();
        if decision.kind != DecisionKind::RollCall {
            return Err(Problem::new(
                Code::InvalidTransition,
                "No vote is taken on this question: a delegation objects, or does not.",
            ));
        }
        let mut roll = decision.roll.iter_mut();
        let Some(entry) = roll.find(|entry| entry.delegation == *delegation) else {
            let detail = format!(
                "{delegation} is not on the roll, which was fixed when the vote was opened."
            );
            return Err(Problem::new(Code::Forbidden, detail));
        };
        entry.choice = Some(choice);
        entry.by = Some(by.clone());
        entry.at = Some(now);
        decision.tally = count(&decision);
        Ok(RoomEvent::DecisionVoted { decision })
    }

    fn open(&self, id: DecisionId) -> Result<&Decision, Problem> {
        let Some(decision) = self.0.iter().find(|decision| decision.id == id) else {
            let detail = format!("No question {id} was put in this room.");
            return Err(Problem::new(Code::NotFound, detail));
        };
        match decision.state {
            DecisionState::Open => Ok(decision),
            DecisionState::Closed => Err(Problem::new(
                Code::Conflict,
                format!("\"{}\" is decided.", decision.question),
            )),
            DecisionState::Withdrawn => Err(Problem::new(
                Code::Conflict,
                format!("\"{}\" was withdrawn.", decision.question),
            )),
        }
    }

    /// Its time holds to the moment, whether or not it has been closed yet.
    fn in_time(&self, id: DecisionId, now: Moment) -> Result<&Decision, Problem> {
        let decision = self.open(id)?;
        if decision.closes_at.is_some_and(|at| at <= now) {
            let detail = format!("The time for \"{}\" is up.", decision.question);
            return Err(Problem::new(Code::Conflict, detail));
        }
        Ok(decision)
    }
}

fn closed(open: &Decision, at: Moment, present: u32) -> Decision {
    let Tally { yes, no, .. } = open.tally;
    let result = match open.kind {
        _ if open.quorum.is_some_and(|quorum| present < quorum.needed) => Verdict::NoQuorum,
        DecisionKind::NoObjection if open.objections.is_empty() => Verdict::Adopted,
        DecisionKind::NoObjection => Verdict::Objected,
        DecisionKind::RollCall if yes > no => Verdict::Adopted,
        DecisionKind::RollCall if yes < no => Verdict::Rejected,
        DecisionKind::RollCall => Verdict::Tied,
    };
    Decision {
        state: DecisionState::Closed,
        closed_at: Some(at),
        tally: Tally {
            present: Some(present),
            ..open.tally
        },
        result: Some(result),
        ..open.clone()
    }
}

fn count(decision: &Decision) -> Tally {
    let mut tally = Tally {
        present: decision.tally.present,
        ..Tally::default()
    };
    if decision.kind == DecisionKind::RollCall {
        for entry in &decision.roll {
            *match entry.choice {
                Some(Choice::Yes) => &mut tally.yes,
                Some(Choice::No) => &mut tally.no,
                Some(Choice::Abstain) => &mut tally.abstain,
                None => &mut tally.absent,
            } += 1;
        }
    }
    tally
}
