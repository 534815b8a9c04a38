//! A participant who floods another with signals, and a device that reads late: other devices lose nothing.

use bytes::Bytes;
use plenary_protocol::{CloseCode, Code};
use plenary_room::{MAX_QUEUED_EVENT_BATCHES, MAX_QUEUED_SIGNALS, Outgoing};
use plenary_testkit::{person, room::TestRoom};
use serde_json::json;

fn signal(number: usize) -> Bytes {
    json!({"type": "signal", "from": "tokyo-1", "offer": number})
        .to_string()
        .into()
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_signals_is_refused_to_its_sender_and_does_not_remove_the_receiver() {
    let room = TestRoom::open();
    let tokyo = room.join("tokyo-1").await;
    let mut seoul = room.join("seoul-1").await;
    seoul.events().await;
    let (mut delivered, mut refused) = (0, 0);
    for number in 0..1_200 {
        let relayed = room
            .handle
            .relay(person("tokyo-1"), person("seoul-1"), signal(number))
            .await;
        match relayed {
            Ok(()) => delivered += 1,
            Err(problem) => {
                assert_eq!(problem.code, Code::RateLimited);
                assert!(problem.detail.contains("seoul-1"), "{}", problem.detail);
                refused += 1;
            }
        }
    }
    assert_eq!(
        (delivered, refused),
        (MAX_QUEUED_SIGNALS, 1_200 - MAX_QUEUED_SIGNALS)
    );
    assert_eq!(room.presence("seoul-1").await, "seated");

    let text = json!({"text": "Is Seoul still here?"});
    tokyo.execute("chat.post", text).await;
    let queued = seoul.queued().await;
    let signals = queued.iter().filter(|it| matches!(it, Outgoing::Text(_)));
    assert_eq!(signals.count(), MAX_QUEUED_SIGNALS);
    assert!(matches!(queued.last(), Some(Outgoing::Events(_))));

    let again = room
        .handle
        .relay(person("tokyo-1"), person("seoul-1"), signal(0));
    assert_eq!(again.await, Ok(()), "the receiver has read");
}

#[tokio::test(start_paused = true)]
async fn a_signal_that_one_device_has_no_place_for_reaches_none_so_that_it_can_be_repeated() {
    let room = TestRoom::open();
    room.join("tokyo-1").await;
    let mut laptop = room.join("seoul-1").await;
    let mut phone = room.join("seoul-1").await;
    for number in 0..MAX_QUEUED_SIGNALS {
        let relayed = room
            .handle
            .relay(person("tokyo-1"), person("seoul-1"), signal(number));
        assert_eq!(relayed.await, Ok(()));
    }
    laptop.queued().await;
    let relay = || {
        room.handle
            .relay(person("tokyo-1"), person("seoul-1"), signal(0))
    };
    assert_eq!(relay().await.unwrap_err().code, Code::RateLimited);
    assert_eq!(laptop.queued().await, []);
    phone.queued().await;
    assert_eq!(relay().await, Ok(()));
    assert_eq!(laptop.queued().await, [Outgoing::Text(signal(0))]);
}

#[tokio::test(start_paused = true)]
async fn signals_take_no_place_of_events_and_a_missed_event_still_closes_the_device() {
    let room = TestRoom::open();
    let chair = room.join("chair").await;
    let mut slow = room.join("tokyo-1").await;
    slow.events().await;
    for number in 0..MAX_QUEUED_SIGNALS {
        let relayed = room
            .handle
            .relay(person("chair"), person("tokyo-1"), signal(number));
        assert_eq!(relayed.await, Ok(()));
    }
    for line in 0..MAX_QUEUED_EVENT_BATCHES {
        let text = json!({"text": line.to_string()});
        chair.execute("chat.post", text).await;
    }
    assert!(slow.outbox.next().await.is_ok(), "nothing is lost yet");
    for line in 0..=1 {
        let text = json!({"text": line.to_string()});
        chair.execute("chat.post", text).await;
    }
    assert_eq!(slow.outbox.next().await, Err(CloseCode::RateLimited));
}

#[tokio::test(start_paused = true)]
async fn a_reply_leaves_the_queue_behind_the_events_that_its_command_caused() {
    let room = TestRoom::open();
    let mut tokyo = room.join("tokyo-1").await;
    tokyo.events().await;
    for number in 0..10 {
        let text = json!({"text": number.to_string()});
        tokyo
            .submit(&format!("chat-{number}"), "chat.post", text)
            .await;
    }
    // The room answers in order: after this snapshot every command is done.
    room.snapshot().await;
    let queued = tokyo.queued().await;
    let (mut events, mut replies) = (0, 0);
    for outgoing in &queued {
        match outgoing {
            Outgoing::Events(texts) => events += texts.len(),
            Outgoing::Reply(command_id, Ok(_)) => {
                assert_eq!(command_id.as_str(), format!("chat-{replies}"));
                replies += 1;
                assert!(events >= replies, "{queued:?}");
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((events, replies), (10, 10));
}

#[tokio::test(start_paused = true)]
async fn a_device_whose_room_has_ended_gets_a_reply_to_every_command_before_the_close() {
    let room = TestRoom::open();
    let mut tokyo = room.join("tokyo-1").await;
    tokyo.events().await;
    let text = json!({"text": "Before the end."});
    tokyo.submit("before", "chat.post", text.clone()).await;
    let draining = room.handle.drain();
    let ((), ()) = tokio::join!(draining, tokyo.submit("after", "chat.post", text));
    let mut replies = Vec::new();
    let code = loop {
        match tokyo.outbox.next().await {
            Ok(Outgoing::Reply(command_id, result)) => {
                replies.push((command_id.as_str().to_owned(), result.is_ok()));
            }
            Ok(_) => {}
            Err(code) => break code,
        }
    };
    replies.sort_unstable();
    assert_eq!(
        replies,
        [("after".to_owned(), false), ("before".to_owned(), true)]
    );
    assert_eq!(code, CloseCode::Draining);
}
