//! A person whose connection is lost, and what is kept meanwhile.

use std::time::Duration;

use plenary_protocol::Source::Microphone;
use plenary_room::{Reach, Resumption};
use serde_json::json;
use tokio::time::sleep;

use crate::fixture::{House, kind, read};

const GRACE: Duration = Duration::from_secs(30);

#[tokio::test(start_paused = true)]
async fn a_holder_who_drops_is_away_and_suspended_and_goes_on_after_the_return() {
    let (house, _chair, tokyo, mut seoul) = House::tokyo_speaks().await;
    seoul.events().await;
    tokyo.drop_connection().await;
    assert_eq!(house.presence("tokyo-1").await, "away");
    assert_eq!(house.reach("tokyo-1", Microphone), None);
    let types = seoul.types().await;
    assert!(types.contains(&"floor.suspended".to_owned()), "{types:?}");

    sleep(GRACE / 2).await;
    house.re_enter("tokyo-1", &tokyo.session, tokyo.seq).await;
    assert_eq!(house.presence("tokyo-1").await, "seated");
    assert_eq!(house.reach("tokyo-1", Microphone), Some(Reach::Stage));
    let types = seoul.types().await;
    assert!(types.contains(&"floor.resumed".to_owned()), "{types:?}");
    assert!(!types.contains(&"participant.joined".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn one_who_returns_within_the_grace_is_told_only_what_was_missed() {
    let house = House::open();
    let chair = house.enter("chair").await;
    let tokyo = house.enter("tokyo-1").await;
    tokyo.drop_connection().await;
    chair
        .say("chat.post", json!({"text": "Welcome."}))
        .await
        .unwrap();

    let back = house.re_enter("tokyo-1", &tokyo.session, tokyo.seq).await;
    let Resumption::Events(missed) = &back.resumption else {
        panic!("{:?}", back.resumption)
    };
    let missed: Vec<_> = missed.iter().map(|text| read(text)).collect();
    let types: Vec<_> = missed.iter().map(kind).collect();
    let expected = [
        "participant.updated",
        "floor.disconnected",
        "chat.posted",
        "participant.updated",
        "floor.connected",
    ];
    assert_eq!(types, expected);
    let places: Vec<_> = missed.iter().filter_map(|it| it["seq"].as_u64()).collect();
    assert_eq!(places, (tokyo.seq.0 + 1..=back.seq.0).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn one_who_stays_away_for_longer_than_the_grace_has_left_and_keeps_the_place_on_the_list() {
    let house = House::open();
    let mut chair = house.enter("chair").await;
    let tokyo = house.enter("tokyo-1").await;
    tokyo.ask().await;
    chair
        .say("floor.accept", json!({"request": "r1"}))
        .await
        .unwrap();
    tokyo.drop_connection().await;
    sleep(GRACE + Duration::from_secs(1)).await;

    let events = chair.events().await;
    let left = events.iter().find(|it| kind(it) == "participant.left");
    assert_eq!(left.unwrap()["reason"], "lost");
    assert!(house.presence("tokyo-1").await.is_null());
    let request = house.snapshot().await.floor.requests.remove(0);
    assert_eq!((request.position, request.substate), (Some(1), None));
}

#[tokio::test(start_paused = true)]
async fn a_holder_stays_for_as_long_as_the_chair_waits() {
    let (house, mut chair, tokyo, _seoul) = House::tokyo_speaks().await;
    tokyo.drop_connection().await;
    sleep(GRACE * 10).await;
    assert_eq!(house.presence("tokyo-1").await, "away");
    assert_eq!(house.snapshot().await.floor.granted.len(), 1);
    let asked = |types: Vec<String>| types.iter().filter(|it| *it == "floor.absent").count();
    assert_eq!(asked(chair.types().await), 1);

    let waited = chair.say("floor.wait", json!({"request": "r1"})).await;
    assert_eq!(waited.unwrap()["substate"], "suspended");
    sleep(GRACE / 2).await;
    assert_eq!(asked(chair.types().await), 0);
    sleep(GRACE).await;
    assert_eq!(asked(chair.types().await), 1, "asked again after the wait");

    chair
        .say("floor.revoke", json!({"request": "r1"}))
        .await
        .unwrap();
    sleep(GRACE + Duration::from_secs(1)).await;
    assert!(house.presence("tokyo-1").await.is_null());
}
