//! The writer's thread and its group commit: all queued appends, of every room, share one transaction and one sync.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::Duration,
};

use plenary_ids::{Moment, RoomId};
use rusqlite::{CachedStatement, Connection, Transaction, TransactionBehavior, params};
use tokio::sync::oneshot;

use crate::{
    AppendError, DiskFault, Entry, Head,
    folder::OpenFiles,
    lock::Lock,
    prepared::PreparedAppend,
    reply_index::{self, IndexEntry},
    schema::{self, RoomLog},
    shared::Shared,
};

/// How many jobs share a commit at most: later arrivals must not delay those that already wait.
const MAX_GROUP_COMMIT: usize = 512;
/// How often the folder is looked at while no append arrives, and a failed disk is tried: operators are to learn of a
/// trouble before somebody gives a command, and of its end.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);
/// How long the end waits for readers of the database.
const CLOSING_TIMEOUT: Duration = Duration::from_millis(200);

pub(crate) type AppendResult = Result<Head, AppendError>;
pub(crate) type AppendResponder = oneshot::Sender<AppendResult>;

/// A job in the writer's queue.
#[derive(Debug)]
pub(crate) enum WriteJob {
    Append(PreparedAppend, AppendResponder),
    Heartbeat(Moment),
}

pub(crate) struct Writer {
    pub(crate) folder: PathBuf,
    pub(crate) files: OpenFiles,
    pub(crate) db: Connection,
    pub(crate) shared: Arc<Shared>,
    pub(crate) last_alive: Moment,
    pub(crate) rooms: HashMap<RoomId, RoomLog>,
    /// By each room's key: the entries of the reply index that no stored row holds yet.
    pub(crate) unstored_entries: HashMap<i64, Vec<IndexEntry>>,
    /// Held for as long as the writer runs.
    pub(crate) lock: Lock,
}

/// The changes to the writer's own state that a commit makes if it succeeds.
#[derive(Default)]
struct Staged {
    rooms: HashMap<RoomId, RoomLog>,
    index_entries: Vec<IndexEntry>,
    /// The keys of the rooms whose index entries were stored in a row.
    stored_rows: Vec<i64>,
}

impl Writer {
    /// Commits jobs until every sender is dropped and the queue is empty.
    pub(crate) fn run(mut self, jobs: &Receiver<WriteJob>) {
        let mut failing = false;
        loop {
            let first = match jobs.recv_timeout(CHECK_INTERVAL) {
                Ok(job) => Some(job),
                Err(RecvTimeoutError::Timeout) if failing || !self.files.are_in_place() => None,
                Err(RecvTimeoutError::Timeout) => continue,
                Err(RecvTimeoutError::Disconnected) => {
                    self.close(failing);
                    return;
                }
            };
            let mut appends = Vec::new();
            let mut alive = self.last_alive;
            for job in first
                .into_iter()
                .chain(jobs.try_iter().take(MAX_GROUP_COMMIT))
            {
                match job {
                    WriteJob::Append(append, responder) => appends.push((append, responder)),
                    // The latest heartbeat and not the greatest: a clock that was ahead may have been set back.
                    WriteJob::Heartbeat(at) => alive = at,
                }
            }
            failing = self.commit(appends, alive).is_err();
        }
    }

    /// Ends properly: everything goes into the database, so that the write-ahead log is not needed any more.
    fn close(mut self, failing: bool) {
        if failing {
            // A refused commit may stand at the end of the write-ahead log, written and unconfirmed. One more commit
            // overwrites it, so that a restart does not find it.
            let _ = self.commit(Vec::new(), self.last_alive);
            return;
        }
        if self.shared.monitor.health().slow.is_some() || !self.files.are_in_place() {
            return;
        }
        let _ = self.db.busy_timeout(CLOSING_TIMEOUT);
        let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
        let busy = self
            .db
            .query_row(checkpoint, [], |row| row.get::<_, i64>(0));
        if busy.is_ok_and(|busy| busy == 0) {
            self.lock.note_closed();
        }
    }

    /// Commits all of these appends or, if the disk fails, none.
    fn commit(
        &mut self,
        appends: Vec<(PreparedAppend, AppendResponder)>,
        alive: Moment,
    ) -> Result<(), DiskFault> {
        self.shared.monitor.commit_began();
        let written = if self.files.are_in_place() {
            self.write(&appends, alive)
                .map_err(|error| DiskFault::classify(&error, &self.folder))
        } else {
            // What is written into a file without a name is lost with the process.
            Err(DiskFault::Gone)
        };
        self.shared
            .monitor
            .commit_ended(appends.len(), written.as_ref().err());
        let (staged, results) = match written {
            Ok(written) => written,
            Err(fault) => {
                for (_, responder) in appends {
                    let _ = responder.send(Err(AppendError::Disk(fault.clone())));
                }
                return Err(fault);
            }
        };
        self.last_alive = alive;
        self.adopt(staged);
        for ((_, responder), result) in appends.into_iter().zip(results) {
            // The caller may have dropped its future; the append is durable all the same.
            let _ = responder.send(result);
        }
        Ok(())
    }

    fn write(
        &mut self,
        appends: &[(PreparedAppend, AppendResponder)],
        alive: Moment,
    ) -> rusqlite::Result<(Staged, Vec<AppendResult>)> {
        // Rolls back when it is dropped without a commit.
        let transaction = self
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut staged = Staged::default();
        let mut results = Vec::with_capacity(appends.len());
        let mut insert = Insert::prepare(&transaction)?;
        for (append, _) in appends {
            let room = &append.room;
            let known = staged.rooms.get(room).or(self.rooms.get(room));
            let last = known.map_or(0, |log| log.head.seq.0);
            if last != append.before.seq.0 {
                results.push(Err(AppendError::Conflict {
                    room: room.clone(),
                    expected: append.before.seq.0,
                    last,
                }));
                continue;
            }
            let mut log = match known {
                Some(log) => *log,
                None => schema::insert_room(&transaction, room)?,
            };
            if let Some(entries) = self.unstored_entries.get(&log.key)
                && entries.len() >= reply_index::ENTRIES_PER_ROW
                && !staged.stored_rows.contains(&log.key)
            {
                reply_index::store_row(&transaction, entries)?;
                staged.stored_rows.push(log.key);
            }
            let heads = append.heads_after(log.head);
            log.last_batch += 1;
            log.head = *heads.last().unwrap_or(&log.head);
            insert.records(log.key, &heads, &append.entries)?;
            let replies = append.replies.as_deref();
            schema::insert_batch(&mut insert.batch, log.last_batch, &log.head, replies)?;
            if let Some(snapshot) = &append.snapshot {
                schema::insert_snapshot(&transaction, log, snapshot)?;
            }
            let entries = append.reply_keys.iter().map(|key| (*key, log.last_batch));
            staged.index_entries.extend(entries);
            staged.rooms.insert(room.clone(), log);
            results.push(Ok(log.head));
        }
        drop(insert);
        // A record's own time shows that the server was alive. A commit without records still has to write: SQLite skips
        // a change that changes nothing, and a failing disk would seem mended. Hence the counter.
        if alive != self.last_alive || staged.rooms.is_empty() {
            transaction
                .prepare_cached("UPDATE journal SET alive = ?1, commits = commits + 1")?
                .execute([schema::to_sql(alive.0)])?;
        }
        transaction.commit()?;
        Ok((staged, results))
    }

    /// Takes over what a commit has made durable, and announces the new heads.
    fn adopt(&mut self, staged: Staged) {
        for room in staged.stored_rows {
            self.unstored_entries.remove(&room);
        }
        for entry in &staged.index_entries {
            let room = schema::room_of(entry.1);
            self.unstored_entries.entry(room).or_default().push(*entry);
        }
        self.shared.replies.insert(staged.index_entries);
        for (room, log) in staged.rooms {
            self.shared.set_durable_head(&room, log.head);
            self.rooms.insert(room, log);
        }
    }
}

/// The two statements that every append executes, prepared once per commit.
struct Insert<'a> {
    record: CachedStatement<'a>,
    batch: CachedStatement<'a>,
}

impl<'a> Insert<'a> {
    fn prepare(transaction: &'a Transaction<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            record: transaction.prepare_cached("INSERT INTO record VALUES (?1, ?2, ?3, ?4)")?,
            batch: schema::prepare_batch(transaction)?,
        })
    }

    /// Writes entries as records, each with the head that it makes.
    fn records(&mut self, room: i64, heads: &[Head], entries: &[Entry]) -> rusqlite::Result<()> {
        for (head, entry) in heads.iter().zip(entries) {
            self.record.execute(params![
                schema::place(room, head.seq),
                schema::to_sql(head.at.0),
                &head.hash.0,
                &entry.body[..]
            ])?;
        }
        Ok(())
    }
}
