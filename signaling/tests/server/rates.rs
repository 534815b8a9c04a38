//! The rate limits of a person, and of wrong invitations from one address.

use plenary_server::{rate::Quota, state::Limits};
use plenary_testkit::api::{Response, headers};
use serde_json::json;

use crate::test_server::TestServer;

/// A quota that does not refill during a test.
fn only(burst: u32) -> Quota {
    Quota {
        burst,
        per_minute: 1,
    }
}

fn is_told_to_wait(answer: &Response) {
    assert_eq!(
        (answer.status.as_u16(), answer.code()),
        (429, "rate_limited")
    );
    let wait = answer.headers["retry-after"].to_str().unwrap();
    assert!((1..=60).contains(&wait.parse::<u64>().unwrap()), "{wait}");
}

#[tokio::test]
async fn a_client_over_its_rate_is_told_to_wait_and_others_are_not() {
    let server = TestServer::with_limits(Limits {
        requests: only(6),
        ..Limits::default()
    })
    .await;
    let (tokyo, seoul) = (server.token("tokyo-1").await, server.token("seoul-1").await);
    for _ in 0..5 {
        server.get("/conference", &tokyo).await;
    }
    let request = "/rooms/climate/floor/requests";
    for (method, path) in [
        ("GET", "/conference"),
        ("POST", request),
        ("POST", "/token/renew"),
    ] {
        is_told_to_wait(&server.call(method, path, Some(&tokyo), None).await);
    }
    server.get("/conference", &seoul).await;

    // Another token of the same person has the same quota.
    let again = json!({ "invitation": server.invitation("tokyo-1") });
    is_told_to_wait(
        &server
            .call("POST", "/invitations/redeem", None, Some(again))
            .await,
    );
}

#[tokio::test]
async fn hundreds_of_concurrent_calls_are_within_the_rate() {
    let server = TestServer::start().await;
    let token = server.token("moderator-1").await;
    for _ in 0..500 {
        server.get("/rooms/climate/floor", &token).await;
    }
}

#[tokio::test]
async fn a_valid_invitation_passes_however_many_wrong_ones_its_address_has_sent() {
    let server = TestServer::with_limits(Limits {
        guesses: only(3),
        ..Limits::default()
    })
    .await;
    let redeem = "/invitations/redeem";
    let valid = || json!({ "invitation": server.invitation("tokyo-1") });
    let wrong = || json!({ "invitation": "eyJ0eXAiOiJKV1QifQ.e30.x" });
    for _ in 0..10 {
        // Valid invitations are not counted.
        server.call("POST", redeem, None, Some(valid())).await.ok();
    }
    for _ in 0..3 {
        let refused = server.call("POST", redeem, None, Some(wrong())).await;
        assert_eq!(refused.code(), "unauthorized");
    }
    for _ in 0..3 {
        is_told_to_wait(&server.call("POST", redeem, None, Some(wrong())).await);
        let answer = server.call("POST", redeem, None, Some(valid())).await;
        assert_eq!(answer.ok()["person"]["id"], "tokyo-1");
    }

    // The test's address may be a proxy's, so its clients are counted by the forwarded address.
    let behind = headers(None, &[("x-forwarded-for", "198.51.100.1, 192.0.2.1")]);
    let path = format!("/api/v1{redeem}");
    let answer = server
        .send("POST", &path, &behind, wrong().to_string())
        .await;
    assert_eq!(answer.code(), "unauthorized");
}

#[tokio::test]
async fn a_person_writes_no_more_into_the_chat_with_many_devices_than_with_one() {
    let server = TestServer::with_limits(Limits {
        chat_bytes: only(20_000),
        ..Limits::default()
    })
    .await;
    let text = "x".repeat(4000);
    let post = || json!({ "text": text });
    let (mut written, mut devices) = (0, Vec::new());
    for _ in 0..4 {
        let (mut device, _) = server.join("tokyo-1", "climate").await;
        for _ in 0..5 {
            let reply = device.command("chat.post", post()).await;
            if reply["problem"].is_null() {
                written += 1;
            } else {
                assert_eq!(reply["problem"]["code"], "rate_limited", "{reply}");
            }
        }
        devices.push(device);
    }
    assert_eq!(written, 4);
    // Their other commands, and the chat of others, go on.
    let asked = devices[0].command("floor.request", json!({})).await;
    assert_eq!(asked["problem"], json!(null));
    let (mut seoul, _) = server.join("seoul-1", "climate").await;
    let reply = seoul.command("chat.post", post()).await;
    assert_eq!(reply["problem"], json!(null));
}

#[tokio::test]
async fn a_person_who_joins_again_and_again_is_told_to_wait_and_others_are_let_in() {
    let server = TestServer::with_limits(Limits {
        joins: only(5),
        ..Limits::default()
    })
    .await;
    for _ in 0..5 {
        server.join("tokyo-1", "climate").await;
    }
    // Another room, and another token, are the same person.
    for room in ["climate", "covid"] {
        let token = server.token("tokyo-1").await;
        let mut connection = server.connect().await;
        let hello = json!({ "type": "hello", "token": token, "room": room });
        connection.send(hello).await;
        let refused = connection.wait_for("problem", |_| true).await;
        assert_eq!(refused["problem"]["code"], "rate_limited");
        assert_eq!(connection.close_code().await, 4429);
    }
    server.join("seoul-1", "climate").await;
}

#[tokio::test]
async fn messages_count_for_a_person_over_all_devices() {
    let server = TestServer::with_limits(Limits {
        messages: only(40),
        ..Limits::default()
    })
    .await;
    let mut answered = 0;
    for _ in 0..4 {
        let (mut device, _) = server.join("tokyo-1", "climate").await;
        for sent in 0..30 {
            device.send(json!({ "type": "clock", "sent": sent })).await;
        }
        loop {
            match device.next().await {
                Ok(message) if message["type"] == "clock" => answered += 1,
                Ok(_) => continue,
                Err(code) => {
                    assert_eq!(code, 4429);
                    break;
                }
            }
            if answered == 30 {
                break;
            }
        }
    }
    assert_eq!(answered, 40);
}

#[tokio::test]
async fn signals_have_an_allowance_of_their_own_and_commands_go_on() {
    let server = TestServer::with_limits(Limits {
        signals: only(10),
        ..Limits::default()
    })
    .await;
    let (mut tokyo, _) = server.join("tokyo-1", "climate").await;
    let (mut seoul, _) = server.join("seoul-1", "climate").await;
    for number in 0..30 {
        let signal = json!({ "type": "signal", "to": "seoul-1", "candidate": number });
        tokyo.send(signal).await;
    }
    let messages = tokyo.drain().await;
    let refused = messages
        .iter()
        .filter(|it| it["problem"]["code"] == "rate_limited");
    assert_eq!(refused.count(), 20);
    let asked = tokyo.command("floor.request", json!({})).await;
    assert_eq!(asked["problem"], json!(null));
    let heard = seoul.drain().await;
    let signals = heard.iter().filter(|it| it["type"] == "signal");
    assert_eq!(signals.count(), 10);
}

#[tokio::test]
async fn a_long_history_counts_as_many_requests_and_a_short_one_as_one() {
    let server = TestServer::with_limits(Limits {
        requests: only(40),
        ..Limits::default()
    })
    .await;
    let chair = server.token("moderator-1").await;
    let (mut tokyo, _) = server.join("tokyo-1", "climate").await;
    for number in 0..300 {
        let text = json!({ "text": number.to_string() });
        tokyo.command("chat.post", text).await;
    }
    let read = |path: &'static str, token: String| {
        let server = &server;
        async move {
            let mut passed = 0;
            while server.call("GET", path, Some(&token), None).await.status == 200 {
                passed += 1;
            }
            passed
        }
    };
    let short = "/rooms/climate/events?after=290";
    assert!(read(short, server.token("seoul-1").await).await > 30);
    let long = "/rooms/climate/events?after=0";
    assert!(read(long, server.token("viewer-1").await).await <= 10);
    assert!(read("/rooms/climate/proceedings", chair).await <= 10);
}
