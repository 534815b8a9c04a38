//! The log on this machine's disk.

use std::{
    collections::HashMap,
    fmt,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::Ordering,
        mpsc::{self, Sender},
    },
    thread::JoinHandle,
};

use bytes::Bytes;
use plenary_ids::{Moment, PersonId, RoomId, Seq};
use tokio::sync::{oneshot, watch};

use crate::{
    Answer, Append, AppendError, Head, Health, Log, OpenError, ReadError, Reader, Record, Recovery,
    Trouble, folder,
    handed::Handed,
    health::Notes,
    replied::{self, Replied},
    schema,
    writer::{Order, Writer},
};

/// A [`Log`] in SQLite: one file for all rooms, one thread that writes it, and a commit for all that wait.
///
/// Cloning it copies a pointer. When the last clone is dropped, what was told is written and the folder is let go.
#[derive(Debug, Clone)]
pub struct Journal(Arc<Inner>);

struct Inner {
    identity: String,
    alive: Moment,
    folder: PathBuf,
    shared: Arc<Shared>,
    reader: Arc<Mutex<Reader>>,
    /// None only while it is dropped.
    orders: Option<Sender<Order>>,
    writer: Option<JoinHandle<()>>,
}

/// What the writer and those who ask both look at.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    pub(crate) notes: Notes,
    pub(crate) replied: Replied,
    heads: Mutex<HashMap<RoomId, Place>>,
}

/// Where a room's log is.
#[derive(Debug)]
struct Place {
    head: watch::Sender<Head>,
    /// Where it will be once the writer has written what it was handed.
    handed: Head,
}

impl Journal {
    /// Opens the journal of a data folder, makes it if there is none, brings it to this version, and looks whether
    /// each room's last record is whole. Nobody else can open the folder to write meanwhile.
    pub fn open(folder: &Path) -> Result<Self, OpenError> {
        let lock = folder::lock(folder)?;
        let db = folder::write(folder)?;
        let reader = Reader::open(folder)?;
        let fault = |error| OpenError::sqlite(folder.to_owned(), &error);
        let sql = "SELECT identity, alive FROM journal";
        let (identity, pulse): (String, i64) = db
            .query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
            .map_err(fault)?;
        let shared = Arc::new(Shared {
            replied: Replied::of(&identity),
            ..Shared::default()
        });
        let mut alive = Moment(schema::from_sql(pulse));
        let (mut rooms, mut unnamed) = (HashMap::new(), HashMap::new());
        let names = reader.rooms().map_err(|error| read(folder, error))?;
        let count = names.len();
        for room in names {
            reader
                .look_at_the_end(&room)
                .map_err(|error| read(folder, error))?;
            if let Some(known) = schema::room(&db, &room).map_err(fault)? {
                alive = alive.max(known.head.at);
                let replies = shared
                    .replied
                    .load(&db, (&room, known.key), count)
                    .map_err(fault)?;
                unnamed.insert(known.key, replies);
                shared.move_head(&room, known.head);
                rooms.insert(room, known);
            }
        }
        let writer = Writer {
            folder: folder.to_owned(),
            db,
            shared: Arc::clone(&shared),
            alive,
            rooms,
            unnamed,
            _lock: lock,
        };
        let (orders, told) = mpsc::channel();
        let writer = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || writer.run(&told))
            .map_err(|error| OpenError::io(folder.to_owned(), &error))?;
        Ok(Self(Arc::new(Inner {
            identity,
            alive,
            folder: folder.to_owned(),
            shared,
            reader: Arc::new(Mutex::new(reader)),
            orders: Some(orders),
            writer: Some(writer),
        })))
    }

    /// How the disk does.
    pub fn health(&self) -> Health {
        let mut health = self.0.shared.notes.health();
        if self.0.writer.as_ref().is_some_and(JoinHandle::is_finished) {
            // Only a fault of ours ends it; what is refused from then on is not to be a riddle.
            let why = "its writer has ended, start the server again".to_owned();
            health.trouble = Some(Trouble::Other(why));
        }
        health
    }

    /// When a server on this folder was last known to be alive, before it was opened now.
    pub fn alive(&self) -> Moment {
        self.0.alive
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        &self.0.folder
    }

    fn tell(&self, order: Order) -> bool {
        let orders = self.0.orders.as_ref();
        orders.is_some_and(|orders| orders.send(order).is_ok())
    }

    /// Reads on a thread that may wait for the disk.
    fn read_by<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Reader) -> Result<T, ReadError> + Send + 'static,
    ) -> Answer<Result<T, ReadError>> {
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

impl Log for Journal {
    fn identity(&self) -> &str {
        &self.0.identity
    }

    fn append(&self, append: Append) -> Answer<Result<Head, AppendError>> {
        let (done, answered) = oneshot::channel();
        self.0.shared.notes.waiting.fetch_add(1, Ordering::Relaxed);
        let shared = &self.0.shared;
        let before = shared.expected(&append);
        let handed = Handed::of(append, before, &shared.replied);
        shared.hand(&handed.room, handed.after());
        let told = self.tell(Order::Append(handed, done));
        Box::pin(async move {
            if !told {
                return Err(AppendError::Closed);
            }
            answered.await.unwrap_or(Err(AppendError::Closed))
        })
    }

    fn read(
        &self,
        room: RoomId,
        after: Seq,
        limit: usize,
    ) -> Answer<Result<Vec<Record>, ReadError>> {
        self.read_by(move |reader| reader.page(&room, after, limit))
    }

    fn reply(
        &self,
        room: RoomId,
        person: PersonId,
        command: String,
    ) -> Answer<Result<Option<Bytes>, ReadError>> {
        let shared = &self.0.shared;
        match shared.replied.batch(&room, person.as_str(), &command) {
            None => Box::pin(std::future::ready(Ok(None))),
            Some(batch) => self.read_by(move |reader| {
                let reply = replied::read(reader.db(), batch, person.as_str(), &command)?;
                Ok(reply.map(Bytes::from))
            }),
        }
    }

    fn recover(&self, room: RoomId) -> Answer<Result<Recovery, ReadError>> {
        self.read_by(move |reader| reader.recovery(&room))
    }

    fn head(&self, room: &RoomId) -> watch::Receiver<Head> {
        self.0.shared.follow(room)
    }

    fn pulse(&self, at: Moment) {
        self.tell(Order::Pulse(at));
    }
}

impl Shared {
    pub(crate) fn move_head(&self, room: &RoomId, head: Head) {
        self.at(room, |place| place.head.send_replace(head));
    }

    fn follow(&self, room: &RoomId) -> watch::Receiver<Head> {
        self.at(room, |place| place.head.subscribe())
    }

    /// The head that an append expects to find: of what was handed over before, or of what is written. Should it be neither,
    /// the writer refuses it.
    fn expected(&self, append: &Append) -> Head {
        self.at(&append.room, |place| {
            let written = *place.head.borrow();
            [place.handed, written]
                .into_iter()
                .find(|head| head.seq == append.after)
                .unwrap_or(Head {
                    seq: append.after,
                    ..written
                })
        })
    }

    fn hand(&self, room: &RoomId, head: Head) {
        self.at(room, |place| place.handed = head);
    }

    fn at<T>(&self, room: &RoomId, look: impl FnOnce(&mut Place) -> T) -> T {
        let mut heads = self.heads.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = heads.get_mut(room) {
            return look(place);
        }
        let handed = Head::of_nothing(room);
        let head = watch::Sender::new(handed);
        look(heads.entry(room.clone()).or_insert(Place { head, handed }))
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        // The writer ends when nobody can tell it anything; with it goes the lock.
        drop(self.orders.take());
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

fn read(folder: &Path, error: ReadError) -> OpenError {
    let folder = folder.to_owned();
    match error {
        ReadError::Flaw(flaw) => OpenError::Flaw { folder, flaw },
        error => OpenError::Damaged {
            folder,
            why: error.to_string(),
        },
    }
}
