//! Input that no well-behaved client sends.

use std::time::Duration;

use plenary_protocol::Command;
use plenary_server::state::Limits;
use plenary_testkit::api::headers;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::{operations::Operation, test_server::TestServer};

#[tokio::test]
async fn every_command_with_missing_unknown_wrong_or_huge_fields_is_refused_and_the_connection_stays_open()
 {
    let server = TestServer::start().await;
    for kind in Command::TYPES {
        let (mut connection, _) = server.join("moderator-1", "climate").await;
        for fields in [
            json!({ "colour": "red" }),
            json!({ "request": 7, "person": [], "text": {}, "ids": "r1", "to": 1, "at": true, "kind": 0, "nom": -1 }),
            json!({ "request": "x".repeat(5000), "text": "x".repeat(5000), "person": "y".repeat(5000) }),
            json!({ "request": null, "person": null, "ids": null, "override": null, "colour": null }),
        ] {
            let reply = connection.command(kind, fields).await;
            assert_eq!(reply["problem"]["code"], "invalid", "{kind}: {reply}");
        }
        assert!(connection.is_responsive().await);
    }
}

#[tokio::test]
async fn other_messages_with_wrong_fields_are_answered_by_a_problem() {
    let server = TestServer::start().await;
    let (mut connection, _) = server.join("tokyo-1", "climate").await;
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
        connection.send_frame(Message::text(text)).await;
        let answer = connection.wait_for("problem", |_| true).await;
        assert_eq!(answer["problem"]["code"], "invalid", "{text}");
    }
    assert!(connection.is_responsive().await);
}

#[tokio::test]
async fn a_field_that_stands_twice_is_refused_over_either_transport() {
    let server = TestServer::start().await;
    let (mut tokyo, _) = server.join("tokyo-1", "climate").await;
    let text = r#"{"type":"floor.request","command_id":"c1","kind":"statement","kind":"motion"}"#;
    tokyo.send_frame(Message::text(text)).await;
    let answer = tokyo.wait_for("problem", |_| true).await;
    assert_eq!(answer["problem"]["code"], "invalid");
    let token = server.token("tokyo-1").await;
    let path = "/api/v1/rooms/climate/floor/requests";
    let kind = ("content-type".to_owned(), "application/json".to_owned());
    let mut headers = headers(Some(&token), &[]);
    headers.retain(|(name, _)| name != "content-type");
    headers.push(kind);
    let body = r#"{"kind":"statement","kind":"motion"}"#;
    let answer = server.send("POST", path, &headers, body).await;
    assert_eq!(answer.code(), "invalid");
    let room = server.get("/rooms/climate/floor", &token).await;
    assert_eq!(room["requests"], json!([]));
}

#[tokio::test]
async fn an_offer_that_cannot_be_served_is_refused_in_words_and_seats_nobody() {
    let server = TestServer::start().await;
    let token = server.token("tokyo-1").await;
    for (offer, sentence) in [
        (
            include_str!("../../../crates/transport/tests/offers/without-rtcp-mux.sdp"),
            "Your media offer was not taken: the offer has nothing that can be served: its lines have no rtcp-mux, and \
             RTP and RTCP share one port here (RFC 5761).",
        ),
        (
            include_str!("../../../crates/transport/tests/offers/datachannel-only.sdp"),
            "Your media offer was not taken: the offer has nothing that can be served: it has no line for sound or \
             pictures, and data channels are not served.",
        ),
    ] {
        let mut connection = server.connect().await;
        let hello = json!({ "type": "hello", "token": token, "room": "climate", "offer": offer });
        connection.send(hello).await;
        let refused = connection.wait_for("problem", |_| true).await;
        assert_eq!(refused["problem"]["code"], "invalid");
        assert_eq!(refused["problem"]["detail"], sentence);
        assert_eq!(connection.close_code().await, 4400);
    }
    let moderator = server.token("moderator-1").await;
    let events = server
        .get("/rooms/climate/events?after=0", &moderator)
        .await;
    assert_eq!(events, json!([]), "nobody has joined");
    let (mut seated, _) = server.join("tokyo-1", "climate").await;
    let offer = include_str!("../../../crates/transport/tests/offers/datachannel-only.sdp");
    seated
        .send(json!({ "type": "signal", "to": "room", "offer": offer }))
        .await;
    let refused = seated.wait_for("problem", |_| true).await;
    assert_eq!(refused["problem"]["code"], "invalid");
    assert!(seated.is_responsive().await);
}

#[tokio::test]
async fn a_client_that_sends_only_malformed_messages_is_closed_4400() {
    let server = TestServer::start().await;
    let (mut connection, _) = server.join("tokyo-1", "climate").await;
    for _ in 0..10 {
        connection.send_frame(Message::text("nonsense")).await;
    }
    assert_eq!(connection.close_code().await, 4400);

    let (mut connection, _) = server.join("tokyo-1", "climate").await;
    connection.send_frame(Message::binary(vec![1, 2, 3])).await;
    assert_eq!(connection.close_code().await, 4400);

    let mut connection = server.connect().await;
    connection.send(json!({ "type": "clock", "sent": 1 })).await;
    assert_eq!(
        connection.wait_for("problem", |_| true).await["problem"]["code"],
        "invalid"
    );
    assert_eq!(connection.close_code().await, 4400);
}

#[tokio::test]
async fn ten_megabytes_are_closed_4413_before_and_after_the_hello() {
    let server = TestServer::start().await;
    let huge = || Message::text("x".repeat(10 * 1024 * 1024));
    let mut connection = server.connect().await;
    connection.send_frame(huge()).await;
    assert_eq!(connection.close_code().await, 4413);
    let (mut connection, _) = server.join("tokyo-1", "climate").await;
    connection.send_frame(huge()).await;
    assert_eq!(connection.close_code().await, 4413);
}

#[tokio::test]
async fn a_hello_that_never_comes_is_closed_4408() {
    let limits = Limits {
        hello_timeout: Duration::from_millis(50),
        ..Limits::default()
    };
    let server = TestServer::with_limits(limits).await;
    assert_eq!(server.connect().await.close_code().await, 4408);
}

#[tokio::test]
async fn a_hello_without_a_right_to_the_room_gets_a_problem_and_is_closed() {
    let server = TestServer::start().await;
    let delhi = server.token("delhi-1").await;
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
        (
            delhi.as_str(),
            "covid",
            json!({ "slots": [{ "mid": "0", "wants": "lang:xx" }] }),
            "invalid",
            4400,
        ),
    ] {
        let mut connection = server.connect().await;
        let mut hello = json!({ "type": "hello", "token": token, "room": room });
        hello
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        connection.send(hello.clone()).await;
        assert_eq!(
            connection.wait_for("problem", |_| true).await["problem"]["code"],
            code,
            "{hello}"
        );
        assert_eq!(connection.close_code().await, close, "{hello}");
    }
    // None of them has joined the room.
    let room = server.get("/rooms/covid", &delhi).await;
    let seated = |it: &Value| it["state"] == "seated";
    assert!(
        !room["participants"].as_array().unwrap().iter().any(seated),
        "{room}"
    );
}

#[tokio::test]
async fn a_flood_of_messages_is_closed_4429() {
    let server = TestServer::start().await;
    let (mut connection, _) = server.join("tokyo-1", "climate").await;
    for sent in 0..1000 {
        connection
            .send(json!({ "type": "clock", "sent": sent }))
            .await;
    }
    assert_eq!(connection.close_code().await, 4429);
}

/// Invalid bodies, each with the status and the code of its refusal.
fn bad_bodies() -> Vec<(&'static str, Vec<u8>, u16, &'static str)> {
    let json = "application/json";
    vec![
        (json, b"{".to_vec(), 400, "invalid"),
        (json, b"[]".to_vec(), 400, "invalid"),
        (json, b"null".to_vec(), 400, "invalid"),
        (json, b"{\"colour\":1}".to_vec(), 400, "invalid"),
        (json, b"{\"a\":\"\xff\xfe\"}".to_vec(), 400, "invalid"),
        (json, vec![0; 64], 400, "invalid"),
        (json, "[".repeat(5000).into_bytes(), 400, "invalid"),
        (json, vec![b' '; 70_000], 413, "too_large"),
        ("text/plain", b"{}".to_vec(), 415, "invalid"),
        (
            "application/x-www-form-urlencoded",
            b"a=1".to_vec(),
            415,
            "invalid",
        ),
    ]
}

#[tokio::test]
async fn a_bad_body_on_any_route_is_a_problem_with_a_code_and_a_sentence() {
    let server = TestServer::with_example_conference().await;
    let token = server.token("moderator-1").await;
    for operation in Operation::all(&server).await {
        if operation.body.is_none() && operation.name != "renew_token" {
            continue;
        }
        for (kind, body, status, code) in bad_bodies() {
            let mut headers = headers(Some(&token), &[]);
            headers[0].1 = kind.to_owned();
            let path = format!("/api/v1{}", operation.path);
            let answer = server.send(&operation.method, &path, &headers, body).await;
            let what = format!("{} {kind}: {answer:?}", operation.name);
            assert_eq!(
                (answer.status.as_u16(), answer.code()),
                (status, code),
                "{what}"
            );
        }
    }
}

#[tokio::test]
async fn a_field_of_the_wrong_type_on_any_route_is_a_problem_that_names_it() {
    let server = TestServer::with_example_conference().await;
    let token = server.token("moderator-1").await;
    for operation in Operation::all(&server).await {
        let Some(body) = operation.body.clone() else {
            continue;
        };
        for name in body.as_object().unwrap().keys() {
            for wrong in [json!([[]]), json!({ "a": 1 }), json!(-1.5)] {
                let mut body = body.clone();
                body[name] = wrong;
                let answer = server
                    .call(
                        &operation.method,
                        &operation.path,
                        Some(&token),
                        Some(body.clone()),
                    )
                    .await;
                let what = format!("{} {body}: {answer:?}", operation.name);
                assert_eq!(
                    (answer.status.as_u16(), answer.code()),
                    (400, "invalid"),
                    "{what}"
                );
            }
        }
    }
}

#[tokio::test]
async fn an_unsupported_method_on_any_path_is_405_and_a_problem() {
    let server = TestServer::with_example_conference().await;
    let token = server.token("moderator-1").await;
    let all = Operation::all(&server).await;
    for operation in &all {
        for method in [
            "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW",
        ] {
            let here = |other: &&Operation| other.template == operation.template;
            // tus answers it with what the server can do, WHIP and WHEP with what other origins may do (RFC 9725).
            let template = &*operation.template;
            let answers_options = template == "/media/uploads" || template.contains("/wh");
            if (method == "OPTIONS" && answers_options)
                || all.iter().filter(here).any(|other| other.method == method)
            {
                continue;
            }
            let answer = server
                .call(method, &operation.path, Some(&token), None)
                .await;
            let what = format!("{method} {}", operation.path);
            assert_eq!(
                (answer.status.as_u16(), answer.code()),
                (405, "invalid"),
                "{what}"
            );
            assert!(
                answer.headers.contains_key("allow"),
                "{what} (RFC 9110, section 15.5.6)"
            );
        }
    }
}

#[tokio::test]
async fn garbage_in_a_path_is_a_problem() {
    let server = TestServer::with_example_conference().await;
    let token = server.token("moderator-1").await;
    let long = "x".repeat(3000);
    for operation in Operation::all(&server).await {
        for word in [
            "%ff%fe",
            "%00",
            "..",
            "a%20b",
            "%2e%2e%2f",
            "r99999999999999999999999",
            "%F0%9F%8D%95",
            &long,
        ] {
            let words = operation
                .template
                .split('/')
                .filter(|part| part.starts_with('{'));
            for replaced in words {
                let template = operation.template.replace(replaced, word);
                let path = template
                    .replace("{room}", "climate")
                    .replace("{request}", "r1");
                let path = path
                    .replace("{person}", "tokyo-1")
                    .replace("{item}", "climate-1");
                let path = path.replace("{decision}", "d1");
                let body = operation.body.clone();
                let answer = server
                    .call(&operation.method, &path, Some(&token), body)
                    .await;
                assert!(answer.status.is_client_error(), "{path}: {answer:?}");
                answer.code();
            }
        }
    }
}
