//! A change of a floor that has moved on.

use plenary_room::Guard;
use serde_json::json;

use crate::fixture::House;

#[tokio::test(start_paused = true)]
async fn a_change_of_a_version_that_is_no_more_is_412_and_changes_nothing() {
    let house = House::open();
    let chair = house.enter("chair").await;
    let tokyo = house.enter("tokyo-1").await;
    let seen = house.snapshot().await.floor.version;
    tokyo.ask().await;

    let under = |version| Guard {
        id: None,
        version: Some(version),
    };
    let set = json!({"nom": 2});
    let stale = chair.say_under(under(seen), "floor.set", set.clone()).await;
    assert_eq!(stale.unwrap_err().status, 412);
    assert_eq!(house.snapshot().await.floor.nom, 1);

    let seen = house.snapshot().await.floor.version;
    let fresh = chair.say_under(under(seen), "floor.set", set).await;
    assert_eq!(fresh.unwrap()["nom"], 2);
}

#[tokio::test(start_paused = true)]
async fn who_comes_goes_and_chats_does_not_make_a_version_stale() {
    let house = House::open();
    let chair = house.enter("chair").await;
    let seen = house.snapshot().await.floor.version;
    let tokyo = house.enter("tokyo-1").await;
    tokyo
        .say("chat.post", json!({"text": "Good morning."}))
        .await
        .unwrap();
    tokyo.drop_connection().await;
    assert_eq!(house.snapshot().await.floor.version, seen);
    drop(chair);
}

#[tokio::test(start_paused = true)]
async fn who_has_seen_the_last_event_is_up_to_date_whatever_it_was() {
    let house = House::open();
    let chair = house.enter("chair").await;
    chair
        .say("chat.post", json!({"text": "Good morning."}))
        .await
        .unwrap();
    let seen = house.snapshot().await.seq.0;
    assert!(seen > house.snapshot().await.floor.version);
    let under = |version| Guard {
        id: None,
        version: Some(version),
    };
    let set = json!({"nom": 2});
    let ahead = chair
        .say_under(under(seen + 1), "floor.set", set.clone())
        .await;
    assert_eq!(ahead.unwrap_err().status, 412);
    let fresh = chair.say_under(under(seen), "floor.set", set).await;
    assert_eq!(fresh.unwrap()["nom"], 2);
}
