//! The versions of the database, and the migration of an older one.

use std::{collections::HashMap, path::Path};

use rusqlite::{Connection, Transaction};

use crate::{Head, OpenError, reply_batch, schema};

/// Marks the SQLite file as a journal ("PLNY").
const APPLICATION_ID: i64 = 0x504c_4e59;

/// One step for each version: the first creates version 1 in an empty file, the next makes version 2 of version 1, and
/// so on. Steps are only added, never changed; the old logs under `tests/` check that they still lead here.
///
/// Version 3 has the tables of version 2. A folder with such a journal has a list of revoked invitations from the start, so
/// that a missing list is known to be lost.
const STEPS: &[Step] = &[create_tables, merge_batches, |_| Ok(())];

type Step = fn(&Transaction<'_>) -> rusqlite::Result<()>;

/// How many bytes of replies of version 1 are gathered into a batch.
const MIGRATED_BATCH_BYTES: usize = 16 << 10;

/// Brings a database to the current version.
pub(crate) fn migrate(db: &mut Connection, folder: &Path) -> Result<(), OpenError> {
    migrate_with(db, folder, STEPS)
}

/// Checks that the file is a journal of the current version or an older one.
pub(crate) fn check_version(db: &Connection, folder: &Path) -> Result<usize, OpenError> {
    check_version_up_to(db, folder, STEPS.len())
}

/// Lets a reader, which may not migrate, find the heads of a version 1 file where those of the current version are.
pub(crate) fn add_views_for_old_versions(db: &Connection) -> rusqlite::Result<()> {
    let version: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version == 1 {
        db.execute_batch("CREATE TEMP VIEW head AS SELECT key, name, key << 40 AS place, seq, at, hash FROM room")?;
    }
    Ok(())
}

fn migrate_with(db: &mut Connection, folder: &Path, steps: &[Step]) -> Result<(), OpenError> {
    let fault = |error: rusqlite::Error| OpenError::sqlite(folder.to_owned(), &error);
    let found = check_version_up_to(db, folder, steps.len())?;
    let missing = steps.get(found..).unwrap_or_default();
    if missing.is_empty() {
        return Ok(());
    }
    // One transaction: a start that is killed half-way leaves the old version intact.
    let transaction = db.transaction().map_err(fault)?;
    if found == 0 {
        transaction
            .pragma_update(None, "application_id", APPLICATION_ID)
            .map_err(fault)?;
    }
    for step in missing {
        step(&transaction).map_err(fault)?;
    }
    if found == 0 {
        let identity = uuid::Uuid::new_v4().simple().to_string();
        transaction
            .execute(
                "INSERT INTO journal (identity, alive) VALUES (?1, 0)",
                [identity],
            )
            .map_err(fault)?;
    }
    let version = i64::try_from(steps.len()).unwrap_or(i64::MAX);
    transaction
        .pragma_update(None, "user_version", version)
        .map_err(fault)?;
    transaction.commit().map_err(fault)
}

fn check_version_up_to(db: &Connection, folder: &Path, known: usize) -> Result<usize, OpenError> {
    let fault = |error: rusqlite::Error| OpenError::sqlite(folder.to_owned(), &error);
    let pragma = |name| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let found = pragma("user_version").map_err(fault)?;
    let application = pragma("application_id").map_err(fault)?;
    if application != APPLICATION_ID && (found, application) != (0, 0) {
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

/// Creates version 1 in an empty file.
fn create_tables(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction.execute_batch(
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

/// Makes version 2 of version 1, which wrote a row for each reply and updated the room's row at each commit. Version 2
/// writes one row, a batch, for each append, which saves two pages per commit.
fn merge_batches(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction.execute_batch(
        "
        -- What was appended at once: where the room's log ended after it, and what was replied.
        -- place = room * 2^40 + number, from 1.
        CREATE TABLE batch (
            place   INTEGER PRIMARY KEY,
            seq     INTEGER NOT NULL,
            at      INTEGER NOT NULL, -- milliseconds since 1970
            hash    BLOB NOT NULL,
            replies BLOB -- see reply_batch.rs
        );

        -- Which replies are in the batches up to a place, so that a start need not read them all.
        CREATE TABLE replied (place INTEGER PRIMARY KEY, names BLOB NOT NULL);

        INSERT INTO batch SELECT (key << 40) + 1, seq, at, hash, NULL FROM room;
        ",
    )?;
    move_replies_into_batches(transaction)?;
    transaction.execute_batch(
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

/// Moves the replies of version 1, one row each, into batches behind the one that holds their room's head.
fn move_replies_into_batches(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    let mut rooms = HashMap::new();
    let mut heads = transaction.prepare("SELECT place, seq, at, hash FROM batch")?;
    let mut rows = heads.query([])?;
    while let Some(row) = rows.next()? {
        let (place, head): (i64, Head) = (row.get(0)?, schema::head(row, 1)?);
        rooms.insert(schema::room_of(place), (place, head, Vec::new()));
    }
    let mut statement = schema::prepare_batch(transaction)?;
    let mut store = |place: &mut i64, head: &Head, batch: &[u8]| {
        *place += 1;
        schema::insert_batch(&mut statement, *place, head, Some(batch))
    };
    let mut replies =
        transaction.prepare("SELECT room, person, command, body FROM reply ORDER BY id")?;
    let mut rows = replies.query([])?;
    while let Some(row) = rows.next()? {
        let part = |column| {
            row.get_ref(column)?
                .as_bytes()
                .map_err(rusqlite::Error::from)
        };
        // Replies of a room without a log are dropped.
        if let Some((place, head, batch)) = rooms.get_mut(&row.get(0)?) {
            reply_batch::encode(batch, [part(1)?, part(2)?, part(3)?]);
            if batch.len() >= MIGRATED_BATCH_BYTES {
                store(place, head, batch)?;
                batch.clear();
            }
        }
    }
    for (mut place, head, batch) in rooms.into_values() {
        if !batch.is_empty() {
            store(&mut place, &head, &batch)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use plenary_ids::{RoomId, Seq};

    use super::*;
    use crate::{reply_index::ReplyIndex, schema::room};

    #[test]
    fn an_old_version_gets_the_missing_steps_and_keeps_its_content() {
        let mut db = Connection::open_in_memory().unwrap();
        let folder = Path::new("data");
        let first: Step = |transaction| {
            transaction.execute_batch("CREATE TABLE journal (identity TEXT, alive INTEGER)")
        };
        migrate_with(&mut db, folder, &[first]).unwrap();
        let identity = |db: &Connection| -> String {
            db.query_row("SELECT identity FROM journal", [], |row| row.get(0))
                .unwrap()
        };
        let before = identity(&db);
        let later: Step =
            |transaction| transaction.execute_batch("ALTER TABLE journal ADD COLUMN later INTEGER");
        migrate_with(&mut db, folder, &[first, later]).unwrap();
        assert_eq!(identity(&db), before);
        db.query_row("SELECT later FROM journal", [], |row| {
            row.get::<_, Option<i64>>(0)
        })
        .unwrap();
    }

    #[test]
    fn a_failed_step_leaves_the_old_version_intact() {
        let mut db = Connection::open_in_memory().unwrap();
        let folder = Path::new("data");
        let first: Step = |transaction| {
            transaction.execute_batch("CREATE TABLE journal (identity TEXT, alive INTEGER)")
        };
        migrate_with(&mut db, folder, &[first]).unwrap();
        let half: Step = |transaction| transaction.execute_batch("CREATE TABLE half (a)");
        let nonsense: Step = |transaction| transaction.execute_batch("CREATE nonsense");
        let steps = [first, half, nonsense];
        migrate_with(&mut db, folder, &steps).unwrap_err();
        assert_eq!(check_version_up_to(&db, folder, 1).unwrap(), 1);
        db.prepare("SELECT * FROM half").unwrap_err();
    }

    #[test]
    fn every_reply_and_head_of_version_1_is_found_in_version_2() {
        let mut db = Connection::open_in_memory().unwrap();
        let folder = Path::new("data");
        migrate_with(&mut db, folder, &STEPS[..1]).unwrap();
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
            let index = ReplyIndex::with_identity("0123456789abcdef0123456789abcdef");
            index.load(&db, (&name, key), 2).unwrap();
            for number in 1..=1001 {
                let command = format!("c{number}");
                let batch = index.batch(&name, "seoul-1", &command);
                assert_eq!(batch.is_some(), 1 + number % 2 == key);
                let Some(batch) = batch else { continue };
                assert!(batch <= known.last_batch);
                let reply = reply_batch::read(&db, batch, "seoul-1", &command).unwrap();
                let reply = String::from_utf8(reply.unwrap()).unwrap();
                assert!(reply.starts_with(&format!("reply {number}0")), "{reply}");
            }
        }
    }

    #[test]
    fn a_newer_version_is_refused_with_advice() {
        let mut db = Connection::open_in_memory().unwrap();
        migrate(&mut db, Path::new("data")).unwrap();
        db.execute_batch("PRAGMA user_version = 99").unwrap();
        let refused = migrate(&mut db, Path::new("data")).unwrap_err().to_string();
        assert!(refused.contains("use the newer Plenary"), "{refused}");
    }
}
