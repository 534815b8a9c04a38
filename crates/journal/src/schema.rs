//! The tables, and how those of an older version become them.

use std::{ops::Range, path::Path};

use plenary_ids::{Moment, RoomId, Seq};
use rusqlite::{
    CachedStatement, Connection, OptionalExtension, Row, Transaction, params, types::ValueRef,
};

use crate::{Hash, Head, OpenError, Record, replied};

/// What tells a journal from other SQLite files ("PLNY").
const APPLICATION: i64 = 0x504c_4e59;

/// A step for each version: the first makes an empty file version 1, the next version 1 version 2, and so on. Steps
/// are never changed, only added; old logs under `tests/` show that they still lead here.
const STEPS: &[Step] = &[tables, batches];

type Step = fn(&Transaction<'_>) -> rusqlite::Result<()>;

/// An empty file becomes version 1.
fn tables(step: &Transaction<'_>) -> rusqlite::Result<()> {
    step.execute_batch(
        "
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
            FROM record JOIN room ON room.key = record.place >> 40;",
    )
}

/// Version 1 becomes version 2. It wrote a row for each reply and changed the room's at each commit; now what was appended
/// at once leaves one row, which says both. That is two pages less for each commit.
fn batches(step: &Transaction<'_>) -> rusqlite::Result<()> {
    step.execute_batch(
        "
        -- What was appended at once: where the room's log ended after it, and what was replied.
        -- place = room * 2^40 + number, from 1.
        CREATE TABLE batch (
            place   INTEGER PRIMARY KEY,
            seq     INTEGER NOT NULL,
            at      INTEGER NOT NULL, -- milliseconds since 1970
            hash    BLOB NOT NULL,
            replies BLOB -- see replied.rs
        );

        -- Which replies are in the batches up to a place, so that a start need not read them all.
        CREATE TABLE replied (place INTEGER PRIMARY KEY, names BLOB NOT NULL);

        INSERT INTO batch SELECT (key << 40) + 1, seq, at, hash, NULL FROM room;
        ",
    )?;
    replied::gather(step)?;
    step.execute_batch(
        "
        DROP TABLE reply;
        ALTER TABLE room DROP COLUMN seq;
        ALTER TABLE room DROP COLUMN at;
        ALTER TABLE room DROP COLUMN hash;

        -- A room and where its log ends.
        CREATE VIEW head AS
            SELECT key, name, place, seq, at, hash FROM room JOIN batch
            ON place = (SELECT max(place) FROM batch WHERE place > key << 40 AND place < (key + 1) << 40);
        ",
    )
}

/// Lets what reads a file of version 1, and may not change it, find the heads where it finds those of ours.
pub(crate) fn lend_views(db: &Connection) -> rusqlite::Result<()> {
    let version: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version == 1 {
        db.execute_batch("CREATE TEMP VIEW head AS SELECT key, name, key << 40 AS place, seq, at, hash FROM room")?;
    }
    Ok(())
}

/// When the server was last known to be alive: at a pulse, or at the last record of any room.
pub(crate) const ALIVE: &str =
    "SELECT max(alive, (SELECT coalesce(max(at), 0) FROM head)) FROM journal";

/// The version that this code writes.
pub(crate) const KNOWN: usize = STEPS.len();

/// Brings a file to the version that this code writes.
pub(crate) fn migrate(db: &mut Connection, folder: &Path) -> Result<(), OpenError> {
    migrate_by(db, folder, STEPS)
}

fn migrate_by(db: &mut Connection, folder: &Path, steps: &[Step]) -> Result<(), OpenError> {
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
    for bring_forward in rest {
        bring_forward(&step).map_err(fault)?;
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

/// The key of a record, and of a batch: the room's, and its number in the room.
pub(crate) fn place(room: i64, seq: Seq) -> i64 {
    // 2^40 records of a room are a thousand a second for 34 years.
    (room << SEQ_BITS) | to_sql(seq.0)
}

/// The room in a place.
pub(crate) fn room_of(place: i64) -> i64 {
    place >> SEQ_BITS
}

/// The places of a room, from the one after 0 to the one that no record has.
pub(crate) fn places(room: i64) -> Range<i64> {
    place(room, Seq(1))..place(room + 1, Seq(0))
}

/// Integers of SQLite are signed; ours that are kept there never come near 2^63.
pub(crate) fn to_sql(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(crate) fn from_sql(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// A room as the file has it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known {
    pub(crate) key: i64,
    /// The place of the last batch.
    pub(crate) batch: i64,
    pub(crate) head: Head,
}

/// A room, if the file has it.
pub(crate) fn room(db: &Connection, name: &RoomId) -> rusqlite::Result<Option<Known>> {
    db.prepare_cached("SELECT key, place, seq, at, hash FROM head WHERE name = ?1")?
        .query_row([name.as_str()], |row| {
            Ok(Known {
                key: row.get(0)?,
                batch: row.get(1)?,
                head: head(row, 2)?,
            })
        })
        .optional()
}

/// What puts a batch into the file.
pub(crate) fn insert_batch<'a>(step: &'a Transaction<'_>) -> rusqlite::Result<CachedStatement<'a>> {
    step.prepare_cached("INSERT INTO batch VALUES (?1, ?2, ?3, ?4, ?5)")
}

/// Puts a batch into the file: where its room ends after it, and its replies in one piece.
pub(crate) fn put_batch(
    insert: &mut CachedStatement<'_>,
    place: i64,
    head: &Head,
    replies: Option<&[u8]>,
) -> rusqlite::Result<()> {
    let (seq, at) = (to_sql(head.seq.0), to_sql(head.at.0));
    insert.execute(params![place, seq, at, &head.hash.0, replies])?;
    Ok(())
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
        let first: Step =
            |step| step.execute_batch("CREATE TABLE journal (identity TEXT, alive INTEGER)");
        migrate_by(&mut db, folder, &[first]).unwrap();
        let identity = |db: &Connection| -> String {
            db.query_row("SELECT identity FROM journal", [], |row| row.get(0))
                .unwrap()
        };
        let before = identity(&db);
        let later: Step = |step| step.execute_batch("ALTER TABLE journal ADD COLUMN later INTEGER");
        migrate_by(&mut db, folder, &[first, later]).unwrap();
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
        let first: Step =
            |step| step.execute_batch("CREATE TABLE journal (identity TEXT, alive INTEGER)");
        migrate_by(&mut db, folder, &[first]).unwrap();
        let half: Step = |step| step.execute_batch("CREATE TABLE half (a)");
        let nonsense: Step = |step| step.execute_batch("CREATE nonsense");
        let steps = [first, half, nonsense];
        migrate_by(&mut db, folder, &steps).unwrap_err();
        assert_eq!(check(&db, folder, 1).unwrap(), 1);
        db.prepare("SELECT * FROM half").unwrap_err();
    }

    #[test]
    fn every_reply_and_head_of_version_1_is_found_in_version_2() {
        let mut db = Connection::open_in_memory().unwrap();
        let folder = Path::new("data");
        migrate_by(&mut db, folder, &STEPS[..1]).unwrap();
        db.execute_batch(
            "INSERT INTO room VALUES (1, 'climate', 7, 70, zeroblob(32)), (2, 'health', 9, 90, zeroblob(32));
             INSERT INTO reply WITH RECURSIVE number(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM number WHERE n < 1001)
             SELECT n, 1 + n % 2, 'seoul-1', 'c' || n, CAST('reply ' || n || hex(zeroblob(50)) AS BLOB) FROM number;",
        )
        .unwrap();
        migrate(&mut db, folder).unwrap();
        for (name, key, seq) in [("climate", 1, 7), ("health", 2, 9)] {
            let name = RoomId::new(name).unwrap();
            let known = room(&db, &name).unwrap().unwrap();
            assert_eq!((known.key, known.head.seq), (key, Seq(seq)));
            let kept = replied::Replied::of("0123456789abcdef0123456789abcdef");
            kept.load(&db, (&name, key), 2).unwrap();
            for number in 1..=1001 {
                let command = format!("c{number}");
                let batch = kept.batch(&name, "seoul-1", &command);
                assert_eq!(batch.is_some(), 1 + number % 2 == key);
                let Some(batch) = batch else { continue };
                assert!(batch <= known.batch);
                let reply = replied::read(&db, batch, "seoul-1", &command).unwrap();
                let reply = String::from_utf8(reply.unwrap()).unwrap();
                assert!(reply.starts_with(&format!("reply {number}0")), "{reply}");
            }
        }
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
