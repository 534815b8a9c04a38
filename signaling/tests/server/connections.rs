//! Connections that break, resume, are replaced, are too slow, or exchange signals.

use std::time::Duration;

use crate::test_server::TestServer;

use plenary_server::{
    rate::Quota,
    state::{Heartbeat, Limits},
};
use plenary_testkit::WAIT_TIMEOUT;
use serde_json::json;

#[tokio::test]
async fn a_welcome_contains_the_room_and_the_participant() {
    let server = TestServer::start().await;
    let (_connection, welcome) = server.join("tokyo-1", "climate").await;
    assert_eq!(welcome["you"]["person"], "tokyo-1");
    assert_eq!(welcome["you"]["publishing"], true);
    assert_eq!(welcome["room"]["id"], "climate");
    assert_eq!(welcome["room"]["seq"], welcome["seq"]);
    assert_eq!(welcome["room"]["floor"]["mode"], "moderated");
    assert!(welcome["now"].is_string());
    let relay = &welcome["ice_servers"][0];
    let urls = relay["urls"].as_array().unwrap();
    let begin = |url: &serde_json::Value| url.as_str().is_some_and(|it| it.starts_with("turn:"));
    assert!(!urls.is_empty() && urls.iter().all(begin), "{urls:?}");
    let username = relay["username"].as_str().unwrap();
    assert!(username.ends_with(":tokyo-1"), "{username}");
    assert!(!relay["credential"].as_str().unwrap().is_empty());
}

#[tokio::test]
async fn everybody_in_a_room_sees_the_same_sequence_without_a_gap() {
    let server = TestServer::start().await;
    let (mut chair, _) = server.join("moderator-1", "climate").await;
    let (mut seoul, welcome) = server.join("seoul-1", "climate").await;
    let (mut tokyo, _) = server.join("tokyo-1", "climate").await;
    let asked = tokyo.command("floor.request", json!({})).await;
    chair
        .command("floor.grant", json!({ "request": asked["result"]["id"] }))
        .await;
    tokyo.command("chat.post", json!({ "text": "end" })).await;
    let mut seq = welcome["seq"].as_u64().unwrap();
    let posted = loop {
        let event = seoul.next().await.unwrap();
        let Some(number) = event["seq"].as_u64() else {
            continue;
        };
        assert_eq!(number, seq + 1, "{event}");
        seq = number;
        if event["type"] == "chat.posted" {
            break event;
        }
    };
    let token = server.token("tokyo-1").await;
    let path = format!("/rooms/climate/events?after={}", seq - 1);
    assert_eq!(server.get(&path, &token).await[0], posted);
}

#[tokio::test]
async fn a_message_to_the_moderators_is_a_hidden_event_for_the_others() {
    let server = TestServer::start().await;
    let (mut chair, _) = server.join("moderator-1", "climate").await;
    let (mut tokyo, _) = server.join("tokyo-1", "climate").await;
    let (mut seoul, _) = server.join("seoul-1", "climate").await;
    tokyo
        .command("chat.post", json!({ "text": "a word", "to": "moderators" }))
        .await;
    let posted = chair.wait_for("chat.posted", |_| true).await;
    let hidden = seoul.wait_for("hidden", |_| true).await;
    assert_eq!(
        hidden,
        json!({ "seq": posted["seq"], "at": posted["at"], "type": "hidden" })
    );
}

#[tokio::test]
async fn a_returning_client_receives_the_missed_events() {
    let server = TestServer::start().await;
    let (mut chair, _) = server.join("moderator-1", "climate").await;
    let (tokyo, welcome) = server.join("tokyo-1", "climate").await;
    drop(tokyo);
    chair
        .wait_for("participant.updated", |it| {
            it["participant"]["state"] == "away"
        })
        .await;
    chair
        .command("chat.post", json!({ "text": "meanwhile" }))
        .await;

    let token = server.token("tokyo-1").await;
    let resume = json!({ "resume": { "session": welcome["session"], "seq": welcome["seq"] } });
    let (_connection, back) = server
        .connect()
        .await
        .hello(&token, "climate", resume)
        .await;
    assert_eq!(
        (&back["resumed"], &back["room"]),
        (&json!(true), &json!(null))
    );
    let missed = back["events"].as_array().unwrap();
    assert!(
        missed.iter().any(|event| event["text"] == "meanwhile"),
        "{back}"
    );
    assert_eq!(missed.last().unwrap()["seq"], back["seq"]);
}

#[tokio::test]
async fn a_returning_client_replaces_its_old_connection() {
    let server = TestServer::start().await;
    let (mut old, welcome) = server.join("tokyo-1", "climate").await;
    let token = server.token("tokyo-1").await;
    let resume = json!({ "resume": { "session": welcome["session"], "seq": welcome["seq"] } });
    let (mut new, back) = server
        .connect()
        .await
        .hello(&token, "climate", resume)
        .await;
    assert_eq!(back["you"]["publishing"], true);
    assert_eq!(old.close_code().await, 4409);
    assert!(new.is_responsive().await);
}

#[tokio::test]
async fn a_second_device_only_follows_until_it_is_used() {
    let server = TestServer::start().await;
    let (mut laptop, _) = server.join("tokyo-1", "climate").await;
    let (mut phone, welcome) = server.join("tokyo-1", "climate").await;
    assert_eq!(welcome["you"]["publishing"], false);
    let reply = phone.command("device.use", json!({})).await;
    assert_eq!(reply["result"]["publishing"], true);
    laptop.wait_for("device.replaced", |_| true).await;
    assert!(laptop.is_responsive().await);
}

#[tokio::test]
async fn a_signal_between_two_people_is_relayed_untouched_and_never_across_rooms() {
    let server = TestServer::start().await;
    let (mut tokyo, _) = server.join("tokyo-1", "climate").await;
    let (mut seoul, _) = server.join("seoul-1", "climate").await;
    let (mut delhi, _) = server.join("delhi-1", "covid").await;
    for (name, payload) in [
        ("offer", json!("v=0\r\nnot looked at")),
        ("answer", json!({ "sdp": ["anything", 1, null] })),
        ("candidate", json!(null)),
    ] {
        tokyo
            .send(json!({ "type": "signal", "to": "seoul-1", name: payload }))
            .await;
        let heard = seoul.wait_for("signal", |_| true).await;
        assert_eq!(
            heard,
            json!({ "type": "signal", "from": "tokyo-1", name: payload })
        );
    }
    tokyo
        .send(json!({ "type": "signal", "to": "delhi-1", "offer": "v=0" }))
        .await;
    let refused = tokyo.wait_for("problem", |_| true).await;
    assert_eq!(refused["problem"]["code"], "not_found");
    // A relayed signal would have come before this reply.
    delhi.send(json!({ "type": "clock", "sent": 1 })).await;
    loop {
        let message = delhi.next().await.unwrap();
        assert_ne!(message["type"], "signal");
        if message["type"] == "clock" {
            break;
        }
    }
}

#[tokio::test]
async fn a_role_that_can_be_in_no_call_neither_sends_nor_receives_signals() {
    let server = TestServer::start().await;
    let (mut tokyo, welcome) = server.join("tokyo-1", "climate").await;
    let may = |welcome: &serde_json::Value| {
        let may = welcome["you"]["may"].as_array().unwrap();
        may.contains(&json!("participant.call"))
    };
    assert!(may(&welcome));
    for person in ["viewer-1", "clerk-1", "operator-1"] {
        let (mut other, welcome) = server.join(person, "climate").await;
        assert!(!may(&welcome), "{person}");
        for (sender, to) in [(&mut other, "tokyo-1"), (&mut tokyo, person)] {
            let signal = json!({ "type": "signal", "to": to, "offer": "v=0" });
            sender.send(signal).await;
            let refused = sender.wait_for("problem", |_| true).await;
            assert_eq!(refused["problem"]["code"], "forbidden", "{to}: {refused}");
        }
        let seen = other.drain().await;
        assert!(!seen.iter().any(|it| it["type"] == "signal"), "{person}");
    }
}

#[tokio::test]
async fn a_flood_of_signals_to_somebody_who_does_not_read_is_refused_to_its_senders() {
    const SIGNALS: usize = 150;
    let server = TestServer::with_limits(Limits {
        write_timeout: WAIT_TIMEOUT * 3,
        ..Limits::default()
    })
    .await;
    let token = server.token("seoul-1").await;
    let behind = server.connect_with_small_window().await;
    let (mut seoul, _) = behind.hello(&token, "climate", json!({})).await;
    let text = "v".repeat(20_000);
    // Several people, because each has an allowance of signals.
    let senders = ["tokyo-1", "moderator-1", "interpreter-1"];
    let mut refused = 0;
    for person in senders {
        let (mut sender, _) = server.join(person, "climate").await;
        for number in 0..SIGNALS {
            let signal = json!({ "type": "signal", "to": "seoul-1", "offer": [number, text] });
            sender.send(signal).await;
        }
        let last = json!({ "type": "chat.post", "command_id": "last", "text": "I am still here." });
        sender.send(last).await;
        loop {
            let message = sender.next().await.unwrap();
            match message["type"].as_str() {
                Some("problem") => {
                    assert_eq!(message["problem"]["code"], "rate_limited", "{message}");
                    refused += 1;
                }
                Some("reply") => break,
                _ => {}
            }
        }
    }
    assert!(refused > 0);
    // The receiver was not closed, and reads all that was not refused.
    let heard = seoul.drain().await;
    let relayed = heard.iter().filter(|it| it["type"] == "signal");
    assert_eq!(relayed.count() + refused, SIGNALS * senders.len());
}

#[tokio::test]
async fn one_device_more_than_a_person_may_have_is_let_in_and_the_oldest_that_does_not_publish_makes_way()
 {
    let server = TestServer::with_limits(Limits {
        devices_per_person: 3,
        ..Limits::default()
    })
    .await;
    let (mut laptop, welcome) = server.join("tokyo-1", "climate").await;
    assert_eq!(welcome["you"]["publishing"], true);
    let (mut stale, _) = server.join("tokyo-1", "covid").await;
    let (mut phone, _) = server.join("tokyo-1", "climate").await;
    let (mut seoul, _) = server.join("seoul-1", "climate").await;
    // The device in the other room publishes there, so the phone is the one that makes way.
    let (mut tablet, _) = server.join("tokyo-1", "climate").await;
    assert_eq!(phone.close_code().await, 4409);
    let (mut last, _) = server.join("tokyo-1", "climate").await;
    assert_eq!(tablet.close_code().await, 4409);
    for device in [&mut laptop, &mut stale, &mut last, &mut seoul] {
        assert!(device.is_responsive().await);
    }
}

#[tokio::test]
async fn every_clock_request_is_answered_in_order() {
    let server = TestServer::start().await;
    let (mut tokyo, _) = server.join("tokyo-1", "climate").await;
    for sent in 0..50 {
        tokyo.send(json!({ "type": "clock", "sent": sent })).await;
    }
    for sent in 0..50 {
        let answer = tokyo.wait_for("clock", |_| true).await;
        assert_eq!(answer["sent"], sent);
    }
}

#[tokio::test]
async fn a_slow_reader_is_closed_4429_and_nobody_else_notices() {
    let limits = Limits {
        write_timeout: Duration::from_millis(100),
        // A reader that stalls longer than that learns the code all the same.
        close_timeout: Duration::ZERO,
        chat_bytes: Quota {
            burst: u32::MAX,
            per_minute: 1,
        },
        ..Limits::default()
    };
    let server = TestServer::with_limits(limits).await;
    let token = server.token("tokyo-1").await;
    let connection = server.connect_with_small_window().await;
    let (mut slow, _) = connection.hello(&token, "climate", json!({})).await;
    let (mut seoul, _) = server.join("seoul-1", "climate").await;
    let (mut chair, _) = server.join("moderator-1", "climate").await;

    // More than the queue and the kernel's buffers hold; Seoul reads everything.
    let text = "水".repeat(2000);
    let flood = async {
        for _ in 0..150 {
            chair.command("chat.post", json!({ "text": text })).await;
        }
    };
    let gone = seoul.wait_for("participant.updated", |it| {
        it["participant"]["state"] == "away"
    });
    let (gone, ()) = tokio::join!(gone, flood);
    assert_eq!(gone["participant"]["person"], "tokyo-1");
    assert_eq!(slow.close_code().await, 4429);
    assert!(seoul.is_responsive().await && chair.is_responsive().await);
}

#[tokio::test]
async fn a_client_that_answers_no_ping_is_disconnected_and_stays_in_the_room() {
    let limits = Limits {
        reader: Heartbeat {
            ping_interval: Duration::from_millis(50),
            silence_timeout: Duration::from_millis(500),
        },
        ..Limits::default()
    };
    let server = TestServer::with_limits(limits).await;
    let (_silent, _) = server.join("tokyo-1", "climate").await;
    let (mut chair, _) = server.join("moderator-1", "climate").await;
    let away = chair
        .wait_for("participant.updated", |it| {
            it["participant"]["state"] == "away"
        })
        .await;
    assert_eq!(away["participant"]["person"], "tokyo-1");
    assert!(chair.is_responsive().await);
}

#[tokio::test]
async fn a_removed_delegate_is_closed_4403_and_may_not_come_back_until_admitted() {
    let server = TestServer::start().await;
    let (mut tokyo, _) = server.join("tokyo-1", "climate").await;
    let (mut chair, _) = server.join("moderator-1", "climate").await;
    chair
        .command("participant.remove", json!({ "person": "tokyo-1" }))
        .await;
    assert_eq!(tokyo.close_code().await, 4403);

    let token = server.token("tokyo-1").await;
    let mut connection = server.connect().await;
    connection
        .send(json!({ "type": "hello", "token": token, "room": "climate" }))
        .await;
    assert_eq!(connection.close_code().await, 4403);
    chair
        .command("participant.admit", json!({ "person": "tokyo-1" }))
        .await;
    server.join("tokyo-1", "climate").await;
}

#[tokio::test]
async fn a_hello_without_a_token_is_closed_as_unauthorized_and_null_slots_are_none() {
    let server = TestServer::start().await;
    for hello in [
        json!({ "type": "hello", "room": "climate" }),
        json!({ "type": "hello", "room": "climate", "token": null }),
    ] {
        let mut connection = server.connect().await;
        connection.send(hello).await;
        let said = connection.next().await.unwrap();
        assert_eq!(said["problem"]["code"], "unauthorized", "{said}");
        assert_eq!(connection.close_code().await, 4401);
    }
    let token = server.token("tokyo-1").await;
    let nothing = json!({ "slots": null, "offer": null, "resume": null });
    let (_connection, welcome) = server
        .connect()
        .await
        .hello(&token, "climate", nothing)
        .await;
    assert_eq!(welcome["you"]["person"], "tokyo-1");
}
