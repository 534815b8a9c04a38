//! Somebody whom the chair sends out.

use plenary_protocol::{CloseCode, Code, Source::Microphone};
use serde_json::json;

use crate::fixture::{House, kind};

#[tokio::test(start_paused = true)]
async fn a_removed_person_is_out_and_stays_out_until_admitted() {
    let house = House::open();
    let chair = house.enter("chair").await;
    let mut tokyo = house.enter("tokyo-1").await;
    let about = json!({"person": "tokyo-1"});
    chair
        .say("participant.remove", about.clone())
        .await
        .unwrap();
    let told = tokyo.events().await;
    assert_eq!(told.last().unwrap()["reason"], "removed");
    assert_eq!(tokyo.ends().await, CloseCode::Forbidden);
    assert_eq!(
        house.try_enter("tokyo-1", None).await.unwrap_err().code,
        Code::Forbidden
    );
    assert_eq!(
        tokyo
            .say("floor.request", json!({}))
            .await
            .unwrap_err()
            .code,
        Code::Forbidden
    );
    let removed = house.snapshot().await.removed;
    assert_eq!(removed.len(), 1);
    assert_eq!(removed[0].person.as_str(), "tokyo-1");

    chair.say("participant.admit", about).await.unwrap();
    assert!(house.snapshot().await.removed.is_empty());
    house.enter("tokyo-1").await;
    assert_eq!(house.presence("tokyo-1").await, "seated");
}

#[tokio::test(start_paused = true)]
async fn a_holder_who_is_removed_has_lost_the_floor() {
    let (house, chair, _tokyo, mut seoul) = House::tokyo_speaks().await;
    seoul.events().await;
    let about = json!({"person": "tokyo-1", "reason": "A disturbance."});
    chair.say("participant.remove", about).await.unwrap();
    assert_eq!(house.reach("tokyo-1", Microphone), None);
    assert!(house.snapshot().await.floor.granted.is_empty());
    let events = seoul.events().await;
    let revoked = events.iter().find(|it| kind(it) == "floor.revoked");
    assert_eq!(revoked.unwrap()["by"], "chair");
}
