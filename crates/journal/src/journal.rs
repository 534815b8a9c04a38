//! The log on this machine's disk.

use std::{
    collections::HashMap,
    fmt,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, Sender},
    },
    thread::JoinHandle,
};

use bytes::Bytes;
use plenary_ids::{Moment, PersonId, RoomId, Seq};
use tokio::sync::{oneshot, watch};

use crate::{
    Append, AppendError, DiskFault, Head, Health, Log, LogFuture, OpenError, ReadError, Reader,
    Record, Recovery,
    folder::{self, OpenFiles},
    lock::{LastUse, Lock},
    prepared::PreparedAppend,
    reply_batch,
    reply_index::ReplyIndex,
    schema::{self, RoomLog},
    shared::Shared,
    writer::{WriteJob, Writer},
};

/// A [`Log`] in SQLite: one file for all rooms, one thread that writes it, and group commit.
///
/// A clone is another pointer to the same journal. Dropping the last one commits what is queued and releases the folder.
#[derive(Debug, Clone)]
pub struct Journal(Arc<Inner>);

struct Inner {
    identity: String,
    last_alive: Moment,
    lost_wal: Option<LostWal>,
    folder: PathBuf,
    shared: Arc<Shared>,
    reader: Arc<Mutex<Reader>>,
    /// The writer's queue; none only during the drop.
    jobs: Option<Sender<WriteJob>>,
    writer: Option<JoinHandle<()>>,
}

impl Journal {
    /// Opens the journal of a data folder, creating or migrating it as needed, and verifies the last record of every
    /// room. No other process can open the folder for writing meanwhile. A folder that was used and has lost its database
    /// is refused.
    pub fn open(folder: &Path) -> Result<Self, OpenError> {
        let lock = Lock::take(folder)?;
        let was_used = lock.last_use() != LastUse::Unknown || folder::has_wal(folder);
        if was_used && !folder::has_database(folder) {
            return Err(OpenError::Lost(folder::database(folder)));
        }
        Self::open_locked(folder, lock)
    }

    /// The same, but a folder that has lost its database gets an empty one. A write-ahead log that is left is set aside.
    pub fn open_or_begin_anew(folder: &Path) -> Result<Self, OpenError> {
        let lock = Lock::take(folder)?;
        if !folder::has_database(folder) {
            folder::set_wal_aside(folder)
                .map_err(|error| OpenError::io(folder.to_owned(), &error))?;
        }
        Self::open_locked(folder, lock)
    }

    /// The path of the database in a folder.
    pub fn file(folder: &Path) -> PathBuf {
        folder::database(folder)
    }

    /// Whether a folder has a journal.
    pub fn exists(folder: &Path) -> bool {
        folder::has_database(folder)
    }

    fn open_locked(folder: &Path, mut lock: Lock) -> Result<Self, OpenError> {
        let is_wal_lost = lock.last_use() == LastUse::Interrupted
            && folder::has_database(folder)
            && !folder::has_wal(folder);
        let db = folder::open_for_writing(folder)?;
        // From here to a proper end the write-ahead log holds something, so that a start can tell that it is lost.
        if db
            .execute("UPDATE journal SET commits = commits + 1", [])
            .is_ok()
        {
            lock.note_in_use();
        }
        let reader = Reader::open(folder)?;
        let fault = |error| OpenError::sqlite(folder.to_owned(), &error);
        let (identity, heartbeat): (String, i64) = db
            .query_row("SELECT identity, alive FROM journal", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .map_err(fault)?;
        let shared = Arc::new(Shared::new(ReplyIndex::with_identity(&identity)));
        let mut last_alive = Moment(schema::from_sql(heartbeat));
        let (mut rooms, mut unstored_entries) = (HashMap::new(), HashMap::new());
        let names = reader.rooms().map_err(|error| damaged(folder, error))?;
        let count = names.len();
        for room in names {
            reader
                .verify_last_record(&room)
                .map_err(|error| damaged(folder, error))?;
            if let Some(log) = schema::room(&db, &room).map_err(fault)? {
                last_alive = last_alive.max(log.head.at);
                let entries = shared
                    .replies
                    .load(&db, (&room, log.key), count)
                    .map_err(fault)?;
                unstored_entries.insert(log.key, entries);
                shared.set_durable_head(&room, log.head);
                rooms.insert(room, log);
            }
        }
        let lost_wal = is_wal_lost.then(|| LostWal::new(&rooms));
        let writer = Writer {
            folder: folder.to_owned(),
            files: OpenFiles::of(folder),
            db,
            shared: Arc::clone(&shared),
            last_alive,
            rooms,
            unstored_entries,
            lock,
        };
        let (jobs, queue) = mpsc::channel();
        let writer = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || writer.run(&queue))
            .map_err(|error| OpenError::io(folder.to_owned(), &error))?;
        Ok(Self(Arc::new(Inner {
            identity,
            last_alive,
            lost_wal,
            folder: folder.to_owned(),
            shared,
            reader: Arc::new(Mutex::new(reader)),
            jobs: Some(jobs),
            writer: Some(writer),
        })))
    }

    /// Whether commits succeed at present, and how long they take.
    pub fn health(&self) -> Health {
        let mut health = self.0.shared.monitor.health();
        if self.0.writer.as_ref().is_some_and(JoinHandle::is_finished) {
            // Only a bug of ours ends the writer; the refusals from then on need an explanation.
            let why = "its writer has ended, start the server again".to_owned();
            health.fault = Some(DiskFault::Other(why));
        }
        health
    }

    /// The latest time at which the server before this one was known to be alive. It is in the future if the clock of that
    /// server was ahead, or if the present one is behind.
    pub fn last_alive(&self) -> Moment {
        self.0.last_alive
    }

    /// What is known if the server before this one was interrupted and its write-ahead log is missing.
    pub fn lost_wal(&self) -> Option<&LostWal> {
        self.0.lost_wal.as_ref()
    }

    /// The data folder that holds the journal.
    pub fn folder(&self) -> &Path {
        &self.0.folder
    }

    /// Queues a job; false if the writer has ended.
    fn enqueue(&self, job: WriteJob) -> bool {
        let jobs = self.0.jobs.as_ref();
        jobs.is_some_and(|jobs| jobs.send(job).is_ok())
    }

    /// Reads on a thread that may block on the disk.
    fn read_on_blocking_thread<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Reader) -> Result<T, ReadError> + Send + 'static,
    ) -> LogFuture<Result<T, ReadError>> {
        let reader = Arc::clone(&self.0.reader);
        Box::pin(async move {
            let reading = tokio::task::spawn_blocking(move || {
                read(&reader.lock().unwrap_or_else(PoisonError::into_inner))
            });
            reading
                .await
                .unwrap_or_else(|_| Err(ReadError::Disk("the reader was stopped".to_owned())))
        })
    }
}

/// A write-ahead log that is missing after an interruption: what was recorded last may be lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LostWal {
    /// Where each log goes on, ordered by room: what was recorded after that is lost.
    pub ends: Vec<(RoomId, Head)>,
}

impl LostWal {
    fn new(rooms: &HashMap<RoomId, RoomLog>) -> Self {
        let ends = rooms.iter().map(|(room, log)| (room.clone(), log.head));
        let mut ends: Vec<_> = ends.collect();
        ends.sort_by(|(a, _), (b, _)| a.cmp(b));
        Self { ends }
    }
}

impl fmt::Display for LostWal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(
            "the server before this one was interrupted, and its write-ahead log (journal.db-wal) is missing: what was recorded last may be lost",
        )?;
        for (room, head) in &self.ends {
            let at = plenary_ids::rfc3339::text(head.at);
            write!(out, "; {room} goes on from entry {} of {at}", head.seq.0)?;
        }
        Ok(())
    }
}

impl Log for Journal {
    fn identity(&self) -> &str {
        &self.0.identity
    }

    fn append(&self, append: Append) -> LogFuture<Result<Head, AppendError>> {
        let shared = &self.0.shared;
        shared.monitor.queued();
        let before = shared.expected_head(&append);
        let prepared = PreparedAppend::new(append, before, &shared.replies.hasher);
        shared.set_queued_head(&prepared.room, prepared.last_head());
        let (responder, result) = oneshot::channel();
        let queued = self.enqueue(WriteJob::Append(prepared, responder));
        Box::pin(async move {
            if !queued {
                return Err(AppendError::Closed);
            }
            result.await.unwrap_or(Err(AppendError::Closed))
        })
    }

    fn read(
        &self,
        room: RoomId,
        after: Seq,
        limit: usize,
    ) -> LogFuture<Result<Vec<Record>, ReadError>> {
        self.read_on_blocking_thread(move |reader| reader.page(&room, after, limit))
    }

    fn reply(
        &self,
        room: RoomId,
        person: PersonId,
        idempotency_key: String,
    ) -> LogFuture<Result<Option<Bytes>, ReadError>> {
        let index = &self.0.shared.replies;
        match index.batch(&room, person.as_str(), &idempotency_key) {
            None => Box::pin(std::future::ready(Ok(None))),
            Some(batch) => self.read_on_blocking_thread(move |reader| {
                let reply =
                    reply_batch::read(reader.db(), batch, person.as_str(), &idempotency_key)?;
                Ok(reply.map(Bytes::from))
            }),
        }
    }

    fn recover(&self, room: RoomId) -> LogFuture<Result<Recovery, ReadError>> {
        self.read_on_blocking_thread(move |reader| reader.recovery(&room))
    }

    fn head(&self, room: &RoomId) -> watch::Receiver<Head> {
        self.0.shared.watch_durable_head(room)
    }

    fn heartbeat(&self, at: Moment) {
        self.enqueue(WriteJob::Heartbeat(at));
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        // The writer ends once its queue is closed and empty, and releases the lock.
        drop(self.jobs.take());
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::error!("the journal's writer ended by a panic");
        }
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Journal")
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

fn damaged(folder: &Path, error: ReadError) -> OpenError {
    let folder = folder.to_owned();
    match error {
        ReadError::Corrupt(record) => OpenError::Corrupt { folder, record },
        error => OpenError::Damaged {
            folder,
            why: error.to_string(),
        },
    }
}
