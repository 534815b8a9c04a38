//! The folder of recordings.

use std::{
    fs::{self, File},
    os::unix::fs::PermissionsExt,
    path::Path,
    time::{Duration, SystemTime},
};

use plenary_ids::{Language, MediaId};
use plenary_library::{Item, Library, LibraryError, Limits, Listed};
use plenary_testkit::recording::{Recording, Track};
use tempfile::TempDir;

fn open(data: &Path) -> Library {
    let limits = Limits {
        reserved_bytes: 0,
        ..Limits::default()
    };
    Library::open(data, limits).unwrap()
}

fn add(library: &Library, name: &str, file: &[u8]) -> Result<std::sync::Arc<Item>, LibraryError> {
    let mut upload = library.upload()?;
    upload.write(file)?;
    library.add(name, upload, &[])
}

fn ids(library: &Library) -> Vec<String> {
    let listed = library.list().unwrap();
    listed.iter().map(|it| it.id().to_string()).collect()
}

fn why(library: &Library, id: &str) -> String {
    match library.find(&MediaId::new(id).unwrap()) {
        Err(LibraryError::Damaged { why, .. }) => why,
        other => unreachable!("{other:?}"),
    }
}

#[test]
fn a_recording_is_there_after_a_restart_and_for_its_owner_only() {
    let data = TempDir::new().unwrap();
    let added = add(
        &open(data.path()),
        "Mayor's address",
        &Recording::sample(3).sorted(),
    )
    .unwrap();
    assert_eq!(added.id.as_str(), "mayor-s-address");
    let library = open(data.path());
    assert_eq!(library.find(&added.id).unwrap(), added);
    let mode = |path: &str| {
        let path = data.path().join("media").join(path);
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    };
    assert_eq!(mode(""), 0o700);
    assert_eq!(mode("mayor-s-address.mkv"), 0o600);
    assert_eq!(mode("mayor-s-address.json"), 0o600);
    let left = fs::read_dir(data.path().join("media")).unwrap().count();
    assert_eq!(left, 2, "nothing else is left");
}

#[test]
fn two_of_one_name_have_two_ids() {
    let data = TempDir::new().unwrap();
    let library = open(data.path());
    let file = Recording::sample(2).sorted();
    for _ in 0..3 {
        add(&library, "Address", &file).unwrap();
    }
    assert_eq!(ids(&library), ["address", "address-2", "address-3"]);
}

#[test]
fn what_is_refused_leaves_nothing() {
    let data = TempDir::new().unwrap();
    let library = open(data.path());
    let file = Recording::sample(2).sorted();
    assert!(matches!(
        add(&library, "x", b"text"),
        Err(LibraryError::Refused(_))
    ));
    assert!(matches!(add(&library, " ", &file), Err(LibraryError::Name)));
    assert!(matches!(
        add(&library, "a\u{7}b", &file),
        Err(LibraryError::Name)
    ));
    assert!(matches!(
        add(&library, &"x".repeat(201), &file),
        Err(LibraryError::Name)
    ));
    assert_eq!(fs::read_dir(data.path().join("media")).unwrap().count(), 0);
}

#[test]
fn the_disk_of_the_record_is_not_filled() {
    let data = TempDir::new().unwrap();
    let limits = Limits {
        reserved_bytes: u64::MAX,
        ..Limits::default()
    };
    let refused = Library::open(data.path(), limits)
        .unwrap()
        .upload()
        .unwrap_err();
    assert!(
        matches!(refused, LibraryError::DiskFull { .. }),
        "{refused}"
    );
    let upload = open(data.path()).upload().unwrap();
    assert!(upload.expect(1000).is_ok());
    assert!(matches!(
        upload.expect(3 << 30),
        Err(LibraryError::Refused(_))
    ));
}

#[test]
fn a_file_longer_than_it_may_be_is_refused_while_it_comes() {
    let data = TempDir::new().unwrap();
    let limits = Limits {
        max_bytes: 10,
        reserved_bytes: 0,
    };
    let mut upload = Library::open(data.path(), limits)
        .unwrap()
        .upload()
        .unwrap();
    upload.write(&[0; 6]).unwrap();
    let refused = upload.write(&[0; 6]).unwrap_err();
    assert!(refused.to_string().contains("has 12 bytes"), "{refused}");
}

#[test]
fn languages_that_are_given_go_before_those_of_the_file() {
    let data = TempDir::new().unwrap();
    let library = open(data.path());
    let file = Recording::default()
        .track(Track::vp8(1, 64, 36))
        .track(Track::opus(2).language("eng"))
        .track(Track::opus(3))
        .pictures(1, 0..2000, 1000)
        .sound(2, 0..2000)
        .sound(3, 0..2000)
        .sorted();
    let mut upload = library.upload().unwrap();
    upload.write(&file).unwrap();
    let languages = ["zh-Hant-TW", "ja"].map(|it| Language::new(it).unwrap());
    let item = library.add("x", upload, &languages).unwrap();
    let found: Vec<_> = item
        .tracks
        .iter()
        .filter_map(|it| it.language.clone())
        .collect();
    assert_eq!(found, languages);
}

#[test]
fn what_another_process_adds_and_removes_is_noticed() {
    let data = TempDir::new().unwrap();
    let (here, there) = (open(data.path()), open(data.path()));
    let item = add(&there, "Address", &Recording::sample(2).sorted()).unwrap();
    assert_eq!(ids(&here), ["address"]);
    there.remove(&item.id).unwrap();
    assert!(matches!(
        here.find(&item.id),
        Err(LibraryError::NotFound(_))
    ));
    assert!(matches!(
        here.remove(&item.id),
        Err(LibraryError::NotFound(_))
    ));
    assert!(ids(&here).is_empty());
}

#[test]
fn damaged_recordings_are_listed_with_what_is_wrong_and_can_be_removed() {
    let data = TempDir::new().unwrap();
    let library = open(data.path());
    let file = Recording::sample(2).sorted();
    for name in ["a", "b", "c", "d", "e", "f"] {
        add(&library, name, &file).unwrap();
    }
    let path = |name: &str| data.path().join("media").join(name);
    fs::remove_file(path("a.mkv")).unwrap();
    fs::remove_file(path("b.json")).unwrap();
    fs::write(path("c.json"), b"{").unwrap();
    fs::write(path("d.mkv"), &file[..100]).unwrap();
    let described = fs::read_to_string(path("e.json")).unwrap();
    fs::write(
        path("e.json"),
        described.replace("\"format\":1", "\"format\":2"),
    )
    .unwrap();
    assert!(why(&library, "a").contains("a.mkv is missing"));
    assert!(why(&library, "b").contains("not added to its end"));
    assert!(why(&library, "c").contains("cannot be understood"));
    assert!(why(&library, "d").contains("changed since"));
    assert!(
        why(&library, "e").contains("A newer Plenary") || why(&library, "e").contains("a newer")
    );
    let listed = library.list().unwrap();
    assert_eq!(listed.len(), 6);
    let whole = listed
        .iter()
        .filter(|it| matches!(it, Listed::Whole(_)))
        .count();
    assert_eq!(whole, 1);
    for id in ["a", "b", "c", "d", "e"] {
        library.remove(&MediaId::new(id).unwrap()).unwrap();
    }
    assert_eq!(ids(&library), ["f"]);
}

#[test]
fn other_files_in_the_folder_are_no_recordings() {
    let data = TempDir::new().unwrap();
    let library = open(data.path());
    for name in ["notes.txt", ".incoming-abc", ".hidden.mkv", "two words.mkv"] {
        fs::write(data.path().join("media").join(name), b"x").unwrap();
    }
    fs::create_dir(data.path().join("media/folder.mkv")).unwrap();
    assert!(ids(&library).is_empty());
}

#[test]
fn what_a_crash_has_left_of_an_upload_is_deleted_and_no_upload_that_goes_on() {
    let data = TempDir::new().unwrap();
    let library = open(data.path());
    let going_on = library.upload().unwrap();
    let left = data.path().join("media/.incoming-left");
    fs::write(&left, b"x").unwrap();
    let minute_ago = SystemTime::now() - Duration::from_mins(1);
    for path in [going_on.path(), &left] {
        let file = File::options().write(true).open(path).unwrap();
        file.set_modified(minute_ago).unwrap();
    }
    let _next = library.upload().unwrap();
    assert!(!left.exists());
    assert!(going_on.path().exists());
}
