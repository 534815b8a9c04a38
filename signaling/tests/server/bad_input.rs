//! What no well-behaved client sends.

use std::time::Duration;

use plenary_protocol::Command;
use plenary_server::state::Limits;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::hall::Hall;

#[tokio::test]
async fn every_command_with_missing_unknown_wrong_or_huge_fields_is_refused_and_the_line_stays_open()
 {
    let hall = Hall::open().await;
    for kind in Command::TYPES {
        let (mut line, _) = hall.seat("moderator-1", "climate").await;
        for fields in [
            json!({ "colour": "red" }),
            json!({ "request": 7, "person": [], "text": {}, "ids": "r1", "to": 1, "at": true, "kind": 0, "nom": -1 }),
            json!({ "request": "x".repeat(5000), "text": "x".repeat(5000), "person": "y".repeat(5000) }),
            json!({ "request": null, "person": null, "ids": null, "override": null, "colour": null }),
        ] {
            let reply = line.command(kind, fields).await;
            assert_eq!(reply["problem"]["code"], "invalid", "{kind}: {reply}");
        }
        assert!(line.is_alive().await);
    }
}

#[tokio::test]
async fn other_messages_with_wrong_fields_are_answered_by_a_problem() {
    let hall = Hall::open().await;
    let (mut line, _) = hall.seat("tokyo-1", "climate").await;
    for text in [
        "",
        "nonsense",
        "[]",
        r#"{"type":7}"#,
        r#"{"type":"signal","to":"room"}"#,
        r#"{"type":"signal","to":"room","answer":"v=0"}"#,
        r#"{"type":"signal","to":"room","offer":"nonsense"}"#,
        r#"{"type":"clock"}"#,
        r#"{"type":"floor.next"}"#,
    ] {
        line.send(Message::text(text)).await;
        let answer = line.until("problem", |_| true).await;
        assert_eq!(answer["problem"]["code"], "invalid", "{text}");
    }
    assert!(line.is_alive().await);
}

#[tokio::test]
async fn who_never_speaks_the_protocol_is_closed_4400() {
    let hall = Hall::open().await;
    let (mut line, _) = hall.seat("tokyo-1", "climate").await;
    for _ in 0..10 {
        line.send(Message::text("nonsense")).await;
    }
    assert_eq!(line.closed().await, 4400);

    let (mut line, _) = hall.seat("tokyo-1", "climate").await;
    line.send(Message::binary(vec![1, 2, 3])).await;
    assert_eq!(line.closed().await, 4400);

    let mut line = hall.knock().await;
    line.say(json!({ "type": "clock", "sent": 1 })).await;
    assert_eq!(
        line.until("problem", |_| true).await["problem"]["code"],
        "invalid"
    );
    assert_eq!(line.closed().await, 4400);
}

#[tokio::test]
async fn ten_megabytes_are_closed_4413_before_and_after_the_hello() {
    let hall = Hall::open().await;
    let huge = || Message::text("x".repeat(10 * 1024 * 1024));
    let mut line = hall.knock().await;
    line.send(huge()).await;
    assert_eq!(line.closed().await, 4413);
    let (mut line, _) = hall.seat("tokyo-1", "climate").await;
    line.send(huge()).await;
    assert_eq!(line.closed().await, 4413);
}

#[tokio::test]
async fn a_hello_that_never_comes_is_closed_4408() {
    let limits = Limits {
        hello: Duration::from_millis(50),
        ..Limits::default()
    };
    let hall = Hall::with(limits).await;
    assert_eq!(hall.knock().await.closed().await, 4408);
}

#[tokio::test]
async fn a_hello_without_a_right_to_the_room_is_told_why_and_closed() {
    let hall = Hall::open().await;
    let delhi = hall.token("delhi-1").await;
    for (token, room, more, code, close) in [
        ("nonsense", "climate", json!({}), "unauthorized", 4401),
        (delhi.as_str(), "climate", json!({}), "forbidden", 4403),
        (delhi.as_str(), "atlantis", json!({}), "not_found", 4403),
        (delhi.as_str(), "a b", json!({}), "invalid", 4400),
        (
            delhi.as_str(),
            "covid",
            json!({ "colour": 1 }),
            "invalid",
            4400,
        ),
        (
            delhi.as_str(),
            "covid",
            json!({ "offer": "nonsense" }),
            "invalid",
            4400,
        ),
        (
            delhi.as_str(),
            "covid",
            json!({ "slots": [{ "mid": "0", "wants": "juice" }] }),
            "invalid",
            4400,
        ),
    ] {
        let mut line = hall.knock().await;
        let mut hello = json!({ "type": "hello", "token": token, "room": room });
        hello
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        line.say(hello.clone()).await;
        assert_eq!(
            line.until("problem", |_| true).await["problem"]["code"],
            code,
            "{hello}"
        );
        assert_eq!(line.closed().await, close, "{hello}");
    }
    // None of them left a seat behind.
    let room = hall
        .call("GET", "/rooms/covid", Some(&delhi), None)
        .await
        .ok();
    let seated = |it: &Value| it["state"] == "seated";
    assert!(
        !room["participants"].as_array().unwrap().iter().any(seated),
        "{room}"
    );
}

#[tokio::test]
async fn a_flood_of_messages_is_closed_4429() {
    let hall = Hall::open().await;
    let (mut line, _) = hall.seat("tokyo-1", "climate").await;
    for sent in 0..1000 {
        line.say(json!({ "type": "clock", "sent": sent })).await;
    }
    assert_eq!(line.closed().await, 4429);
}
