//! A batch: what happens together, is recorded together, and if that fails has not happened at all.

use bytes::Bytes;
use plenary_ids::{PersonId, Seq};
use plenary_journal::{Append, AppendError, Entry, Reply as KeptReply};
use plenary_protocol::{CloseCode, Code, CommandId, Problem, Resume, SessionId};
use serde_json::Value;

use super::{Device, Kept, Present, RETRY, Room};
use crate::{
    Attached, Member, Outbox, Outgoing, RoomLogEvent,
    handle::{Answer, Snapshot},
    outbox::Sender,
    recovery,
    replies::{self, Reply},
    state::RoomState,
};

/// After so many events a snapshot is kept: what a start folds, and a few milliseconds.
const SNAPSHOT_EVERY: u64 = 512;

/// What is under way.
#[derive(Default)]
pub(super) struct Batch {
    /// Whether the log knows nothing of the room yet: then it is told how the room begins.
    pub(super) begins: bool,
    /// The state before the first event.
    before: Option<Box<RoomState>>,
    /// Who was here before the first change.
    pub(super) present: Option<Present>,
    pub(super) events: Vec<RoomLogEvent>,
    pub(super) replies: Vec<(PersonId, CommandId, Reply)>,
    pub(super) answers: Vec<Deferred>,
    /// Devices of those who left: they are told so, and closed.
    pub(super) leaving: Vec<(Device, Seq, CloseCode)>,
}

/// A device that waits to be told that it is seated.
pub(super) struct Newcomer {
    pub(super) session: SessionId,
    pub(super) member: Member,
    pub(super) resume: Option<Resume>,
    pub(super) outbox: Outbox,
}

/// What is done once the batch is recorded, in order.
pub(super) enum Deferred {
    Reply(Reply, Answer<Result<Value, Problem>>),
    /// A reply that was given before.
    Again(Reply, Answer<Result<Value, Problem>>),
    Seat(Newcomer, Answer<Result<Attached, Problem>>),
    NoSeat(Problem, Answer<Result<Attached, Problem>>),
    Snapshot(PersonId, Answer<Result<Box<Snapshot>, Problem>>),
    Events(PersonId, Seq, Answer<Result<Vec<Bytes>, Problem>>),
    Tell(Sender, Outgoing),
    Close(Sender, CloseCode),
}

/// How far a batch has come.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    events: usize,
    answers: usize,
    leaving: usize,
}

impl Room {
    /// Folds an event into the state, to be recorded with the batch.
    pub(super) fn fold(&mut self, event: RoomLogEvent) {
        if self.batch.before.is_none() {
            self.batch.before = Some(Box::new(self.state.clone()));
        }
        self.state.apply(&event);
        self.batch.events.push(event);
    }

    /// Who is here, to be changed; as it was if the batch fails.
    pub(super) fn present(&mut self) -> &mut Present {
        if self.batch.present.is_none() {
            self.batch.present = Some(self.present.clone());
        }
        &mut self.present
    }

    /// Forgets a device whose connection has ended, which no failure brings back.
    pub(super) fn forget(&mut self, session: &SessionId) -> Option<Device> {
        if let Some(before) = &mut self.batch.present {
            before.devices.remove(session);
        }
        self.present.devices.remove(session)
    }

    pub(super) fn mark(&self) -> Mark {
        Mark {
            events: self.batch.events.len(),
            answers: self.batch.answers.len(),
            leaving: self.batch.leaving.len(),
        }
    }

    /// Takes back what has happened since a mark: a command that is refused half-way changes nothing.
    pub(super) fn back_to(&mut self, mark: Mark) {
        if self.batch.events.len() > mark.events
            && let Some(before) = &self.batch.before
        {
            self.batch.events.truncate(mark.events);
            self.state = (**before).clone();
            for event in &self.batch.events {
                self.state.apply(event);
            }
        }
        self.batch.answers.truncate(mark.answers);
        self.batch.leaving.truncate(mark.leaving);
    }

    /// Records the batch and tells of it; or takes it back, and refuses what was asked in it.
    pub(super) async fn commit(&mut self) -> Result<(), AppendError> {
        let mut batch = std::mem::take(&mut self.batch);
        if batch.events.is_empty() && batch.replies.is_empty() && !batch.begins {
            self.publish(batch, Vec::new()).await;
            return Ok(());
        }
        let kept: Vec<Kept> = batch.events.drain(..).map(Kept::write).collect();
        let append = self.append(&batch, &kept);
        let snapshot = append.snapshot.is_some();
        let recording = self.log.append(append);
        // What is taken away stops flowing while the disk works; what is given has to wait for both.
        self.shrink().await;
        match recording.await {
            Ok(_) => {
                if snapshot {
                    self.snapshot = self.state.seq;
                }
                if self.retry.is_some() {
                    self.retry = Some(self.now());
                }
                self.publish(batch, kept).await;
                Ok(())
            }
            Err(error) => {
                tracing::debug!(room = %self.config.id, %error, "a batch could not be recorded");
                self.undo(batch, &error).await;
                Err(error)
            }
        }
    }

    fn append(&self, batch: &Batch, kept: &[Kept]) -> Append {
        let after = batch.before.as_ref().map_or(self.state.seq, |it| it.seq);
        let entry = |kept: &Kept| Entry {
            at: kept.event.at,
            body: kept.full.clone(),
        };
        let reply = |(person, command, reply): &(PersonId, CommandId, Reply)| {
            let body = replies::write(reply).ok()?.into();
            Some(KeptReply {
                person: person.clone(),
                command: command.as_str().to_owned(),
                body,
            })
        };
        let due = self.state.seq.0.saturating_sub(self.snapshot.0) >= SNAPSHOT_EVERY;
        Append {
            entries: kept.iter().map(entry).collect(),
            replies: batch.replies.iter().filter_map(reply).collect(),
            snapshot: (due || batch.begins).then(|| recovery::snapshot(&self.state).into()),
            ..Append::after(self.config.id.clone(), after)
        }
    }

    /// The state goes back to before the batch, and the gate with it.
    async fn undo(&mut self, batch: Batch, error: &AppendError) {
        if let Some(before) = batch.before {
            self.state = *before;
        }
        if let Some(present) = batch.present {
            self.present = present;
        }
        self.retry = Some(self.now().after(RETRY));
        let refused = || {
            let detail = format!(
                "This could not be recorded, because {error}. Nothing has changed; try again in a moment."
            );
            Problem::new(Code::Unavailable, detail)
        };
        // Whoever asked may be gone by now.
        for answer in batch.answers {
            match answer {
                Deferred::Reply(_, answer) => drop(answer.send(Err(refused()))),
                Deferred::Seat(_, answer) | Deferred::NoSeat(_, answer) => {
                    drop(answer.send(Err(refused())));
                }
                Deferred::Tell(..) | Deferred::Close(..) => {}
                independent => self.answer(independent).await,
            }
        }
        self.grow().await;
    }
}
