//! A journal in a data folder that is deleted afterwards.

use std::path::Path;

use plenary_ids::{Moment, Seq};
use plenary_journal::{Append, AppendError, Entry, Head, Journal, Log, Reader, StoredReply};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::{START, person, room_id};

pub struct TestJournal {
    pub folder: TempDir,
    pub journal: Journal,
}

pub fn entry(number: u64) -> Entry {
    Entry {
        at: Moment(START.0 + number),
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

/// Executes SQL on the database of a data folder that no journal has open.
pub fn tamper(folder: &Path, sql: &str) {
    let database = Connection::open(folder.join("journal.db")).unwrap();
    database.execute_batch(sql).unwrap();
}

impl TestJournal {
    pub fn new() -> Self {
        Self::open(tempfile::tempdir().unwrap())
    }

    pub fn open(folder: TempDir) -> Self {
        let journal = Journal::open(folder.path()).unwrap();
        Self { folder, journal }
    }

    /// With so many records of the room `climate`.
    pub async fn with_records(count: u64) -> Self {
        let test = Self::new();
        let entries = (1..=count).map(entry).collect();
        test.append("climate", 0, entries).await.unwrap();
        test
    }

    pub async fn append(
        &self,
        room: &str,
        after: u64,
        entries: Vec<Entry>,
    ) -> Result<Head, AppendError> {
        let append = Append {
            entries,
            ..Append::after(room_id(room), Seq(after))
        };
        self.journal.append(append).await
    }

    /// The server ends, and another one starts on the same folder.
    #[must_use]
    pub fn restart(self) -> Self {
        let Self { folder, journal } = self;
        drop(journal);
        Self::open(folder)
    }

    /// The server ends, and somebody changes the file.
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

impl Default for TestJournal {
    fn default() -> Self {
        Self::new()
    }
}
