//! Reading and writing the tables of the current version; `migration.rs` creates them.

use std::ops::Range;

use plenary_ids::{Moment, RoomId, Seq};
use rusqlite::{
    CachedStatement, Connection, OptionalExtension, Row, Transaction, params, types::ValueRef,
};

use crate::{Hash, Head, Record};

/// When the server was last known to be alive: at the last heartbeat, or at the last record of any room. A record that
/// is dated after ?1 was written while the clock was ahead, and says nothing.
pub(crate) const LAST_ALIVE: &str =
    "SELECT max(alive, (SELECT coalesce(max(at), 0) FROM head WHERE at <= ?1)) FROM journal";

/// How many bits of a place hold the sequence number. 2^40 records of a room are a thousand a second for 34 years.
const SEQ_BITS: u32 = 40;

/// The primary key of a record or a batch: the room's key, then its number in the room.
pub(crate) fn place(room: i64, seq: Seq) -> i64 {
    (room << SEQ_BITS) | to_sql(seq.0)
}

/// The key of the room in a place.
pub(crate) fn room_of(place: i64) -> i64 {
    place >> SEQ_BITS
}

/// All places of a room.
pub(crate) fn places(room: i64) -> Range<i64> {
    place(room, Seq(1))..place(room + 1, Seq(0))
}

/// SQLite's integers are signed; the stored numbers never come near 2^63.
pub(crate) fn to_sql(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(crate) fn from_sql(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// A room's log in the database.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RoomLog {
    pub(crate) key: i64,
    /// The place of the last batch.
    pub(crate) last_batch: i64,
    pub(crate) head: Head,
}

/// Finds a room's log by the room's name.
pub(crate) fn room(db: &Connection, name: &RoomId) -> rusqlite::Result<Option<RoomLog>> {
    db.prepare_cached("SELECT key, place, seq, at, hash FROM head WHERE name = ?1")?
        .query_row([name.as_str()], |row| {
            Ok(RoomLog {
                key: row.get(0)?,
                last_batch: row.get(1)?,
                head: head(row, 2)?,
            })
        })
        .optional()
}

/// Creates a new room's log.
pub(crate) fn insert_room(
    transaction: &Transaction<'_>,
    room: &RoomId,
) -> rusqlite::Result<RoomLog> {
    transaction.execute("INSERT INTO room (name) VALUES (?1)", [room.as_str()])?;
    let key = transaction.last_insert_rowid();
    Ok(RoomLog {
        key,
        last_batch: places(key).start - 1,
        head: Head::empty(room),
    })
}

/// Prepares the statement that [`insert_batch`] executes.
pub(crate) fn prepare_batch<'a>(
    transaction: &'a Transaction<'_>,
) -> rusqlite::Result<CachedStatement<'a>> {
    transaction.prepare_cached("INSERT INTO batch VALUES (?1, ?2, ?3, ?4, ?5)")
}

/// Stores a batch: the room's head after it, and its encoded replies.
pub(crate) fn insert_batch(
    statement: &mut CachedStatement<'_>,
    place: i64,
    head: &Head,
    replies: Option<&[u8]>,
) -> rusqlite::Result<()> {
    let (seq, at) = (to_sql(head.seq.0), to_sql(head.at.0));
    statement.execute(params![place, seq, at, &head.hash.0, replies])?;
    Ok(())
}

/// Stores a snapshot of a room at its head.
pub(crate) fn insert_snapshot(
    transaction: &Transaction<'_>,
    RoomLog { key, head, .. }: RoomLog,
    body: &[u8],
) -> rusqlite::Result<()> {
    // The first snapshot stays, so that the whole log can always be folded again.
    transaction
        .prepare_cached("DELETE FROM snapshot WHERE room = ?1 AND seq > 0")?
        .execute([key])?;
    let (seq, at) = (to_sql(head.seq.0), to_sql(head.at.0));
    transaction
        .prepare_cached("INSERT OR REPLACE INTO snapshot VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![key, seq, at, &head.hash.0, body])?;
    Ok(())
}

/// Reads a head from three columns: sequence number, time and hash.
pub(crate) fn head(row: &Row<'_>, first: usize) -> rusqlite::Result<Head> {
    Ok(Head {
        seq: Seq(from_sql(row.get(first)?)),
        at: Moment(from_sql(row.get(first + 1)?)),
        hash: Hash(row.get(first + 2)?),
    })
}

/// Reads at most `limit` records of a room after a sequence number.
pub(crate) fn records(
    db: &Connection,
    room: i64,
    after: Seq,
    limit: usize,
) -> rusqlite::Result<Vec<Record>> {
    let sql = "SELECT place, at, hash, body FROM record WHERE place > ?1 AND place < ?2 ORDER BY place LIMIT ?3";
    let end = places(room).end;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    db.prepare_cached(sql)?
        .query_map(params![place(room, after), end, limit], |row| {
            Ok(Record {
                seq: Seq(from_sql(row.get::<_, i64>(0)? & ((1 << SEQ_BITS) - 1))),
                at: Moment(row.get_ref(1)?.as_i64().map_or(0, from_sql)),
                hash: Hash(bytes(row.get_ref(2)?).try_into().unwrap_or_default()),
                body: bytes(row.get_ref(3)?).to_vec().into(),
            })
        })?
        .collect()
}

/// A value whose type somebody has changed reads as empty; the record's hash then reveals the change.
fn bytes(value: ValueRef<'_>) -> &[u8] {
    value.as_bytes().unwrap_or_default()
}
