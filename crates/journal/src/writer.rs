//! The one thread that writes: it takes all appends that wait, of every room, into one commit.

use std::{
    collections::HashMap,
    fs::File,
    path::PathBuf,
    sync::{
        Arc,
        atomic::Ordering,
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::Duration,
};

use plenary_ids::{Moment, RoomId};
use rusqlite::{CachedStatement, Connection, Transaction, TransactionBehavior, params};
use tokio::sync::oneshot;

use crate::{Append, AppendError, Entry, Head, Reply, Trouble, journal::Shared, schema};

/// How many appends share a commit at most, so that those who wait are not kept waiting by those who come.
const MOST: usize = 512;
/// How often a disk that failed is tried when nobody else does, so that operators learn that it is mended.
const RETRY: Duration = Duration::from_secs(1);

pub(crate) type Done = oneshot::Sender<Result<Head, AppendError>>;

/// What the writer is told.
#[derive(Debug)]
pub(crate) enum Order {
    Append(Append, Done),
    Pulse(Moment),
}

pub(crate) struct Writer {
    pub(crate) folder: PathBuf,
    pub(crate) db: Connection,
    pub(crate) shared: Arc<Shared>,
    pub(crate) last_reply: i64,
    pub(crate) alive: Moment,
    pub(crate) rooms: HashMap<RoomId, (i64, Head)>,
    /// Held for as long as there is a writer.
    pub(crate) _lock: File,
}

/// What a commit would change of the writer, if it succeeds.
#[derive(Default)]
struct Staged {
    rooms: HashMap<RoomId, (i64, Head)>,
    replies: Vec<(u64, i64)>,
}

impl Writer {
    /// Writes until nobody can tell it anything any more; what was told before is written.
    pub(crate) fn run(mut self, orders: &Receiver<Order>) {
        let mut failing = false;
        loop {
            let first = if failing {
                match orders.recv_timeout(RETRY) {
                    Ok(order) => Some(order),
                    Err(RecvTimeoutError::Timeout) => None,
                    Err(RecvTimeoutError::Disconnected) => {
                        // What was refused may lie at the log's end, written and not confirmed. The next commit goes
                        // over it, so that a restart does not find it.
                        let _ = self.commit(Vec::new(), self.alive);
                        return;
                    }
                }
            } else {
                match orders.recv() {
                    Ok(order) => Some(order),
                    Err(_) => return,
                }
            };
            let mut appends = Vec::new();
            let mut alive = self.alive;
            for order in first.into_iter().chain(orders.try_iter().take(MOST)) {
                match order {
                    Order::Append(append, done) => appends.push((append, done)),
                    Order::Pulse(at) => alive = alive.max(at),
                }
            }
            failing = self.commit(appends, alive).is_err();
        }
    }

    /// One commit: everybody's appends, or nobody's.
    fn commit(&mut self, appends: Vec<(Append, Done)>, alive: Moment) -> Result<(), Trouble> {
        self.shared.notes.begin();
        let written = self.write(&appends, alive);
        let trouble = written
            .as_ref()
            .err()
            .map(|error| Trouble::of(error, &self.folder));
        self.shared.notes.end(trouble.as_ref());
        self.shared
            .notes
            .waiting
            .fetch_sub(appends.len() as u64, Ordering::Relaxed);
        // Whoever asked may be gone; what was asked is written all the same.
        match written {
            Ok((staged, results)) => {
                self.alive = alive;
                self.last_reply = staged.replies.last().map_or(self.last_reply, |(_, id)| *id);
                self.shared.replied.note(staged.replies);
                for (room, (key, head)) in staged.rooms {
                    self.shared.move_head(&room, key, head);
                    self.rooms.insert(room, (key, head));
                }
                for ((_, done), result) in appends.into_iter().zip(results) {
                    let _ = done.send(result);
                }
                Ok(())
            }
            Err(error) => {
                let trouble = Trouble::of(&error, &self.folder);
                for (_, done) in appends {
                    let _ = done.send(Err(AppendError::Disk(trouble.clone())));
                }
                Err(trouble)
            }
        }
    }

    fn write(
        &mut self,
        appends: &[(Append, Done)],
        alive: Moment,
    ) -> rusqlite::Result<(Staged, Vec<Result<Head, AppendError>>)> {
        // Rolls back when it is dropped without a commit.
        let step = self
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut staged = Staged::default();
        let mut results = Vec::with_capacity(appends.len());
        let mut insert = Insert::prepare(&step)?;
        let mut recorded = false;
        for (append, _) in appends {
            let place = staged
                .rooms
                .get(&append.room)
                .or(self.rooms.get(&append.room));
            let (key, head) = match place {
                Some(place) => *place,
                None => enter(&step, &append.room)?,
            };
            if head.seq != append.after {
                results.push(Err(AppendError::Moved {
                    room: append.room.clone(),
                    expected: append.after.0,
                    last: head.seq.0,
                }));
                continue;
            }
            recorded |= !append.entries.is_empty();
            let head = insert.records(key, head, &append.entries)?;
            close(&step, key, head, append)?;
            for reply in &append.replies {
                let id = staged.replies.last().map_or(self.last_reply, |(_, id)| *id) + 1;
                insert.reply(id, key, reply)?;
                let hash = self
                    .shared
                    .replied
                    .hash(key, reply.person.as_str(), &reply.command);
                staged.replies.push((hash, id));
            }
            staged.rooms.insert(append.room.clone(), (key, head));
            results.push(Ok(head));
        }
        drop(insert);
        // A record tells by its own time that the server was alive. Where there is none, the count makes the commit write
        // something: SQLite leaves out a change that is none, and a disk that fails would seem mended.
        if alive > self.alive || !recorded {
            step.prepare_cached("UPDATE journal SET alive = ?1, commits = commits + 1")?
                .execute([schema::to_sql(alive.0)])?;
        }
        step.commit()?;
        Ok((staged, results))
    }
}

/// A room's place in the file; a room that is new gets one.
fn enter(step: &Transaction<'_>, room: &RoomId) -> rusqlite::Result<(i64, Head)> {
    if let Some(place) = schema::room(step, room)? {
        return Ok(place);
    }
    let head = Head::of_nothing(room);
    step.execute(
        "INSERT INTO room (name, seq, at, hash) VALUES (?1, 0, 0, ?2)",
        params![room.as_str(), &head.hash.0],
    )?;
    Ok((step.last_insert_rowid(), head))
}

/// What a commit does over and over, prepared once.
struct Insert<'a> {
    record: CachedStatement<'a>,
    reply: CachedStatement<'a>,
}

impl<'a> Insert<'a> {
    fn prepare(step: &'a Transaction<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            record: step.prepare_cached("INSERT INTO record VALUES (?1, ?2, ?3, ?4)")?,
            reply: step.prepare_cached("INSERT INTO reply VALUES (?1, ?2, ?3, ?4, ?5)")?,
        })
    }

    /// Writes records; gives the head after them.
    fn records(&mut self, key: i64, mut head: Head, entries: &[Entry]) -> rusqlite::Result<Head> {
        for entry in entries {
            head = head.seal(entry);
            self.record.execute(params![
                schema::place(key, head.seq),
                schema::to_sql(head.at.0),
                &head.hash.0,
                &entry.body[..]
            ])?;
        }
        Ok(head)
    }

    fn reply(&mut self, id: i64, key: i64, reply: &Reply) -> rusqlite::Result<()> {
        let (person, command) = (reply.person.as_str(), &reply.command);
        self.reply
            .execute(params![id, key, person, command, &reply.body[..]])?;
        Ok(())
    }
}

/// Notes where a room's log ends after an append, and keeps the append's snapshot.
fn close(step: &Transaction<'_>, key: i64, head: Head, append: &Append) -> rusqlite::Result<()> {
    let (seq, at) = (schema::to_sql(head.seq.0), schema::to_sql(head.at.0));
    if !append.entries.is_empty() {
        step.prepare_cached("UPDATE room SET seq = ?2, at = ?3, hash = ?4 WHERE key = ?1")?
            .execute(params![key, seq, at, &head.hash.0])?;
    }
    if let Some(snapshot) = &append.snapshot {
        // The first stays, so that the whole log can always be folded again.
        step.prepare_cached("DELETE FROM snapshot WHERE room = ?1 AND seq > 0")?
            .execute([key])?;
        step.prepare_cached("INSERT OR REPLACE INTO snapshot VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![key, seq, at, &head.hash.0, &snapshot[..]])?;
    }
    Ok(())
}
