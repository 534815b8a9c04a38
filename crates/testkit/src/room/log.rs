//! A log in memory, whose disk can be full or slow.

use std::{
    collections::BTreeMap,
    future::ready,
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
};

use bytes::Bytes;
use plenary_ids::{Moment, PersonId, RoomId, Seq};
use plenary_journal::{
    Append, AppendError, DiskFault, Head, Log, LogFuture, ReadError, Record, Recovery, Snapshot,
};
use tokio::sync::watch;

#[derive(Debug)]
pub struct MemoryLog {
    contents: Mutex<Contents>,
    full: AtomicBool,
    slow: watch::Sender<bool>,
    slow_to_read: watch::Sender<bool>,
    head: watch::Sender<Head>,
}

#[derive(Debug, Default)]
struct Contents {
    records: Vec<Record>,
    replies: BTreeMap<(PersonId, String), Bytes>,
    snapshots: Vec<Snapshot>,
    alive: Moment,
    commits: usize,
}

impl MemoryLog {
    pub fn of(room: &RoomId) -> Self {
        Self {
            contents: Mutex::default(),
            full: AtomicBool::new(false),
            slow: watch::Sender::new(false),
            slow_to_read: watch::Sender::new(false),
            head: watch::Sender::new(Head::empty(room)),
        }
    }

    /// Whether appends are refused from now on, because the disk is full.
    pub fn set_full(&self, full: bool) {
        self.full.store(full, Ordering::Relaxed);
    }

    /// Whether appends stay unconfirmed from now on, because the disk is slow.
    pub fn set_slow(&self, slow: bool) {
        self.slow.send_replace(slow);
    }

    /// Whether reads stay unanswered from now on.
    pub fn set_slow_to_read(&self, slow: bool) {
        self.slow_to_read.send_replace(slow);
    }

    /// How many appends were accepted.
    pub fn commits(&self) -> usize {
        self.contents().commits
    }

    pub fn records(&self) -> Vec<Record> {
        self.contents().records.clone()
    }

    pub fn snapshots(&self) -> Vec<Snapshot> {
        self.contents().snapshots.clone()
    }

    /// The latest time at which the server was known to be alive.
    pub fn alive(&self) -> Moment {
        self.contents().alive
    }

    fn contents(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().expect("a lock")
    }

    fn take(&self, append: Append) -> Result<Head, AppendError> {
        if self.full.load(Ordering::Relaxed) {
            return Err(AppendError::Disk(DiskFault::Full));
        }
        let mut head = *self.head.borrow();
        if append.after != head.seq {
            return Err(AppendError::Conflict {
                room: append.room,
                expected: append.after.0,
                last: head.seq.0,
            });
        }
        let mut contents = self.contents();
        contents.commits += 1;
        for entry in append.entries {
            head = head.append(&entry);
            contents.alive = head.at;
            contents.records.push(Record {
                seq: head.seq,
                at: head.at,
                body: entry.body,
                hash: head.hash,
            });
        }
        for reply in append.replies {
            contents
                .replies
                .insert((reply.person, reply.idempotency_key), reply.body);
        }
        if let Some(body) = append.snapshot {
            contents.snapshots.push(Snapshot { head, body });
        }
        self.head.send_replace(head);
        Ok(head)
    }
}

impl Log for MemoryLog {
    fn identity(&self) -> &'static str {
        "memory"
    }

    fn append(&self, append: Append) -> LogFuture<Result<Head, AppendError>> {
        let (taken, mut slow) = (self.take(append), self.slow.subscribe());
        Box::pin(async move {
            let _ = slow.wait_for(|slow| !slow).await;
            taken
        })
    }

    fn read(
        &self,
        _: RoomId,
        after: Seq,
        limit: usize,
    ) -> LogFuture<Result<Vec<Record>, ReadError>> {
        let records = self.records();
        let later = records.into_iter().filter(|record| record.seq > after);
        let (later, mut slow) = (later.take(limit).collect(), self.slow_to_read.subscribe());
        Box::pin(async move {
            let _ = slow.wait_for(|slow| !slow).await;
            Ok(later)
        })
    }

    fn reply(
        &self,
        _: RoomId,
        person: PersonId,
        command: String,
    ) -> LogFuture<Result<Option<Bytes>, ReadError>> {
        let reply = self.contents().replies.get(&(person, command)).cloned();
        Box::pin(ready(Ok(reply)))
    }

    fn recover(&self, _: RoomId) -> LogFuture<Result<Recovery, ReadError>> {
        let contents = self.contents();
        Box::pin(ready(Ok(Recovery {
            head: *self.head.borrow(),
            first: contents.snapshots.first().cloned(),
            latest: contents.snapshots.last().cloned(),
            last_alive: contents.alive,
        })))
    }

    fn head(&self, _: &RoomId) -> watch::Receiver<Head> {
        self.head.subscribe()
    }

    fn heartbeat(&self, at: Moment) {
        self.contents().alive = at;
    }
}
