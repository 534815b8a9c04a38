//! Backups of a folder that a server uses, and what is restored of them on another machine.

use std::{
    fs,
    io::Read,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use plenary_ids::{Millis, RequestId, TakeId};
use plenary_protocol::{Source, Take};
use plenary_server::backup;
use plenary_testkit::{WAIT_TIMEOUT, person, process::text};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{process::program, test_server::TestServer};

const TAKE: &[u8] = b"what Tokyo's delegate said";

/// A server with a take, a recording, a revoked invitation and some events.
async fn used() -> TestServer {
    let server = TestServer::start().await;
    let to = server.now();
    let take = Take {
        id: TakeId::new("t1").unwrap(),
        speech: Some(RequestId(1)),
        participant: person("tokyo-1"),
        source: Source::Microphone,
        language: None,
        from: to.before(Millis::from_secs(60)),
        to,
        bytes: TAKE.len() as u64,
        sha256: sha256(TAKE),
        media_type: "audio/webm;codecs=opus".into(),
        lost_packets: 0,
        recovered: false,
    };
    server.add_take(take, TAKE).await;
    server.add_recording("Mayor's address");
    let operator = server.token("operator-1").await;
    let revoked = server.call("DELETE", "/invitations/viewer-1.1", Some(&operator), None);
    assert_eq!(revoked.await.status, 204);
    server
}

fn sha256(bytes: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    let bytes = digest.as_ref().iter();
    let text: Vec<String> = bytes.map(|byte| format!("{byte:02x}")).collect();
    text.concat()
}

/// Makes a backup while the server runs; the warnings are part of the result.
async fn backup_of(server: &TestServer, file: &Path, with_recordings: bool) -> Vec<String> {
    let (data, file) = (server.data_folder().to_owned(), file.to_owned());
    let made = tokio::task::spawn_blocking(move || backup::create(&data, &file, with_recordings));
    made.await.unwrap().unwrap()
}

async fn events(server: &TestServer) -> Vec<Value> {
    let token = server.token("operator-1").await;
    let events = server.get("/rooms/climate/events?after=0", &token).await;
    events.as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_under_load_is_of_one_moment_and_a_server_goes_on_from_it() {
    let server = used().await;
    let (mut tokyo, _) = server.join("tokyo-1", "climate").await;
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("plenary.tar.gz");
    let load = async {
        for number in 0..150 {
            let said = json!({ "text": format!("word {number}"), "to": "room" });
            let posted = tokyo.command("chat.post", said).await;
            assert!(posted["result"].is_object(), "{posted}");
        }
    };
    let (warnings, ()) = tokio::join!(backup_of(&server, &file, true), load);
    assert_eq!(warnings, [] as [String; 0]);
    assert_eq!(mode(&file), 0o600);

    let data = tempfile::tempdir().unwrap();
    let said = backup::restore(&file, data.path()).unwrap();
    assert!(said.contains("holds the backup of 20"), "{said}");
    let invitation = server.invitation("tokyo-1");
    let before = events(&server).await;
    let (minutes, clerk) = ("/rooms/climate/proceedings", server.token("clerk-1").await);
    let takes = server.get(minutes, &clerk).await["takes"].clone();

    let again = TestServer::restored(data).await;
    let restored = events(&again).await;
    // What the restored server itself records follows: that it was down, and that the seated are away.
    let common = restored.iter().zip(&before).take_while(|(a, b)| a == b);
    let common = common.count();
    assert!(common >= 3, "{restored:?}");
    let own = &restored[common..];
    let is_own = |event: &Value| {
        ["floor.restarted", "participant.updated", "record.take"]
            .contains(&event["type"].as_str().unwrap())
    };
    assert!(own.iter().all(is_own), "{own:?}");
    let clerk = again.token("clerk-1").await;
    assert_eq!(again.get(minutes, &clerk).await["takes"], takes);
    let redeem = json!({ "invitation": invitation });
    let redeem = again.call("POST", "/invitations/redeem", None, Some(redeem));
    assert_eq!(redeem.await.status, 200, "the key is the same");
    let is_revoked = fs::read_to_string(again.data_folder().join("revoked.json")).unwrap();
    assert!(is_revoked.contains("viewer-1.1"), "{is_revoked}");
    let chair = again.token("moderator-1").await;
    let library = again.get("/media", &chair).await;
    assert_eq!(library[0]["id"], "mayor-s-address", "{library}");
    let (mut tokyo, _) = again.join("tokyo-1", "climate").await;
    let posted = tokyo.command("chat.post", json!({ "text": "We go on.", "to": "room" }));
    assert!(posted.await["result"].is_object());
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Every file and folder below a folder.
fn all_in(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(all_in(&path));
        }
        all.push(path);
    }
    all.sort();
    all
}

#[tokio::test]
async fn what_is_restored_is_for_its_owner_alone_and_recordings_can_be_left_out() {
    let server = used().await;
    let place = tempfile::tempdir().unwrap();
    let (whole, small) = (
        place.path().join("whole.tar"),
        place.path().join("small.tar"),
    );
    backup_of(&server, &whole, true).await;
    backup_of(&server, &small, false).await;
    assert_eq!(all_in(place.path()), [small.clone(), whole.clone()]);
    for (file, has_takes) in [(&whole, true), (&small, false)] {
        let parent = tempfile::tempdir().unwrap();
        let data = parent.path().join("new/data");
        backup::restore(file, &data).unwrap();
        for path in all_in(&data) {
            let expected = if path.is_dir() { 0o700 } else { 0o600 };
            assert_eq!(mode(&path), expected, "{path:?}");
        }
        let take = data.join("recordings/climate/t1.webm");
        assert_eq!(take.exists(), has_takes);
        for needed in ["journal.db", "ed25519.pk8", "revoked.json"] {
            assert!(data.join(needed).exists(), "{needed}");
        }
        for unneeded in ["journal.db-wal", "journal.lock", "media/uploads"] {
            assert!(!data.join(unneeded).exists(), "{unneeded}");
        }
    }
}

#[tokio::test]
async fn a_take_that_is_missing_or_is_another_file_is_said() {
    let server = used().await;
    let place = tempfile::tempdir().unwrap();
    let take = server.data_folder().join("recordings/climate/t1.webm");
    fs::write(&take, "something else").unwrap();
    let said = backup_of(&server, &place.path().join("1.tar"), true).await;
    assert_eq!(said.len(), 1);
    assert!(
        said[0].contains("is not the file that was recorded"),
        "{said:?}"
    );
    fs::remove_file(&take).unwrap();
    let said = backup_of(&server, &place.path().join("2.tar"), true).await;
    assert_eq!(said.len(), 1);
    assert!(said[0].contains("t1 of the room climate"), "{said:?}");
}

/// The files of an archive, in their order.
fn unpacked(file: &Path) -> Vec<(String, Vec<u8>)> {
    let mut archive = tar::Archive::new(fs::File::open(file).unwrap());
    let entries = archive.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let name = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        (name, content)
    });
    entries.collect()
}

/// An archive of those files; names are written as they are, wherever they lead.
fn packed(files: &[(String, Vec<u8>)], kind: impl Fn(&str) -> tar::EntryType) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, content) in files {
        let mut header = tar::Header::new_gnu();
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(kind(name));
        header.set_size(content.len() as u64);
        header.set_cksum();
        archive.append(&header, content.as_slice()).unwrap();
    }
    archive.into_inner().unwrap()
}

/// The files of an archive, by name.
type Files = Vec<(String, Vec<u8>)>;

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table of changes")]
async fn an_archive_that_was_changed_restores_nothing_and_says_what_is_wrong() {
    let server = used().await;
    let place = tempfile::tempdir().unwrap();
    let good = place.path().join("good.tar");
    backup_of(&server, &good, true).await;
    let files = unpacked(&good);
    let regular = |_: &str| tar::EntryType::Regular;
    let changed = |change: &dyn Fn(&mut Files)| {
        let mut files = files.clone();
        change(&mut files);
        packed(&files, regular)
    };
    let at = |files: &[(String, Vec<u8>)], name: &str| {
        files.iter().position(|(it, _)| it == name).unwrap()
    };
    let last = files.len() - 1;
    let whole = fs::read(&good).unwrap();
    let packed_again = packed(&files, regular);
    let evil = |name: &str| changed(&|files| files.insert(1, (name.to_owned(), b"evil".to_vec())));
    let link = packed(&files, |name| {
        if name == "revoked.json" {
            tar::EntryType::Symlink
        } else {
            tar::EntryType::Regular
        }
    });
    for (archive, sentence) in [
        (
            b"PK\x03\x04 something else".to_vec(),
            "is no backup of Plenary",
        ),
        (Vec::new(), "is no backup of Plenary"),
        (whole[..whole.len() / 2].to_vec(), "is damaged"),
        (changed(&|files| drop(files.remove(last))), "it was cut off"),
        (
            changed(&|files| {
                let key = at(files, "revoked.json");
                files[key].1.push(b' ');
            }),
            "revoked.json is not as it was",
        ),
        (
            changed(&|files| {
                let journal = at(files, "journal.db");
                let middle = files[journal].1.len() / 2;
                files[journal].1[middle] ^= 1;
            }),
            "journal.db is not as it was",
        ),
        (
            changed(&|files| drop(files.remove(at(files, "ed25519.pk8")))),
            "ed25519.pk8 is missing",
        ),
        (evil("extra"), "extra is not in its list"),
        (evil("../evil"), "is no path in a data folder"),
        (evil("/tmp/evil"), "is no path in a data folder"),
        (evil("journal.db"), "journal.db"),
        (link, "\"revoked.json\" is no file"),
        (
            changed(&|files| files.push(("late".to_owned(), Vec::new()))),
            "stands behind its list",
        ),
        (
            changed(&|files| {
                files[0].1 = br#"{"format":2,"plenary":"9.0.0"}"#.to_vec();
            }),
            "was made by Plenary 9.0.0, which is newer",
        ),
    ] {
        let file = place.path().join("bad.tar");
        fs::write(&file, archive).unwrap();
        let data = TempDir::new_in(place.path()).unwrap();
        let refused = backup::restore(&file, data.path()).unwrap_err().to_string();
        assert!(refused.contains(sentence), "{sentence}: {refused}");
        assert_eq!(all_in(data.path()), [] as [PathBuf; 0], "{sentence}");
        assert!(!place.path().join("evil").exists());
    }
    let file = place.path().join("same.tar");
    fs::write(&file, packed_again).unwrap();
    let data = TempDir::new_in(place.path()).unwrap();
    backup::restore(&file, data.path()).unwrap();

    // Consistent in itself, but a record of the log was changed before the archive was made.
    let mut files = files.clone();
    let journal = at(&files, "journal.db");
    let bytes = &mut files[journal].1;
    let named: Vec<usize> = (0..bytes.len())
        .filter(|at| bytes[*at..].starts_with(b"tokyo-1"))
        .collect();
    assert!(!named.is_empty(), "the log names somebody");
    for at in named {
        bytes[at..at + 7].copy_from_slice(b"seoul-1");
    }
    let sum = sha256(bytes);
    let mut manifest: Value = serde_json::from_slice(&files[last].1).unwrap();
    let listed = manifest["files"].as_array_mut().unwrap().iter_mut();
    for it in listed.filter(|it| it["path"] == "journal.db") {
        it["sha256"] = sum.clone().into();
    }
    files[last].1 = manifest.to_string().into_bytes();
    let file = place.path().join("altered.tar");
    fs::write(&file, packed(&files, regular)).unwrap();
    let data = TempDir::new_in(place.path()).unwrap();
    let refused = backup::restore(&file, data.path()).unwrap_err().to_string();
    assert!(
        refused.contains("record 1 of the room climate is bad"),
        "{refused}"
    );
}

#[test]
fn the_program_refuses_in_a_sentence_what_would_be_no_backup_or_would_mix_two_conferences() {
    let program = program();
    let nothing = program.run(&["backup", "a.tar", "--data", "data"]);
    assert_eq!(nothing.status.code(), Some(1));
    let mut process = program.serve();
    let run = |arguments: &[&str]| {
        let refused = program.run(arguments);
        (refused.status.code(), text(&refused.stderr))
    };
    let (code, said) = run(&["backup", "a.zip", "--data", "data"]);
    assert_eq!(code, Some(1));
    assert!(
        said.contains("name the backup FILE.tar or FILE.tar.gz"),
        "{said}"
    );
    let (_, said) = run(&["backup", "data/a.tar", "--data", "data"]);
    assert!(said.contains("is in the data folder itself"), "{said}");
    let (code, said) = run(&["backup", "a.tar.gz", "--data", "data"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("backup: "), "progress: {said}");
    let (code, said) = run(&["backup", "a.tar.gz", "--data", "data"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("is there already"), "{said}");
    let (code, said) = run(&["restore", "a.tar.gz", "--data", "data"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("is not empty"), "{said}");
    assert_eq!(run(&["restore", "a.tar.gz", "--data", "other"]).0, Some(0));
    process.terminate();
    assert_eq!(process.exit_code(), Some(0));
    let verified = program.run(&["journal", "verify", "--data", "other"]);
    assert_eq!(verified.status.code(), Some(0), "{verified:?}");
}

#[test]
fn a_backup_that_is_killed_leaves_nothing_under_its_name() {
    let program = program();
    let mut process = program.serve();
    // Large enough that the copy is under way when it is killed; the file has holes, so it takes no space.
    let large = program.folder().join("data/recordings/climate");
    fs::create_dir_all(&large).unwrap();
    let large = large.join("t1.webm");
    fs::File::create(&large).unwrap().set_len(8 << 30).unwrap();
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("a.tar.gz");
    let mut killed = program
        .command(&["backup", file.to_str().unwrap(), "--data", "data"])
        .spawn()
        .unwrap();
    let began = Instant::now();
    while all_in(place.path()).iter().all(|it| !it.is_file()) {
        assert!(began.elapsed() < WAIT_TIMEOUT, "it began nothing");
        std::thread::sleep(Duration::from_millis(5));
    }
    killed.kill().unwrap();
    assert!(!killed.wait().unwrap().success());
    assert!(!file.exists());

    fs::remove_file(large).unwrap();
    let again = program.run(&["backup", file.to_str().unwrap(), "--data", "data"]);
    assert_eq!(again.status.code(), Some(0), "{again:?}");
    let data = place.path().join("data");
    backup::restore(&file, &data).unwrap();
    process.terminate();
    assert_eq!(process.exit_code(), Some(0));
}
