//! Somebody whose microphone the chair silences.

use plenary_protocol::Source::{Camera, Microphone};
use plenary_room::Reach;
use serde_json::json;

use crate::fixture::House;

#[tokio::test(start_paused = true)]
async fn a_muted_holder_is_seen_and_not_heard_until_let_again() {
    let (house, chair, _tokyo, _seoul) = House::tokyo_speaks().await;
    let mute = |on: bool| chair.say("participant.mute", json!({"person": "tokyo-1", "on": on}));
    mute(true).await.unwrap();
    assert_eq!(house.reach("tokyo-1", Microphone), None);
    assert_eq!(house.reach("tokyo-1", Camera), Some(Reach::Stage));
    mute(false).await.unwrap();
    assert_eq!(house.reach("tokyo-1", Microphone), Some(Reach::Stage));
}
