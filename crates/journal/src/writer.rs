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

use crate::{
    AppendError, Entry, Head, Trouble,
    handed::Handed,
    journal::Shared,
    replied::{self, Named},
    schema::{self, Known},
};

/// How many appends share a commit at most, so that those who wait are not kept waiting by those who come.
const MOST: usize = 512;
/// How often a disk that failed is tried when nobody else does, so that operators learn that it is mended.
const RETRY: Duration = Duration::from_secs(1);

pub(crate) type Done = oneshot::Sender<Result<Head, AppendError>>;

/// What the writer is told.
#[derive(Debug)]
pub(crate) enum Order {
    Append(Handed, Done),
    Pulse(Moment),
}

pub(crate) struct Writer {
    pub(crate) folder: PathBuf,
    pub(crate) db: Connection,
    pub(crate) shared: Arc<Shared>,
    pub(crate) alive: Moment,
    pub(crate) rooms: HashMap<RoomId, Known>,
    /// Of each room, by its key: the replies that stand in no row of names yet.
    pub(crate) unnamed: HashMap<i64, Vec<Named>>,
    /// Held for as long as there is a writer.
    pub(crate) _lock: File,
}

/// What a commit would change of the writer, if it succeeds.
#[derive(Default)]
struct Staged {
    rooms: HashMap<RoomId, Known>,
    replies: Vec<Named>,
    /// The rooms whose names got a row.
    named: Vec<i64>,
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
    fn commit(&mut self, appends: Vec<(Handed, Done)>, alive: Moment) -> Result<(), Trouble> {
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
                for room in staged.named {
                    self.unnamed.remove(&room);
                }
                for named in &staged.replies {
                    let room = schema::room_of(named.1);
                    self.unnamed.entry(room).or_default().push(*named);
                }
                self.shared.replied.note(staged.replies);
                for (room, known) in staged.rooms {
                    self.shared.move_head(&room, known.head);
                    self.rooms.insert(room, known);
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
        appends: &[(Handed, Done)],
        alive: Moment,
    ) -> rusqlite::Result<(Staged, Vec<Result<Head, AppendError>>)> {
        // Rolls back when it is dropped without a commit.
        let step = self
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut staged = Staged::default();
        let mut results = Vec::with_capacity(appends.len());
        let mut insert = Insert::prepare(&step)?;
        for (append, _) in appends {
            let room = &append.room;
            let place = staged.rooms.get(room).or(self.rooms.get(room));
            let last = place.map_or(0, |known| known.head.seq.0);
            if last != append.before.seq.0 {
                results.push(Err(AppendError::Moved {
                    room: append.room.clone(),
                    expected: append.before.seq.0,
                    last,
                }));
                continue;
            }
            let mut known = match place {
                Some(known) => *known,
                None => enter(&step, &append.room)?,
            };
            if let Some(unnamed) = self.unnamed.get(&known.key)
                && unnamed.len() >= replied::ROW
                && !staged.named.contains(&known.key)
            {
                replied::keep(&step, unnamed)?;
                staged.named.push(known.key);
            }
            known.batch += 1;
            let heads = append.heads_after(known.head);
            known.head = *heads.last().unwrap_or(&known.head);
            insert.records(known.key, &heads, &append.entries)?;
            schema::put_batch(
                &mut insert.batch,
                known.batch,
                &known.head,
                append.replies.as_deref(),
            )?;
            if let Some(snapshot) = &append.snapshot {
                keep(&step, known, snapshot)?;
            }
            let named = append.names.iter().map(|name| (*name, known.batch));
            staged.replies.extend(named);
            staged.rooms.insert(append.room.clone(), known);
            results.push(Ok(known.head));
        }
        drop(insert);
        // A record tells by its own time that the server was alive. Where nothing was appended, the count makes the commit
        // write something: SQLite leaves out a change that is none, and a disk that fails would seem mended.
        if alive > self.alive || staged.rooms.is_empty() {
            step.prepare_cached("UPDATE journal SET alive = ?1, commits = commits + 1")?
                .execute([schema::to_sql(alive.0)])?;
        }
        step.commit()?;
        Ok((staged, results))
    }
}

/// Gives a new room its place in the file.
fn enter(step: &Transaction<'_>, room: &RoomId) -> rusqlite::Result<Known> {
    step.execute("INSERT INTO room (name) VALUES (?1)", [room.as_str()])?;
    let key = step.last_insert_rowid();
    Ok(Known {
        key,
        batch: schema::places(key).start - 1,
        head: Head::of_nothing(room),
    })
}

/// What a commit does over and over, prepared once.
struct Insert<'a> {
    record: CachedStatement<'a>,
    batch: CachedStatement<'a>,
}

impl<'a> Insert<'a> {
    fn prepare(step: &'a Transaction<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            record: step.prepare_cached("INSERT INTO record VALUES (?1, ?2, ?3, ?4)")?,
            batch: schema::insert_batch(step)?,
        })
    }

    /// Writes records, each with its head.
    fn records(&mut self, key: i64, heads: &[Head], entries: &[Entry]) -> rusqlite::Result<()> {
        for (head, entry) in heads.iter().zip(entries) {
            self.record.execute(params![
                schema::place(key, head.seq),
                schema::to_sql(head.at.0),
                &head.hash.0,
                &entry.body[..]
            ])?;
        }
        Ok(())
    }
}

/// Keeps a room's state.
fn keep(
    step: &Transaction<'_>,
    Known { key, head, .. }: Known,
    snapshot: &[u8],
) -> rusqlite::Result<()> {
    // The first stays, so that the whole log can always be folded again.
    step.prepare_cached("DELETE FROM snapshot WHERE room = ?1 AND seq > 0")?
        .execute([key])?;
    let (seq, at) = (schema::to_sql(head.seq.0), schema::to_sql(head.at.0));
    step.prepare_cached("INSERT OR REPLACE INTO snapshot VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![key, seq, at, &head.hash.0, snapshot])?;
    Ok(())
}
