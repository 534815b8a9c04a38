//! A log that is kept in memory, answers at once, and fails when it is told to.

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
pub struct Memory {
    kept: Mutex<Kept>,
    full: AtomicBool,
    slow: watch::Sender<bool>,
    head: watch::Sender<Head>,
}

#[derive(Debug, Default)]
struct Kept {
    records: Vec<Record>,
    replies: BTreeMap<(PersonId, String), Bytes>,
    snapshots: Vec<Snapshot>,
    alive: Moment,
    commits: usize,
}

impl Memory {
    pub fn of(room: &RoomId) -> Self {
        Self {
            kept: Mutex::default(),
            full: AtomicBool::new(false),
            slow: watch::Sender::new(false),
            head: watch::Sender::new(Head::empty(room)),
        }
    }

    /// From now on nothing is taken any more, or everything again.
    pub fn set_full(&self, full: bool) {
        self.full.store(full, Ordering::Relaxed);
    }

    /// From now on what is written is not confirmed, until it is set back.
    pub fn set_slow(&self, slow: bool) {
        self.slow.send_replace(slow);
    }

    /// How many appends were taken.
    pub fn commits(&self) -> usize {
        self.kept().commits
    }

    pub fn records(&self) -> Vec<Record> {
        self.kept().records.clone()
    }

    pub fn snapshots(&self) -> Vec<Snapshot> {
        self.kept().snapshots.clone()
    }

    /// When the server was last known to be alive.
    pub fn alive(&self) -> Moment {
        self.kept().alive
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().expect("a lock")
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
        let mut kept = self.kept();
        kept.commits += 1;
        for entry in append.entries {
            head = head.append(&entry);
            kept.alive = head.at;
            kept.records.push(Record {
                seq: head.seq,
                at: head.at,
                body: entry.body,
                hash: head.hash,
            });
        }
        for reply in append.replies {
            kept.replies
                .insert((reply.person, reply.idempotency_key), reply.body);
        }
        if let Some(body) = append.snapshot {
            kept.snapshots.push(Snapshot { head, body });
        }
        self.head.send_replace(head);
        Ok(head)
    }
}

impl Log for Memory {
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
        Box::pin(ready(Ok(later.take(limit).collect())))
    }

    fn reply(
        &self,
        _: RoomId,
        person: PersonId,
        command: String,
    ) -> LogFuture<Result<Option<Bytes>, ReadError>> {
        let reply = self.kept().replies.get(&(person, command)).cloned();
        Box::pin(ready(Ok(reply)))
    }

    fn recover(&self, _: RoomId) -> LogFuture<Result<Recovery, ReadError>> {
        let kept = self.kept();
        Box::pin(ready(Ok(Recovery {
            head: *self.head.borrow(),
            first: kept.snapshots.first().cloned(),
            latest: kept.snapshots.last().cloned(),
            last_alive: kept.alive,
        })))
    }

    fn head(&self, _: &RoomId) -> watch::Receiver<Head> {
        self.head.subscribe()
    }

    fn heartbeat(&self, at: Moment) {
        let mut kept = self.kept();
        kept.alive = kept.alive.max(at);
    }
}
