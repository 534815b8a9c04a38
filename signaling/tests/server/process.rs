//! The program itself: what it prints, and how it ends.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    net::TcpStream,
    time::{Duration, Instant},
};

use plenary_client::{Config, Participant};
use plenary_testkit::{
    WAIT_TIMEOUT,
    api::conference,
    process::{Program, terminate, text},
};

pub fn program() -> Program {
    Program::new(env!("CARGO_BIN_EXE_plenary"), conference().toml())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn sigterm_tells_the_room_closes_1001_and_exits_0_within_five_seconds() {
    let program = program();
    let mut process = program.serve();
    let config = Config::new(process.server(), program.invitation("tokyo-1"), "climate");
    let (tokyo, mut events) = Participant::join(config).await.unwrap();

    // A connection that sends and reads nothing must not delay the exit.
    let _silent = TcpStream::connect(process.http()).unwrap();
    let asked = Instant::now();
    process.terminate();
    let draining = events.until("room.draining", WAIT_TIMEOUT, |_| true);
    draining.await.unwrap();
    assert_eq!(tokyo.closed().await.code, 1001);
    assert_eq!(process.exit_code(), Some(0));
    // The limit is the promise itself (docs/operators.md), not a measure of speed.
    assert!(asked.elapsed() <= Duration::from_secs(5));

    // The record outlives the server, and needs nothing but the folder.
    let minutes = ["proceedings", "climate", "--data", "data", "--format", "md"];
    let minutes = text(&program.run(&minutes).stdout);
    assert!(minutes.contains("Tokyo (Tokyo delegate)"), "{minutes}");
    let unknown = program.run(&["proceedings", "atlantis", "--data", "data"]);
    assert_eq!(unknown.status.code(), Some(1));
    let said = text(&unknown.stderr);
    assert!(said.contains("climate, covid"), "{said}");
}

#[test]
fn a_name_that_is_no_invitations_is_refused_and_revokes_nothing() {
    let program = program();
    program.invitations();
    let refused = program.run(&["revoke", "tokyo-1.1", "tokyo1"]);
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    assert!(text(&refused.stderr).contains("\"tokyo1\" names no invitation"));
    let list = std::fs::read_to_string(program.folder().join("data/revoked.json")).unwrap();
    assert!(!list.contains("tokyo"), "{list}");
}

#[test]
fn invitations_are_printed_for_programs_with_the_secret_in_the_fragment() {
    let program = program();
    let invitations = program.invitations();
    assert_eq!(invitations.len(), 8);
    let tokyo = &invitations[0];
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
    let csv = program.run(&["invite", "test.toml", "tokyo-1", "--format", "csv"]);
    assert_eq!(text(&csv.stdout).lines().count(), 2);
    let nobody = program.run(&["invite", "test.toml", "atlantis-1"]);
    assert_eq!(nobody.status.code(), Some(1));
    assert!(text(&nobody.stderr).contains("atlantis-1"));
}

#[test]
fn invite_says_until_when_a_link_is_valid_and_takes_another_end() {
    let program = program();
    let invite = |more: &[&str]| {
        let words = [&["invite", "test.toml", "tokyo-1"], more].concat();
        program.run(&words)
    };
    let said = text(&invite(&[]).stdout);
    assert!(said.contains("valid until 2"), "{said}");
    assert!(said.contains("(Asia/Taipei)"), "{said}");
    let until = ["--valid-until", "2100-01-31", "--format", "json"];
    let all: serde_json::Value = serde_json::from_slice(&invite(&until).stdout).unwrap();
    assert_eq!(all[0]["valid_until"], "2100-01-31T16:00:00.000Z");
    let over = invite(&["--valid-until", "2021-10-14"]);
    assert_eq!(over.status.code(), Some(1));
    let said = text(&over.stderr);
    assert!(said.contains("--valid-until is over"), "{said}");
}

#[test]
fn a_variable_that_is_not_utf_8_is_named_and_nothing_panics() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    let program = program();
    let broken = OsStr::from_bytes(b"d\xff");
    let mut command = program.command(&["serve", "test.toml"]);
    let refused = command.env("PLENARY_DATA__DIR", broken).output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    let said = text(&refused.stderr);
    assert!(said.contains("PLENARY_DATA__DIR is not UTF-8"), "{said}");
    let mut command = program.command(&["check", "test.toml"]);
    let checked = command.env("SOMETHING_ELSE", broken).output().unwrap();
    assert!(checked.status.success(), "{checked:?}");
}

#[test]
fn a_revoked_invitation_is_followed_by_the_next() {
    let program = program();
    let revoked = program.run(&["revoke", "tokyo-1.1"]);
    assert!(revoked.status.success());
    assert_eq!(program.invitations()[0]["id"], "tokyo-1.2");
}

#[test]
fn check_names_line_column_and_a_suggestion_and_fails() {
    let program = program();
    assert!(program.run(&["check", "test.toml"]).status.success());
    let misspelt = conference().toml().replace("time_zone", "time_zon");
    program.write("bad.toml", &misspelt);
    let bad = program.run(&["check", "bad.toml"]);
    assert_eq!(bad.status.code(), Some(1));
    let said = text(&bad.stderr);
    assert!(said.starts_with("bad.toml:"), "{said}");
    assert!(said.contains("bad.toml:5:1"), "{said}");
    assert!(said.contains("Did you mean \"time_zone\"?"), "{said}");
}

#[test]
fn an_unknown_setting_is_refused_with_the_most_similar_one() {
    let program = program();
    program.write("plenary.toml", "[listen]\nhtpp = \"127.0.0.1:0\"");
    let bad = program.run(&["serve", "test.toml"]);
    assert_eq!(bad.status.code(), Some(1));
    let said = text(&bad.stderr);
    assert!(said.contains("did you mean \"listen.http\""), "{said}");
}

#[test]
fn another_relay_without_its_secret_refuses_the_start_and_fails_the_check() {
    let program = program().with_setting("PLENARY_TURN__EXTERNAL", "turn:turn.example.org:3478");
    let refused = program.run(&["serve", "test.toml"]);
    assert_eq!(refused.status.code(), Some(1));
    let said = text(&refused.stderr);
    assert!(said.contains("set turn.secret to the same as"), "{said}");
    let checked = program.run(&["check", "test.toml", "--network"]);
    assert_eq!(checked.status.code(), Some(1));
    let said = text(&checked.stdout);
    assert!(said.contains("fault    turn.external is set"), "{said}");
}

#[test]
fn the_check_of_the_network_says_that_the_running_server_holds_its_addresses() {
    let program = program();
    let process = program.serve();
    let mut command = program.command(&["check", "test.toml", "--network"]);
    let checked = command.env("PLENARY_LISTEN__HTTP", process.http()).output();
    let said = text(&checked.unwrap().stdout);
    let held = format!("{} (TCP) is in use, and a Plenary runs", process.http());
    assert!(said.contains(&held), "{said}");
}

#[test]
fn the_demo_prints_a_link_for_each_person_and_leaves_nothing_behind() {
    let program = program();
    let temporary = tempfile::tempdir().unwrap();
    let mut child = program
        .command(&["demo", "--port", "0"])
        .env("TMPDIR", temporary.path())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut said = String::new();
    while !said.contains("Ctrl-C") {
        assert!(out.read_line(&mut said).unwrap() > 0, "{said}");
    }
    for name in [
        "Moderator",
        "Operator",
        "Tokyo delegate",
        "Brussels delegate",
    ] {
        assert!(said.contains(name), "{said}");
    }
    assert!(said.matches("/#i=").count() >= 12, "{said}");
    let (_, display) = said.split_once("For the screen of a hall: ").unwrap();
    assert!(display.lines().nth(1).unwrap().contains("/#i="), "{said}");
    terminate(&child);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    out.read_to_string(&mut said).unwrap();
    assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 0);
}

#[test]
fn a_fault_of_the_data_folder_is_reported_with_its_name_and_leaves_nothing_behind() {
    let program = program();
    program.write("taken", "a file");
    let refused = program.run(&["serve", "test.toml", "--data", "taken/data"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("taken/data"), "{refused:?}");

    let mut command = program.command(&["serve", "test.toml"]);
    let empty = command.env("PLENARY_DATA__DIR", "").output().unwrap();
    assert_eq!(empty.status.code(), Some(1));
    let said = text(&empty.stderr);
    assert!(said.contains("PLENARY_DATA__DIR"), "{said}");
    let files = fs::read_dir(program.folder()).unwrap().count();
    assert_eq!(files, 2, "only the files of the test");

    let nothing = program.run(&["proceedings", "climate", "--data", "nowhere"]);
    let said = text(&nothing.stderr);
    assert!(said.contains("nowhere"), "{said}");
    assert!(!said.contains("conference.toml"), "{said}");
}

#[test]
fn a_log_filter_that_cannot_be_read_refuses_the_start() {
    let program = program().with_setting("PLENARY_LOG__FILTER", "plenary=loud");
    let refused = program.run(&["serve", "test.toml"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("log.filter"), "{refused:?}");
}

#[test]
fn an_invitation_before_the_port_is_chosen_says_that_the_address_is_not_known_yet() {
    let invited = program().run(&["invite", "test.toml", "tokyo-1"]);
    assert!(!text(&invited.stdout).contains(":0/"), "{invited:?}");
    let said = text(&invited.stderr);
    assert!(said.contains("not known yet"), "{said}");
}
