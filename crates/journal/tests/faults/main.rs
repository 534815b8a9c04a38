//! Faults below the journal: a disk that writes half, fails, is full or slow.
//!
//! A layer between SQLite and the real disk makes the faults. The results are checked as a
//! start after a crash would see them.

#![expect(
    clippy::unwrap_used,
    reason = "what helps a test fails it by panicking"
)]

mod disk;

use std::fs;

use plenary_ids::{Moment, PersonId, RoomId, Seq};
use plenary_journal::{
    Append, AppendError, DiskFault, Entry, Head, Journal, Log, Reader, StoredReply,
};
use tempfile::TempDir;

use disk::{Disk, Fault, held};

fn climate() -> RoomId {
    RoomId::new("climate").unwrap()
}

/// Two entries and a reply, which must be recorded together or not at all.
fn command(number: u64, after: u64) -> Append {
    let entry = |half: &str| Entry {
        at: Moment(1_634_000_400_000 + number),
        body: format!("\"{number} {half}\"").into(),
    };
    Append {
        entries: vec![entry("first"), entry("second")],
        replies: vec![StoredReply {
            person: PersonId::new("tokyo-1").unwrap(),
            idempotency_key: number.to_string(),
            body: "{}".into(),
        }],
        ..Append::after(climate(), Seq(after))
    }
}

async fn reply(journal: &Journal, number: u64) -> bool {
    let person = PersonId::new("tokyo-1").unwrap();
    let reply = journal.reply(climate(), person, number.to_string()).await;
    reply.unwrap().is_some()
}

/// A copy of the disk's contents, as after a crash of the machine.
fn crashed(folder: &TempDir) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    for file in ["journal.db", "journal.db-wal"] {
        fs::copy(folder.path().join(file), copy.path().join(file)).unwrap();
    }
    copy
}

/// The commands in a log, each of which has to be complete.
fn commands(folder: &TempDir) -> Vec<u64> {
    let reader = Reader::open(folder.path()).unwrap();
    reader.verify(&climate()).unwrap();
    let records = reader.records(&climate(), Seq(0)).unwrap();
    let words: Vec<String> = records
        .map(|record| String::from_utf8(record.unwrap().body.to_vec()).unwrap())
        .collect();
    let pairs = words.chunks(2).map(|pair| {
        let number = pair[0].trim_matches('"').split_once(' ').unwrap().0;
        assert_eq!(
            pair,
            [
                format!("\"{number} first\""),
                format!("\"{number} second\"")
            ]
        );
        number.parse().unwrap()
    });
    pairs.collect()
}

#[tokio::test]
async fn after_any_failed_write_or_sync_acknowledged_appends_are_complete_and_no_append_is_partial()
{
    for fault in [Fault::HalfWritten, Fault::Full, Fault::NotSynced] {
        for nth in 0..12 {
            let disk = Disk::install();
            let folder = tempfile::tempdir().unwrap();
            let journal = Journal::open(folder.path()).unwrap();
            let (mut head, mut acknowledged, mut refused) = (0, Vec::new(), Vec::new());
            for number in 0..8 {
                if number == 2 {
                    disk.fail(fault, nth);
                }
                match journal.append(command(number, head)).await {
                    Ok(Head { seq, .. }) => {
                        head = seq.0;
                        acknowledged.push(number);
                    }
                    Err(AppendError::Disk(_)) => {
                        refused.push(number);
                        // After a crash of the machine here a refused append may be recorded, but not partially.
                        let left = commands(&crashed(&folder));
                        let known = left.iter().filter(|number| !refused.contains(number));
                        assert!(known.eq(&acknowledged), "{fault:?} {nth}: {left:?}");
                        disk.mend();
                    }
                    Err(other) => panic!("{other}"),
                }
            }
            disk.mend();
            assert_eq!(commands(&folder), acknowledged, "{fault:?} {nth}");
            drop(journal);
            let journal = Journal::open(folder.path()).unwrap();
            for number in 0..8 {
                let kept = reply(&journal, number).await;
                assert_eq!(
                    kept,
                    acknowledged.contains(&number),
                    "{fault:?} {nth}: {number}, {acknowledged:?}"
                );
            }
        }
    }
}

#[tokio::test]
async fn health_reports_a_full_disk_until_it_has_room_again() {
    let disk = Disk::install();
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(folder.path()).unwrap();
    disk.fail(Fault::Full, 0);
    let refused = journal.append(command(1, 0)).await;
    assert_eq!(refused, Err(AppendError::Disk(DiskFault::Full)));
    assert_eq!(journal.health().fault, Some(DiskFault::Full));
    disk.mend();
    journal.append(command(1, 0)).await.unwrap();
    assert_eq!(journal.health().fault, None);
}

#[tokio::test]
async fn appends_wait_for_a_slow_disk_and_none_is_lost() {
    let disk = Disk::install();
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(folder.path()).unwrap();
    disk.hold();
    let first = journal.append(command(1, 0));
    held().await;
    let other = Append {
        room: RoomId::new("covid").unwrap(),
        ..command(2, 0)
    };
    let second = journal.append(other);
    assert_eq!(journal.health().pending_appends, 2);
    assert_eq!(commands(&crashed(&folder)), [1], "written, and nobody told");
    disk.mend();
    assert_eq!(first.await.unwrap().seq, Seq(2));
    assert_eq!(second.await.unwrap().seq, Seq(2));
    assert_eq!(journal.health().pending_appends, 0);
}
