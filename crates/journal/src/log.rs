//! What a room needs of a log, wherever that is kept.

use std::{fmt, future::Future, pin::Pin};

use bytes::Bytes;
use plenary_ids::{Moment, PersonId, RoomId, Seq};
use tokio::sync::watch;

use crate::{AppendError, Entry, Head, ReadError, Record};

/// What a log gives back in its own time.
pub type Answer<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What is recorded in one step: all of it, or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Append {
    /// The room.
    pub room: RoomId,
    /// The last record that the caller knows; if the log is elsewhere, nothing is recorded.
    pub after: Seq,
    /// What happened. May be empty, where only replies are to be kept.
    pub entries: Vec<Entry>,
    /// What was replied to whom.
    pub replies: Vec<Reply>,
    /// The state of the room after the last entry.
    pub snapshot: Option<Bytes>,
}

impl Append {
    /// Nothing yet, after a place.
    pub fn after(room: RoomId, after: Seq) -> Self {
        Self {
            room,
            after,
            entries: Vec::new(),
            replies: Vec::new(),
            snapshot: None,
        }
    }
}

/// A reply to a command, kept so that the same command gives it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Who asked.
    pub person: PersonId,
    /// What the command was called.
    pub command: String,
    /// The reply, in whatever form its room reads.
    pub body: Bytes,
}

/// A room's state at one place, so that a start reads little.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The last record that is in it.
    pub head: Head,
    /// The state, in whatever form its room reads.
    pub body: Bytes,
}

/// Where a room's log stands when its server starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    /// The last record.
    pub head: Head,
    /// Before the first record, where one was kept.
    pub first: Option<Snapshot>,
    /// The last one kept.
    pub latest: Option<Snapshot>,
    /// When the server was last known to be alive: the last record, or the last [`Log::pulse`].
    pub alive: Moment,
}

/// An append-only log per room.
///
/// Appending says where the log is expected to be, as replicated logs have it (JetStream:
/// `Nats-Expected-Last-Subject-Sequence`), so that two writers cannot both succeed.
pub trait Log: Send + Sync + fmt::Debug {
    /// What tells this log from every other, also from one that began in the same folder after this was removed.
    fn identity(&self) -> &str;

    /// Records, and answers with the new head once everything is durable.
    fn append(&self, append: Append) -> Answer<Result<Head, AppendError>>;

    /// At most `limit` records after a place, in order; none at the end.
    fn read(
        &self,
        room: RoomId,
        after: Seq,
        limit: usize,
    ) -> Answer<Result<Vec<Record>, ReadError>>;

    /// The reply that was given to a person's command of that name, if it is kept.
    fn reply(
        &self,
        room: RoomId,
        person: PersonId,
        command: String,
    ) -> Answer<Result<Option<Bytes>, ReadError>>;

    /// Where a room's log stands.
    fn recover(&self, room: RoomId) -> Answer<Result<Recovery, ReadError>>;

    /// The head of a room's log as it moves, for [`Follow`](crate::Follow).
    fn head(&self, room: &RoomId) -> watch::Receiver<Head>;

    /// Says that the server is alive at that moment, while something counts time and nothing is recorded. Nobody waits
    /// for it.
    fn pulse(&self, at: Moment);
}
