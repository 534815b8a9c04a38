//! The record, as staff read it over HTTP and as it is written from the data folder.

use std::process::Command;

use serde_json::{Value, json};

use crate::hall::{Hall, Line, headers};

const PATH: &str = "/rooms/climate/proceedings";

/// Tokyo has spoken. The lines are held, because who goes is recorded too, a moment later.
async fn after_a_speech() -> (Hall, String, [Line; 2]) {
    let hall = Hall::open().await;
    let (mut chair, _) = hall.seat("moderator-1", "climate").await;
    let (mut tokyo, _) = hall.seat("tokyo-1", "climate").await;
    let asked = tokyo.command("floor.request", json!({})).await;
    let request = json!({ "request": asked["result"]["id"] });
    chair.command("floor.grant", request.clone()).await;
    tokyo.command("floor.release", request).await;
    let token = hall.token("clerk-1").await;
    (hall, token, [chair, tokyo])
}

async fn form(hall: &Hall, token: &str, accept: &str) -> crate::hall::Answer {
    let headers = headers(Some(token), &[("accept", accept)]);
    hall.send("GET", &format!("/api/v1{PATH}"), &headers, "")
        .await
}

#[tokio::test]
async fn staff_read_the_record_in_the_form_they_ask_for_and_delegates_do_not() {
    let (hall, clerk, _lines) = after_a_speech().await;
    let data = hall.call("GET", PATH, Some(&clerk), None).await.ok();
    assert_eq!(data["speeches"][0]["how"], "released");
    assert_eq!(data["seal"]["hash"].as_str().unwrap().len(), 64);

    let minutes = form(&hall, &clerk, "text/markdown").await;
    assert_eq!(
        minutes.headers["content-type"],
        "text/markdown; charset=utf-8"
    );
    assert!(
        minutes
            .ok()
            .as_str()
            .unwrap()
            .contains("**Tokyo** (Tokyo delegate) made a statement")
    );
    let table = form(&hall, &clerk, "text/csv").await.ok();
    assert_eq!(table.as_str().unwrap().lines().count(), 2);
    let neither = form(&hall, &clerk, "image/png").await;
    assert_eq!((neither.status.as_u16(), neither.code()), (406, "invalid"));

    for who in ["tokyo-1", "interpreter-1", "viewer-1"] {
        let token = hall.token(who).await;
        let refused = hall.call("GET", PATH, Some(&token), None).await;
        assert_eq!(refused.code(), "forbidden", "{who}");
    }
}

#[tokio::test]
async fn what_was_wrong_is_put_right_by_one_more_record() {
    let (hall, clerk, _lines) = after_a_speech().await;
    let before = hall.call("GET", PATH, Some(&clerk), None).await.ok();
    let body = json!({ "about_seq": 2, "text": "Tokyo spoke on behalf of Seoul." });
    let path = format!("{PATH}/corrections");
    let done = hall.call("POST", &path, Some(&clerk), Some(body)).await;
    assert_eq!(done.status.as_u16(), 201);
    let after = hall.call("GET", PATH, Some(&clerk), None).await.ok();
    assert_eq!(
        after["corrections"][0]["text"],
        "Tokyo spoke on behalf of Seoul."
    );
    assert_eq!(after["speeches"], before["speeches"]);
    assert_ne!(after["seal"]["hash"], before["seal"]["hash"]);
}

#[tokio::test]
async fn the_same_record_is_written_offline_while_the_server_runs() {
    let (hall, clerk, _lines) = after_a_speech().await;
    let live = hall.call("GET", PATH, Some(&clerk), None).await.ok();
    let offline = |format: &str| {
        let file = hall.folder().join("test.toml");
        std::fs::write(&file, crate::hall::CONFERENCE).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_plenary"));
        command.args(["proceedings", "climate", "--format", format]);
        command
            .arg("--data")
            .arg(hall.folder())
            .arg("--conference")
            .arg(file);
        let output = command.output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    };
    let mut data: Value = serde_json::from_str(&offline("json")).unwrap();
    data["generated"] = live["generated"].clone();
    assert_eq!(data, live);
    assert!(offline("md").starts_with("# Climate\n"));
    assert!(offline("csv").starts_with("room,item,request,"));
}
