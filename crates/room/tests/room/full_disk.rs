//! What cannot be recorded has not happened.

use std::time::Duration;

use plenary_protocol::{Code, Source::Microphone};
use plenary_room::Reach;
use serde_json::json;
use tokio::time::sleep;

use crate::fixture::House;

#[tokio::test(start_paused = true)]
async fn a_command_is_refused_in_words_nobody_hears_of_it_and_the_floor_stays() {
    let (house, chair, _tokyo, mut seoul) = House::tokyo_speaks().await;
    let before = house.snapshot().await;
    seoul.events().await;
    house.log.set_full(true);

    let refused = chair.say("floor.revoke", json!({"request": "r1"})).await;
    let problem = refused.unwrap_err();
    assert_eq!((problem.code, problem.status), (Code::Unavailable, 503));
    assert!(
        problem.detail.contains("disk of the data folder is full"),
        "{problem}"
    );
    assert_eq!(house.snapshot().await.floor, before.floor);
    assert_eq!(seoul.types().await, [""; 0]);
    assert_eq!(house.reach("tokyo-1", Microphone), Some(Reach::Stage));
}

#[tokio::test(start_paused = true)]
async fn the_same_command_is_done_once_the_disk_has_room_again() {
    let house = House::open();
    let tokyo = house.enter("tokyo-1").await;
    let ask = || tokyo.say_named("c1", "floor.request", json!({}));
    house.log.set_full(true);
    assert_eq!(ask().await.unwrap_err().code, Code::Unavailable);
    house.log.set_full(false);
    assert_eq!(ask().await.unwrap()["id"], "r1");
}

#[tokio::test(start_paused = true)]
async fn nobody_is_seated_who_could_not_be_recorded() {
    let house = House::open();
    house.enter("chair").await;
    house.log.set_full(true);
    let refused = house.try_enter("tokyo-1", None).await.unwrap_err();
    assert_eq!(refused.code, Code::Unavailable);
    assert!(house.presence("tokyo-1").await.is_null());
    house.log.set_full(false);
    assert!(
        house.enter("tokyo-1").await.publishing,
        "the place was not taken by the one who was refused"
    );
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_lost_meanwhile_is_noted_afterwards() {
    let (house, _chair, tokyo, _seoul) = House::tokyo_speaks().await;
    house.log.set_full(true);
    tokyo.drop_connection().await;
    sleep(Duration::from_secs(10)).await;
    assert_eq!(
        house.presence("tokyo-1").await,
        "seated",
        "as far as is recorded"
    );
    house.log.set_full(false);
    sleep(Duration::from_secs(2)).await;
    assert_eq!(house.presence("tokyo-1").await, "away");
    assert_eq!(house.reach("tokyo-1", Microphone), None);
}

#[tokio::test(start_paused = true)]
async fn a_device_that_comes_back_where_it_was_needs_no_disk() {
    let (house, _chair, tokyo, _seoul) = House::tokyo_speaks().await;
    house.log.set_full(true);
    let back = house.re_enter("tokyo-1", &tokyo.session, tokyo.seq).await;
    assert!(back.publishing);
}
