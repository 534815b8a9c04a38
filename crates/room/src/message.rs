//! The messages to a room, and its responses.

use std::{
    collections::BTreeMap,
    ops::Deref,
    sync::{Arc, OnceLock},
};

use bytes::Bytes;
use plenary_floor::FloorView;
use plenary_ids::{Moment, PersonId, Seq, TakeId, TalkId};
use plenary_protocol::{
    Code, Command, CommandId, CommandOutput, DeletionReason, Problem, RecordFault, Resume,
    RoomSnapshot, SeatFigures, SessionId, Take, Talk,
};
use tokio::sync::oneshot;

use crate::{Member, Outbox, Outgoing, PlaybackReport, device_queue::ReplySlot, event::serialized};

/// A device that asks for a seat.
#[derive(Debug, Clone)]
pub struct Attach {
    /// The participant whose device it is.
    pub person: PersonId,
    /// The session and the last event before its connection broke.
    pub resume: Option<Resume>,
    /// Whether it sends sound and pictures for the participant.
    pub sending: Sending,
}

/// Whether a device sends for its participant, of whose devices one does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sending {
    /// It does if no other device does, and when the participant says so.
    #[default]
    IfFree,
    /// It came to send, and takes over from the others.
    TakesOver,
    /// It receives alone, also where it is the only device.
    Never,
}

/// A seated device, as its connection receives it.
#[derive(Debug)]
pub struct Attached {
    /// Names the device in a resume and in [`RoomHandle::detach`](crate::RoomHandle::detach).
    pub session: SessionId,
    /// The last event that the device knows after what is in `resumption`.
    pub seq: Seq,
    /// The participant, as the conference file has them.
    pub member: Member,
    /// The first thing that the device receives.
    pub resumption: Resumption,
    /// Everything that the device receives from then on, and whether it publishes.
    pub outbox: Outbox,
}

/// What a device receives on arrival.
#[derive(Debug)]
pub enum Resumption {
    /// The room as it is.
    Snapshot(Arc<SharedSnapshot>),
    /// The events since the device's last one, as JSON objects.
    Events(Vec<Bytes>),
}

/// A room as all newcomers of one batch see it, and its JSON, which the first connection that needs it makes for all.
#[derive(Debug)]
pub struct SharedSnapshot {
    room: Snapshot,
    text: OnceLock<Bytes>,
}

impl SharedSnapshot {
    pub(crate) fn new(room: Snapshot) -> Self {
        Self {
            room,
            text: OnceLock::new(),
        }
    }

    /// The snapshot as a JSON object.
    pub fn text(&self) -> Bytes {
        let text = || serialized(serde_json::to_vec(&self.room));
        self.text.get_or_init(text).clone()
    }
}

impl Deref for SharedSnapshot {
    type Target = Snapshot;

    fn deref(&self) -> &Snapshot {
        &self.room
    }
}

/// The author of a command.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The participant, or somebody of the conference who is not in the room.
    pub person: PersonId,
    /// The device, if the command came over the connection of a seated one.
    pub session: Option<SessionId>,
    /// The figures of the caller's connection, which go with a call for help.
    pub figures: Option<Box<SeatFigures>>,
}

impl Caller {
    /// A person without a device of their own in the room, as over HTTP.
    pub fn new(person: PersonId) -> Self {
        Self {
            person,
            session: None,
            figures: None,
        }
    }

    /// A person at a seated device.
    pub fn seated(person: PersonId, session: SessionId) -> Self {
        Self {
            session: Some(session),
            ..Self::new(person)
        }
    }
}

/// The conditions under which a command is carried out.
#[derive(Debug, Clone, Default)]
pub struct Preconditions {
    /// Given again under the same key by the same person, a command gets the same reply and happens once.
    pub idempotency_key: Option<CommandId>,
    /// The version of the floor that the caller has seen, or the last event: if the floor changed later, the command is
    /// stale.
    pub if_match: Option<u64>,
}

/// A signal of one participant for another.
#[derive(Debug, Clone)]
pub struct RelayedSignal {
    /// The participant who sends it.
    pub from: PersonId,
    /// The participant who receives it.
    pub to: PersonId,
    /// The side talk to which it belongs, and the device that sends it; without one every device of the receiver gets it.
    pub talk: Option<(TalkId, SessionId)>,
    /// The text frame as the receiver gets it.
    pub text: Bytes,
}

/// A room as one of its participants sees it over HTTP.
pub type Snapshot = RoomSnapshot<FloorView>;

/// Where the room sends the result of a message.
pub(crate) type Responder<T> = oneshot::Sender<T>;

/// Where the room sends the result of a command or a signal.
#[derive(Debug)]
pub(crate) enum ReplyTo<T> {
    /// A caller that awaits it.
    Caller(Responder<Result<T, Problem>>),
    /// The queue of the device that sent the message.
    Device(DeviceResponder),
}

/// A result as a device receives it.
pub(crate) trait IntoReply {
    /// The result of a command; none of a signal, of which only a refusal is sent.
    fn into_reply(self) -> Option<CommandOutput>;
}

impl IntoReply for CommandOutput {
    fn into_reply(self) -> Option<CommandOutput> {
        Some(self)
    }
}

impl IntoReply for () {
    fn into_reply(self) -> Option<CommandOutput> {
        None
    }
}

impl<T: IntoReply> ReplyTo<T> {
    /// Sends the result. The receiver may be gone by now.
    pub(crate) fn send(self, result: Result<T, Problem>) {
        match self {
            Self::Caller(responder) => drop(responder.send(result)),
            Self::Device(responder) => responder.send(result.map(IntoReply::into_reply)),
        }
    }
}

/// The reserved place of a result in a device's queue. A responder that is dropped reports that the room has ended.
#[derive(Debug)]
pub(crate) struct DeviceResponder {
    /// None for a signal, of which only a refusal is sent.
    command_id: Option<CommandId>,
    slot: Option<ReplySlot>,
}

impl DeviceResponder {
    pub(crate) fn new(command_id: Option<CommandId>, slot: ReplySlot) -> Self {
        Self {
            command_id,
            slot: Some(slot),
        }
    }

    fn send(mut self, result: Result<Option<CommandOutput>, Problem>) {
        self.fill(result);
    }

    fn fill(&mut self, result: Result<Option<CommandOutput>, Problem>) {
        let Some(slot) = self.slot.take() else { return };
        match (self.command_id.take(), result) {
            (Some(command_id), Ok(Some(output))) => {
                slot.send(Outgoing::Reply(command_id, Ok(output)));
            }
            (Some(command_id), Err(problem)) => {
                slot.send(Outgoing::Reply(command_id, Err(problem)));
            }
            (None, Err(problem)) => slot.send(Outgoing::Problem(problem)),
            (_, Ok(_)) => {}
        }
    }
}

impl Drop for DeviceResponder {
    fn drop(&mut self) {
        self.fill(Err(room_closed()));
    }
}

/// What the recorder reports to a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordReport {
    /// A take is complete.
    Take(Take),
    /// For a time less was recorded than the floor let through.
    Gap {
        /// When the gap began.
        from: Moment,
        /// When the gap ended.
        to: Moment,
        /// The reason of the gap.
        reason: RecordFault,
    },
    /// Nothing more can be recorded.
    Stopped {
        /// The reason of the stop.
        reason: RecordFault,
    },
    /// The file of a take was deleted.
    Deleted {
        /// The take whose file is gone.
        id: TakeId,
        /// The person who deleted it; none if the server did.
        by: Option<PersonId>,
        /// The reason of the deletion.
        reason: DeletionReason,
    },
}

/// A message to a room's task.
#[derive(Debug)]
pub(crate) enum RoomMessage {
    Attach(Attach, Responder<Result<Attached, Problem>>),
    Detach(SessionId),
    Command(Caller, Box<Command>, Preconditions, ReplyTo<CommandOutput>),
    Relay(RelayedSignal, ReplyTo<()>),
    Snapshot(PersonId, Responder<Result<Box<Snapshot>, Problem>>),
    Events(PersonId, Seq, Responder<Result<Vec<Bytes>, Problem>>),
    Voice(PersonId),
    Flow(PersonId, bool),
    Path(SessionId, bool),
    Playback(PlaybackReport, u64),
    Record(RecordReport, Responder<Result<(), Problem>>),
    Takes(Responder<Arc<BTreeMap<TakeId, Take>>>),
    Stalled(Responder<u64>),
    Talks(Responder<Vec<Talk>>),
    Drain(Responder<()>),
}

/// The problem of a caller whose room has ended.
pub(crate) fn room_closed() -> Problem {
    Problem::new(
        Code::Unavailable,
        "The server is going down; try again in a moment.",
    )
}
