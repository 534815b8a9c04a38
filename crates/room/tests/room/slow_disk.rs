//! A disk that takes its time: everybody waits for it, but silence does not.

use plenary_protocol::Source::Microphone;
use plenary_room::Reach;
use serde_json::json;

use crate::fixture::House;

#[tokio::test(start_paused = true)]
async fn a_revoked_speaker_is_silent_at_once_and_everybody_is_told_when_it_is_recorded() {
    let (house, chair, _tokyo, mut seoul) = House::tokyo_speaks().await;
    seoul.events().await;
    let scenes = house.stage.count();
    house.log.set_slow(true);
    let revoking =
        tokio::spawn(async move { chair.say("floor.revoke", json!({"request": "r1"})).await });
    house.stage.shown(scenes + 1).await;
    assert_eq!(house.reach("tokyo-1", Microphone), None);
    assert_eq!(seoul.types().await, [""; 0]);
    assert!(!revoking.is_finished());

    house.log.set_slow(false);
    revoking.await.unwrap().unwrap();
    assert_eq!(seoul.types().await, ["floor.revoked"]);
}

#[tokio::test(start_paused = true)]
async fn whom_the_chair_grants_the_floor_is_heard_when_that_is_recorded() {
    let house = House::open();
    let chair = house.enter("chair").await;
    let tokyo = house.enter("tokyo-1").await;
    tokyo.ask().await;
    house.log.set_slow(true);
    let granting =
        tokio::spawn(async move { chair.say("floor.grant", json!({"request": "r1"})).await });
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    assert_eq!(house.reach("tokyo-1", Microphone), None);
    house.log.set_slow(false);
    granting.await.unwrap().unwrap();
    assert_eq!(house.reach("tokyo-1", Microphone), Some(Reach::Stage));
}
