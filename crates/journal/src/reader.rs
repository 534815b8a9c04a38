//! Reading a data folder: beside its server, or without one.

use std::path::Path;

use plenary_ids::{Moment, RoomId, Seq};
use rusqlite::{Connection, OptionalExtension, params};

use crate::{
    Chain, Flaw, Head, OpenError, ReadError, Record, Recovery, Snapshot, folder,
    schema::{self, Known},
};

/// How many records are read at once.
const PAGE: usize = 1024;

/// The journal of a data folder, to be read. A server may be writing it meanwhile.
#[derive(Debug)]
pub struct Reader {
    db: Connection,
}

impl Reader {
    /// Opens what is in a folder; it changes nothing there.
    pub fn open(folder: &Path) -> Result<Self, OpenError> {
        folder::read(folder).map(|db| Self { db })
    }

    /// Whether the database is whole, in a sentence if it is not. It reads the whole file.
    pub fn check(&self) -> Result<(), ReadError> {
        let said: String = self
            .db
            .pragma_query_value(None, "quick_check", |row| row.get(0))?;
        if said == "ok" {
            Ok(())
        } else {
            Err(ReadError::Disk(said))
        }
    }

    /// The rooms in it, by name.
    pub fn rooms(&self) -> Result<Vec<RoomId>, ReadError> {
        let mut statement = self.db.prepare("SELECT name FROM room ORDER BY name")?;
        let names = statement.query_map([], |row| row.get::<_, String>(0))?;
        let rooms = names.map(|name| {
            let name = name?;
            RoomId::new(&name).map_err(|_| ReadError::Disk(format!("a room is called {name:?}")))
        });
        rooms.collect()
    }

    /// Where a room's log ends.
    pub fn head(&self, room: &RoomId) -> Result<Head, ReadError> {
        self.room(room).map(|known| known.head)
    }

    /// At most `limit` records after a place.
    pub fn page(&self, room: &RoomId, after: Seq, limit: usize) -> Result<Vec<Record>, ReadError> {
        let Known { key, .. } = self.room(room)?;
        Ok(schema::records(&self.db, key, after, limit)?)
    }

    /// Every record after a place, up to where the log ends now.
    pub fn records(&self, room: &RoomId, after: Seq) -> Result<Records<'_>, ReadError> {
        let Known { key, head, .. } = self.room(room)?;
        Ok(Records {
            reader: self,
            key,
            after,
            until: head.seq,
            page: Vec::new().into_iter(),
        })
    }

    /// Follows the chain of a room from its beginning to its end; gives the end, or the first bad record.
    pub fn verify(&self, room: &RoomId) -> Result<Head, ReadError> {
        // One view of the file, though a server may go on meanwhile.
        let view = self.db.unchecked_transaction()?;
        let head = self.head(room)?;
        let mut chain = Chain::from(room.clone(), Head::of_nothing(room));
        let all = Records {
            until: Seq(u64::MAX),
            ..self.records(room, Seq(0))?
        };
        for record in all {
            chain.take(&record?)?;
        }
        chain.end(&head)?;
        for snapshot in self.snapshots(room)? {
            self.is_of_the_log(room, &snapshot)?;
        }
        drop(view);
        Ok(head)
    }

    /// Where a room's log stands, having looked at its last record.
    pub fn recovery(&self, room: &RoomId) -> Result<Recovery, ReadError> {
        let alive = self.db.query_row(schema::ALIVE, [], |row| row.get(0));
        let alive = Moment(schema::from_sql(alive?));
        let Some(Known { head, .. }) = schema::room(&self.db, room)? else {
            return Ok(Recovery {
                head: Head::of_nothing(room),
                first: None,
                latest: None,
                alive,
            });
        };
        self.look_at_the_end(room)?;
        let mut snapshots = self.snapshots(room)?.into_iter();
        let first = snapshots.next();
        let latest = snapshots.next_back().or_else(|| first.clone());
        Ok(Recovery {
            head,
            first: first.filter(|first| first.head.seq == Seq(0)),
            latest,
            alive,
        })
    }

    /// Whether the last record is there and whole.
    pub(crate) fn look_at_the_end(&self, room: &RoomId) -> Result<(), ReadError> {
        let Known { key, head, .. } = self.room(room)?;
        let before = Seq(head.seq.0.saturating_sub(2));
        let last: Vec<Record> = schema::records(&self.db, key, before, 3)?;
        let mut last = last.iter();
        let mut chain = Chain::from(room.clone(), Head::of_nothing(room));
        if head.seq > Seq(1) {
            let missing = || Flaw {
                room: room.clone(),
                seq: before.next(),
                why: "it is missing",
            };
            let from = last.next().ok_or_else(missing)?;
            let (seq, at, hash) = (from.seq, from.at, from.hash);
            chain = Chain::from(room.clone(), Head { seq, at, hash });
        }
        for record in last {
            chain.take(record)?;
        }
        Ok(chain.end(&head)?)
    }

    fn snapshots(&self, room: &RoomId) -> Result<Vec<Snapshot>, ReadError> {
        let Known { key, .. } = self.room(room)?;
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

    fn is_of_the_log(&self, room: &RoomId, snapshot: &Snapshot) -> Result<(), ReadError> {
        let Known { key, .. } = self.room(room)?;
        let said = snapshot.head;
        let sql = "SELECT hash FROM record WHERE place = ?1";
        let found: Option<[u8; 32]> = self
            .db
            .query_row(sql, params![schema::place(key, said.seq)], |row| row.get(0))
            .optional()?;
        if said.seq == Seq(0) || found == Some(said.hash.0) {
            return Ok(());
        }
        Err(ReadError::Flaw(Flaw {
            room: room.clone(),
            seq: said.seq,
            why: "a snapshot was taken of another one",
        }))
    }

    fn room(&self, room: &RoomId) -> Result<Known, ReadError> {
        schema::room(&self.db, room)?.ok_or_else(|| ReadError::NoRoom(room.clone()))
    }

    pub(crate) fn db(&self) -> &Connection {
        &self.db
    }
}

/// Records one by one, read a page at a time.
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
            match schema::records(&self.reader.db, self.key, self.after, PAGE) {
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
