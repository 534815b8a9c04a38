//! The proceedings over HTTP and from the data folder.

use std::process::Command;

use crate::test_server::TestServer;

use plenary_testkit::api::{Connection, Response, conference, headers};
use serde_json::{Value, json};

const PATH: &str = "/rooms/climate/proceedings";

/// Tokyo has spoken. The connections stay open, because a departure would be recorded a moment later.
async fn after_a_speech() -> (TestServer, String, [Connection; 2]) {
    let server = TestServer::start().await;
    let (mut chair, _) = server.join("moderator-1", "climate").await;
    let (mut tokyo, _) = server.join("tokyo-1", "climate").await;
    let asked = tokyo.command("floor.request", json!({})).await;
    let request = json!({ "request": asked["result"]["id"] });
    chair.command("floor.grant", request.clone()).await;
    tokyo.command("floor.release", request).await;
    let token = server.token("clerk-1").await;
    (server, token, [chair, tokyo])
}

async fn form(server: &TestServer, token: &str, accept: &str) -> Response {
    let headers = headers(Some(token), &[("accept", accept)]);
    server
        .send("GET", &format!("/api/v1{PATH}"), &headers, "")
        .await
}

#[tokio::test]
async fn staff_read_the_proceedings_in_every_format_and_delegates_do_not() {
    let (server, clerk, _connections) = after_a_speech().await;
    let data = server.get(PATH, &clerk).await;
    assert_eq!(data["speeches"][0]["how"], "released");
    assert_eq!(data["seal"]["hash"].as_str().unwrap().len(), 64);

    let minutes = form(&server, &clerk, "text/markdown").await;
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
    let table = form(&server, &clerk, "text/csv").await.ok();
    assert_eq!(table.as_str().unwrap().lines().count(), 2);
    let neither = form(&server, &clerk, "image/png").await;
    assert_eq!((neither.status.as_u16(), neither.code()), (406, "invalid"));

    for who in ["tokyo-1", "interpreter-1", "viewer-1"] {
        let token = server.token(who).await;
        let refused = server.call("GET", PATH, Some(&token), None).await;
        assert_eq!(refused.code(), "forbidden", "{who}");
    }
}

#[tokio::test]
async fn a_correction_is_added_to_the_proceedings() {
    let (server, clerk, _connections) = after_a_speech().await;
    let before = server.get(PATH, &clerk).await;
    let body = json!({ "about_seq": 2, "text": "Tokyo spoke on behalf of Seoul." });
    let path = format!("{PATH}/corrections");
    let done = server.call("POST", &path, Some(&clerk), Some(body)).await;
    assert_eq!(done.status.as_u16(), 201);
    let after = server.get(PATH, &clerk).await;
    assert_eq!(
        after["corrections"][0]["text"],
        "Tokyo spoke on behalf of Seoul."
    );
    assert_eq!(after["speeches"], before["speeches"]);
    assert_ne!(after["seal"]["hash"], before["seal"]["hash"]);
}

#[tokio::test]
async fn the_same_proceedings_are_written_offline_while_the_server_runs() {
    let (server, clerk, _connections) = after_a_speech().await;
    let live = server.get(PATH, &clerk).await;
    let offline = |format: &str| {
        let file = server.data_folder().join("test.toml");
        std::fs::write(&file, conference().toml()).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_plenary"));
        command.args(["proceedings", "climate", "--format", format]);
        command
            .arg("--data")
            .arg(server.data_folder())
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
    assert!(offline("csv").starts_with("\u{feff}room,item,request,"));
}
