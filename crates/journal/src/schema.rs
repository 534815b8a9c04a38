//! The tables, and how those of an older version become them.

use std::path::Path;

use plenary_ids::{Moment, RoomId, Seq};
use rusqlite::{Connection, OptionalExtension, Row, params, types::ValueRef};

use crate::{Hash, Head, OpenError, Record};

/// What tells a journal from other SQLite files ("PLNY").
const APPLICATION: i64 = 0x504c_4e59;

/// A step for each version: the first makes an empty file version 1, the next version 1 version 2, and so on. Steps
/// are never changed, only added; an old log under `tests/` shows that they still lead here.
const STEPS: &[&str] = &["
    CREATE TABLE journal (identity TEXT NOT NULL, alive INTEGER NOT NULL, commits INTEGER NOT NULL DEFAULT 0);

    -- A room and where its log ends.
    CREATE TABLE room (
        key  INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        seq  INTEGER NOT NULL,
        at   INTEGER NOT NULL, -- milliseconds since 1970
        hash BLOB NOT NULL
    );

    -- place = room * 2^40 + seq: one tree, in which a room's records lie together and in order.
    CREATE TABLE record (
        place INTEGER PRIMARY KEY,
        at    INTEGER NOT NULL,
        hash  BLOB NOT NULL,
        body  BLOB NOT NULL
    );

    -- In the order of time and without an index: names are random, and an index of them would touch a page for each.
    CREATE TABLE reply (
        id      INTEGER PRIMARY KEY,
        room    INTEGER NOT NULL,
        person  TEXT NOT NULL,
        command TEXT NOT NULL,
        body    BLOB NOT NULL
    );

    -- The first of a room is kept, and the latest.
    CREATE TABLE snapshot (
        room INTEGER NOT NULL,
        seq  INTEGER NOT NULL,
        at   INTEGER NOT NULL,
        hash BLOB NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (room, seq)
    );

    -- For people with a SQLite shell.
    CREATE VIEW event AS
        SELECT room.name AS room, record.place & 0xffffffffff AS seq,
               strftime('%Y-%m-%dT%H:%M:%fZ', record.at / 1000.0, 'unixepoch') AS at,
               CAST(record.body AS TEXT) AS body, lower(hex(record.hash)) AS hash
        FROM record JOIN room ON room.key = record.place >> 40;
"];

/// When the server was last known to be alive: at a pulse, or at the last record of any room.
pub(crate) const ALIVE: &str =
    "SELECT max(alive, (SELECT coalesce(max(at), 0) FROM room)) FROM journal";

/// The version that this code writes.
pub(crate) const KNOWN: usize = STEPS.len();

/// Brings a file to the version that this code writes.
pub(crate) fn migrate(db: &mut Connection, folder: &Path) -> Result<(), OpenError> {
    migrate_by(db, folder, STEPS)
}

fn migrate_by(db: &mut Connection, folder: &Path, steps: &[&str]) -> Result<(), OpenError> {
    let fault = |error: rusqlite::Error| OpenError::sqlite(folder.to_owned(), &error);
    let found = check(db, folder, steps.len())?;
    let rest = steps.get(found..).unwrap_or_default();
    if rest.is_empty() {
        return Ok(());
    }
    // All of it in one transaction: a start that is killed half-way leaves the old version whole.
    let step = db.transaction().map_err(fault)?;
    if found == 0 {
        step.pragma_update(None, "application_id", APPLICATION)
            .map_err(fault)?;
    }
    for sql in rest {
        step.execute_batch(sql).map_err(fault)?;
    }
    if found == 0 {
        let identity = uuid::Uuid::new_v4().simple().to_string();
        step.execute(
            "INSERT INTO journal (identity, alive) VALUES (?1, 0)",
            [identity],
        )
        .map_err(fault)?;
    }
    let version = i64::try_from(steps.len()).unwrap_or(i64::MAX);
    step.pragma_update(None, "user_version", version)
        .map_err(fault)?;
    step.commit().map_err(fault)
}

/// The version of a file that is a journal and not newer than what is known.
pub(crate) fn check(db: &Connection, folder: &Path, known: usize) -> Result<usize, OpenError> {
    let fault = |error: rusqlite::Error| OpenError::sqlite(folder.to_owned(), &error);
    let pragma = |name| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let found = pragma("user_version").map_err(fault)?;
    let application = pragma("application_id").map_err(fault)?;
    if application != APPLICATION && (found, application) != (0, 0) {
        return Err(OpenError::Damaged {
            folder: folder.to_owned(),
            why: "the file is a database of another program".to_owned(),
        });
    }
    match usize::try_from(found) {
        Ok(version) if version <= known => Ok(version),
        _ => Err(OpenError::Newer {
            folder: folder.to_owned(),
            found,
            known: i64::try_from(known).unwrap_or(i64::MAX),
        }),
    }
}

/// Bits of a place that are the sequence number.
const SEQ_BITS: u32 = 40;

/// The key of a record.
pub(crate) fn place(room: i64, seq: Seq) -> i64 {
    // 2^40 records of a room are a thousand a second for 34 years.
    (room << SEQ_BITS) | to_sql(seq.0)
}

/// Integers of SQLite are signed; ours that are kept there never come near 2^63.
pub(crate) fn to_sql(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(crate) fn from_sql(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// A room's key and head.
pub(crate) fn room(db: &Connection, name: &RoomId) -> rusqlite::Result<Option<(i64, Head)>> {
    db.prepare_cached("SELECT key, seq, at, hash FROM room WHERE name = ?1")?
        .query_row([name.as_str()], |row| Ok((row.get(0)?, head(row, 1)?)))
        .optional()
}

/// A head in three columns.
pub(crate) fn head(row: &Row<'_>, first: usize) -> rusqlite::Result<Head> {
    Ok(Head {
        seq: Seq(from_sql(row.get(first)?)),
        at: Moment(from_sql(row.get(first + 1)?)),
        hash: Hash(row.get(first + 2)?),
    })
}

/// At most `limit` records of a room after a place.
pub(crate) fn records(
    db: &Connection,
    room: i64,
    after: Seq,
    limit: usize,
) -> rusqlite::Result<Vec<Record>> {
    let sql = "SELECT place, at, hash, body FROM record WHERE place > ?1 AND place < ?2 ORDER BY place LIMIT ?3";
    let end = (room + 1) << SEQ_BITS;
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

/// What somebody has replaced by another type is read as nothing, and the record's hash tells.
fn bytes(value: ValueRef<'_>) -> &[u8] {
    value.as_bytes().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_version_is_brought_forward_by_the_steps_it_lacks_and_keeps_what_it_holds() {
        let mut db = Connection::open_in_memory().unwrap();
        let folder = Path::new("data");
        let first = "CREATE TABLE journal (identity TEXT, alive INTEGER)";
        migrate_by(&mut db, folder, &[first]).unwrap();
        let identity = |db: &Connection| -> String {
            db.query_row("SELECT identity FROM journal", [], |row| row.get(0))
                .unwrap()
        };
        let before = identity(&db);
        migrate_by(
            &mut db,
            folder,
            &[first, "ALTER TABLE journal ADD COLUMN later INTEGER"],
        )
        .unwrap();
        assert_eq!(identity(&db), before);
        db.query_row("SELECT later FROM journal", [], |row| {
            row.get::<_, Option<i64>>(0)
        })
        .unwrap();
    }

    #[test]
    fn a_step_that_fails_leaves_the_old_version_whole() {
        let mut db = Connection::open_in_memory().unwrap();
        let folder = Path::new("data");
        let first = "CREATE TABLE journal (identity TEXT, alive INTEGER)";
        migrate_by(&mut db, folder, &[first]).unwrap();
        let steps = [first, "CREATE TABLE half (a)", "CREATE nonsense"];
        migrate_by(&mut db, folder, &steps).unwrap_err();
        assert_eq!(check(&db, folder, 1).unwrap(), 1);
        db.prepare("SELECT * FROM half").unwrap_err();
    }

    #[test]
    fn a_newer_version_is_refused_in_words() {
        let mut db = Connection::open_in_memory().unwrap();
        migrate(&mut db, Path::new("data")).unwrap();
        db.execute_batch("PRAGMA user_version = 99").unwrap();
        let refused = migrate(&mut db, Path::new("data")).unwrap_err().to_string();
        assert!(refused.contains("use the newer Plenary"), "{refused}");
    }
}
