//! Displays: a link that shows a room, in no roster, without authority, over both transports.

use plenary_protocol::Command;
use plenary_server::state::Limits;
use plenary_testkit::api::Connection;
use serde_json::{Value, json};

use crate::{operations::Operation, process::program, test_server::TestServer};

/// A browser's offer.
const OFFER: &str = include_str!("../../../crates/transport/tests/offers/chromium.sdp");

async fn redeem(server: &TestServer, invitation: &str) -> Value {
    let body = json!({ "invitation": invitation });
    let redeemed = server.call("POST", "/invitations/redeem", None, Some(body));
    redeemed.await.ok()
}

async fn token(server: &TestServer) -> String {
    let redeemed = redeem(server, &server.display("climate")).await;
    redeemed["token"].as_str().unwrap().to_owned()
}

/// A display that shows the room, and its welcome.
async fn show(server: &TestServer) -> (Connection, Value) {
    let token = token(server).await;
    server
        .connect()
        .await
        .hello(&token, "climate", json!({}))
        .await
}

async fn events(server: &TestServer) -> Value {
    let operator = server.token("operator-1").await;
    server.get("/rooms/climate/events?after=0", &operator).await
}

#[tokio::test]
async fn a_display_link_is_redeemed_for_a_viewer_without_a_name_and_with_one_room() {
    let server = TestServer::start().await;
    let redeemed = redeem(&server, &server.display("climate")).await;
    let person = &redeemed["person"];
    assert_eq!(
        (&person["watching"], &person["role"], &person["name"]),
        (&json!("display"), &json!("viewer"), &json!(""))
    );
    assert_eq!(
        (&person["rooms"], &redeemed["may"]),
        (&json!(["climate"]), &json!(["room.read"]))
    );
    let token = redeemed["token"].as_str().unwrap();
    let conference = server.get("/conference", token).await;
    let people = conference["people"].as_array().unwrap();
    assert!(
        people.iter().all(|it| it["id"] != person["id"]),
        "it is nobody"
    );
    assert_eq!(server.get("/me", token).await["person"], *person);
    server.post("/token/renew", token).await;
    let elsewhere = server.call("GET", "/rooms/covid", Some(token), None).await;
    assert_eq!(elsewhere.code(), "forbidden");
}

#[tokio::test]
async fn a_display_sees_the_room_with_its_media_and_nobody_learns_of_it() {
    let server = TestServer::start().await;
    let (mut tokyo, _) = server.join("tokyo-1", "climate").await;
    let before = events(&server).await;
    let token = token(&server).await;
    let offer = json!({ "offer": OFFER });
    let (mut display, welcome) = server.connect().await.hello(&token, "climate", offer).await;
    assert_eq!(
        (&welcome["you"]["watching"], &welcome["you"]["publishing"]),
        (&json!("display"), &json!(false))
    );
    assert!(welcome["answer"].as_str().unwrap().contains("a=candidate"));
    assert_eq!(welcome["room"]["participants"].as_array().unwrap().len(), 1);

    tokyo.drain().await;
    assert_eq!(events(&server).await, before);
    let operator = server.token("operator-1").await;
    let health = server.get("/rooms/climate/health", &operator).await;
    let displays = health["displays"].as_array().unwrap();
    assert_eq!(displays.len(), 1);
    assert!(displays[0]["since"].as_str().unwrap().ends_with('Z'));
    assert_eq!(health["participants"].as_array().unwrap().len(), 1);

    tokyo.command("floor.request", json!({})).await;
    display.wait_for("floor.requested", |_| true).await;
    drop(display);
    let moderator = server.token("moderator-1").await;
    let proceedings = server.get("/rooms/climate/proceedings", &moderator).await;
    assert_eq!(proceedings["attendance"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_display_may_give_no_command_over_either_transport() {
    let server = TestServer::start().await;
    let (mut display, _) = show(&server).await;
    for kind in Command::TYPES {
        let reply = display.command(kind, json!({ "person": "tokyo-1" })).await;
        let code = reply["problem"]["code"].as_str().unwrap();
        assert!(["forbidden", "invalid"].contains(&code), "{kind}: {reply}");
    }
    let token = token(&server).await;
    let mut refused = 0;
    for operation in Operation::all(&server).await {
        if Command::TYPES.contains(&operation.name.as_str()) {
            let answer = operation.ask(&server, Some(&token)).await;
            assert_eq!(answer.code(), "forbidden", "{}", operation.name);
            refused += 1;
        }
    }
    // A few are given over WebSocket alone.
    assert!(refused > Command::TYPES.len() * 3 / 4, "{refused}");
    assert_eq!(events(&server).await, json!([]));
}

#[tokio::test]
async fn a_display_reads_no_proceedings_and_no_health_and_revokes_nothing() {
    let server = TestServer::start().await;
    let token = token(&server).await;
    for (method, path) in [
        ("GET", "/rooms/climate/proceedings"),
        ("GET", "/rooms/climate/health"),
        ("GET", "/health"),
        ("DELETE", "/invitations/display:climate.1"),
    ] {
        let answer = server.call(method, path, Some(&token), None).await;
        assert_eq!(answer.code(), "forbidden", "{method} {path}");
    }
}

#[tokio::test]
async fn a_revoked_display_link_ends_every_screen_that_it_opened() {
    let server = TestServer::start().await;
    let (mut display, _) = show(&server).await;
    let operator = server.token("operator-1").await;
    let path = "/invitations/display:climate.1";
    let done = server.call("DELETE", path, Some(&operator), None).await;
    assert_eq!(done.status.as_u16(), 204);
    assert_eq!(display.close_code().await, 4401);
    let (_next, welcome) = show(&server).await;
    assert_eq!(
        welcome["you"]["watching"], "display",
        "the next link is valid"
    );
}

#[tokio::test]
async fn a_link_shows_on_so_many_screens_and_ends_none_for_another() {
    let limits = Limits {
        displays_per_link: 2,
        ..Limits::default()
    };
    let server = TestServer::with_limits(limits).await;
    let (mut first, _) = show(&server).await;
    let (second, _) = show(&server).await;
    let token = token(&server).await;
    let hello = json!({ "type": "hello", "token": token, "room": "climate" });
    let mut third = server.connect().await;
    third.send(hello.clone()).await;
    let said = third.next().await.unwrap();
    assert_eq!(said["problem"]["code"], "rate_limited", "{said}");
    assert_eq!(third.close_code().await, 4429);
    assert!(first.is_responsive().await);

    drop(second);
    loop {
        let mut again = server.connect().await;
        again.send(hello.clone()).await;
        if again.next().await.unwrap()["type"] == "welcome" {
            break;
        }
    }
    assert!(first.is_responsive().await);
}

#[tokio::test]
async fn an_address_has_so_many_screens_by_whatever_links() {
    let limits = Limits {
        displays_per_address: 1,
        ..Limits::default()
    };
    let server = TestServer::with_limits(limits).await;
    let (_first, _) = show(&server).await;
    let redeemed = redeem(&server, &server.display("covid")).await;
    let mut second = server.connect().await;
    let hello = json!({ "type": "hello", "token": redeemed["token"], "room": "covid" });
    second.send(hello).await;
    assert_eq!(second.close_code().await, 4429);
    let (_person, welcome) = server.join("viewer-1", "climate").await;
    assert_eq!(welcome["type"], "welcome", "people are not counted");
}

#[test]
fn the_program_prints_one_display_link_with_its_room_and_language() {
    let program = program();
    let json = [
        "invite",
        "test.toml",
        "--display",
        "climate",
        "--format",
        "json",
    ];
    let printed = program.run(&[&json[..], &["--language", "zh-Hant-TW"]].concat());
    let links: Value = serde_json::from_slice(&printed.stdout).unwrap();
    let [link] = links.as_array().unwrap().as_slice() else {
        panic!("{links}");
    };
    assert_eq!(
        (&link["display"], &link["id"]),
        (&json!("climate"), &json!("display:climate.1"))
    );
    let secret = link["invitation"].as_str().unwrap();
    let url = link["url"].as_str().unwrap();
    assert!(
        url.ends_with(&format!("/#i={secret}&lang=zh-Hant-TW")),
        "{url}"
    );
    let said = program.run(&["invite", "test.toml", "--display", "atlantis"]);
    assert_eq!(said.status.code(), Some(1));
    let said = String::from_utf8(said.stderr).unwrap();
    assert!(said.contains("no room \"atlantis\""), "{said}");
}
