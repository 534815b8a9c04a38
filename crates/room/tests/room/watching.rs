//! Watchers: they receive a room and take no place in it.

use plenary_ids::{Millis, Seq};
use plenary_protocol::{CloseCode, Code};
use plenary_room::Resumption;
use plenary_testkit::{
    person,
    room::{TestRoom, event_type},
};
use serde_json::json;

const DISPLAY: &str = "display-climate";

#[tokio::test(start_paused = true)]
async fn a_display_comes_and_goes_without_a_trace_in_the_room() {
    let room = TestRoom::open();
    let mut tokyo = room.join("tokyo-1").await;
    let before = room.snapshot().await;
    let recorded = room.log.records().len();
    let display = room.join(DISPLAY).await;
    assert!(!display.publishing);
    display.disconnect().await;
    tokio::time::sleep(std::time::Duration::from_hours(1)).await;

    assert_eq!(room.snapshot().await.participants, before.participants);
    assert_eq!(tokyo.event_types().await, Vec::<String>::new());
    assert_eq!(room.log.records().len(), recorded);
}

#[tokio::test(start_paused = true)]
async fn a_display_receives_what_a_viewer_receives() {
    let room = TestRoom::open();
    let chair = room.join("chair").await;
    let tokyo = room.join("tokyo-1").await;
    let mut viewer = room.join("viewer").await;
    let mut display = room.join(DISPLAY).await;
    let Resumption::Snapshot(shown) = &display.resumption else {
        panic!("a display that is new receives the room");
    };
    assert_eq!(shown.participants.len(), 3);
    viewer.events().await;

    tokyo.request_floor().await;
    let to_moderators = json!({"text": "A word?", "to": "moderators"});
    tokyo.execute("chat.post", to_moderators).await;
    chair.execute("floor.grant", json!({"request": "r1"})).await;
    let (seen, of_viewer) = (display.events().await, viewer.events().await);
    assert_eq!(seen, of_viewer);
    let types: Vec<String> = seen.iter().map(event_type).collect();
    assert!(types.contains(&"floor.granted".to_owned()), "{types:?}");
    assert!(types.contains(&"hidden".to_owned()), "{types:?}");
    let handle = &room.handle;
    let events = handle.events_after(person(DISPLAY), Seq(0)).await.unwrap();
    assert_eq!(
        events,
        handle.events_after(person("viewer"), Seq(0)).await.unwrap()
    );
}

#[tokio::test(start_paused = true)]
async fn a_display_comes_back_to_what_it_missed_also_after_a_restart() {
    let room = TestRoom::open();
    let tokyo = room.join("tokyo-1").await;
    let display = room.join(DISPLAY).await;
    let (session, seq) = (display.session.clone(), display.seq);
    display.disconnect().await;
    tokyo.request_floor().await;
    let room = room.restart_after(Millis::from_secs(5));
    let display = room.rejoin(DISPLAY, &session, seq).await;
    let Resumption::Events(missed) = display.resumption else {
        panic!("a display that comes back receives what it missed");
    };
    assert!(!missed.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_display_gives_no_command_and_not_even_its_refusal_is_recorded() {
    let room = TestRoom::open();
    room.join("chair").await;
    let display = room.join(DISPLAY).await;
    let commits = room.log.commits();
    for (kind, fields) in [
        ("floor.request", json!({})),
        ("floor.next", json!({})),
        ("chat.post", json!({"text": "Hello?"})),
        ("device.use", json!({})),
        ("chair.take", json!({})),
    ] {
        let refused = display.execute_with_key(kind, kind, fields).await;
        assert_eq!(refused.unwrap_err().code, Code::Forbidden, "{kind}");
    }
    assert_eq!(room.log.commits(), commits);
}

#[tokio::test(start_paused = true)]
async fn nobody_can_call_a_display_or_send_it_away() {
    let room = TestRoom::open();
    let chair = room.join("chair").await;
    let mut display = room.join(DISPLAY).await;
    for (from, to) in [("chair", DISPLAY), (DISPLAY, "chair")] {
        let called = room.handle.relay(person(from), person(to), "{}".into());
        assert!(called.await.is_err(), "{from} calls {to}");
    }
    for kind in [
        "participant.remove",
        "participant.mute",
        "participant.admit",
    ] {
        let refused = chair.expect_refusal(kind, json!({"person": DISPLAY})).await;
        assert_eq!(refused.code, Code::NotFound, "{kind}");
    }
    assert_eq!(display.queued().await, []);
}

#[tokio::test(start_paused = true)]
async fn a_display_is_on_no_roll_and_counts_for_no_quorum() {
    let room = TestRoom::open();
    let chair = room.join("chair").await;
    room.join("tokyo-1").await;
    room.join(DISPLAY).await;
    let question = json!({"kind": "roll_call", "question": "Shall we?"});
    let decision = chair.execute("decision.open", question).await;
    let roll = decision["roll"].as_array().unwrap();
    assert!(
        roll.iter().all(|entry| entry["delegation"] != DISPLAY),
        "{roll:?}"
    );
    assert_eq!(roll.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_display_is_closed_with_the_room_like_every_device() {
    let room = TestRoom::open();
    let mut display = room.join(DISPLAY).await;
    room.handle.drain().await;
    assert_eq!(display.close_code().await, CloseCode::Draining);
}
