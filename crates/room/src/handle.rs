//! How the rest of the server speaks to a room.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use plenary_floor::FloorView;
use plenary_ids::{PersonId, RoomId, Seq};
use plenary_protocol::{Channel, Code, Command, CommandId, Problem, RoomSnapshot, SessionId};
use serde_json::Value;
use tokio::sync::{mpsc, oneshot, watch};

use plenary_journal::Log;

use crate::{Clock, Member, Outbox, RecoveryError, RoomConfig, Stage, recovery, task};

/// How many requests may wait for a room before those who ask have to wait themselves.
const QUEUE: usize = 1024;

/// A room; cloning it copies a pointer. The room lives as long as a handle does.
#[derive(Debug, Clone)]
pub struct RoomHandle {
    id: RoomId,
    queue: mpsc::Sender<Ask>,
    channels: watch::Receiver<Arc<[Channel]>>,
}

/// A device that wants to be seated.
#[derive(Debug, Clone)]
pub struct Attach {
    /// Whose.
    pub person: PersonId,
    /// Where it was before its connection broke.
    pub resume: Option<plenary_protocol::Resume>,
}

/// A device that is seated.
#[derive(Debug)]
pub struct Attached {
    /// Its name, for a resume and for [`RoomHandle::detach`].
    pub session: SessionId,
    /// The last event that the device knows after what is in `resumption`.
    pub seq: Seq,
    /// Who it is.
    pub member: Member,
    /// Whether it is the one that publishes.
    pub publishing: bool,
    /// What it has to be told first.
    pub resumption: Resumption,
    /// What it is told from then on.
    pub outbox: Outbox,
}

/// What a device is told on arrival.
#[derive(Debug)]
pub enum Resumption {
    /// The room as it is.
    Snapshot(Box<RoomSnapshot<FloorView>>),
    /// The events it missed, as JSON objects.
    Events(Vec<Bytes>),
}

/// Who asks.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The person.
    pub person: PersonId,
    /// The device, where it is a seated one that asks.
    pub session: Option<SessionId>,
}

/// Under which conditions a command is carried out.
#[derive(Debug, Clone, Default)]
pub struct Guard {
    /// What the command is called: said again by the same person, it gives the same reply and happens once.
    pub id: Option<CommandId>,
    /// The version of the floor that the caller has seen, or the last event: if the floor changed later, the command is
    /// stale.
    pub version: Option<u64>,
}

/// A room as one of its people sees it over HTTP.
pub type Snapshot = RoomSnapshot<FloorView>;

pub(crate) type Answer<T> = oneshot::Sender<T>;

/// What something that the room was asked comes to, once that is on disk.
#[derive(Debug)]
#[must_use]
pub struct Outcome<T>(oneshot::Receiver<Result<T, Problem>>);

impl<T> Future for Outcome<T> {
    type Output = Result<T, Problem>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let answered = Pin::new(&mut self.0).poll(context);
        answered.map(|answer| answer.unwrap_or_else(|_| Err(gone())))
    }
}

/// What a room is asked.
#[derive(Debug)]
pub(crate) enum Ask {
    Attach(Attach, Answer<Result<Attached, Problem>>),
    Detach(SessionId),
    Command(Caller, Box<Command>, Guard, Answer<Result<Value, Problem>>),
    Relay {
        from: PersonId,
        to: PersonId,
        text: Bytes,
        answer: Answer<Result<(), Problem>>,
    },
    Snapshot(PersonId, Answer<Result<Box<Snapshot>, Problem>>),
    Events(PersonId, Seq, Answer<Result<Vec<Bytes>, Problem>>),
    Voice(PersonId),
    Flow(PersonId, bool),
    Path(SessionId, bool),
    Stalled(Answer<u64>),
    Drain(Answer<()>),
}

impl RoomHandle {
    /// Brings a room to where its log ends, and starts its task.
    pub async fn open(
        config: RoomConfig,
        stage: Arc<dyn Stage>,
        clock: Clock,
        log: Arc<dyn Log>,
    ) -> Result<Self, RecoveryError> {
        let id = config.id.clone();
        let recovered = recovery::recover(&config, log.as_ref()).await?;
        let room = task::Room::open(config, stage, clock, log, recovered).await?;
        let (queue, asked) = mpsc::channel(QUEUE);
        let channels = room.tells_channels();
        tokio::spawn(room.run(asked));
        Ok(Self {
            id,
            queue,
            channels,
        })
    }

    /// The room's name.
    pub fn id(&self) -> &RoomId {
        &self.id
    }

    /// Seats a device.
    pub async fn attach(&self, attach: Attach) -> Result<Attached, Problem> {
        self.ask(|answer| Ask::Attach(attach, answer)).await?
    }

    /// A device's connection is gone. The person's place is kept for a while.
    pub async fn detach(&self, session: SessionId) {
        let _ = self.queue.send(Ask::Detach(session)).await;
    }

    /// Does what somebody wants done; the result is what the reply carries.
    pub async fn command(
        &self,
        caller: Caller,
        command: Command,
        guard: Guard,
    ) -> Result<Value, Problem> {
        self.submit(caller, command, guard).await?.await
    }

    /// Hands a command in. What it comes to is waited for apart, so that whoever asks can do something else while the
    /// disk works. What one hands in one after the other is done, and answered, in that order.
    pub async fn submit(
        &self,
        caller: Caller,
        command: Command,
        guard: Guard,
    ) -> Result<Outcome<Value>, Problem> {
        self.hand_in(|answer| Ask::Command(caller, Box::new(command), guard, answer))
            .await
    }

    /// Hands a text frame from one person's device to another person's devices in the same room, untouched.
    pub async fn relay(&self, from: PersonId, to: PersonId, text: Bytes) -> Result<(), Problem> {
        self.submit_relay(from, to, text).await?.await
    }

    /// Hands such a frame in; whether it arrived is waited for apart.
    pub async fn submit_relay(
        &self,
        from: PersonId,
        to: PersonId,
        text: Bytes,
    ) -> Result<Outcome<()>, Problem> {
        self.hand_in(|answer| Ask::Relay {
            from,
            to,
            text,
            answer,
        })
        .await
    }

    /// The room as that person may see it.
    pub async fn snapshot(&self, reader: PersonId) -> Result<Snapshot, Problem> {
        self.ask(|answer| Ask::Snapshot(reader, answer))
            .await?
            .map(|snapshot| *snapshot)
    }

    /// The events after a place, as JSON objects: at most ten thousand, so that who wants more asks again.
    pub async fn events_after(&self, reader: PersonId, after: Seq) -> Result<Vec<Bytes>, Problem> {
        self.ask(|answer| Ask::Events(reader, after, answer))
            .await?
    }

    /// The media plane hears a person for the first time since the microphone was let through.
    pub async fn voice(&self, person: PersonId) {
        let _ = self.queue.send(Ask::Voice(person)).await;
    }

    /// Whether anything arrives at the media plane of what a person sends. While an address is on, its clock waits for
    /// a recording that stalls.
    pub async fn flow(&self, person: PersonId, flowing: bool) {
        let _ = self.queue.send(Ask::Flow(person, flowing)).await;
    }

    /// Whether the media plane has a path to a device. Whoever interprets is heard over one.
    pub async fn path(&self, session: SessionId, open: bool) {
        let _ = self.queue.send(Ask::Path(session, open)).await;
    }

    /// The language channels as they were recorded last.
    pub fn channels(&self) -> Arc<[Channel]> {
        self.channels.borrow().clone()
    }

    /// Of how many recordings nothing comes.
    pub async fn stalled(&self) -> u64 {
        self.ask(Ask::Stalled).await.unwrap_or_default()
    }

    /// Tells everybody that the server goes down, and closes their connections.
    pub async fn drain(&self) {
        let _ = self.ask(Ask::Drain).await;
    }

    async fn ask<T>(&self, ask: impl FnOnce(Answer<T>) -> Ask) -> Result<T, Problem> {
        let (answer, answered) = oneshot::channel();
        self.queue.send(ask(answer)).await.map_err(|_| gone())?;
        answered.await.map_err(|_| gone())
    }

    async fn hand_in<T>(
        &self,
        ask: impl FnOnce(Answer<Result<T, Problem>>) -> Ask,
    ) -> Result<Outcome<T>, Problem> {
        let (answer, answered) = oneshot::channel();
        self.queue.send(ask(answer)).await.map_err(|_| gone())?;
        Ok(Outcome(answered))
    }
}

fn gone() -> Problem {
    Problem::new(
        Code::Unavailable,
        "The server is going down; try again in a moment.",
    )
}
