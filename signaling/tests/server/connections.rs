//! Lines that break, come back, are replaced, are too slow, and speak to each other.

use std::time::Duration;

use plenary_server::state::{Heartbeat, Limits};
use serde_json::json;

use crate::hall::Hall;

#[tokio::test]
async fn a_welcome_holds_the_room_and_who_one_is() {
    let hall = Hall::open().await;
    let (_line, welcome) = hall.seat("tokyo-1", "climate").await;
    assert_eq!(welcome["you"]["person"], "tokyo-1");
    assert_eq!(welcome["you"]["publishing"], true);
    assert_eq!(welcome["room"]["id"], "climate");
    assert_eq!(welcome["room"]["seq"], welcome["seq"]);
    assert_eq!(welcome["room"]["floor"]["mode"], "moderated");
    assert!(welcome["ice_servers"].is_array() && welcome["now"].is_string());
}

#[tokio::test]
async fn everybody_in_a_room_sees_the_same_sequence_without_a_gap() {
    let hall = Hall::open().await;
    let (mut chair, _) = hall.seat("moderator-1", "climate").await;
    let (mut seoul, welcome) = hall.seat("seoul-1", "climate").await;
    let (mut tokyo, _) = hall.seat("tokyo-1", "climate").await;
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
    let token = hall.token("tokyo-1").await;
    let path = format!("/rooms/climate/events?after={}", seq - 1);
    assert_eq!(
        hall.call("GET", &path, Some(&token), None).await.ok()[0],
        posted
    );
}

#[tokio::test]
async fn what_is_said_to_the_moderators_is_hidden_from_the_rest_in_its_place() {
    let hall = Hall::open().await;
    let (mut chair, _) = hall.seat("moderator-1", "climate").await;
    let (mut tokyo, _) = hall.seat("tokyo-1", "climate").await;
    let (mut seoul, _) = hall.seat("seoul-1", "climate").await;
    tokyo
        .command("chat.post", json!({ "text": "a word", "to": "moderators" }))
        .await;
    let posted = chair.until("chat.posted", |_| true).await;
    let hidden = seoul.until("hidden", |_| true).await;
    assert_eq!(
        hidden,
        json!({ "seq": posted["seq"], "at": posted["at"], "type": "hidden" })
    );
}

#[tokio::test]
async fn a_returning_client_is_told_what_it_missed() {
    let hall = Hall::open().await;
    let (mut chair, _) = hall.seat("moderator-1", "climate").await;
    let (tokyo, welcome) = hall.seat("tokyo-1", "climate").await;
    drop(tokyo);
    chair
        .until("participant.updated", |it| {
            it["participant"]["state"] == "away"
        })
        .await;
    chair
        .command("chat.post", json!({ "text": "meanwhile" }))
        .await;

    let token = hall.token("tokyo-1").await;
    let resume = json!({ "resume": { "session": welcome["session"], "seq": welcome["seq"] } });
    let (_line, back) = hall.knock().await.hello(&token, "climate", resume).await;
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
async fn a_client_that_comes_back_before_its_old_line_is_missed_replaces_it() {
    let hall = Hall::open().await;
    let (mut old, welcome) = hall.seat("tokyo-1", "climate").await;
    let token = hall.token("tokyo-1").await;
    let resume = json!({ "resume": { "session": welcome["session"], "seq": welcome["seq"] } });
    let (mut new, back) = hall.knock().await.hello(&token, "climate", resume).await;
    assert_eq!(back["you"]["publishing"], true);
    assert_eq!(old.closed().await, 4409);
    assert!(new.is_alive().await);
}

#[tokio::test]
async fn a_second_device_only_follows_until_it_is_used() {
    let hall = Hall::open().await;
    let (mut laptop, _) = hall.seat("tokyo-1", "climate").await;
    let (mut phone, welcome) = hall.seat("tokyo-1", "climate").await;
    assert_eq!(welcome["you"]["publishing"], false);
    let reply = phone.command("device.use", json!({})).await;
    assert_eq!(reply["result"]["publishing"], true);
    laptop.until("device.replaced", |_| true).await;
    assert!(laptop.is_alive().await);
}

#[tokio::test]
async fn a_signal_between_two_people_is_relayed_untouched_and_never_across_rooms() {
    let hall = Hall::open().await;
    let (mut tokyo, _) = hall.seat("tokyo-1", "climate").await;
    let (mut seoul, _) = hall.seat("seoul-1", "climate").await;
    let (mut delhi, _) = hall.seat("delhi-1", "covid").await;
    for (name, payload) in [
        ("offer", json!("v=0\r\nnot looked at")),
        ("answer", json!({ "sdp": ["anything", 1, null] })),
        ("candidate", json!(null)),
    ] {
        tokyo
            .say(json!({ "type": "signal", "to": "seoul-1", name: payload }))
            .await;
        let heard = seoul.until("signal", |_| true).await;
        assert_eq!(
            heard,
            json!({ "type": "signal", "from": "tokyo-1", name: payload })
        );
    }
    tokyo
        .say(json!({ "type": "signal", "to": "delhi-1", "offer": "v=0" }))
        .await;
    let refused = tokyo.until("problem", |_| true).await;
    assert_eq!(refused["problem"]["code"], "not_found");
    // What was meant for him would have come before this.
    delhi.say(json!({ "type": "clock", "sent": 1 })).await;
    loop {
        let message = delhi.next().await.unwrap();
        assert_ne!(message["type"], "signal");
        if message["type"] == "clock" {
            break;
        }
    }
}

#[tokio::test]
async fn a_slow_reader_is_closed_4429_and_nobody_else_notices() {
    let limits = Limits {
        write_timeout: Duration::from_millis(100),
        ..Limits::default()
    };
    let hall = Hall::with(limits).await;
    let token = hall.token("tokyo-1").await;
    let line = hall.knock_with_a_small_window().await;
    let (mut slow, _) = line.hello(&token, "climate", json!({})).await;
    let (mut seoul, _) = hall.seat("seoul-1", "climate").await;
    let (mut chair, _) = hall.seat("moderator-1", "climate").await;

    // More than one's queue and the machine's buffers take; Seoul reads it all.
    let text = "水".repeat(2000);
    let flood = async {
        for _ in 0..150 {
            chair.command("chat.post", json!({ "text": text })).await;
        }
    };
    let gone = seoul.until("participant.updated", |it| {
        it["participant"]["state"] == "away"
    });
    let (gone, ()) = tokio::join!(gone, flood);
    assert_eq!(gone["participant"]["person"], "tokyo-1");
    assert_eq!(slow.closed().await, 4429);
    assert!(seoul.is_alive().await && chair.is_alive().await);
}

#[tokio::test]
async fn who_gives_no_sign_of_life_loses_the_line_and_keeps_the_seat() {
    let limits = Limits {
        reader: Heartbeat {
            ping_interval: Duration::from_millis(50),
            silence_timeout: Duration::from_millis(500),
        },
        ..Limits::default()
    };
    let hall = Hall::with(limits).await;
    let (_silent, _) = hall.seat("tokyo-1", "climate").await;
    let (mut chair, _) = hall.seat("moderator-1", "climate").await;
    let away = chair
        .until("participant.updated", |it| {
            it["participant"]["state"] == "away"
        })
        .await;
    assert_eq!(away["participant"]["person"], "tokyo-1");
    assert!(chair.is_alive().await);
}

#[tokio::test]
async fn a_removed_delegate_is_closed_4403_and_may_not_come_back_until_admitted() {
    let hall = Hall::open().await;
    let (mut tokyo, _) = hall.seat("tokyo-1", "climate").await;
    let (mut chair, _) = hall.seat("moderator-1", "climate").await;
    chair
        .command("participant.remove", json!({ "person": "tokyo-1" }))
        .await;
    assert_eq!(tokyo.closed().await, 4403);

    let token = hall.token("tokyo-1").await;
    let mut line = hall.knock().await;
    line.say(json!({ "type": "hello", "token": token, "room": "climate" }))
        .await;
    assert_eq!(line.closed().await, 4403);
    chair
        .command("participant.admit", json!({ "person": "tokyo-1" }))
        .await;
    hall.seat("tokyo-1", "climate").await;
}

#[tokio::test]
async fn a_hello_without_a_token_is_closed_as_unauthorized_and_null_slots_are_none() {
    let hall = Hall::open().await;
    for hello in [
        json!({ "type": "hello", "room": "climate" }),
        json!({ "type": "hello", "room": "climate", "token": null }),
    ] {
        let mut line = hall.knock().await;
        line.say(hello).await;
        let said = line.next().await.unwrap();
        assert_eq!(said["problem"]["code"], "unauthorized", "{said}");
        assert_eq!(line.closed().await, 4401);
    }
    let token = hall.token("tokyo-1").await;
    let nothing = json!({ "slots": null, "offer": null, "resume": null });
    let (_line, welcome) = hall.knock().await.hello(&token, "climate", nothing).await;
    assert_eq!(welcome["you"]["person"], "tokyo-1");
}
