use std::fs;

use plenary_ids::Seq;
use plenary_journal::{Journal, Log, OpenError, Reader, is_in_use};
use plenary_testkit::{
    journal::{TestJournal, tamper},
    room_id,
};

#[tokio::test]
async fn a_second_server_on_the_same_folder_is_refused_until_the_first_has_ended() {
    let test = TestJournal::with_records(1).await;
    let refused = Journal::open(test.folder.path()).unwrap_err();
    assert!(matches!(refused, OpenError::InUse(_)), "{refused}");
    assert!(
        refused.to_string().contains("another server is using"),
        "{refused}"
    );
    assert!(is_in_use(test.folder.path()));
    let _ = test.restart();
}

#[test]
fn a_folder_that_no_server_uses_is_not_in_use_and_nothing_is_made_in_it() {
    let folder = tempfile::tempdir().unwrap();
    assert!(!is_in_use(folder.path()));
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
    drop(Journal::open(folder.path()).unwrap());
    assert!(!is_in_use(folder.path()));
}

#[tokio::test]
async fn a_journal_of_a_newer_version_is_left_as_it_is() {
    let folder = TestJournal::with_records(1)
        .await
        .tampered("PRAGMA user_version = 99");
    let before = fs::read(folder.path().join("journal.db")).unwrap();
    for refused in [
        Journal::open(folder.path()).map(|_| ()).unwrap_err(),
        Reader::open(folder.path()).map(|_| ()).unwrap_err(),
    ] {
        assert!(
            matches!(refused, OpenError::Newer { found: 99, .. }),
            "{refused}"
        );
    }
    assert_eq!(fs::read(folder.path().join("journal.db")).unwrap(), before);
}

#[test]
fn a_file_of_another_program_is_refused() {
    for (file, words) in [
        ("journal.db", "not a database"),
        ("other", "another program"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        if file == "other" {
            tamper(
                folder.path(),
                "PRAGMA user_version = 7; CREATE TABLE theirs (a)",
            );
        } else {
            fs::write(
                folder.path().join(file),
                "a shopping list, and more of it ".repeat(100),
            )
            .unwrap();
        }
        let refused = Journal::open(folder.path()).unwrap_err().to_string();
        assert!(refused.contains(words), "{refused}");
    }
}

#[test]
fn a_folder_without_a_journal_has_nothing_to_read() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(
        Reader::open(folder.path()),
        Err(OpenError::NotFound(_))
    ));
}

#[tokio::test]
async fn every_log_has_an_identity_of_its_own() {
    let (one, other) = (TestJournal::new(), TestJournal::new());
    assert_ne!(one.journal.identity(), other.journal.identity());
    let identity = one.journal.identity().to_owned();
    assert_eq!(one.restart().journal.identity(), identity);
}

#[tokio::test]
async fn a_copy_that_cannot_be_written_can_be_read() {
    let test = TestJournal::with_records(2).await;
    let copy = tempfile::tempdir().unwrap();
    let backup = copy.path().join("journal.db");
    tamper(
        test.folder.path(),
        &format!("VACUUM INTO '{}'", backup.display()),
    );
    let reader = Reader::open(copy.path()).unwrap();
    assert_eq!(reader.verify(&room_id("climate")).unwrap().seq, Seq(2));
}
