use std::{fs, io::Write};

use plenary_ids::Seq;
use plenary_journal::{Journal, Log, OpenError, ReadError, Reader};
use plenary_testkit::{
    journal::{TestJournal, entry},
    room_id,
};

fn first_bad(folder: &tempfile::TempDir) -> u64 {
    let reader = Reader::open(folder.path()).unwrap();
    match reader.verify(&room_id("climate")).unwrap_err() {
        ReadError::Corrupt(record) => record.seq.0,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn the_first_record_that_was_changed_removed_or_inserted_is_named() {
    for (sql, bad) in [
        ("UPDATE record SET body = '{}' WHERE place & 0xff = 4", 4),
        ("UPDATE record SET at = at + 1 WHERE place & 0xff = 5", 5),
        (
            "UPDATE record SET hash = zeroblob(32) WHERE place & 0xff = 6",
            6,
        ),
        ("DELETE FROM record WHERE place & 0xff = 7", 7),
        ("DELETE FROM record WHERE place & 0xff = 10", 10),
        (
            "INSERT INTO record SELECT place + 1, at, hash, body FROM record WHERE place & 0xff = 10",
            11,
        ),
        ("UPDATE batch SET hash = zeroblob(32)", 10),
    ] {
        let folder = TestJournal::with_records(10).await.tampered(sql);
        assert_eq!(first_bad(&folder), bad, "{sql}");
    }
}

#[tokio::test]
async fn a_log_is_not_valid_for_another_room() {
    let folder = TestJournal::with_records(3)
        .await
        .tampered("UPDATE room SET name = 'covid'");
    let reader = Reader::open(folder.path()).unwrap();
    reader.verify(&room_id("covid")).unwrap_err();
}

#[tokio::test]
async fn a_start_on_a_damaged_last_record_is_refused_by_its_name() {
    for sql in [
        "UPDATE record SET body = substr(body, 1, 3) WHERE place & 0xff = 10",
        "DELETE FROM record WHERE place & 0xff = 10",
    ] {
        let folder = TestJournal::with_records(10).await.tampered(sql);
        let refused = Journal::open(folder.path()).unwrap_err();
        assert!(
            matches!(&refused, OpenError::Corrupt { record, .. } if record.seq == Seq(10)),
            "{refused}"
        );
        assert!(
            refused
                .to_string()
                .contains("record 10 of the room climate"),
            "{refused}"
        );
    }
}

/// A loss of power may leave half of a commit that was not acknowledged.
#[tokio::test]
async fn half_a_commit_at_the_end_is_discarded() {
    let test = TestJournal::with_records(2).await;
    let wal = test.folder.path().join("journal.db-wal");
    let before = fs::read(&wal).unwrap();
    test.append("climate", 2, (3..100).map(entry).collect())
        .await
        .unwrap();
    let after = fs::read(&wal).unwrap();
    for keep in [before.len() + 1, before.len() + 5000, after.len() - 1] {
        let folder = tempfile::tempdir().unwrap();
        fs::copy(
            test.folder.path().join("journal.db"),
            folder.path().join("journal.db"),
        )
        .unwrap();
        fs::write(folder.path().join("journal.db-wal"), &after[..keep]).unwrap();
        let journal = Journal::open(folder.path()).unwrap();
        let records = journal.read(room_id("climate"), Seq(0), 200).await.unwrap();
        assert_eq!(records.len(), 2, "{keep} bytes of {}", after.len());
    }
}

#[tokio::test]
async fn a_file_that_was_cut_or_overwritten_is_refused_or_its_first_bad_record_named() {
    let test = TestJournal::with_records(5000).await;
    let folder = test.tampered("PRAGMA wal_checkpoint(TRUNCATE)");
    let file = folder.path().join("journal.db");
    let whole = fs::read(&file).unwrap();

    fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    let refused = Journal::open(folder.path()).unwrap_err();
    assert!(
        matches!(
            refused,
            OpenError::Damaged { .. } | OpenError::Corrupt { .. }
        ),
        "{refused}"
    );

    let mut noise = whole.clone();
    noise
        .get_mut(whole.len() / 2..)
        .unwrap()
        .write_all(&[7; 64])
        .unwrap();
    fs::write(&file, noise).unwrap();
    let reader = Reader::open(folder.path()).unwrap();
    reader.verify(&room_id("climate")).unwrap_err();
}
