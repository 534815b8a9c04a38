//! A participant whom the chair removes. Rules of order, section 13.

use plenary_protocol::{CloseCode, Code, Source::Microphone};
use plenary_testkit::room::{TestRoom, event_type};
use serde_json::json;

#[tokio::test(start_paused = true)]
async fn a_removed_person_is_out_and_stays_out_until_admitted() {
    let room = TestRoom::open();
    let chair = room.join("chair").await;
    let mut tokyo = room.join("tokyo-1").await;
    let about = json!({"person": "tokyo-1"});
    chair.execute("participant.remove", about.clone()).await;
    let told = tokyo.events().await;
    assert_eq!(told.last().unwrap()["reason"], "removed");
    assert_eq!(tokyo.close_code().await, CloseCode::Forbidden);
    assert_eq!(
        room.try_join("tokyo-1", None).await.unwrap_err().code,
        Code::Forbidden
    );
    assert_eq!(
        tokyo.expect_refusal("floor.request", json!({})).await.code,
        Code::Forbidden
    );
    let removed = room.snapshot().await.removed;
    assert_eq!(removed.len(), 1);
    assert_eq!(removed[0].person.as_str(), "tokyo-1");

    chair.execute("participant.admit", about).await;
    assert!(room.snapshot().await.removed.is_empty());
    room.join("tokyo-1").await;
    assert_eq!(room.presence("tokyo-1").await, "seated");
}

#[tokio::test(start_paused = true)]
async fn a_removed_holder_loses_the_floor() {
    let (room, chair, _tokyo, mut seoul) = TestRoom::with_tokyo_speaking().await;
    seoul.events().await;
    let about = json!({"person": "tokyo-1", "reason": "A disturbance."});
    chair.execute("participant.remove", about).await;
    assert_eq!(room.reach("tokyo-1", Microphone), None);
    assert!(room.snapshot().await.floor.granted.is_empty());
    let events = seoul.events().await;
    let revoked = events.iter().find(|it| event_type(it) == "floor.revoked");
    assert_eq!(revoked.unwrap()["by"], "chair");
}
