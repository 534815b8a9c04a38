//! A slow disk delays replies and events, but a revoked speaker is silent at once.

use plenary_protocol::Source::Microphone;
use plenary_room::Reach;
use plenary_testkit::room::TestRoom;
use serde_json::json;

#[tokio::test(start_paused = true)]
async fn a_revoked_speaker_is_silent_at_once_and_the_event_is_sent_when_it_is_recorded() {
    let (room, chair, _tokyo, mut seoul) = TestRoom::with_tokyo_speaking().await;
    seoul.events().await;
    let scenes = room.media.count();
    room.log.set_slow(true);
    let revoking = tokio::spawn(async move {
        chair
            .try_execute("floor.revoke", json!({"request": "r1"}))
            .await
    });
    room.media.wait_for(scenes + 1).await;
    assert_eq!(room.reach("tokyo-1", Microphone), None);
    assert_eq!(seoul.event_types().await, [""; 0]);
    assert!(!revoking.is_finished());

    room.log.set_slow(false);
    revoking.await.unwrap().unwrap();
    assert_eq!(seoul.event_types().await, ["floor.revoked"]);
}

#[tokio::test(start_paused = true)]
async fn a_granted_speaker_is_heard_when_the_grant_is_recorded() {
    let room = TestRoom::open();
    let chair = room.join("chair").await;
    let tokyo = room.join("tokyo-1").await;
    tokyo.request_floor().await;
    room.log.set_slow(true);
    let granting = tokio::spawn(async move {
        chair
            .try_execute("floor.grant", json!({"request": "r1"}))
            .await
    });
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    assert_eq!(room.reach("tokyo-1", Microphone), None);
    room.log.set_slow(false);
    granting.await.unwrap().unwrap();
    assert_eq!(room.reach("tokyo-1", Microphone), Some(Reach::Stage));
}
