//! A participant who is moved to another room. Rules of order, section 13.

use plenary_floor::Substate;
use plenary_protocol::Code;
use plenary_testkit::room::TestRoom;
use serde_json::json;

#[tokio::test(start_paused = true)]
async fn a_holder_is_not_moved_before_the_speech_has_ended() {
    let (room, chair, tokyo, _seoul) = TestRoom::with_tokyo_speaking().await;
    let fields = json!({"person": "tokyo-1", "to": "covid"});
    let refused = chair.try_execute("participant.move", fields.clone()).await;
    assert_eq!(refused.unwrap_err().code, Code::Conflict);
    assert_eq!(room.presence("tokyo-1").await, "seated");

    tokyo
        .execute("floor.release", json!({"request": "r1"}))
        .await;
    chair.execute("participant.move", fields).await;
    assert!(room.presence("tokyo-1").await.is_null());
}

#[tokio::test(start_paused = true)]
async fn the_entry_of_a_moved_person_is_passed_and_can_be_recalled_on_their_return() {
    let room = TestRoom::open();
    let chair = room.join("chair").await;
    let mut tokyo = room.join("tokyo-1").await;
    let about = json!({"request": tokyo.request_floor().await});
    chair.execute("floor.accept", about.clone()).await;
    let fields = json!({"person": "tokyo-1", "to": "covid"});
    chair.execute("participant.move", fields).await;
    let told = tokyo.events().await;
    assert_eq!(told.last().unwrap()["to"], "covid");
    let request = room.snapshot().await.floor.requests.remove(0);
    assert_eq!(request.substate, Some(Substate::Passed));

    room.join("tokyo-1").await;
    let recalled = chair.execute("floor.recall", about).await;
    assert_eq!(recalled["position"], 1);
}

#[tokio::test(start_paused = true)]
async fn a_person_is_not_moved_to_an_unknown_room_or_one_that_does_not_admit_them() {
    let room = TestRoom::open();
    let chair = room.join("chair").await;
    room.join("brussels-1").await;
    for (to, code) in [
        ("atlantis", Code::NotFound),
        ("climate", Code::Conflict),
        ("covid", Code::Forbidden),
    ] {
        let fields = json!({"person": "brussels-1", "to": to});
        let refused = chair.try_execute("participant.move", fields).await;
        assert_eq!(refused.unwrap_err().code, code, "{to}");
    }
    assert_eq!(room.presence("brussels-1").await, "seated");
}
