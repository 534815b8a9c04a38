//! Reading a data folder, with or without a server that writes it.

use std::{
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use plenary_ids::{Moment, RoomId, Seq};
use rusqlite::{Connection, OptionalExtension, params};

use crate::{
    CorruptRecord, HashChain, Head, OpenError, ReadError, Record, Recovery, Snapshot, folder,
    schema::{self, RoomLog},
};

/// How many records one query fetches at most.
const PAGE_RECORDS: usize = 1024;

/// The journal of a data folder, opened for reading only.
#[derive(Debug)]
pub struct Reader {
    db: Connection,
}

impl Reader {
    /// Opens a folder's journal and changes nothing there.
    pub fn open(folder: &Path) -> Result<Self, OpenError> {
        folder::open_for_reading(folder).map(|db| Self { db })
    }

    /// The version of a folder's journal; none if the folder has no journal.
    pub fn version(folder: &Path) -> Result<Option<usize>, OpenError> {
        if !folder::has_database(folder) {
            return Ok(None);
        }
        folder::version(folder).map(Some)
    }

    /// Lets SQLite check the whole file, and returns its report as the error.
    pub fn check(&self) -> Result<(), ReadError> {
        let report: String = self
            .db
            .pragma_query_value(None, "quick_check", |row| row.get(0))?;
        if report == "ok" {
            Ok(())
        } else {
            Err(ReadError::Disk(report))
        }
    }

    /// The rooms that have a log, ordered by name.
    pub fn rooms(&self) -> Result<Vec<RoomId>, ReadError> {
        let mut statement = self.db.prepare("SELECT name FROM room ORDER BY name")?;
        let names = statement.query_map([], |row| row.get::<_, String>(0))?;
        let rooms = names.map(|name| {
            let name = name?;
            RoomId::new(&name).map_err(|_| ReadError::Disk(format!("a room is called {name:?}")))
        });
        rooms.collect()
    }

    /// The end of a room's log.
    pub fn head(&self, room: &RoomId) -> Result<Head, ReadError> {
        self.room(room).map(|log| log.head)
    }

    /// Reads at most `limit` records after a sequence number.
    pub fn page(&self, room: &RoomId, after: Seq, limit: usize) -> Result<Vec<Record>, ReadError> {
        let RoomLog { key, .. } = self.room(room)?;
        Ok(schema::records(&self.db, key, after, limit)?)
    }

    /// Reads every record after a sequence number, up to the present end of the log.
    pub fn records(&self, room: &RoomId, after: Seq) -> Result<Records<'_>, ReadError> {
        let RoomLog { key, head, .. } = self.room(room)?;
        Ok(Records {
            reader: self,
            key,
            after,
            until: head.seq,
            page: Vec::new().into_iter(),
        })
    }

    /// Verifies a room's hash chain and snapshots. Returns the log's end, or the first corrupt record.
    pub fn verify(&self, room: &RoomId) -> Result<Head, ReadError> {
        // One consistent view of the file, although a server may append meanwhile.
        let view = self.db.unchecked_transaction()?;
        let head = self.head(room)?;
        let mut chain = HashChain::from(room.clone(), Head::empty(room));
        let all = Records {
            until: Seq(u64::MAX),
            ..self.records(room, Seq(0))?
        };
        for record in all {
            chain.verify(&record?)?;
        }
        chain.verify_end(&head)?;
        for snapshot in self.snapshots(room)? {
            self.verify_snapshot(room, &snapshot)?;
        }
        drop(view);
        Ok(head)
    }

    /// Reads what a room needs to start, and verifies the last record.
    pub fn recovery(&self, room: &RoomId) -> Result<Recovery, ReadError> {
        let last_alive = self
            .db
            .query_row(schema::LAST_ALIVE, [now()], |row| row.get(0))?;
        let last_alive = Moment(schema::from_sql(last_alive));
        let Some(RoomLog { head, .. }) = schema::room(&self.db, room)? else {
            return Ok(Recovery {
                head: Head::empty(room),
                first: None,
                latest: None,
                last_alive,
            });
        };
        self.verify_last_record(room)?;
        let mut snapshots = self.snapshots(room)?.into_iter();
        let first = snapshots.next();
        let latest = snapshots.next_back().or_else(|| first.clone());
        Ok(Recovery {
            head,
            first: first.filter(|first| first.head.seq == Seq(0)),
            latest,
            // The room's own record counts in any case: its clocks go on from there.
            last_alive: last_alive.max(head.at),
        })
    }

    /// Verifies the last record against the one before it.
    pub(crate) fn verify_last_record(&self, room: &RoomId) -> Result<(), ReadError> {
        let RoomLog { key, head, .. } = self.room(room)?;
        let before = Seq(head.seq.0.saturating_sub(2));
        let last: Vec<Record> = schema::records(&self.db, key, before, 3)?;
        let mut last = last.iter();
        let mut chain = HashChain::from(room.clone(), Head::empty(room));
        if head.seq > Seq(1) {
            let missing = || CorruptRecord {
                room: room.clone(),
                seq: before.next(),
                why: "it is missing",
            };
            let from = last.next().ok_or_else(missing)?;
            let (seq, at, hash) = (from.seq, from.at, from.hash);
            chain = HashChain::from(room.clone(), Head { seq, at, hash });
        }
        for record in last {
            chain.verify(record)?;
        }
        Ok(chain.verify_end(&head)?)
    }

    fn snapshots(&self, room: &RoomId) -> Result<Vec<Snapshot>, ReadError> {
        let RoomLog { key, .. } = self.room(room)?;
        let sql = "SELECT seq, at, hash, body FROM snapshot WHERE room = ?1 ORDER BY seq";
        let mut statement = self.db.prepare_cached(sql)?;
        let snapshots = statement.query_map([key], |row| {
            Ok(Snapshot {
                head: schema::head(row, 0)?,
                body: row.get::<_, Vec<u8>>(3)?.into(),
            })
        })?;
        Ok(snapshots.collect::<rusqlite::Result<_>>()?)
    }

    /// Verifies that a snapshot was taken of a record of this log.
    fn verify_snapshot(&self, room: &RoomId, snapshot: &Snapshot) -> Result<(), ReadError> {
        let RoomLog { key, .. } = self.room(room)?;
        let head = snapshot.head;
        let sql = "SELECT hash FROM record WHERE place = ?1";
        let found: Option<[u8; 32]> = self
            .db
            .query_row(sql, params![schema::place(key, head.seq)], |row| row.get(0))
            .optional()?;
        if head.seq == Seq(0) || found == Some(head.hash.0) {
            return Ok(());
        }
        Err(ReadError::Corrupt(CorruptRecord {
            room: room.clone(),
            seq: head.seq,
            why: "a snapshot was taken of another one",
        }))
    }

    fn room(&self, room: &RoomId) -> Result<RoomLog, ReadError> {
        schema::room(&self.db, room)?.ok_or_else(|| ReadError::NoRoom(room.clone()))
    }

    pub(crate) fn db(&self) -> &Connection {
        &self.db
    }
}

/// The machine's time in milliseconds since 1970, as SQLite stores it.
fn now() -> i64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
    since_1970.map_or(0, |since| {
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    })
}

/// Iterates over records; fetches them a page at a time.
#[derive(Debug)]
pub struct Records<'a> {
    reader: &'a Reader,
    key: i64,
    after: Seq,
    until: Seq,
    page: std::vec::IntoIter<Record>,
}

impl Iterator for Records<'_> {
    type Item = Result<Record, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.page.as_slice().is_empty() && self.after < self.until {
            match schema::records(&self.reader.db, self.key, self.after, PAGE_RECORDS) {
                Ok(page) => self.page = page.into_iter(),
                Err(error) => {
                    self.after = self.until;
                    return Some(Err(error.into()));
                }
            }
        }
        let record = self.page.next().filter(|record| record.seq <= self.until)?;
        self.after = record.seq;
        Some(Ok(record))
    }
}
