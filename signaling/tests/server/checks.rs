//! Looking has no consequences: a link that is opened, and a check of the media path.

use std::time::Duration;

use plenary_server::state::Limits;
use plenary_testkit::api::Connection;
use serde_json::{Value, json};

use crate::test_server::TestServer;

/// A browser's offer.
const OFFER: &str = include_str!("../../../crates/transport/tests/offers/chromium.sdp");

/// Sends the hello of a check, with other fields.
async fn begin(server: &TestServer, person: &str, more: Value) -> Connection {
    let token = server.token(person).await;
    let mut hello = json!({
        "type": "hello", "token": token, "room": "climate", "check": true, "offer": OFFER,
    });
    let fields = more.as_object().unwrap().clone();
    hello.as_object_mut().unwrap().extend(fields);
    let mut connection = server.connect().await;
    connection.send(hello).await;
    connection
}

/// A check that has begun.
async fn check(server: &TestServer, person: &str) -> Connection {
    let mut connection = begin(server, person, json!({})).await;
    let begun = connection.next().await.unwrap();
    assert_eq!(begun["type"], "check", "{begun}");
    let answer = begun["answer"].as_str().unwrap();
    assert!(answer.contains("a=candidate"), "{answer}");
    assert_eq!(begun["ends_in_ms"], 15_000);
    connection
}

/// Everything that the room has recorded.
async fn log(server: &TestServer) -> Value {
    let token = server.token("operator-1").await;
    server.get("/rooms/climate/events?after=0", &token).await
}

async fn snapshot(server: &TestServer) -> Value {
    let token = server.token("operator-1").await;
    server.get("/rooms/climate", &token).await
}

#[tokio::test]
async fn opening_a_link_and_reading_what_the_seat_page_shows_leaves_no_trace_in_the_room() {
    let server = TestServer::start().await;
    let token = server.token("moderator-1").await;
    for path in ["/conference", "/me", "/rooms", "/rooms/climate"] {
        server.get(path, &token).await;
    }
    assert_eq!(log(&server).await, json!([]));
}

#[tokio::test]
async fn a_check_seats_nobody_takes_no_chair_and_leaves_no_trace_in_the_room() {
    let server = TestServer::start().await;
    let mut running = Vec::new();
    for person in ["tokyo-1", "moderator-1", "interpreter-1", "viewer-1"] {
        running.push(check(&server, person).await);
    }
    let room = snapshot(&server).await;
    assert_eq!(
        (&room["participants"], &room["floor"]["chair"]),
        (&json!([]), &Value::Null)
    );
    for mut connection in running {
        assert!(connection.is_responsive().await);
        drop(connection);
    }
    assert_eq!(log(&server).await, json!([]));
    let chair = server.token("moderator-1").await;
    let proceedings = server.get("/rooms/climate/proceedings", &chair).await;
    assert_eq!(proceedings["attendance"], json!([]));
}

#[tokio::test]
async fn a_check_is_no_device_and_nobody_in_the_room_notices_it() {
    let server = TestServer::start().await;
    let (mut tokyo, welcome) = server.join("tokyo-1", "climate").await;
    assert_eq!(welcome["you"]["publishing"], true);
    let before = log(&server).await;
    let operator = server.token("operator-1").await;
    let seats = async || {
        let health = server.get("/rooms/climate/health", &operator).await;
        let sessions = server.get_ops("/metrics").await;
        let metrics = sessions.body.as_str().unwrap().to_owned();
        let is_count = |line: &&str| line.starts_with("plenary_signaling_sessions ");
        let sessions = metrics.lines().find(is_count).map(str::to_owned);
        (health["participants"].clone(), sessions)
    };
    let seated = seats().await;
    let _own = check(&server, "tokyo-1").await;
    let _other = check(&server, "seoul-1").await;
    assert_eq!(seats().await, seated);
    let heard: Vec<Value> = tokyo.drain().await;
    let kinds: Vec<&Value> = heard.iter().map(|message| &message["type"]).collect();
    assert_eq!(kinds, ["clock"], "{heard:?}");
    assert_eq!(log(&server).await, before);
}

#[tokio::test]
async fn a_check_carries_no_command_and_no_signal() {
    let server = TestServer::start().await;
    let (mut seoul, _) = server.join("seoul-1", "climate").await;
    let before = log(&server).await;
    for message in [
        json!({ "type": "floor.request", "command_id": "c1" }),
        json!({ "type": "token.renew", "command_id": "c2" }),
        json!({ "type": "signal", "to": "seoul-1", "offer": "v=0" }),
        json!({ "type": "signal", "to": "room", "offer": OFFER }),
        json!({ "type": "slots", "slots": [] }),
    ] {
        let mut connection = check(&server, "tokyo-1").await;
        connection
            .send(json!({ "type": "signal", "to": "room", "candidate": null }))
            .await;
        connection.send(message.clone()).await;
        let refused = connection.next().await.unwrap();
        assert_eq!(refused["problem"]["code"], "invalid", "{message}");
        assert_eq!(connection.close_code().await, 4400, "{message}");
    }
    assert_eq!(seoul.drain().await.len(), 1, "only the marker");
    assert_eq!(log(&server).await, before);
}

#[tokio::test]
async fn a_check_ends_by_itself() {
    let limits = Limits {
        check_time: Duration::from_millis(20),
        ..Limits::default()
    };
    let server = TestServer::with_limits(limits).await;
    let mut connection = begin(&server, "tokyo-1", json!({})).await;
    let begun = connection.next().await.unwrap();
    assert_eq!(begun["ends_in_ms"], 20);
    let code = connection.close_code().await;
    assert!([1000, 1005, 1006].contains(&code), "{code}");
}

#[tokio::test]
async fn a_person_runs_few_checks_at_once_and_one_that_ends_makes_place_for_another() {
    let server = TestServer::start().await;
    let mut running = Vec::new();
    for _ in 0..4 {
        running.push(check(&server, "tokyo-1").await);
    }
    let mut refused = begin(&server, "tokyo-1", json!({})).await;
    let said = refused.next().await.unwrap();
    assert_eq!(said["problem"]["code"], "rate_limited", "{said}");
    assert_eq!(refused.close_code().await, 4429);
    check(&server, "seoul-1").await;

    // An answer to a message that ends a check is sent before its place is free, so the next one may have to ask twice.
    drop(running.pop());
    loop {
        let mut another = begin(&server, "tokyo-1", json!({})).await;
        if another.next().await.unwrap()["type"] == "check" {
            break;
        }
    }
}

#[tokio::test]
async fn a_check_is_for_those_who_may_enter_the_room_and_needs_an_offer() {
    let server = TestServer::start().await;
    let resume = json!({ "session": "a.b", "seq": 1 });
    let slots = json!([{ "mid": "0", "wants": "voice" }]);
    for (person, more, code) in [
        ("tokyo-1", json!({ "token": "nonsense" }), 4401),
        ("delhi-1", json!({}), 4403),
        ("tokyo-1", json!({ "room": "nowhere" }), 4403),
        ("tokyo-1", json!({ "offer": null }), 4400),
        ("tokyo-1", json!({ "offer": "nonsense" }), 4400),
        ("tokyo-1", json!({ "resume": resume }), 4400),
        ("tokyo-1", json!({ "slots": slots }), 4400),
        ("tokyo-1", json!({ "check": "yes" }), 4400),
    ] {
        let mut connection = begin(&server, person, more.clone()).await;
        assert_eq!(connection.close_code().await, code, "{person} {more}");
    }
    // A hello that checks nothing takes a seat, as ever.
    for nothing in [json!({ "check": false }), json!({ "check": null })] {
        let mut connection = begin(&server, "tokyo-1", nothing).await;
        assert_eq!(connection.next().await.unwrap()["type"], "welcome");
    }
}
