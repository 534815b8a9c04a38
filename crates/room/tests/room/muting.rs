//! A participant whom the chair mutes. Rules of order, section 13.

use plenary_protocol::Source::{Camera, Microphone};
use plenary_room::Reach;
use plenary_testkit::room::TestRoom;
use serde_json::json;

#[tokio::test(start_paused = true)]
async fn a_muted_holder_is_seen_and_not_heard_until_unmuted() {
    let (room, chair, _tokyo, _seoul) = TestRoom::with_tokyo_speaking().await;
    let mute =
        |on: bool| chair.try_execute("participant.mute", json!({"person": "tokyo-1", "on": on}));
    mute(true).await.unwrap();
    assert_eq!(room.reach("tokyo-1", Microphone), None);
    assert_eq!(room.reach("tokyo-1", Camera), Some(Reach::Stage));
    mute(false).await.unwrap();
    assert_eq!(room.reach("tokyo-1", Microphone), Some(Reach::Stage));
}
