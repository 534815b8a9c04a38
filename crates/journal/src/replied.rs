//! Where each reply is kept, so that most commands, which are new, need not ask the disk.
//!
//! A batch keeps its replies in one piece: for each the person, the command and the reply, each behind its length (four
//! bytes, the most significant first). In memory a reply is sixteen bytes: a hash of its name, and the place of its
//! batch. Once so many are new, the writer keeps those too, so that a start reads them instead of the replies.

use std::{
    collections::HashMap,
    hash::Hasher,
    ops::Range,
    sync::{PoisonError, RwLock},
};

use nohash_hasher::IntMap;
use plenary_ids::RoomId;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use siphasher::sip::SipHasher13;

use crate::{Head, schema};

/// How many replies of before the start are still known, of all rooms together; all since the start are. So many are a year
/// of busy conferences.
const KEPT: usize = 1 << 20;
/// How many replies of a room make a row of names: 64 KB, and so many are read from their batches at a start at most.
pub(crate) const ROW: usize = 4096;
/// How many bytes of replies of version 1 become a batch.
const GATHERED: usize = 16 << 10;

/// A reply's name as a number, and the batch that has it.
pub(crate) type Named = (u64, i64);

/// Finds the batch of a reply by room, person and command. What it finds is checked against the batch.
#[derive(Debug, Default)]
pub(crate) struct Replied {
    batches: RwLock<IntMap<u64, i64>>,
    hasher: SipHasher13,
}

impl Replied {
    /// Of the journal with that identity, which makes the key of its hashes: names that meet cannot be made elsewhere.
    pub(crate) fn of(identity: &str) -> Self {
        let key = u128::from_str_radix(identity, 16).unwrap_or_default();
        Self {
            batches: RwLock::default(),
            hasher: SipHasher13::new_with_key(&key.to_le_bytes()),
        }
    }

    /// Reads what a room has kept, one of so many; gives what stands in no row of names yet.
    pub(crate) fn load(
        &self,
        db: &Connection,
        (room, key): (&RoomId, i64),
        rooms: usize,
    ) -> rusqlite::Result<Vec<Named>> {
        let (kept, until) = rows_of_names(db, key, KEPT / rooms.max(1))?;
        let mut rest = Vec::new();
        let sql = "SELECT place, replies FROM batch WHERE place > ?1 AND place < ?2 AND replies IS NOT NULL";
        let mut statement = db.prepare_cached(sql)?;
        let mut rows = statement.query([until, schema::places(key).end])?;
        while let Some(row) = rows.next()? {
            let place = row.get(0)?;
            let replies = unpack(row.get_ref(1)?.as_blob()?);
            let names = replies.map(|(person, command, _)| self.hash(room, person, command));
            rest.extend(names.map(|name| (name, place)));
        }
        // The newest comes last, and stands.
        self.note(kept.into_iter().rev().flatten());
        self.note(rest.iter().copied());
        Ok(rest)
    }

    /// A command's name as a number.
    pub(crate) fn hash(&self, room: &RoomId, person: &[u8], command: &[u8]) -> u64 {
        let mut hasher = self.hasher;
        for part in [room.as_str().as_bytes(), person, command] {
            hasher.write(part);
            // No byte of a text.
            hasher.write(&[0xff]);
        }
        hasher.finish()
    }

    pub(crate) fn note(&self, replies: impl IntoIterator<Item = Named>) {
        let mut batches = self.batches.write().unwrap_or_else(PoisonError::into_inner);
        batches.extend(replies);
    }

    /// The batch that may have the reply to a command.
    pub(crate) fn batch(&self, room: &RoomId, person: &str, command: &str) -> Option<i64> {
        let name = self.hash(room, person.as_bytes(), command.as_bytes());
        let batches = self.batches.read().unwrap_or_else(PoisonError::into_inner);
        batches.get(&name).copied()
    }
}

/// The latest rows of names of a room, newest first, until they name so many; and the last batch of which they tell.
fn rows_of_names(
    db: &Connection,
    room: i64,
    enough: usize,
) -> rusqlite::Result<(Vec<Vec<Named>>, i64)> {
    let Range { start, end } = schema::places(room);
    let sql =
        "SELECT place, names FROM replied WHERE place >= ?1 AND place < ?2 ORDER BY place DESC";
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query([start, end])?;
    let (mut found, mut count, mut until) = (Vec::new(), 0, start - 1);
    while count < enough
        && let Some(row) = rows.next()?
    {
        until = until.max(row.get(0)?);
        let (numbers, _) = row.get_ref(1)?.as_blob()?.as_chunks();
        let numbers: Vec<u64> = numbers.iter().copied().map(u64::from_be_bytes).collect();
        let (names, _) = numbers.as_chunks();
        let names = names
            .iter()
            .map(|[name, place]| (*name, place.cast_signed()));
        let mut names: Vec<Named> = names.collect();
        // A row is as long as what had gathered: all that version 1 had kept may be in one.
        let names = names.split_off(names.len().saturating_sub(enough - count));
        count += names.len();
        found.push(names);
    }
    Ok((found, until))
}

/// Keeps the names of replies that stand in no row yet.
pub(crate) fn keep(step: &Transaction<'_>, names: &[Named]) -> rusqlite::Result<()> {
    let Some((_, last)) = names.last() else {
        return Ok(());
    };
    let bytes: Vec<u8> = names
        .iter()
        .flat_map(|(name, place)| [name.to_be_bytes(), place.to_be_bytes()])
        .flatten()
        .collect();
    step.prepare_cached("INSERT INTO replied VALUES (?1, ?2)")?
        .execute(params![last, bytes])?;
    Ok(())
}

/// Puts a reply behind others of its batch: the person, the command and the body.
pub(crate) fn pack(packed: &mut Vec<u8>, reply: [&[u8]; 3]) {
    for part in reply {
        // A gigabyte is the most that SQLite takes, and it refuses more by itself.
        let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
        packed.extend(length.to_be_bytes());
        packed.extend(part);
    }
}

/// Person, command and reply of each in a piece. It ends where the piece is no longer what [`pack`] has made.
fn unpack(mut packed: &[u8]) -> impl Iterator<Item = (&[u8], &[u8], &[u8])> {
    std::iter::from_fn(move || {
        let mut part = || {
            let (length, rest) = packed.split_first_chunk()?;
            let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
            let (part, rest) = rest.split_at_checked(length)?;
            packed = rest;
            Some(part)
        };
        Some((part()?, part()?, part()?))
    })
}

/// The reply to a command, if the batch has it.
pub(crate) fn read(
    db: &Connection,
    batch: i64,
    person: &str,
    command: &str,
) -> rusqlite::Result<Option<Vec<u8>>> {
    let sql = "SELECT replies FROM batch WHERE place = ?1 AND replies IS NOT NULL";
    let replies: Option<Vec<u8>> = db
        .prepare_cached(sql)?
        .query_row([batch], |row| row.get(0))
        .optional()?;
    let mut replies = unpack(replies.as_deref().unwrap_or_default());
    let (person, command) = (person.as_bytes(), command.as_bytes());
    let found = replies.find(|(by, name, _)| *by == person && *name == command);
    Ok(found.map(|(_, _, body)| body.to_vec()))
}

/// Version 1 had a row for each reply: they become batches of their room, behind the one that says where it ends.
pub(crate) fn gather(step: &Transaction<'_>) -> rusqlite::Result<()> {
    let mut rooms = HashMap::new();
    let mut ends = step.prepare("SELECT place, seq, at, hash FROM batch")?;
    let mut rows = ends.query([])?;
    while let Some(row) = rows.next()? {
        let (place, head): (i64, Head) = (row.get(0)?, schema::head(row, 1)?);
        rooms.insert(schema::room_of(place), (place, head, Vec::new()));
    }
    let mut insert = schema::insert_batch(step)?;
    let mut put = |place: &mut i64, head: &Head, packed: &[u8]| {
        *place += 1;
        schema::put_batch(&mut insert, *place, head, Some(packed))
    };
    let mut replies = step.prepare("SELECT room, person, command, body FROM reply ORDER BY id")?;
    let mut rows = replies.query([])?;
    while let Some(row) = rows.next()? {
        let part = |column| {
            row.get_ref(column)?
                .as_bytes()
                .map_err(rusqlite::Error::from)
        };
        // A room that is not there has no log either.
        if let Some((place, head, packed)) = rooms.get_mut(&row.get(0)?) {
            pack(packed, [part(1)?, part(2)?, part(3)?]);
            if packed.len() >= GATHERED {
                put(place, head, packed)?;
                packed.clear();
            }
        }
    }
    for (mut place, head, packed) in rooms.into_values() {
        if !packed.is_empty() {
            put(&mut place, &head, &packed)?;
        }
    }
    Ok(())
}
