//! A full disk: a command that cannot be recorded does not happen.

use std::time::Duration;

use plenary_protocol::{Code, Source::Microphone};
use plenary_room::Reach;
use plenary_testkit::room::TestRoom;
use serde_json::json;
use tokio::time::sleep;

#[tokio::test(start_paused = true)]
async fn a_command_is_refused_with_a_sentence_and_neither_events_nor_the_floor_show_it() {
    let (room, chair, _tokyo, mut seoul) = TestRoom::with_tokyo_speaking().await;
    let before = room.snapshot().await;
    seoul.events().await;
    room.log.set_full(true);

    let refused = chair
        .try_execute("floor.revoke", json!({"request": "r1"}))
        .await;
    let problem = refused.unwrap_err();
    assert_eq!((problem.code, problem.status), (Code::Unavailable, 503));
    assert!(
        problem.detail.contains("disk of the data folder is full"),
        "{problem}"
    );
    assert_eq!(room.snapshot().await.floor, before.floor);
    assert_eq!(seoul.event_types().await, [""; 0]);
    assert_eq!(room.reach("tokyo-1", Microphone), Some(Reach::Stage));
}

#[tokio::test(start_paused = true)]
async fn the_same_command_is_done_once_the_disk_has_room_again() {
    let room = TestRoom::open();
    let tokyo = room.join("tokyo-1").await;
    let ask = || tokyo.execute_with_key("c1", "floor.request", json!({}));
    room.log.set_full(true);
    assert_eq!(ask().await.unwrap_err().code, Code::Unavailable);
    room.log.set_full(false);
    assert_eq!(ask().await.unwrap()["id"], "r1");
}

#[tokio::test(start_paused = true)]
async fn a_participant_who_cannot_be_recorded_does_not_join() {
    let room = TestRoom::open();
    room.join("chair").await;
    room.log.set_full(true);
    let refused = room.try_join("tokyo-1", None).await.unwrap_err();
    assert_eq!(refused.code, Code::Unavailable);
    assert!(room.presence("tokyo-1").await.is_null());
    room.log.set_full(false);
    assert!(
        room.join("tokyo-1").await.publishing,
        "the place was not taken by the one who was refused"
    );
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_lost_while_the_disk_is_full_is_recorded_afterwards() {
    let (room, _chair, tokyo, _seoul) = TestRoom::with_tokyo_speaking().await;
    room.log.set_full(true);
    tokyo.disconnect().await;
    sleep(Duration::from_secs(10)).await;
    assert_eq!(
        room.presence("tokyo-1").await,
        "seated",
        "as far as is recorded"
    );
    room.log.set_full(false);
    sleep(Duration::from_secs(2)).await;
    assert_eq!(room.presence("tokyo-1").await, "away");
    assert_eq!(room.reach("tokyo-1", Microphone), None);
}

#[tokio::test(start_paused = true)]
async fn a_device_that_resumes_needs_no_disk() {
    let (room, _chair, tokyo, _seoul) = TestRoom::with_tokyo_speaking().await;
    room.log.set_full(true);
    let back = room.rejoin("tokyo-1", &tokyo.session, tokyo.seq).await;
    assert!(back.publishing);
}
