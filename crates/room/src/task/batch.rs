//! A batch: the commands that one commit of the log answers. If the commit fails, none of them has changed anything.
//!
//! While the log writes one batch, the room decides the next on top of it and hands it over, so that the log never waits
//! for the room; meanwhile it decides a third. No batch is announced before the log has it. If one fails, the room rolls
//! it back together with everything decided on top of it.

use std::{collections::VecDeque, future::pending, sync::Arc};

use bytes::Bytes;
use plenary_ids::{PersonId, Seq};
use plenary_journal::{Append, AppendError, Entry, Head, LogFuture, StoredReply};
use plenary_protocol::{
    Channel, CloseCode, Code, CommandId, CommandOutput, CommandResult, Problem, SessionId,
};

use super::{COMMIT_RETRY_DELAY, Device, EncodedEvent, Present, Room};
use crate::{
    Attached, Member, Outbox, Playback, RoomLogEvent, Scene, SharedSnapshot, Snapshot,
    clock::TimeLine,
    device_queue::DeviceSender,
    message::{ReplyTo, Responder},
    recovery, replies,
    state::RoomState,
};

/// After how many events the log gets a snapshot: a restart folds at most these, in a few milliseconds.
const SNAPSHOT_INTERVAL_EVENTS: u64 = 512;

/// The batch that is being decided.
#[derive(Default)]
pub(super) struct Batch {
    /// Whether the log does not know the room yet, and gets a snapshot of its beginning.
    pub(super) begins: bool,
    /// The state before the first event.
    before: Option<Box<RoomState>>,
    /// The devices before the first change of one.
    present: Option<Present>,
    /// The room's time before it was moved to the machine's clock.
    time: Option<TimeLine>,
    /// Serialized as they are emitted, so that the log need not wait for that.
    pub(super) events: Vec<EncodedEvent>,
    pub(super) replies: Vec<RecordedReply>,
    pub(super) answers: Vec<Deferred>,
    /// The devices of participants who left, with the last event that each still receives, and the code to close it with.
    pub(super) leaving: Vec<(Device, Seq, CloseCode)>,
}

/// How many batches the log may hold: one that it writes, and one that it starts when that is done.
const MAX_BATCHES_IN_FLIGHT: usize = 2;

/// The reply to a command with an id, and its form in the log.
pub(super) struct RecordedReply {
    stored: StoredReply,
    reply: CommandResult,
}

impl RecordedReply {
    /// None if the reply cannot be serialized, which none of ours is.
    pub(super) fn new(person: PersonId, id: &CommandId, reply: &CommandResult) -> Option<Self> {
        Some(Self {
            stored: StoredReply {
                person,
                idempotency_key: id.as_str().to_owned(),
                body: replies::write(reply).ok()?.into(),
            },
            reply: reply.clone(),
        })
    }

    /// The reply, if it answers that command.
    pub(super) fn to(&self, person: &PersonId, id: &CommandId) -> Option<&CommandResult> {
        let same = self.stored.idempotency_key == id.as_str() && self.stored.person == *person;
        same.then_some(&self.reply)
    }
}

/// A batch that the log has been handed.
pub(super) struct InFlight {
    pub(super) batch: Batch,
    pub(super) events: Vec<EncodedEvent>,
    /// The scene that the state after the batch allows.
    pub(super) scene: Scene,
    /// What is to be played after the batch.
    pub(super) playback: Option<Playback>,
    /// The channels after the batch, if it changed one.
    pub(super) channels: Option<Vec<Channel>>,
    /// Its last event, if the state after it is kept as a snapshot.
    pub(super) snapshot: Option<Seq>,
    /// None if there is nothing to record.
    recording: Option<LogFuture<Result<Head, AppendError>>>,
}

/// A device whose seat is not recorded yet.
pub(super) struct PendingSeat {
    pub(super) session: SessionId,
    pub(super) member: Member,
    /// The last event that the device knows after its arrival.
    pub(super) seq: Seq,
    pub(super) arrival: Arrival,
    pub(super) outbox: Outbox,
}

/// What a device receives first.
pub(super) enum Arrival {
    /// The room after the batch, taken when the batch is handed to the log.
    Room(Option<Arc<SharedSnapshot>>),
    /// The events after one that it knows.
    Since(Seq),
}

/// What is done once the batch is recorded, in order.
pub(super) enum Deferred {
    Reply(CommandResult, ReplyTo<CommandOutput>),
    /// A reply that this batch does not record: an earlier one has, or nothing does.
    Again(CommandResult, ReplyTo<CommandOutput>),
    Seat(PendingSeat, Responder<Result<Attached, Problem>>),
    NoSeat(Problem, Responder<Result<Attached, Problem>>),
    /// The room after the batch, taken when the batch is handed to the log.
    Snapshot(
        PersonId,
        Option<Result<Box<Snapshot>, Problem>>,
        Responder<Result<Box<Snapshot>, Problem>>,
    ),
    Events(PersonId, Seq, Responder<Result<Vec<Bytes>, Problem>>),
    /// A report of the recorder is recorded.
    Reported(Responder<Result<(), Problem>>),
    SetPublishing(DeviceSender, bool),
    Close(DeviceSender, CloseCode),
    /// The side talks that a device may see from now on.
    Talks(DeviceSender, Bytes),
}

/// A position in the batch to which a refused command is rolled back.
#[derive(Clone, Copy)]
pub(super) struct BatchPosition {
    events: usize,
    answers: usize,
    leaving: usize,
}

impl Batch {
    fn has_records(&self) -> bool {
        self.begins || !(self.events.is_empty() && self.replies.is_empty())
    }

    /// Whether the batch is empty.
    fn is_empty(&self) -> bool {
        !self.has_records() && self.answers.is_empty() && self.leaving.is_empty()
    }
}

/// Waits for the log's result for the oldest batch in flight.
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
        self.batch.events.push(EncodedEvent::new(event));
    }

    /// The devices, to be changed. They are rolled back if the batch fails.
    pub(super) fn present_mut(&mut self) -> &mut Present {
        if self.batch.present.is_none() {
            self.batch.present = Some(self.present.clone());
        }
        &mut self.present
    }

    /// The room's time, to be moved. It is rolled back if the batch fails, and then moved again.
    pub(super) fn time_mut(&mut self) -> &mut TimeLine {
        if self.batch.time.is_none() {
            self.batch.time = Some(self.time.clone());
        }
        &mut self.time
    }

    /// Removes a device whose connection has ended. No rollback brings it back.
    pub(super) fn remove_device(&mut self, session: &SessionId) -> Option<Device> {
        for before in self.presents_before() {
            before.devices.remove(session);
        }
        self.present.devices.remove(session)
    }

    /// The devices to which a failed batch is rolled back.
    pub(super) fn presents_before(&mut self) -> impl Iterator<Item = &mut Present> {
        let in_flight = self.in_flight.iter_mut();
        let in_flight = in_flight.filter_map(|it| it.batch.present.as_mut());
        in_flight.chain(self.batch.present.as_mut())
    }

    /// The batches that are decided and not recorded, the oldest first.
    pub(super) fn unrecorded(&self) -> impl Iterator<Item = &Batch> {
        let in_flight = self.in_flight.iter().map(|it| &it.batch);
        in_flight.chain([&self.batch])
    }

    /// Whether the batch takes no more messages.
    pub(super) fn is_full(&self) -> bool {
        self.batch.answers.len() >= super::MAX_BATCH_MESSAGES
    }

    pub(super) fn position(&self) -> BatchPosition {
        BatchPosition {
            events: self.batch.events.len(),
            answers: self.batch.answers.len(),
            leaving: self.batch.leaving.len(),
        }
    }

    /// Rolls back to a position: a command that is refused half-way changes nothing.
    pub(super) fn roll_back_to(&mut self, position: BatchPosition) {
        if self.batch.events.len() > position.events
            && let Some(before) = &self.batch.before
        {
            self.batch.events.truncate(position.events);
            self.state = (**before).clone();
            for encoded in &self.batch.events {
                self.state.apply(&encoded.event);
            }
        }
        self.batch.answers.truncate(position.answers);
        self.batch.leaving.truncate(position.leaving);
    }

    /// Whether the batch may go to the log. It may follow another batch only if that one holds events: if the log refuses
    /// those, its last event is not the one that this batch expects, so it refuses this batch too.
    fn may_submit(&self) -> bool {
        match self.in_flight.back() {
            None => !self.batch.is_empty(),
            Some(last) => {
                // The last batch of a room that drains shares the next commit: on a slow disk there is no time for a third.
                (self.in_flight.len() < MAX_BATCHES_IN_FLIGHT || self.draining)
                    && !last.events.is_empty()
                    && self.batch.has_records()
            }
        }
    }

    /// Hands the batch to the log, if that is allowed now. Media that the batch revokes stops while the disk works; media
    /// that it grants waits for both.
    pub(super) async fn submit(&mut self) {
        if !self.may_submit() {
            return;
        }
        let mut batch = std::mem::take(&mut self.batch);
        let mut shared = None;
        for answer in &mut batch.answers {
            match answer {
                Deferred::Snapshot(reader, room, _) => *room = Some(self.snapshot_for(reader)),
                Deferred::Seat(seat, _) => self.show_room_to(seat, &mut shared),
                _ => {}
            }
        }
        let (mut recording, mut snapshot) = (None, None);
        if batch.has_records() {
            let append = self.append(&batch);
            snapshot = append.snapshot.as_ref().map(|_| self.state.seq);
            recording = Some(self.log.append(append));
        }
        let events = std::mem::take(&mut batch.events);
        let changed = events.iter().any(|it| it.event.body.is_of_a_channel());
        let channels = changed.then(|| self.state.channels(&self.config));
        let scene = self.allowed();
        let playback = self.state.playback();
        self.shrink_to(&scene).await;
        self.shrink_playback_to(playback.as_ref());
        self.in_flight.push_back(InFlight {
            batch,
            events,
            scene,
            playback,
            channels,
            snapshot,
            recording,
        });
    }

    /// Shows a newcomer the room after the batch. Newcomers who may see the same share one snapshot.
    fn show_room_to(&mut self, seat: &mut PendingSeat, shared: &mut Option<Arc<SharedSnapshot>>) {
        let Arrival::Room(shown) = &mut seat.arrival else {
            return;
        };
        let known = shared
            .as_ref()
            .filter(|room| self.state.shows(&seat.member, room));
        let room = known.cloned().unwrap_or_else(|| {
            let room = self.state.snapshot(&self.config, &seat.member, self.now());
            Arc::new(SharedSnapshot::new(room))
        });
        *shared = Some(Arc::clone(&room));
        *shown = Some(room);
        seat.seq = self.state.seq;
        if let Some(device) = self.present.devices.get_mut(&seat.session) {
            device.delivered_seq = seat.seq;
        }
    }

    /// Ends the oldest batch in flight: announces it, or rolls it back and refuses its commands. The next batch goes to the
    /// log before the announcement, so that the log need not wait for that.
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
                self.roll_back(flown, &error).await;
                Err(error)
            }
        }
    }

    /// Records and announces everything that is decided.
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
        let entry = |encoded: &EncodedEvent| Entry {
            at: encoded.event.at,
            body: encoded.full.clone(),
        };
        let in_flight = self.in_flight.iter().filter_map(|it| it.snapshot).max();
        let last = in_flight.unwrap_or(self.snapshot);
        let due = self.state.seq.0.saturating_sub(last.0) >= SNAPSHOT_INTERVAL_EVENTS;
        Append {
            entries: batch.events.iter().map(entry).collect(),
            replies: batch.replies.iter().map(|it| it.stored.clone()).collect(),
            snapshot: (due || batch.begins).then(|| recovery::snapshot(&self.state).into()),
            ..Append::after(self.config.id.clone(), after)
        }
    }

    /// Rolls back a batch and everything decided on top of it, and the gate with it.
    async fn roll_back(&mut self, failed: InFlight, error: &AppendError) {
        // The log refuses the batches that it still holds: they expect events that were not recorded.
        let on_top = std::mem::take(&mut self.in_flight);
        let failed = [failed].into_iter().chain(on_top).map(|it| it.batch);
        let failed = failed.chain([std::mem::take(&mut self.batch)]);
        let (mut before, mut present, mut time, mut answers) = (None, None, None, Vec::new());
        for batch in failed {
            before = before.or(batch.before);
            present = present.or(batch.present);
            time = time.or(batch.time);
            answers.extend(batch.answers);
        }
        if let Some(before) = before {
            self.state = *before;
        }
        if let Some(present) = present {
            self.present = present;
        }
        if let Some(time) = time {
            self.time = time;
        }
        self.retry = Some(self.now().after(COMMIT_RETRY_DELAY));
        let refused = || {
            let detail = format!(
                "This could not be recorded, because {error}. Nothing has changed; try again in a moment."
            );
            Problem::new(Code::Unavailable, detail)
        };
        // A caller may be gone by now.
        for answer in answers {
            match answer {
                Deferred::Reply(_, reply_to) => reply_to.send(Err(refused())),
                Deferred::Seat(_, responder) | Deferred::NoSeat(_, responder) => {
                    drop(responder.send(Err(refused())));
                }
                Deferred::Reported(responder) => drop(responder.send(Err(refused()))),
                Deferred::SetPublishing(..) | Deferred::Close(..) => {}
                Deferred::Snapshot(reader, _, responder) => {
                    drop(responder.send(self.snapshot_for(&reader)));
                }
                independent => self.answer(independent).await,
            }
        }
        let playback = self.state.playback();
        self.tell_player(playback);
        let scene = self.allowed();
        self.grow_to(scene).await;
    }
}
