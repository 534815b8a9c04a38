//! A command that is said again.

use serde_json::json;

use crate::fixture::House;

#[tokio::test(start_paused = true)]
async fn a_command_said_twice_happens_once_and_gets_the_same_reply() {
    let house = House::open();
    let tokyo = house.enter("tokyo-1").await;
    let first = tokyo.say_named("c1", "floor.request", json!({})).await;
    let seq = house.snapshot().await.seq;
    let again = tokyo.say_named("c1", "floor.request", json!({})).await;
    assert_eq!(first.unwrap()["id"], "r1");
    assert_eq!(again.unwrap()["id"], "r1");
    assert_eq!(house.snapshot().await.seq, seq);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_said_twice_is_the_same_refusal_even_when_it_would_be_granted_by_now() {
    let house = House::open();
    let chair = house.enter("chair").await;
    let grant = || chair.say_named("c1", "floor.grant", json!({"request": "r1"}));
    let refused = grant().await.unwrap_err();
    house.enter("tokyo-1").await.ask().await;
    assert_eq!(grant().await.unwrap_err(), refused);
}

#[tokio::test(start_paused = true)]
async fn two_people_may_call_their_commands_the_same() {
    let house = House::open();
    let tokyo = house.enter("tokyo-1").await;
    let seoul = house.enter("seoul-1").await;
    let tokyo = tokyo.say_named("c1", "floor.request", json!({})).await;
    let seoul = seoul.say_named("c1", "floor.request", json!({})).await;
    assert_ne!(tokyo.unwrap()["id"], seoul.unwrap()["id"]);
}

#[tokio::test(start_paused = true)]
async fn a_command_about_a_request_answers_the_request_also_where_nothing_had_to_change() {
    let house = House::open();
    let chair = house.enter("chair").await;
    let tokyo = house.enter("tokyo-1").await;
    let seoul = house.enter("seoul-1").await;
    for seat in [&tokyo, &seoul] {
        let request = seat.ask().await;
        let answer = chair
            .say("floor.accept", json!({ "request": request }))
            .await;
        assert_eq!(answer.unwrap()["id"], request);
    }
    for (verb, fields) in [
        ("floor.move", json!({ "position": 1 })),
        ("floor.move", json!({ "position": 2, "override": true })),
        ("floor.move", json!({ "position": 2, "override": true })),
        ("floor.pass", json!({})),
        ("floor.recall", json!({ "position": 1 })),
        ("floor.grant", json!({})),
        ("floor.suspend", json!({})),
        ("floor.resume", json!({})),
        ("floor.extend", json!({ "by_ms": 60_000 })),
        ("floor.revoke", json!({})),
    ] {
        let mut fields = fields;
        fields["request"] = json!("r1");
        let answer = chair.say(verb, fields).await.unwrap();
        assert_eq!(answer["id"], "r1", "{verb}: {answer}");
    }
    let answer = chair.say("floor.deny", json!({ "request": "r2" })).await;
    assert_eq!(answer.unwrap()["state"], "denied");
    let request = tokyo.ask().await;
    let answer = tokyo
        .say("floor.cancel", json!({ "request": request }))
        .await;
    assert_eq!(answer.unwrap()["state"], "cancelled");
}
