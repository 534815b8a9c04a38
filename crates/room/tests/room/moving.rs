//! Somebody who is sent to another room.

use plenary_floor::Substate;
use plenary_protocol::Code;
use serde_json::json;

use crate::fixture::House;

#[tokio::test(start_paused = true)]
async fn a_holder_is_not_moved_before_the_speech_has_ended() {
    let (house, chair, tokyo, _seoul) = House::tokyo_speaks().await;
    let fields = json!({"person": "tokyo-1", "to": "covid"});
    let refused = chair.say("participant.move", fields.clone()).await;
    assert_eq!(refused.unwrap_err().code, Code::Conflict);
    assert_eq!(house.presence("tokyo-1").await, "seated");

    tokyo
        .say("floor.release", json!({"request": "r1"}))
        .await
        .unwrap();
    chair.say("participant.move", fields).await.unwrap();
    assert!(house.presence("tokyo-1").await.is_null());
}

#[tokio::test(start_paused = true)]
async fn what_a_moved_person_had_listed_is_passed_and_can_be_recalled_on_the_return() {
    let house = House::open();
    let chair = house.enter("chair").await;
    let mut tokyo = house.enter("tokyo-1").await;
    let about = json!({"request": tokyo.ask().await});
    chair.say("floor.accept", about.clone()).await.unwrap();
    let fields = json!({"person": "tokyo-1", "to": "covid"});
    chair.say("participant.move", fields).await.unwrap();
    let told = tokyo.events().await;
    assert_eq!(told.last().unwrap()["to"], "covid");
    let request = house.snapshot().await.floor.requests.remove(0);
    assert_eq!(request.substate, Some(Substate::Passed));

    house.enter("tokyo-1").await;
    let recalled = chair.say("floor.recall", about).await.unwrap();
    assert_eq!(recalled["position"], 1);
}

#[tokio::test(start_paused = true)]
async fn nobody_is_sent_to_a_room_that_is_not_there_or_does_not_admit_him() {
    let house = House::open();
    let chair = house.enter("chair").await;
    house.enter("brussels-1").await;
    for (to, code) in [
        ("atlantis", Code::NotFound),
        ("climate", Code::Conflict),
        ("covid", Code::Forbidden),
    ] {
        let fields = json!({"person": "brussels-1", "to": to});
        let refused = chair.say("participant.move", fields).await;
        assert_eq!(refused.unwrap_err().code, code, "{to}");
    }
    assert_eq!(house.presence("brussels-1").await, "seated");
}
