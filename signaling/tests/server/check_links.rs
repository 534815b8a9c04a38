//! The check link: one for everybody, which opens checks of the media path and nothing else.

use plenary_server::{rate::Quota, state::Limits};
use plenary_testkit::{
    api::{Connection, Response},
    process::text,
};
use serde_json::{Value, json};

use crate::{operations::Operation, process::program, test_server::TestServer};

/// A browser's offer.
const OFFER: &str = include_str!("../../../crates/transport/tests/offers/chromium.sdp");

/// The operations that need no token.
const OPEN: [&str; 4] = ["redeem", "ws", "openapi", "asyncapi"];

async fn redeem(server: &TestServer) -> Response {
    let body = json!({ "invitation": server.check_link() });
    server
        .call("POST", "/invitations/redeem", None, Some(body))
        .await
}

async fn token(server: &TestServer) -> String {
    let redeemed = redeem(server).await.ok();
    redeemed["token"].as_str().unwrap().to_owned()
}

/// Says hello with the token of the link and with other fields; returns the connection and what it was told.
async fn hello(server: &TestServer, token: &str, more: Value) -> (Connection, Value) {
    let mut hello = json!({ "type": "hello", "token": token, "check": true, "offer": OFFER });
    let fields = more.as_object().unwrap().clone();
    hello.as_object_mut().unwrap().extend(fields);
    let mut connection = server.connect().await;
    connection.send(hello).await;
    let said = connection.next().await.unwrap();
    (connection, said)
}

/// Whether a refusal says what the link is for.
fn says_what_it_is(problem: &Value) -> bool {
    problem["code"] == "forbidden"
        && problem["detail"]
            .as_str()
            .unwrap()
            .starts_with("This link only tests the network")
}

#[tokio::test]
async fn the_link_is_redeemed_for_a_short_token_of_nobody_with_relays_that_end_with_it() {
    let server = TestServer::start().await;
    let redeemed = redeem(&server).await.ok();
    assert_eq!(
        (&redeemed["person"], &redeemed["may"]),
        (&Value::Null, &json!([]))
    );
    assert!(redeemed["expires_in_ms"].as_u64().unwrap() <= 5 * 60 * 1000);
    let check = redeemed["check"].as_object().unwrap();
    assert_eq!(check["conference"], "Conference of Cities");
    assert!(check["valid_until"].as_str().unwrap().ends_with('Z'));
    let relay = &redeemed["ice_servers"][0];
    let (until, user) = relay["username"].as_str().unwrap().split_once(':').unwrap();
    assert_eq!(user, "guest@127.0.0.1");
    let left = until.parse::<u64>().unwrap() - server.now().0 / 1000;
    assert!(left <= 5 * 60, "{left} s");
}

#[tokio::test]
async fn every_operation_that_needs_a_token_refuses_the_links_in_words() {
    let server = TestServer::with_example_conference().await;
    let token = token(&server).await;
    for operation in Operation::all(&server).await {
        if OPEN.contains(&operation.name.as_str()) {
            continue;
        }
        let answer = operation.ask(&server, Some(&token)).await;
        assert!(
            answer.status == 403 && says_what_it_is(&answer.body),
            "{}: {answer:?}",
            operation.name
        );
    }
    // Programs of WHIP and WHEP send an invitation as it is.
    let link = server.check_link();
    for path in ["/whip/climate", "/whep/climate"] {
        let answer = server.call("POST", path, Some(&link), None).await;
        assert!(says_what_it_is(&answer.body), "{path}: {answer:?}");
    }
}

#[tokio::test]
async fn the_link_takes_no_seat_and_no_display_and_enters_no_room() {
    let server = TestServer::start().await;
    let token = token(&server).await;
    for more in [
        json!({ "check": false, "room": "climate" }),
        json!({ "check": false }),
        json!({ "check": null, "room": "climate", "resume": { "session": "a.b", "seq": 1 } }),
        json!({ "room": "climate" }),
        json!({ "room": "nowhere" }),
    ] {
        let (mut connection, said) = hello(&server, &token, more.clone()).await;
        assert!(says_what_it_is(&said["problem"]), "{more}: {said}");
        assert_eq!(connection.close_code().await, 4403, "{more}");
    }
    assert_eq!(server.seated(), 0);
}

#[tokio::test]
async fn a_check_by_the_link_is_answered_and_leaves_no_trace_in_any_room() {
    let server = TestServer::start().await;
    let token = token(&server).await;
    let (mut connection, begun) = hello(&server, &token, json!({})).await;
    assert_eq!(begun["type"], "check", "{begun}");
    assert!(begun["answer"].as_str().unwrap().contains("a=candidate"));
    assert!(connection.is_responsive().await);
    let operator = server.token("operator-1").await;
    let room = server.get("/rooms/climate", &operator).await;
    assert_eq!(room["participants"], json!([]));
    connection
        .send(json!({ "type": "chat.post", "command_id": "c1", "text": "x", "to": "room" }))
        .await;
    let refused = connection.next().await.unwrap();
    assert_eq!(refused["problem"]["code"], "invalid");
    assert_eq!(connection.close_code().await, 4400);
    let events = server.get("/rooms/climate/events?after=0", &operator).await;
    assert_eq!(events, json!([]));
}

#[tokio::test]
async fn a_person_still_names_the_room_of_a_check() {
    let server = TestServer::start().await;
    let token = server.token("tokyo-1").await;
    let (mut connection, said) = hello(&server, &token, json!({})).await;
    assert_eq!(said["problem"]["code"], "invalid", "{said}");
    assert_eq!(connection.close_code().await, 4400);
}

#[tokio::test]
async fn an_address_runs_so_many_checks_by_the_link_and_participants_have_their_own() {
    let server = TestServer::start().await;
    let token = token(&server).await;
    let mut running = Vec::new();
    for _ in 0..16 {
        let (connection, begun) = hello(&server, &token, json!({})).await;
        assert_eq!(begun["type"], "check", "{begun}");
        running.push(connection);
    }
    let (mut refused, said) = hello(&server, &token, json!({})).await;
    assert_eq!(said["problem"]["code"], "rate_limited", "{said}");
    let detail = said["problem"]["detail"].as_str().unwrap();
    assert!(detail.contains("Too many checks are running"), "{detail}");
    assert_eq!(refused.close_code().await, 4429);
    let tokyo = server.token("tokyo-1").await;
    let (_tokyo, begun) = hello(&server, &tokyo, json!({ "room": "climate" })).await;
    assert_eq!(begun["type"], "check", "{begun}");
}

#[tokio::test]
async fn an_address_begins_so_much_with_the_link_and_is_then_told_to_wait() {
    let limits = Limits {
        link_checks: Quota {
            burst: 2,
            per_minute: 1,
        },
        ..Limits::default()
    };
    let server = TestServer::with_limits(limits).await;
    let token = token(&server).await;
    let (_running, begun) = hello(&server, &token, json!({})).await;
    assert_eq!(begun["type"], "check");
    let (mut refused, said) = hello(&server, &token, json!({})).await;
    assert_eq!(said["problem"]["code"], "rate_limited", "{said}");
    assert_eq!(refused.close_code().await, 4429);
    let answer = redeem(&server).await;
    assert_eq!(answer.code(), "rate_limited");
    assert!(answer.headers.contains_key("retry-after"));
    server.token("tokyo-1").await;
}

#[tokio::test]
async fn a_revoked_link_ends_with_its_tokens() {
    let server = TestServer::start().await;
    let link = server.check_link();
    let token = token(&server).await;
    let operator = server.token("operator-1").await;
    let path = "/invitations/check:everybody.1";
    let done = server.call("DELETE", path, Some(&operator), None).await;
    assert_eq!(done.status.as_u16(), 204);
    let (mut connection, said) = hello(&server, &token, json!({})).await;
    assert_eq!(said["problem"]["code"], "unauthorized", "{said}");
    assert_eq!(connection.close_code().await, 4401);
    let body = json!({ "invitation": link });
    let answer = server.call("POST", "/invitations/redeem", None, Some(body));
    assert_eq!(answer.await.code(), "unauthorized");
    redeem(&server).await.ok();
}

#[test]
fn the_program_prints_one_check_link_and_until_when_it_holds() {
    let program = program();
    let printed = program.run(&["invite", "test.toml", "--check"]);
    let said = text(&printed.stdout);
    assert_eq!(said.lines().count(), 2, "{said}");
    assert!(
        said.contains("id check:everybody.1), valid until 2"),
        "{said}"
    );
    assert!(said.contains("/#i=eyJ"), "{said}");
    let json = ["invite", "test.toml", "--check", "--format", "json"];
    let links: Value = serde_json::from_slice(&program.run(&json).stdout).unwrap();
    assert_eq!(
        (&links[0]["check"], &links[1]),
        (&json!(true), &Value::Null)
    );
    let refused = program.run(&["invite", "test.toml", "tokyo-1", "--check"]);
    assert!(text(&refused.stderr).contains("cannot be used with"));
    let revoked = program.run(&["revoke", "check:everybody.1"]);
    assert!(text(&revoked.stdout).contains("is revoked now"));
    let next = program.run(&["invite", "test.toml", "--check"]);
    assert!(text(&next.stdout).contains("id check:everybody.2"));
}
