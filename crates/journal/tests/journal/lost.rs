//! Files of the data folder that are lost before a start or while a server runs, and who may read them.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::Path,
    time::{Duration, Instant},
};

use plenary_ids::Seq;
use plenary_journal::{AppendError, DiskFault, Journal, OpenError};
use plenary_testkit::{
    WAIT_TIMEOUT,
    journal::{TestJournal, entry},
    room_id,
};

fn modes(folder: &Path) -> Vec<(String, u32)> {
    let files = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let modes = files.map(|file| {
        let mode = file.metadata().unwrap().mode() & 0o777;
        (file.file_name().into_string().unwrap(), mode)
    });
    modes.collect()
}

/// Waits until the journal's health is as wanted; nobody gives a command meanwhile.
fn until_health_is(journal: &Journal, wanted: Option<&DiskFault>) {
    let began = Instant::now();
    while journal.health().fault.as_ref() != wanted {
        assert!(began.elapsed() < WAIT_TIMEOUT, "{:?}", journal.health());
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A copy of the folder's files but one, as they are at this moment.
fn copy_without(folder: &Path, missing: &str) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for file in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if file.file_name() != missing {
            fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
        }
    }
    copy
}

#[tokio::test]
async fn every_file_is_for_its_owner_alone_in_a_folder_that_everybody_may_read() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    // Files of an older Plenary, which others may read.
    fs::write(folder.path().join("journal.lock"), "").unwrap();
    let readable = fs::Permissions::from_mode(0o644);
    fs::set_permissions(folder.path().join("journal.lock"), readable).unwrap();
    let test = TestJournal::open(folder);
    test.append("climate", 0, vec![entry(1)]).await.unwrap();
    let modes = modes(test.folder.path());
    let names: Vec<&str> = modes.iter().map(|(name, _)| name.as_str()).collect();
    for file in [
        "journal.db",
        "journal.db-wal",
        "journal.db-shm",
        "journal.lock",
    ] {
        assert!(names.contains(&file), "{names:?}");
    }
    assert!(modes.iter().all(|(_, mode)| *mode == 0o600), "{modes:?}");
}

#[tokio::test]
async fn a_folder_that_is_deleted_while_the_server_runs_is_noticed_and_nothing_is_accepted_into_it()
{
    let test = TestJournal::with_records(1).await;
    fs::remove_dir_all(test.folder.path()).unwrap();
    until_health_is(&test.journal, Some(&DiskFault::Gone));
    let refused = test.append("climate", 1, vec![entry(2)]).await;
    assert_eq!(refused, Err(AppendError::Disk(DiskFault::Gone)));
}

#[tokio::test]
async fn a_folder_that_is_replaced_is_noticed_and_used_again_once_it_is_back() {
    let test = TestJournal::with_records(1).await;
    let aside = test.folder.path().with_extension("aside");
    fs::rename(test.folder.path(), &aside).unwrap();
    fs::create_dir(test.folder.path()).unwrap();
    for file in fs::read_dir(&aside).unwrap().map(Result::unwrap) {
        fs::copy(file.path(), test.folder.path().join(file.file_name())).unwrap();
    }
    let refused = test.append("climate", 1, vec![entry(2)]).await;
    assert_eq!(refused, Err(AppendError::Disk(DiskFault::Gone)));

    fs::remove_dir_all(test.folder.path()).unwrap();
    fs::rename(&aside, test.folder.path()).unwrap();
    until_health_is(&test.journal, None);
    test.append("climate", 1, vec![entry(2)]).await.unwrap();
    assert_eq!(test.reader().head(&room_id("climate")).unwrap().seq, Seq(2));
}

#[tokio::test]
async fn a_write_ahead_log_that_is_deleted_while_the_server_runs_is_noticed() {
    let test = TestJournal::with_records(1).await;
    fs::remove_file(test.folder.path().join("journal.db-wal")).unwrap();
    until_health_is(&test.journal, Some(&DiskFault::Gone));
}

#[tokio::test]
async fn a_used_folder_without_its_database_is_refused_by_the_name_of_the_file_and_the_way_out() {
    let empty = |folder: &Path| fs::write(folder.join("journal.db"), "").unwrap();
    let missing = |folder: &Path| fs::remove_file(folder.join("journal.db")).unwrap();
    for lose in [empty, missing as fn(&Path)] {
        let TestJournal { folder, journal } = TestJournal::with_records(3).await;
        drop(journal);
        lose(folder.path());
        let refused = Journal::open(folder.path()).unwrap_err();
        assert!(matches!(refused, OpenError::Lost(_)), "{refused}");
        let said = refused.to_string();
        for word in ["journal.db is missing or empty", "backup", "--begin-anew"] {
            assert!(said.contains(word), "{said}");
        }
        let journal = Journal::open_or_begin_anew(folder.path()).unwrap();
        drop(journal);
        drop(Journal::open(folder.path()).unwrap());
    }
}

#[tokio::test]
async fn a_write_ahead_log_without_its_database_is_set_aside_and_never_deleted() {
    let test = TestJournal::with_records(3).await;
    let copy = copy_without(test.folder.path(), "journal.db");
    let left = fs::read(copy.path().join("journal.db-wal")).unwrap();
    assert!(matches!(
        Journal::open(copy.path()),
        Err(OpenError::Lost(_))
    ));
    assert_eq!(fs::read(copy.path().join("journal.db-wal")).unwrap(), left);
    drop(Journal::open_or_begin_anew(copy.path()).unwrap());
    let aside = copy.path().join("journal.db-wal.lost");
    assert_eq!(fs::read(aside).unwrap(), left);
}

#[tokio::test]
async fn a_write_ahead_log_that_is_missing_after_an_interruption_is_said_with_where_each_room_goes_on()
 {
    let test = TestJournal::with_records(3).await;
    let test = test.restart();
    test.append("climate", 3, vec![entry(4)]).await.unwrap();
    let crashed = copy_without(test.folder.path(), "journal.db-wal");
    let journal = Journal::open(crashed.path()).unwrap();
    let lost = journal.lost_wal().unwrap();
    let [(room, head)] = &lost.ends[..] else {
        panic!("{lost:?}")
    };
    assert_eq!((room, head.seq), (&room_id("climate"), Seq(3)));
    let said = lost.to_string();
    assert!(
        said.contains("may be lost; climate goes on from entry 3 of"),
        "{said}"
    );
}

#[tokio::test]
async fn a_restart_after_a_proper_end_or_with_the_write_ahead_log_in_place_has_lost_nothing() {
    let test = TestJournal::with_records(3).await;
    let crashed = copy_without(test.folder.path(), "journal.db-shm");
    assert_eq!(Journal::open(crashed.path()).unwrap().lost_wal(), None);
    let TestJournal { folder, journal } = test;
    drop(journal);
    let _ = fs::remove_file(folder.path().join("journal.db-wal"));
    let journal = Journal::open(folder.path()).unwrap();
    assert_eq!(journal.lost_wal(), None);
    drop(journal);
}
