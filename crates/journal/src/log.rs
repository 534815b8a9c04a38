//! The interface of a log that a room needs, independent of where the log is stored.

use std::{fmt, future::Future, pin::Pin};

use bytes::Bytes;
use plenary_ids::{Moment, PersonId, RoomId, Seq};
use tokio::sync::watch;

use crate::{AppendError, Entry, Head, ReadError, Record};

/// The pending result of a log's operation. An append takes its place in the log's order before this is first polled.
pub type LogFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// One atomic append: all of it becomes durable, or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Append {
    /// The log to append to.
    pub room: RoomId,
    /// The sequence number of the last record that the caller knows. If the log is elsewhere, the
    /// append fails (optimistic concurrency).
    pub after: Seq,
    /// The new events; may be empty where only replies are stored.
    pub entries: Vec<Entry>,
    /// The replies to the commands that caused the entries.
    pub replies: Vec<StoredReply>,
    /// The state of the room after the last entry.
    pub snapshot: Option<Bytes>,
}

impl Append {
    /// An append without content, to be filled in with struct update syntax.
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

/// The reply to a command, stored so that a retry with the same idempotency key gets it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredReply {
    /// The person who sent the command; two persons' keys never meet.
    pub person: PersonId,
    /// The key that the person's client chose.
    pub idempotency_key: String,
    /// The reply, in the room's own encoding.
    pub body: Bytes,
}

/// A room's state at one record, so that recovery folds few records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The last record that the state includes.
    pub head: Head,
    /// The state, in the room's own encoding.
    pub body: Bytes,
}

/// The data from which a room starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    /// The present end of the log.
    pub head: Head,
    /// The snapshot before the first record, if one was stored.
    pub first: Option<Snapshot>,
    /// The latest snapshot, if there is one.
    pub latest: Option<Snapshot>,
    /// When the server was last known to be alive: the time of the last record, or of the last [`Log::heartbeat`].
    pub last_alive: Moment,
}

/// An append-only log per room.
///
/// An append names the sequence number that it expects, as replicated logs have it (JetStream:
/// `Nats-Expected-Last-Subject-Sequence`), so that two writers cannot both succeed.
pub trait Log: Send + Sync + fmt::Debug {
    /// Distinguishes this log from every other, also from a new one in the same folder.
    fn identity(&self) -> &str;

    /// Appends, and resolves to the new head once everything is durable.
    fn append(&self, append: Append) -> LogFuture<Result<Head, AppendError>>;

    /// Reads at most `limit` records after a sequence number, in order; none at the end of the log.
    fn read(
        &self,
        room: RoomId,
        after: Seq,
        limit: usize,
    ) -> LogFuture<Result<Vec<Record>, ReadError>>;

    /// Looks up the stored reply to a person's command.
    fn reply(
        &self,
        room: RoomId,
        person: PersonId,
        idempotency_key: String,
    ) -> LogFuture<Result<Option<Bytes>, ReadError>>;

    /// Reads what a room needs to start.
    fn recover(&self, room: RoomId) -> LogFuture<Result<Recovery, ReadError>>;

    /// Watches the durable head of a room's log; [`Follow`](crate::Follow) reads what it announces.
    fn head(&self, room: &RoomId) -> watch::Receiver<Head>;

    /// Notes that the server was alive at that moment, while a clock runs and nothing is recorded. The last note counts,
    /// also if it is of an earlier time: the machine's clock may have been set back. Nothing waits for it.
    fn heartbeat(&self, at: Moment);
}
