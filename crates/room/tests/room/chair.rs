//! Who is in the chair, and what the other moderators may do meanwhile.

use plenary_protocol::Code;
use serde_json::json;

use crate::fixture::{House, person};

#[tokio::test(start_paused = true)]
async fn the_first_moderator_who_comes_in_is_in_the_chair_and_the_second_is_not() {
    let house = House::open();
    house.enter("tokyo-1").await;
    assert_eq!(house.snapshot().await.floor.chair, None);
    let _chair = house.enter("chair").await;
    let _deputy = house.enter("deputy").await;
    assert_eq!(house.snapshot().await.floor.chair, Some(person("chair")));
}

#[tokio::test(start_paused = true)]
async fn a_moderator_who_is_not_in_the_chair_is_refused_and_nothing_happens() {
    let house = House::open();
    let _chair = house.enter("chair").await;
    let deputy = house.enter("deputy").await;
    let tokyo = house.enter("tokyo-1").await;
    tokyo.ask().await;
    let before = house.snapshot().await.seq;
    for (kind, fields) in [
        ("floor.grant", json!({"request": "r1"})),
        ("floor.set", json!({"nom": 2})),
        ("list.close", json!({})),
        ("participant.remove", json!({"person": "tokyo-1"})),
        ("participant.mute", json!({"person": "tokyo-1"})),
        (
            "participant.move",
            json!({"person": "tokyo-1", "to": "covid"}),
        ),
    ] {
        let problem = deputy.say(kind, fields).await.unwrap_err();
        assert_eq!(problem.code, Code::Forbidden, "{kind}");
        assert!(problem.detail.contains("chair"), "{}", problem.detail);
    }
    let problem = deputy.say("chair.take", json!({})).await.unwrap_err();
    assert_eq!(problem.code, Code::Conflict);
    assert_eq!(house.snapshot().await.seq, before);
}

#[tokio::test(start_paused = true)]
async fn a_chair_whose_connection_drops_keeps_the_chair_until_a_deputy_takes_it() {
    let (house, chair, _tokyo, _seoul) = House::tokyo_speaks().await;
    let deputy = house.enter("deputy").await;
    chair.drop_connection().await;
    let floor = house.snapshot().await.floor;
    assert_eq!(floor.chair, Some(person("chair")));
    assert_eq!(floor.granted.len(), 1, "the speech goes on");

    deputy.say("chair.take", json!({})).await.unwrap();
    house.enter("chair").await;
    assert_eq!(house.snapshot().await.floor.chair, Some(person("deputy")));
}
