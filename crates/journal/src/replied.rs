//! Where each reply is kept, so that most commands, which are new, need not ask the disk.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::{PoisonError, RwLock},
};

use rusqlite::{Connection, OptionalExtension, params};

/// How many replies of before the start are still known; all since the start are. So many are a year of busy conferences,
/// and take a start some seconds to read; the hundred thousand of a busy week are a fraction of one.
const KEPT: i64 = 1 << 20;

/// Finds a reply's row by room, person and command. It holds sixteen bytes for each, and is checked against the row.
#[derive(Debug, Default)]
pub(crate) struct Replied {
    rows: RwLock<HashMap<u64, i64>>,
    hasher: RandomState,
}

impl Replied {
    /// Reads what is kept; gives the last row.
    pub(crate) fn load(&self, db: &Connection) -> rusqlite::Result<i64> {
        let sql = "SELECT id, room, person, command FROM reply ORDER BY id DESC LIMIT ?1";
        let mut last = 0;
        let mut found = HashMap::new();
        let mut statement = db.prepare(sql)?;
        let mut rows = statement.query([KEPT])?;
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            let (person, command) = (row.get_ref(2)?.as_str()?, row.get_ref(3)?.as_str()?);
            last = last.max(id);
            // The newest comes first, and stands.
            let hash = self.hash(row.get(1)?, person, command);
            found.entry(hash).or_insert(id);
        }
        *self.rows.write().unwrap_or_else(PoisonError::into_inner) = found;
        Ok(last)
    }

    pub(crate) fn hash(&self, room: i64, person: &str, command: &str) -> u64 {
        self.hasher.hash_one((room, person, command))
    }

    pub(crate) fn note(&self, replies: impl IntoIterator<Item = (u64, i64)>) {
        let mut rows = self.rows.write().unwrap_or_else(PoisonError::into_inner);
        rows.extend(replies);
    }

    pub(crate) fn row(&self, room: i64, person: &str, command: &str) -> Option<i64> {
        let rows = self.rows.read().unwrap_or_else(PoisonError::into_inner);
        rows.get(&self.hash(room, person, command)).copied()
    }
}

/// The reply in a row, if the row is that command's.
pub(crate) fn read(
    db: &Connection,
    (id, room): (i64, i64),
    person: &str,
    command: &str,
) -> rusqlite::Result<Option<Vec<u8>>> {
    let sql = "SELECT body FROM reply WHERE id = ?1 AND room = ?2 AND person = ?3 AND command = ?4";
    db.prepare_cached(sql)?
        .query_row(params![id, room, person, command], |row| row.get(0))
        .optional()
}
