//! The commands that read the journal, beside a running server and without one.

use plenary_client::{Config, Participant};
use plenary_testkit::process::{Program, text};
use serde_json::{Value, json};

use crate::process::program;

/// A folder in which a server ran, with a message and a request in both rooms.
async fn after_a_meeting() -> Program {
    let program = program();
    let mut process = program.serve();
    for room in ["climate", "covid"] {
        let config = Config::new(process.server(), program.invitation("tokyo-1"), room);
        let (tokyo, _events) = Participant::join(config).await.unwrap();
        let message = json!({ "text": "=1+1", "to": "room" });
        tokyo.command("chat.post", message).await.unwrap();
        tokyo.command("floor.request", json!({})).await.unwrap();
        let whole = program.run(&["journal", "verify", "--data", "data"]);
        assert!(whole.status.success(), "beside a running server: {whole:?}");
    }
    process.terminate();
    assert_eq!(process.exit_code(), Some(0));
    program
}

/// Runs a command that exits with 1; returns what it prints on standard error.
fn refused(program: &Program, arguments: &[&str]) -> String {
    let ended = program.run(arguments);
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
    text(&ended.stderr)
}

#[test]
fn a_missing_folder_or_one_without_a_journal_is_named() {
    let program = program();
    std::fs::create_dir(program.folder().join("empty")).unwrap();
    for data in ["nowhere", "empty"] {
        for command in [
            &["journal", "verify"][..],
            &["journal", "export", "climate"],
            &["proceedings", "climate", "--conference", "test.toml"],
        ] {
            let said = refused(&program, &[command, &["--data", data]].concat());
            let wanted = format!("plenary: there is no journal in {data}\n");
            assert_eq!(said, wanted, "{command:?}");
        }
    }
    assert!(!program.folder().join("nowhere").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_first_bad_record_is_named_and_other_rooms_are_reported_too() {
    let program = after_a_meeting().await;
    let verify = ["journal", "verify", "--data", "data", "--format", "json"];
    let verdicts = |output: &[u8]| -> Value { serde_json::from_slice(output).unwrap() };
    let whole = program.run(&verify);
    assert!(whole.status.success(), "{whole:?}");
    let whole = verdicts(&whole.stdout);
    assert_eq!(
        (&whole[0]["room"], &whole[1]["room"]),
        (&json!("climate"), &json!("covid"))
    );
    let export = ["journal", "export", "--data", "data", "climate"];
    let lines = text(&program.run(&export).stdout);
    let last: Value = serde_json::from_str(lines.lines().last().unwrap()).unwrap();
    assert_eq!(whole[0]["records"], last["seq"]);
    assert_eq!(whole[0]["sha256"], last["hash"]);

    let database = rusqlite::Connection::open(program.folder().join("data/journal.db")).unwrap();
    for place in [3, 2] {
        let change = "UPDATE record SET at = at + 1 WHERE place = (SELECT key << 40 | ?1 FROM room WHERE name = 'climate')";
        assert_eq!(database.execute(change, [place]).unwrap(), 1);
    }
    drop(database);
    let bad = program.run(&verify);
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
    let in_words = program.run(&verify[..4]);
    assert_eq!(in_words.status.code(), Some(1));
    assert!(
        text(&in_words.stdout).starts_with("covid: "),
        "{in_words:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_unknown_room_is_answered_with_the_names_of_the_others() {
    let program = after_a_meeting().await;
    for command in [
        &["journal", "verify", "atlantis"][..],
        &["journal", "export", "atlantis"],
        &["proceedings", "atlantis"],
    ] {
        let said = refused(&program, &[command, &["--data", "data"]].concat());
        assert!(
            said.contains("no room atlantis; it has climate, covid"),
            "{said}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_closed_pipe_is_not_an_error() {
    let program = after_a_meeting().await;
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
        // The other end is closed before the first byte.
        drop(reader);
        let child = program.command(command).stdout(writer).spawn();
        let ended = child.unwrap().wait_with_output().unwrap();
        assert!(ended.status.success(), "{command:?}: {ended:?}");
        assert_eq!(text(&ended.stderr), "", "{command:?}");
    }
}
