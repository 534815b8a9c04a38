//! The chair takes the last command back, also after a kill of the server. Rules of order, section 21.

use std::time::Duration;

use plenary_ids::Millis;
use plenary_room::{Preconditions, Reach};
use plenary_scene::{Scene, Source, Source::Microphone, Want};
use plenary_testkit::{
    person,
    room::{Participant, TestRoom},
};
use serde_json::json;
use tokio::time::sleep;

/// Tokyo has spoken for 12 seconds, and Seoul, who was listed, is called.
async fn with_seoul_called() -> (TestRoom, Participant, Participant, Participant) {
    let (room, chair, tokyo, seoul) = TestRoom::with_tokyo_speaking().await;
    seoul.request_floor().await;
    chair
        .execute("floor.accept", json!({"request": "r2"}))
        .await;
    room.handle.voice(person("tokyo-1")).await;
    sleep(Duration::from_secs(12)).await;
    chair.execute("floor.next", json!({"expect": "r2"})).await;
    (room, chair, tokyo, seoul)
}

#[tokio::test(start_paused = true)]
async fn the_wrongly_called_speaker_is_silent_before_the_former_one_is_heard_again() {
    let (room, chair, tokyo, mut seoul) = with_seoul_called().await;
    seoul.events().await;
    let before = room.media.count();
    let [former, called] = [&tokyo, &seoul].map(|it| it.person.clone());
    let heard = |scene: &Scene, who| scene.allows(who, Source::Microphone, &Want::Voice);

    room.media.hold();
    let undo = tokio::spawn(async move { chair.try_execute("floor.undo", json!({})).await });
    let shrunk = room.media.wait_for(before + 1).await;
    assert!(!heard(&shrunk, &called) && !heard(&shrunk, &former));
    assert_eq!(seoul.event_types().await, [""; 0], "nobody knows");

    room.media.release_one();
    let grown = room.media.wait_for(before + 2).await;
    assert!(heard(&grown, &former) && !heard(&grown, &called));
    assert_eq!(seoul.event_types().await, ["floor.undone", "floor.on_deck"]);
    room.media.release_one();
    let floor = undo.await.unwrap().unwrap();
    assert_eq!(floor["speech"]["speaker"], "tokyo-1");
    assert_eq!(floor["speech"]["consumed_ms"], 12_000);
    assert_eq!(floor["on_deck"], "seoul-1");
}

#[tokio::test(start_paused = true)]
async fn a_command_may_be_undone_after_a_kill_of_the_server() {
    let (room, chair, tokyo, _seoul) = with_seoul_called().await;
    let seen = room.snapshot().await.floor.undoable;
    assert_eq!(seen.clone().unwrap().by, Some(person("chair")));
    let room = room.restart_after(Millis::from_secs(5));
    assert_eq!(room.snapshot().await.floor.undoable, seen);
    let chair = room.rejoin("chair", &chair.session, chair.seq).await;
    chair.execute("floor.undo", json!({})).await;
    room.rejoin("tokyo-1", &tokyo.session, tokyo.seq).await;
    assert_eq!(room.reach("tokyo-1", Microphone), Some(Reach::Stage));
    let floor = room.snapshot().await.floor;
    assert_eq!(floor.speech.unwrap().consumed, Millis::from_secs(12));

    let late = chair.try_execute("floor.undo", json!({})).await;
    assert_eq!(late.unwrap_err().code.as_str(), "too_late");
}

#[tokio::test(start_paused = true)]
async fn the_same_undo_again_gets_the_same_reply_and_happens_once() {
    let (room, chair, _tokyo, _seoul) = with_seoul_called().await;
    let under = |key: &str, if_match| Preconditions {
        idempotency_key: plenary_protocol::CommandId::new(key).ok(),
        if_match,
    };
    let first = chair
        .execute_with(under("undo-1", None), "floor.undo", json!({}))
        .await;
    let version = room.snapshot().await.floor.version;
    let again = chair
        .execute_with(under("undo-1", None), "floor.undo", json!({}))
        .await;
    assert_eq!(first, again);
    assert_eq!(room.snapshot().await.floor.version, version);

    chair.execute("floor.next", json!({})).await;
    let stale = chair
        .execute_with(under("undo-2", Some(version)), "floor.undo", json!({}))
        .await;
    assert_eq!(stale.unwrap_err().status, 412);
}

#[tokio::test(start_paused = true)]
async fn eleven_seconds_later_it_is_refused_and_nothing_changes() {
    let (room, chair, _tokyo, _seoul) = with_seoul_called().await;
    sleep(Duration::from_secs(11)).await;
    let before = room.snapshot().await.floor;
    assert_eq!(before.undoable, None);
    let refused = chair.try_execute("floor.undo", json!({})).await;
    assert_eq!(refused.unwrap_err().code.as_str(), "too_late");
    assert_eq!(room.snapshot().await.floor, before);
}
