//! On a change of speakers the scene shrinks before the events are sent, and grows after them.

use plenary_scene::{Scene, Source, Want};
use plenary_testkit::{person, room::TestRoom};
use serde_json::json;

#[tokio::test(start_paused = true)]
async fn a_revoked_speaker_is_silent_before_the_event_is_sent_and_the_next_is_heard_after_it() {
    let (room, chair, tokyo, mut seoul) = TestRoom::with_tokyo_speaking().await;
    seoul.request_floor().await;
    chair
        .execute("floor.accept", json!({"request": "r2"}))
        .await;
    seoul.events().await;
    let before = room.media.count();
    let [now, then] = [&tokyo, &seoul].map(|it| it.person.clone());
    let heard = |scene: &Scene, who| scene.allows(who, Source::Microphone, &Want::Voice);

    room.media.hold();
    let next = tokio::spawn(async move { chair.try_execute("floor.next", json!({})).await });
    let shrunk = room.media.wait_for(before + 1).await;
    assert!(!heard(&shrunk, &now), "Tokyo is to be silent");
    assert!(!heard(&shrunk, &then), "Seoul is not heard yet");
    assert_eq!(seoul.event_types().await, [""; 0], "nobody knows");

    room.media.release_one();
    let grown = room.media.wait_for(before + 2).await;
    assert!(heard(&grown, &then), "Seoul is heard");
    assert_eq!(grown.stage, [person("seoul-1")]);
    assert_eq!(
        seoul.event_types().await,
        [
            "floor.revoked",
            "floor.granted",
            "floor.order",
            "floor.on_deck",
            "floor.undoable"
        ]
    );

    room.media.release_one();
    next.await.unwrap().unwrap();
    assert_eq!(room.media.count(), before + 2);
}

#[tokio::test(start_paused = true)]
async fn a_media_plane_that_does_not_answer_delays_events_for_a_bounded_time() {
    let (room, chair, _tokyo, mut seoul) = TestRoom::with_tokyo_speaking().await;
    seoul.events().await;
    room.media.hold();
    chair
        .execute("floor.revoke", json!({"request": "r1"}))
        .await;
    assert_eq!(seoul.event_types().await, ["floor.revoked"]);
}
