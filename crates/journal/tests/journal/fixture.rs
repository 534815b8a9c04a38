//! A data folder that is gone afterwards, and a journal in it.

use std::path::Path;

use plenary_ids::{Moment, PersonId, RoomId, Seq};
use plenary_journal::{Append, AppendError, Entry, Head, Journal, Log, Reader, StoredReply};
use rusqlite::Connection;
use tempfile::TempDir;

pub struct House {
    pub folder: TempDir,
    pub journal: Journal,
}

pub fn room(name: &str) -> RoomId {
    RoomId::new(name).unwrap()
}

pub fn person(name: &str) -> PersonId {
    PersonId::new(name).unwrap()
}

pub fn entry(number: u64) -> Entry {
    Entry {
        at: Moment(1_634_000_400_000 + number),
        body: format!("{{\"number\":{number}}}").into(),
    }
}

pub fn reply(name: &str, key: &str, body: &'static str) -> StoredReply {
    StoredReply {
        person: person(name),
        idempotency_key: key.to_owned(),
        body: body.into(),
    }
}

impl House {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(folder.path()).unwrap();
        Self { folder, journal }
    }

    /// With that many records of the room "climate".
    pub async fn with(count: u64) -> Self {
        let house = Self::new();
        let entries = (1..=count).map(entry).collect();
        house.append("climate", 0, entries).await.unwrap();
        house
    }

    pub async fn append(
        &self,
        name: &str,
        after: u64,
        entries: Vec<Entry>,
    ) -> Result<Head, AppendError> {
        let append = Append {
            entries,
            ..Append::after(room(name), Seq(after))
        };
        self.journal.append(append).await
    }

    /// The server ends, and another starts.
    pub fn restart(self) -> Self {
        let Self { folder, journal } = self;
        drop(journal);
        let journal = Journal::open(folder.path()).unwrap();
        Self { folder, journal }
    }

    /// The server ends; somebody has the file for himself.
    pub fn tampered(self, sql: &str) -> TempDir {
        let Self { folder, journal } = self;
        drop(journal);
        tamper(folder.path(), sql);
        folder
    }

    pub fn reader(&self) -> Reader {
        Reader::open(self.folder.path()).unwrap()
    }
}

pub fn tamper(folder: &Path, sql: &str) {
    let db = Connection::open(folder.join("journal.db")).unwrap();
    db.execute_batch(sql).unwrap();
}
