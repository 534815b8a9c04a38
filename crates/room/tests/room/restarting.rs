//! The server is killed and starts again: a room goes on where its log ends.

use std::time::Duration;

use plenary_floor::Substate;
use plenary_ids::{Millis, Seq};
use plenary_protocol::Source::Microphone;
use plenary_room::{Reach, Resumption};
use plenary_testkit::{
    person,
    room::{TestRoom, event_type, parse},
};
use serde_json::json;
use tokio::time::sleep;

const AN_HOUR: Millis = Millis::from_secs(3600);

#[tokio::test(start_paused = true)]
async fn the_holder_goes_on_with_the_used_time_without_the_downtime() {
    let (room, chair, tokyo, seoul) = TestRoom::with_tokyo_speaking().await;
    seoul.request_floor().await;
    chair
        .execute("floor.accept", json!({"request": "r2"}))
        .await;
    room.handle.voice(person("tokyo-1")).await;
    sleep(Duration::from_secs(252)).await;
    let shown = room.snapshot().await.floor.speech.unwrap();
    assert_eq!(shown.consumed, Millis::from_secs(252));

    let room = room.restart_after(AN_HOUR);
    let floor = room.snapshot().await.floor;
    let speech = floor.speech.unwrap();
    assert_eq!(speech.speaker, person("tokyo-1"));
    let within_a_second = shown.consumed..=shown.consumed.saturating_add(Millis(1000));
    assert!(within_a_second.contains(&speech.consumed), "{speech:?}");
    assert_eq!(floor.granted[0].substate, Some(Substate::Suspended));
    assert_eq!(floor.requests[0].position, Some(1));
    assert_eq!(
        room.reach("tokyo-1", Microphone),
        None,
        "nothing flows before he is back"
    );

    room.rejoin("tokyo-1", &tokyo.session, tokyo.seq).await;
    assert_eq!(room.reach("tokyo-1", Microphone), Some(Reach::Stage));
}

#[tokio::test(start_paused = true)]
async fn the_chair_the_chat_removals_and_decisions_survive() {
    let (room, chair, _tokyo, _seoul) = TestRoom::with_tokyo_speaking().await;
    let say = |kind: &'static str, fields| chair.try_execute(kind, fields);
    say("chat.post", json!({"text": "Welcome."})).await.unwrap();
    say(
        "decision.open",
        json!({"kind": "no_objection", "question": "Shall we adopt it?"}),
    )
    .await
    .unwrap();
    say("participant.remove", json!({"person": "seoul-1"}))
        .await
        .unwrap();
    let before = room.snapshot().await;

    let room = room.restart_after(AN_HOUR);
    let after = room.snapshot().await;
    assert_eq!(
        (&after.chat, &after.decisions),
        (&before.chat, &before.decisions)
    );
    assert_eq!(after.floor.chair, Some(person("chair")));
    assert!(
        room.try_join("seoul-1", None).await.is_err(),
        "she was sent out"
    );
}

#[tokio::test(start_paused = true)]
async fn participants_are_away_after_a_restart_and_leave_if_they_do_not_return() {
    let room = TestRoom::open();
    room.join("seoul-1").await;
    room.join("tokyo-1").await;
    let room = room.restart_after(AN_HOUR);
    assert_eq!(room.presence("tokyo-1").await, "away");
    room.join("tokyo-1").await;
    sleep(Duration::from_secs(31)).await;
    assert_eq!(room.presence("tokyo-1").await, "seated");
    assert!(room.presence("seoul-1").await.is_null());
}

#[tokio::test(start_paused = true)]
async fn a_returning_participant_receives_exactly_the_missed_events() {
    let (room, chair, tokyo, _seoul) = TestRoom::with_tokyo_speaking().await;
    chair.execute("chat.post", json!({"text": "To all."})).await;
    chair
        .execute(
            "chat.post",
            json!({"text": "Among us.", "to": "moderators"}),
        )
        .await;
    let room = room.restart_after(AN_HOUR);
    let back = room.rejoin("tokyo-1", &tokyo.session, tokyo.seq).await;
    let Resumption::Events(missed) = &back.resumption else {
        panic!("{:?}", back.resumption)
    };
    let missed: Vec<_> = missed.iter().map(|text| parse(text)).collect();
    let places: Vec<_> = missed.iter().filter_map(|it| it["seq"].as_u64()).collect();
    assert_eq!(places, (tokyo.seq.0 + 1..=back.seq.0).collect::<Vec<_>>());
    let types: Vec<_> = missed.iter().map(event_type).collect();
    assert!(types.contains(&"hidden".to_owned()), "{types:?}");
    assert!(types.contains(&"floor.restarted".to_owned()), "{types:?}");
}

#[tokio::test(start_paused = true)]
async fn a_session_of_another_log_gets_the_whole_room() {
    let room = TestRoom::open();
    room.join("tokyo-1").await;
    let elsewhere = plenary_protocol::SessionId::random_in("another");
    let back = room.rejoin("tokyo-1", &elsewhere, Seq(1)).await;
    assert!(matches!(back.resumption, Resumption::Snapshot(_)));
}

#[tokio::test(start_paused = true)]
async fn a_repeated_command_gets_the_reply_from_before_the_kill() {
    let room = TestRoom::open();
    let tokyo = room.join("tokyo-1").await;
    let done = tokyo
        .execute_with_key("c1", "floor.request", json!({}))
        .await;
    let refused = tokyo.execute_with_key("c2", "floor.next", json!({})).await;

    let room = room.restart_after(AN_HOUR);
    let tokyo = room.join("tokyo-1").await;
    let seq = room.snapshot().await.seq;
    assert_eq!(
        tokyo
            .execute_with_key("c1", "floor.request", json!({}))
            .await,
        done
    );
    assert_eq!(
        tokyo.execute_with_key("c2", "floor.next", json!({})).await,
        refused
    );
    assert_eq!(room.snapshot().await.seq, seq);
}

#[tokio::test(start_paused = true)]
async fn an_empty_log_opens_an_empty_room() {
    let room = TestRoom::open().restart_after(AN_HOUR);
    assert_eq!(room.snapshot().await.seq, Seq(0));
}
