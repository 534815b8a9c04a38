//! The folder of recordings.

use std::{
    fs::{self, File},
    os::unix::fs::PermissionsExt,
    path::Path,
    time::{Duration, SystemTime},
};

use plenary_ids::{Language, MediaId};
use plenary_library::{Item, Library, LibraryError, Limits, Listed, parse_subtitles};
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

fn sounds(languages: &[Option<&str>]) -> Vec<u8> {
    let mut file = Recording::default();
    for (number, language) in (1..).zip(languages) {
        let track = Track::opus(number);
        let track = language.map_or(track.clone(), |language| track.language(language));
        file = file.track(track).sound(number, 0..1000);
    }
    file.sorted()
}

fn tag(tag: &str) -> Language {
    Language::new(tag).unwrap()
}

#[test]
fn languages_that_are_unknown_or_there_twice_are_said() {
    let data = TempDir::new().unwrap();
    let library = open(data.path());
    let said = |file: &[Option<&str>], given: &[&str]| {
        let mut upload = library.upload().unwrap();
        upload.write(&sounds(file)).unwrap();
        let given: Vec<Language> = given.iter().map(|it| tag(it)).collect();
        let item = library.add("x", upload, &given).unwrap();
        item.warnings.join(" ")
    };
    assert_eq!(said(&[Some("eng")], &[]), "");
    assert!(said(&[None], &[]).contains("does not say in which language its sound is"));
    assert_eq!(said(&[None], &["ja"]), "");
    let some = said(&[Some("eng"), None], &[]);
    assert!(
        some.contains("does not name the languages of all of them"),
        "{some}"
    );
    assert_eq!(said(&[Some("eng"), None], &["en", "ja"]), "");
    let twice = said(&[Some("eng"), Some("eng")], &[]);
    assert!(twice.contains("in the same language"), "{twice}");
}

#[test]
fn more_languages_than_tracks_of_sound_are_refused_and_leave_nothing() {
    let data = TempDir::new().unwrap();
    let library = open(data.path());
    let mut upload = library.upload().unwrap();
    upload.write(&sounds(&[None])).unwrap();
    let refused = library
        .add("x", upload, &[tag("en"), tag("ja")])
        .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "2 languages were given, and the recording has one track of sound. Give one for each track of sound, in their order."
    );
    assert_eq!(ids(&library), [""; 0]);
}

#[test]
fn subtitles_come_from_the_file_or_from_beside_it_and_go_with_it() {
    let data = TempDir::new().unwrap();
    let library = open(data.path());
    let file = Recording::sample(5)
        .track(Track::new(3, 17, "S_TEXT/WEBVTT").language("jpn"))
        .track(Track::new(4, 17, "D_WEBVTT/SUBTITLES").language("fre"))
        .track(Track::new(5, 17, "S_TEXT/WEBVTT"))
        .block(3, 1000, "<b>各位</b>早安".as_bytes())
        .block(4, 2000, b"1\nalign:start\nBonjour &amp; bienvenue")
        .block(5, 3000, b"Hello")
        .sorted();
    let added = add(&library, "Address", &file).unwrap();
    assert!(
        added
            .warnings
            .join(" ")
            .contains("track 5 do not name their language")
    );
    let text = |language: &str| {
        let subtitles = library.cues(&added.id, &tag(language)).unwrap();
        subtitles.cues[0].text.clone()
    };
    assert_eq!(
        library.subtitles(&added.id).unwrap(),
        [tag("fr"), tag("ja")]
    );
    assert_eq!(
        (&*text("ja"), &*text("fr")),
        ("各位早安", "Bonjour & bienvenue")
    );

    let others = parse_subtitles(b"WEBVTT\n\n00:01.000 --> 00:02.000\nGood morning\n").unwrap();
    library
        .set_subtitles(&added.id, &tag("ja"), &others)
        .unwrap();
    library
        .set_subtitles(&added.id, &tag("zh-Hant-TW"), &others)
        .unwrap();
    assert_eq!(text("ja"), "Good morning", "the latest count");
    let general = library.cues(&added.id, &tag("fr-CA")).unwrap();
    assert_eq!(general.language, tag("fr"), "a more general one serves");
    assert_eq!(open(data.path()).subtitles(&added.id).unwrap().len(), 3);

    library.remove_subtitles(&added.id, &tag("fr")).unwrap();
    let gone = library.cues(&added.id, &tag("fr")).unwrap_err();
    assert!(matches!(gone, LibraryError::NoSubtitles { .. }), "{gone}");
    let none = library.remove_subtitles(&added.id, &tag("fr")).unwrap_err();
    assert!(matches!(none, LibraryError::NoSubtitles { .. }), "{none}");
    let unknown = MediaId::new("unknown").unwrap();
    let refused = library
        .set_subtitles(&unknown, &tag("fr"), &others)
        .unwrap_err();
    assert!(matches!(refused, LibraryError::NotFound(_)), "{refused}");

    library.remove(&added.id).unwrap();
    assert_eq!(fs::read_dir(data.path().join("media")).unwrap().count(), 0);
}

#[test]
fn the_subtitles_of_one_recording_are_not_those_of_another_whose_id_begins_alike() {
    let data = TempDir::new().unwrap();
    let library = open(data.path());
    let file = Recording::sample(2).sorted();
    let (one, other) = (
        add(&library, "a", &file).unwrap(),
        add(&library, "a.ja", &file).unwrap(),
    );
    let cues = parse_subtitles(b"WEBVTT\n\n00:01.000 --> 00:02.000\nx\n").unwrap();
    library.set_subtitles(&other.id, &tag("fr"), &cues).unwrap();
    assert_eq!(library.subtitles(&one.id).unwrap(), []);
    assert_eq!(library.subtitles(&other.id).unwrap(), [tag("fr")]);
}

#[test]
fn subtitles_that_were_damaged_on_the_disk_are_refused_with_their_line() {
    let data = TempDir::new().unwrap();
    let library = open(data.path());
    let added = add(&library, "a", &Recording::sample(2).sorted()).unwrap();
    fs::write(data.path().join("media/a.ja.vtt"), "WEBVTT\n\nnothing").unwrap();
    let refused = library.cues(&added.id, &tag("ja")).unwrap_err();
    assert!(
        refused.to_string().contains("Line 3: this is not a cue"),
        "{refused}"
    );
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
