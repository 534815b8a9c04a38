//! The data folder is lost or incomplete: before a start, and while the server runs.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::Path,
    time::{Duration, Instant},
};

use plenary_testkit::{
    WAIT_TIMEOUT,
    process::{LOG, Program, text},
};
use serde_json::json;

use crate::{process::program, test_server::TestServer};

/// A folder in which a server has run and ended properly.
fn used() -> Program {
    let program = program();
    let mut process = program.serve();
    process.terminate();
    assert_eq!(process.exit_code(), Some(0));
    program
}

fn data(program: &Program, file: &str) -> std::path::PathBuf {
    program.folder().join("data").join(file)
}

/// The sentence with which the server refuses to start.
fn refusal(program: &Program) -> String {
    let refused = program.run(&["serve", "test.toml"]);
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    text(&refused.stderr)
}

#[test]
fn a_start_without_the_journal_or_the_list_that_belong_to_the_key_is_refused_with_the_way_out() {
    let empty = |file: &Path| fs::write(file, "").unwrap();
    let missing = |file: &Path| fs::remove_file(file).unwrap();
    for (name, lose) in [
        ("journal.db", missing as fn(&Path)),
        ("journal.db", empty),
        ("revoked.json", missing),
        ("revoked.json", empty),
        ("ed25519.pk8", missing),
    ] {
        let program = used();
        lose(&data(&program, name));
        let said = refusal(&program);
        for word in [name, "is missing", "backup", "--begin-anew"] {
            assert!(said.contains(word), "{name}: {said}");
        }
        let mut anew = program
            .command(&["serve", "test.toml", "--begin-anew"])
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut out = std::io::BufReader::new(anew.stdout.take().unwrap());
        std::io::BufRead::read_line(&mut out, &mut line).unwrap();
        assert!(line.contains("ready"), "{line}");
        plenary_testkit::process::terminate(&anew);
        assert_eq!(anew.wait().unwrap().code(), Some(0));
        // Now the folder is complete again, and needs no flag.
        drop(program.serve());
    }
}

#[test]
fn a_key_alone_is_no_empty_conference() {
    let program = used();
    for file in fs::read_dir(program.folder().join("data")).unwrap() {
        let file = file.unwrap();
        if file.file_type().unwrap().is_file() && file.file_name() != "ed25519.pk8" {
            fs::remove_file(file.path()).unwrap();
        }
    }
    let said = refusal(&program);
    assert!(said.contains("journal.db is missing or empty"), "{said}");
}

#[test]
fn invitations_before_the_first_start_are_valid_after_it() {
    let program = program();
    let before = program.invitations().to_vec();
    let mut process = program.serve();
    process.terminate();
    process.exit_code();
    process.restart(&program);
    let after = program.run(&["invite", "test.toml", "--format", "json"]);
    let after: Vec<serde_json::Value> = serde_json::from_slice(&after.stdout).unwrap();
    assert_eq!(before.len(), after.len());
    assert_eq!(before[0]["id"], after[0]["id"]);
}

#[test]
fn a_folder_of_an_older_plenary_that_revoked_nobody_needs_no_list() {
    let program = used();
    fs::remove_file(data(&program, "revoked.json")).unwrap();
    let db = rusqlite::Connection::open(data(&program, "journal.db")).unwrap();
    db.pragma_update(None, "user_version", 2).unwrap();
    drop(db);
    drop(program.serve());
    assert!(data(&program, "revoked.json").exists());
}

#[test]
fn a_write_ahead_log_that_is_lost_after_a_crash_is_said_in_the_log_and_to_operators() {
    let program = program();
    let mut process = program.serve();
    process.kill();
    fs::remove_file(data(&program, "journal.db-wal")).unwrap();
    process.restart(&program);
    let log = fs::read_to_string(program.folder().join(LOG)).unwrap();
    assert!(log.contains("journal.db-wal) is missing"), "{log}");
    assert!(log.contains("may be lost"), "{log}");
}

#[tokio::test]
async fn a_data_folder_that_is_deleted_while_the_server_runs_refuses_commands_and_tells_operators()
{
    let server = TestServer::start().await;
    let operator = server.token("operator-1").await;
    let (mut tokyo, _) = server.join("tokyo-1", "climate").await;
    fs::remove_dir_all(server.data_folder()).unwrap();
    // Noticed within seconds, although nobody gives a command.
    let began = Instant::now();
    while server.get_ops("/readyz").await.status != 503 {
        assert!(began.elapsed() < WAIT_TIMEOUT, "it is not noticed");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let refused = tokyo
        .command("chat.post", json!({ "text": "Hello." }))
        .await;
    let problem = &refused["problem"];
    assert_eq!(problem["code"], "unavailable", "{refused}");
    let detail = problem["detail"].as_str().unwrap();
    assert!(
        detail.contains("the data folder was deleted or replaced"),
        "{detail}"
    );

    // Nobody is locked out by the missing list of revoked invitations, least of all the operator.
    let health = server.get("/health", &operator).await;
    let disk = &health["server"]["disk"];
    assert_eq!(disk["state"], "gone");
    assert!(
        disk["trouble"]
            .as_str()
            .unwrap()
            .contains("deleted or replaced")
    );
    assert!(!disk["advice"].is_null());
    let revoked = server
        .call("DELETE", "/invitations/tokyo-1.1", Some(&operator), None)
        .await;
    assert_eq!(
        revoked.status, 500,
        "a revocation that is not kept is refused"
    );
}

#[tokio::test]
async fn every_file_of_the_data_folder_is_for_its_owner_alone() {
    let server = TestServer::start().await;
    fs::set_permissions(server.data_folder(), fs::Permissions::from_mode(0o755)).unwrap();
    let operator = server.token("operator-1").await;
    let path = "/invitations/viewer-1.1";
    server.call("DELETE", path, Some(&operator), None).await;
    let files = fs::read_dir(server.data_folder()).unwrap();
    let files: Vec<(String, u32)> = files
        .map(|file| {
            let file = file.unwrap();
            let mode = file.metadata().unwrap().mode() & 0o777;
            (file.file_name().into_string().unwrap(), mode)
        })
        .collect();
    for name in [
        "journal.db",
        "journal.db-wal",
        "revoked.json",
        "ed25519.pk8",
    ] {
        assert!(files.iter().any(|(file, _)| file == name), "{files:?}");
    }
    let is_private = |(name, mode): &(String, u32)| match name.as_str() {
        "media" => *mode == 0o700,
        _ => *mode == 0o600,
    };
    assert!(files.iter().all(is_private), "{files:?}");
}

#[tokio::test]
async fn a_log_that_is_dated_in_the_future_alarms_operators_and_voids_no_invitation() {
    let program = used();
    let year: i64 = 365 * 24 * 3600 * 1000;
    let db = rusqlite::Connection::open(data(&program, "journal.db")).unwrap();
    let now = i64::try_from(plenary_room::system_time().0).unwrap();
    db.execute("UPDATE journal SET alive = ?1", [now + year])
        .unwrap();
    drop(db);
    let process = program.serve();
    let api = crate::running::api(&process);
    let operator = crate::running::token(&api, program.invitation("operator-1")).await;
    let health = api.get("/health", &operator).await;
    let server = &health["server"];
    assert_eq!(server["alarms"][0]["kind"], "log_ahead", "{server}");
    assert!(server["clock"]["log_ahead_ms"].as_i64().unwrap() > year / 2);
    let ready = api.get_ops("/readyz").await;
    assert_eq!(ready.status, 200);
    assert!(
        ready.body.as_str().unwrap().contains("dated up to"),
        "{ready:?}"
    );
}
