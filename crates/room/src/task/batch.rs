//! A batch: what happens together, is recorded together, and if that fails has not happened at all.
//!
//! While the log writes one batch, the next is decided on top of it and handed over, so that the log never waits for the
//! room; a third is decided meanwhile. Nobody is told of any before the log has it. If one fails, it is taken back with
//! all that was decided on top of it.

use std::{collections::VecDeque, future::pending};

use bytes::Bytes;
use plenary_ids::{PersonId, Seq};
use plenary_journal::{Append, AppendError, Entry, Head, LogFuture, StoredReply};
use plenary_protocol::{Channel, CloseCode, Code, CommandId, Problem, SessionId};
use serde_json::Value;

use super::{Device, Kept, Present, RETRY, Room};
use crate::{
    Attached, Member, Outbox, Outgoing, RoomLogEvent, Scene,
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
    present: Option<Present>,
    /// Written as they happen: when the log is free, it has nothing to wait for.
    pub(super) events: Vec<Kept>,
    pub(super) replies: Vec<Replied>,
    pub(super) answers: Vec<Deferred>,
    /// Devices of those who left: they are told so, and closed.
    pub(super) leaving: Vec<(Device, Seq, CloseCode)>,
}

/// How many batches may be with the log: one that it writes, and one that it finds when that is done.
const IN_FLIGHT: usize = 2;

/// What was replied to a command, and as the log keeps it.
pub(super) struct Replied {
    kept: StoredReply,
    reply: Reply,
}

impl Replied {
    /// None of a reply that cannot be written, which no reply of ours is.
    pub(super) fn write(person: PersonId, id: &CommandId, reply: &Reply) -> Option<Self> {
        Some(Self {
            kept: StoredReply {
                person,
                idempotency_key: id.as_str().to_owned(),
                body: replies::write(reply).ok()?.into(),
            },
            reply: reply.clone(),
        })
    }

    /// The reply, if it was to that command.
    pub(super) fn to(&self, person: &PersonId, id: &CommandId) -> Option<&Reply> {
        let same = self.kept.idempotency_key == id.as_str() && self.kept.person == *person;
        same.then_some(&self.reply)
    }
}

/// A batch that the log was handed.
pub(super) struct InFlight {
    pub(super) batch: Batch,
    pub(super) kept: Vec<Kept>,
    /// What the state after it allows.
    pub(super) scene: Scene,
    /// The channels after it, where it changed one.
    pub(super) channels: Option<Vec<Channel>>,
    /// Its last event, where the state after it is kept as a snapshot.
    pub(super) snapshot: Option<Seq>,
    /// None where there was nothing to record.
    recording: Option<LogFuture<Result<Head, AppendError>>>,
}

/// A device that waits to be told that it is seated.
pub(super) struct Newcomer {
    pub(super) session: SessionId,
    pub(super) member: Member,
    pub(super) publishing: bool,
    /// The last event that it knows once it knows that.
    pub(super) seq: Seq,
    pub(super) arrival: Arrival,
    pub(super) outbox: Outbox,
}

/// What a newcomer is told first.
pub(super) enum Arrival {
    /// The room as it was when he came in.
    Room(Box<Snapshot>),
    /// What happened since a place that he knows.
    Since(Seq),
}

/// What is done once the batch is recorded, in order.
pub(super) enum Deferred {
    Reply(Reply, Answer<Result<Value, Problem>>),
    /// A reply that was given before.
    Again(Reply, Answer<Result<Value, Problem>>),
    Seat(Newcomer, Answer<Result<Attached, Problem>>),
    NoSeat(Problem, Answer<Result<Attached, Problem>>),
    /// The room after the batch in which it was asked for, once that is handed to the log.
    Snapshot(
        PersonId,
        Option<Result<Box<Snapshot>, Problem>>,
        Answer<Result<Box<Snapshot>, Problem>>,
    ),
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

impl Batch {
    fn is_to_be_recorded(&self) -> bool {
        self.begins || !(self.events.is_empty() && self.replies.is_empty())
    }

    /// Whether nothing has been asked and nothing happened.
    fn is_idle(&self) -> bool {
        !self.is_to_be_recorded() && self.answers.is_empty() && self.leaving.is_empty()
    }
}

/// Waits for the log's word on the oldest batch that it was handed.
pub(super) async fn recorded(in_flight: &mut VecDeque<InFlight>) -> Result<(), AppendError> {
    match in_flight.front_mut() {
        Some(InFlight {
            recording: Some(recording),
            ..
        }) => recording.await.map(drop),
        Some(_) => Ok(()),
        None => pending().await,
    }
}

impl Room {
    /// Folds an event into the state, to be recorded with the batch.
    pub(super) fn fold(&mut self, event: RoomLogEvent) {
        if self.batch.before.is_none() {
            self.batch.before = Some(Box::new(self.state.clone()));
        }
        self.state.apply(&event);
        self.batch.events.push(Kept::write(event));
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
        for before in self.presents_before() {
            before.devices.remove(session);
        }
        self.present.devices.remove(session)
    }

    /// Who would be here again if what is under way failed.
    pub(super) fn presents_before(&mut self) -> impl Iterator<Item = &mut Present> {
        let in_flight = self.in_flight.iter_mut();
        let in_flight = in_flight.filter_map(|it| it.batch.present.as_mut());
        in_flight.chain(self.batch.present.as_mut())
    }

    /// What is decided and not recorded, the oldest first.
    pub(super) fn under_way(&self) -> impl Iterator<Item = &Batch> {
        let in_flight = self.in_flight.iter().map(|it| &it.batch);
        in_flight.chain([&self.batch])
    }

    /// Whether one more command would make the others of its batch wait too long.
    pub(super) fn is_full(&self) -> bool {
        self.batch.answers.len() >= super::BATCH
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
            for kept in &self.batch.events {
                self.state.apply(&kept.event);
            }
        }
        self.batch.answers.truncate(mark.answers);
        self.batch.leaving.truncate(mark.leaving);
    }

    /// Whether the log may be handed the batch. Behind another only if that holds events: should the log refuse those, it
    /// is no longer where this batch expects it, and refuses this one too.
    fn may_submit(&self) -> bool {
        match self.in_flight.back() {
            None => !self.batch.is_idle(),
            Some(last) => {
                // The last words of a room that drains share the next commit: on a slow disk there is time for no third.
                (self.in_flight.len() < IN_FLIGHT || self.draining)
                    && !last.kept.is_empty()
                    && self.batch.is_to_be_recorded()
            }
        }
    }

    /// Hands the batch to the log, if it may. What is taken away stops flowing while the disk works; what is given has to
    /// wait for both.
    pub(super) async fn submit(&mut self) {
        if !self.may_submit() {
            return;
        }
        let mut batch = std::mem::take(&mut self.batch);
        for answer in &mut batch.answers {
            if let Deferred::Snapshot(reader, room, _) = answer {
                *room = Some(self.snapshot_for(reader));
            }
        }
        let (mut recording, mut snapshot) = (None, None);
        if batch.is_to_be_recorded() {
            let append = self.append(&batch);
            snapshot = append.snapshot.as_ref().map(|_| self.state.seq);
            recording = Some(self.log.append(append));
        }
        let kept = std::mem::take(&mut batch.events);
        let changed = kept.iter().any(|kept| kept.event.body.is_of_a_channel());
        let channels = changed.then(|| self.state.channels(&self.config));
        let scene = self.allowed();
        self.shrink_to(&scene).await;
        self.in_flight.push_back(InFlight {
            batch,
            kept,
            scene,
            channels,
            snapshot,
            recording,
        });
    }

    /// Does what follows from the log's word on the oldest batch in flight: tells of it, or takes it back, and refuses what
    /// was asked in it. The log is handed the next batch first, so that it need not wait for the telling.
    pub(super) async fn conclude(
        &mut self,
        recorded: Result<(), AppendError>,
    ) -> Result<(), AppendError> {
        let Some(flown) = self.in_flight.pop_front() else {
            return recorded;
        };
        match recorded {
            Ok(()) => {
                if let Some(seq) = flown.snapshot {
                    self.snapshot = seq;
                }
                if self.retry.is_some() && flown.recording.is_some() {
                    self.retry = Some(self.now());
                }
                self.submit().await;
                self.publish(flown).await;
                Ok(())
            }
            Err(error) => {
                tracing::debug!(room = %self.config.id, %error, "a batch could not be recorded");
                self.undo(flown, &error).await;
                Err(error)
            }
        }
    }

    /// Records all that is under way, and tells of it.
    pub(super) async fn commit(&mut self) -> Result<(), AppendError> {
        self.submit().await;
        while !self.in_flight.is_empty() {
            let recorded = recorded(&mut self.in_flight).await;
            self.conclude(recorded).await?;
        }
        Ok(())
    }

    fn append(&self, batch: &Batch) -> Append {
        let after = batch.before.as_ref().map_or(self.state.seq, |it| it.seq);
        let entry = |kept: &Kept| Entry {
            at: kept.event.at,
            body: kept.full.clone(),
        };
        let in_flight = self.in_flight.iter().filter_map(|it| it.snapshot).max();
        let last = in_flight.unwrap_or(self.snapshot);
        let due = self.state.seq.0.saturating_sub(last.0) >= SNAPSHOT_EVERY;
        Append {
            entries: batch.events.iter().map(entry).collect(),
            replies: batch.replies.iter().map(|it| it.kept.clone()).collect(),
            snapshot: (due || batch.begins).then(|| recovery::snapshot(&self.state).into()),
            ..Append::after(self.config.id.clone(), after)
        }
    }

    /// The state goes back to before the batch and what was decided on top of it, and the gate with it.
    async fn undo(&mut self, failed: InFlight, error: &AppendError) {
        // What the log still holds of it, it refuses: it expects what was not recorded.
        let on_top = std::mem::take(&mut self.in_flight);
        let failed = [failed].into_iter().chain(on_top).map(|it| it.batch);
        let failed = failed.chain([std::mem::take(&mut self.batch)]);
        let (mut before, mut present, mut answers) = (None, None, Vec::new());
        for batch in failed {
            before = before.or(batch.before);
            present = present.or(batch.present);
            answers.extend(batch.answers);
        }
        if let Some(before) = before {
            self.state = *before;
        }
        if let Some(present) = present {
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
        for answer in answers {
            match answer {
                Deferred::Reply(_, answer) => drop(answer.send(Err(refused()))),
                Deferred::Seat(_, answer) | Deferred::NoSeat(_, answer) => {
                    drop(answer.send(Err(refused())));
                }
                Deferred::Tell(..) | Deferred::Close(..) => {}
                Deferred::Snapshot(reader, _, answer) => {
                    drop(answer.send(self.snapshot_for(&reader)));
                }
                independent => self.answer(independent).await,
            }
        }
        let scene = self.allowed();
        self.grow_to(scene).await;
    }
}
