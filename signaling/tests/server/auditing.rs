//! What was recorded, read by an operator or an auditor: the program's commands beside a running server and without one.

use std::{path::Path, process::Stdio};

use serde_json::{Value, json};

use crate::process::{folder, plenary, run, start, terminate, text};

/// A folder in which a server ran, with what somebody said in both rooms.
async fn after_a_meeting() -> tempfile::TempDir {
    let folder = folder();
    let (mut child, _out, ready) = start(folder.path(), &["serve", "test.toml"]);
    let address = ready["ready"]["http"].as_str().unwrap();
    for room in ["climate", "covid"] {
        let server = plenary_client::Server::new(&format!("http://{address}")).unwrap();
        let config = plenary_client::Config::new(server, invitation(folder.path()), room);
        let (tokyo, _events) = plenary_client::Participant::join(config).await.unwrap();
        let said = json!({ "text": "=1+1", "to": "room" });
        tokyo.command("chat.post", said).await.unwrap();
        tokyo.command("floor.request", json!({})).await.unwrap();
        let whole = run(folder.path(), &["journal", "verify", "--data", "data"]);
        assert!(whole.status.success(), "beside a running server: {whole:?}");
    }
    terminate(&child);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    folder
}

fn invitation(folder: &Path) -> String {
    let tokyo = ["invite", "test.toml", "tokyo-1", "--format", "json"];
    let invited: Value = serde_json::from_slice(&run(folder, &tokyo).stdout).unwrap();
    invited[0]["invitation"].as_str().unwrap().to_owned()
}

/// What is said on standard error before the exit code 1.
fn refused(folder: &Path, words: &[&str]) -> String {
    let ended = run(folder, words);
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
    text(&ended.stderr)
}

#[test]
fn a_folder_that_is_not_there_or_holds_no_journal_is_named() {
    let folder = folder();
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    for data in ["nowhere", "empty"] {
        for command in [
            &["journal", "verify"][..],
            &["journal", "export", "climate"],
            &["proceedings", "climate", "--conference", "test.toml"],
        ] {
            let said = refused(folder.path(), &[command, &["--data", data]].concat());
            let wanted = format!("plenary: there is no journal in {data}\n");
            assert_eq!(said, wanted, "{command:?}");
        }
    }
    assert!(!folder.path().join("nowhere").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_first_bad_record_is_named_and_other_rooms_are_told_of_all_the_same() {
    let folder = after_a_meeting().await;
    let verify = ["journal", "verify", "--data", "data", "--format", "json"];
    let verdicts = |output: &[u8]| -> Value { serde_json::from_slice(output).unwrap() };
    let whole = run(folder.path(), &verify);
    assert!(whole.status.success(), "{whole:?}");
    let whole = verdicts(&whole.stdout);
    assert_eq!(
        (&whole[0]["room"], &whole[1]["room"]),
        (&json!("climate"), &json!("covid"))
    );
    let export = ["journal", "export", "--data", "data", "climate"];
    let lines = text(&run(folder.path(), &export).stdout);
    let last: Value = serde_json::from_str(lines.lines().last().unwrap()).unwrap();
    assert_eq!(whole[0]["records"], last["seq"]);
    assert_eq!(whole[0]["sha256"], last["hash"]);

    let database = rusqlite::Connection::open(folder.path().join("data/journal.db")).unwrap();
    for place in [3, 2] {
        let change = "UPDATE record SET at = at + 1 WHERE place = (SELECT key << 40 | ?1 FROM room WHERE name = 'climate')";
        assert_eq!(database.execute(change, [place]).unwrap(), 1);
    }
    drop(database);
    let bad = run(folder.path(), &verify);
    assert_eq!(bad.status.code(), Some(1));
    assert!(
        text(&bad.stderr).contains("record 2 of the room climate is bad"),
        "{bad:?}"
    );
    let told = verdicts(&bad.stdout);
    assert_eq!(
        (&told[0]["whole"], &told[0]["seq"]),
        (&json!(false), &json!(2))
    );
    assert_eq!(told[1], whole[1]);
    let in_words = run(folder.path(), &verify[..4]);
    assert_eq!(in_words.status.code(), Some(1));
    assert!(
        text(&in_words.stdout).starts_with("covid: "),
        "{in_words:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_room_that_is_not_there_is_answered_with_those_that_are() {
    let folder = after_a_meeting().await;
    for command in [
        &["journal", "verify", "atlantis"][..],
        &["journal", "export", "atlantis"],
        &["proceedings", "atlantis"],
    ] {
        let said = refused(folder.path(), &[command, &["--data", "data"]].concat());
        assert!(
            said.contains("no room atlantis; it has climate, covid"),
            "{said}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn whoever_reads_only_the_head_of_it_is_no_fault() {
    let folder = after_a_meeting().await;
    for command in [
        &["journal", "verify", "--data", "data"][..],
        &["journal", "export", "climate", "--data", "data"],
        &[
            "proceedings",
            "climate",
            "--data",
            "data",
            "--format",
            "json",
        ],
        &["proceedings", "climate", "--data", "data", "--format", "md"],
        &[
            "proceedings",
            "climate",
            "--data",
            "data",
            "--format",
            "csv",
        ],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        // Nobody reads from the first byte on.
        drop(reader);
        let mut program = plenary(folder.path());
        let child = program.args(command).stdout(Stdio::from(writer)).spawn();
        let ended = child.unwrap().wait_with_output().unwrap();
        assert!(ended.status.success(), "{command:?}: {ended:?}");
        assert_eq!(text(&ended.stderr), "", "{command:?}");
    }
}
