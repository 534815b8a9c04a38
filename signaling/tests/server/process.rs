//! The program itself: what it prints, how it ends.

use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use serde_json::Value;

use crate::hall::CONFERENCE;

pub fn plenary(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_plenary"));
    command
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for name in ["HTTP", "MEDIA", "OPS"] {
        command.env(format!("PLENARY_LISTEN__{name}"), "127.0.0.1:0");
    }
    command
}

pub fn run(folder: &Path, arguments: &[&str]) -> Output {
    plenary(folder).args(arguments).output().unwrap()
}

pub fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("test.toml"), CONFERENCE).unwrap();
    folder
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Starts it and reads the ready line.
pub fn start(
    folder: &Path,
    arguments: &[&str],
) -> (Child, BufReader<std::process::ChildStdout>, Value) {
    let mut child = plenary(folder).args(arguments).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    (child, out, serde_json::from_str(&line).unwrap())
}

pub fn terminate(child: &Child) {
    let sent = Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(sent.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn sigterm_tells_the_room_closes_1001_and_exits_0_within_five_seconds() {
    let folder = folder();
    let (mut child, _out, ready) = start(folder.path(), &["serve", "test.toml"]);
    let invited = run(
        folder.path(),
        &["invite", "test.toml", "tokyo-1", "--format", "json"],
    );
    let invited: Value = serde_json::from_slice(&invited.stdout).unwrap();
    let address = ready["ready"]["http"].as_str().unwrap();
    let server = plenary_client::Server::new(&format!("http://{address}")).unwrap();
    let config = plenary_client::Config::new(
        server,
        invited[0]["invitation"].as_str().unwrap(),
        "climate",
    );
    let (tokyo, mut events) = plenary_client::Participant::join(config).await.unwrap();

    // Somebody connected who says and reads nothing must not hold it up.
    let _silent = std::net::TcpStream::connect(address).unwrap();
    let asked = std::time::Instant::now();
    terminate(&child);
    events
        .until("room.draining", std::time::Duration::from_secs(20), |_| {
            true
        })
        .await
        .unwrap();
    assert_eq!(tokyo.closed().await.code, 1001);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    // The limit is the promise itself (docs/operators.md), not a measure of speed.
    assert!(asked.elapsed() <= std::time::Duration::from_secs(5));

    // Its record outlives it, and needs nothing but the folder.
    let data = ["--data", "data", "--format", "md"];
    let minutes = run(
        folder.path(),
        &[&["proceedings", "climate"], &data[..]].concat(),
    );
    assert!(
        text(&minutes.stdout).contains("Tokyo (Tokyo delegate)"),
        "{minutes:?}"
    );
    let nowhere = run(
        folder.path(),
        &[&["proceedings", "atlantis"], &data[..]].concat(),
    );
    assert_eq!(nowhere.status.code(), Some(1));
    assert!(
        text(&nowhere.stderr).contains("climate, covid"),
        "{nowhere:?}"
    );
}

#[test]
fn invitations_are_written_for_programs_and_go_into_a_fragment() {
    let folder = folder();
    let all: Value = serde_json::from_slice(
        &run(folder.path(), &["invite", "test.toml", "--format", "json"]).stdout,
    )
    .unwrap();
    assert_eq!(all.as_array().unwrap().len(), 8);
    let tokyo = &all[0];
    for field in [
        "person",
        "name",
        "role",
        "delegation",
        "rooms",
        "invitation",
        "url",
    ] {
        assert!(!tokyo[field].is_null(), "{field}");
    }
    let fragment = format!("/#i={}", tokyo["invitation"].as_str().unwrap());
    assert!(tokyo["url"].as_str().unwrap().ends_with(&fragment));
    let csv = text(
        &run(
            folder.path(),
            &["invite", "test.toml", "tokyo-1", "--format", "csv"],
        )
        .stdout,
    );
    assert_eq!(csv.lines().count(), 2);
    let nobody = run(folder.path(), &["invite", "test.toml", "atlantis-1"]);
    assert_eq!(nobody.status.code(), Some(1));
    assert!(text(&nobody.stderr).contains("atlantis-1"));
}

#[test]
fn a_revoked_invitation_is_followed_by_the_next() {
    let folder = folder();
    assert!(
        run(folder.path(), &["revoke", "tokyo-1.1"])
            .status
            .success()
    );
    let next = run(
        folder.path(),
        &["invite", "test.toml", "tokyo-1", "--format", "json"],
    );
    let next: Value = serde_json::from_slice(&next.stdout).unwrap();
    assert_eq!(next[0]["id"], "tokyo-1.2");
}

#[test]
fn check_names_line_column_and_a_suggestion_and_fails() {
    let folder = folder();
    assert!(run(folder.path(), &["check", "test.toml"]).status.success());
    std::fs::write(
        folder.path().join("bad.toml"),
        CONFERENCE.replace("time_zone", "time_zon"),
    )
    .unwrap();
    let bad = run(folder.path(), &["check", "bad.toml"]);
    assert_eq!(bad.status.code(), Some(1));
    let said = text(&bad.stderr);
    assert!(
        said.contains("bad.toml:5:1") && said.contains("Did you mean \"time_zone\"?"),
        "{said}"
    );
}

#[test]
fn an_unknown_setting_is_refused_with_the_one_that_was_meant() {
    let folder = folder();
    std::fs::write(
        folder.path().join("plenary.toml"),
        "[listen]\nhtpp = \"127.0.0.1:0\"",
    )
    .unwrap();
    let bad = run(folder.path(), &["serve", "test.toml"]);
    assert_eq!(bad.status.code(), Some(1));
    assert!(
        text(&bad.stderr).contains("did you mean \"listen.http\""),
        "{}",
        text(&bad.stderr)
    );
}

#[test]
fn the_demo_prints_a_link_for_each_and_leaves_nothing_behind() {
    let folder = folder();
    let temporary = tempfile::tempdir().unwrap();
    let mut command = plenary(folder.path());
    let mut child = command
        .args(["demo", "--port", "0"])
        .env("TMPDIR", temporary.path())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut said = String::new();
    while !said.contains("Ctrl-C") {
        assert!(out.read_line(&mut said).unwrap() > 0, "{said}");
    }
    for who in [
        "Moderator",
        "Operator",
        "Tokyo delegate",
        "Brussels delegate",
    ] {
        assert!(said.contains(who), "{said}");
    }
    assert!(said.matches("/#i=").count() >= 11, "{said}");
    terminate(&child);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    out.read_to_string(&mut said).unwrap();
    assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 0);
}

#[test]
fn check_begins_each_line_with_file_line_and_column() {
    let folder = folder();
    std::fs::write(
        folder.path().join("bad.toml"),
        CONFERENCE.replace("time_zone", "time_zon"),
    )
    .unwrap();
    let said = text(&run(folder.path(), &["check", "bad.toml"]).stderr);
    assert!(said.starts_with("bad.toml:"), "{said}");
}

#[test]
fn what_is_wrong_with_a_data_folder_is_said_with_its_name_and_leaves_nothing_behind() {
    let folder = folder();
    std::fs::write(folder.path().join("taken"), "a file").unwrap();
    let refused = run(
        folder.path(),
        &["serve", "test.toml", "--data", "taken/data"],
    );
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("taken/data"), "{refused:?}");

    let mut command = plenary(folder.path());
    let empty = command
        .args(["serve", "test.toml"])
        .env("PLENARY_DATA__DIR", "")
        .output()
        .unwrap();
    assert_eq!(empty.status.code(), Some(1));
    assert!(
        text(&empty.stderr).contains("PLENARY_DATA__DIR"),
        "{empty:?}"
    );
    let files = std::fs::read_dir(folder.path()).unwrap();
    assert_eq!(files.count(), 2, "nothing but what was there");

    let nothing = run(
        folder.path(),
        &["proceedings", "climate", "--data", "nowhere"],
    );
    let said = text(&nothing.stderr);
    assert!(
        said.contains("nowhere") && !said.contains("conference.toml"),
        "{said}"
    );
}

#[test]
fn a_log_filter_that_cannot_be_read_refuses_the_start() {
    let folder = folder();
    let mut command = plenary(folder.path());
    let refused = command
        .args(["serve", "test.toml"])
        .env("PLENARY_LOG__FILTER", "plenary=loud")
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("log.filter"), "{refused:?}");
}

#[test]
fn links_say_in_words_that_their_address_is_not_known_yet() {
    let folder = folder();
    let invited = run(folder.path(), &["invite", "test.toml", "tokyo-1"]);
    assert!(!text(&invited.stdout).contains(":0/"), "{invited:?}");
    assert!(
        text(&invited.stderr).contains("not known yet"),
        "{invited:?}"
    );
}
