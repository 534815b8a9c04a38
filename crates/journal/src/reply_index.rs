//! The place of the batch of each stored reply, in memory, so that a command with a new idempotency key needs no disk
//! access.
//!
//! An entry is sixteen bytes: the hash of the reply's key and the place of its batch. The writer stores the entries too,
//! in rows of many, so that a start reads those rows instead of all replies.

use std::{
    ops::Range,
    sync::{PoisonError, RwLock},
};

use nohash_hasher::IntMap;
use plenary_ids::RoomId;
use rusqlite::{Connection, Transaction, params};

use crate::{
    reply_batch::{self, ReplyHasher},
    schema,
};

/// How many replies of earlier runs are indexed, of all rooms together: those of about a year of busy conferences. All
/// replies since the start are indexed.
const MAX_LOADED_ENTRIES: usize = 1 << 20;
/// How many entries of a room make a row (64 KB). At most so many are read from their batches at a start.
pub(crate) const ENTRIES_PER_ROW: usize = 4096;

/// The hash of a reply's key, and the place of the batch that holds the reply.
pub(crate) type IndexEntry = (u64, i64);

/// Finds the batch of a reply. The reader compares the keys in the batch, so a collision of hashes is harmless.
#[derive(Debug, Default)]
pub(crate) struct ReplyIndex {
    batches: RwLock<IntMap<u64, i64>>,
    pub(crate) hasher: ReplyHasher,
}

impl ReplyIndex {
    /// An empty index for the journal of that identity.
    pub(crate) fn with_identity(identity: &str) -> Self {
        Self {
            batches: RwLock::default(),
            hasher: ReplyHasher::with_identity(identity),
        }
    }

    /// Loads the entries of one of `rooms` rooms, and returns those that no stored row holds yet.
    pub(crate) fn load(
        &self,
        db: &Connection,
        (room, key): (&RoomId, i64),
        rooms: usize,
    ) -> rusqlite::Result<Vec<IndexEntry>> {
        let (rows, indexed_until) = latest_rows(db, key, MAX_LOADED_ENTRIES / rooms.max(1))?;
        let mut unstored = Vec::new();
        let sql = "SELECT place, replies FROM batch WHERE place > ?1 AND place < ?2 AND replies IS NOT NULL";
        let mut statement = db.prepare_cached(sql)?;
        let mut batches = statement.query([indexed_until, schema::places(key).end])?;
        while let Some(batch) = batches.next()? {
            let place = batch.get(0)?;
            let replies = reply_batch::decode(batch.get_ref(1)?.as_blob()?);
            let hashes = replies.map(|(person, key, _)| self.hasher.hash(room, person, key));
            unstored.extend(hashes.map(|hash| (hash, place)));
        }
        // Oldest first: of two entries with one hash the later replaces the earlier.
        self.insert(rows.into_iter().rev().flatten());
        self.insert(unstored.iter().copied());
        Ok(unstored)
    }

    pub(crate) fn insert(&self, entries: impl IntoIterator<Item = IndexEntry>) {
        let mut batches = self.batches.write().unwrap_or_else(PoisonError::into_inner);
        batches.extend(entries);
    }

    /// The batch that may hold the reply to a command.
    pub(crate) fn batch(&self, room: &RoomId, person: &str, idempotency_key: &str) -> Option<i64> {
        let (person, key) = (person.as_bytes(), idempotency_key.as_bytes());
        let hash = self.hasher.hash(room, person, key);
        let batches = self.batches.read().unwrap_or_else(PoisonError::into_inner);
        batches.get(&hash).copied()
    }
}

/// Reads a room's stored rows from the newest back until they hold `enough` entries. Also returns the
/// last batch that the rows cover.
fn latest_rows(
    db: &Connection,
    room: i64,
    enough: usize,
) -> rusqlite::Result<(Vec<Vec<IndexEntry>>, i64)> {
    let Range { start, end } = schema::places(room);
    let sql =
        "SELECT place, names FROM replied WHERE place >= ?1 AND place < ?2 ORDER BY place DESC";
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query([start, end])?;
    let (mut found, mut count, mut indexed_until) = (Vec::new(), 0, start - 1);
    while count < enough
        && let Some(row) = rows.next()?
    {
        indexed_until = indexed_until.max(row.get(0)?);
        let (numbers, _) = row.get_ref(1)?.as_blob()?.as_chunks();
        let numbers: Vec<u64> = numbers.iter().copied().map(u64::from_be_bytes).collect();
        let (entries, _) = numbers.as_chunks();
        let mut entries: Vec<IndexEntry> = entries
            .iter()
            .map(|[hash, place]| (*hash, place.cast_signed()))
            .collect();
        // One row may hold everything that version 1 had stored: only its newest entries are wanted.
        let entries = entries.split_off(entries.len().saturating_sub(enough - count));
        count += entries.len();
        found.push(entries);
    }
    Ok((found, indexed_until))
}

/// Stores a row of entries.
pub(crate) fn store_row(
    transaction: &Transaction<'_>,
    entries: &[IndexEntry],
) -> rusqlite::Result<()> {
    let Some((_, last)) = entries.last() else {
        return Ok(());
    };
    let bytes: Vec<u8> = entries
        .iter()
        .flat_map(|(hash, place)| [hash.to_be_bytes(), place.to_be_bytes()])
        .flatten()
        .collect();
    transaction
        .prepare_cached("INSERT INTO replied VALUES (?1, ?2)")?
        .execute(params![last, bytes])?;
    Ok(())
}
