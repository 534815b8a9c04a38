//! What a clerk does on behalf of others, and whom nobody can ask for.

use plenary_protocol::Code;
use serde_json::json;

use crate::fixture::{House, person};

#[tokio::test(start_paused = true)]
async fn a_clerk_asks_and_withdraws_for_a_delegate_and_it_counts_as_the_delegates() {
    let house = House::open();
    let tokyo = house.enter("tokyo-1").await;
    let clerk = house.enter("clerk").await;
    let asked = clerk
        .say("floor.request", json!({"beneficiary": "tokyo-1"}))
        .await
        .unwrap();
    assert_eq!(
        (&asked["beneficiary"], &asked["requested_by"]),
        (&json!("tokyo-1"), &json!("clerk"))
    );
    assert_eq!(asked["delegation"], "tokyo");
    let again = tokyo.say("floor.request", json!({})).await.unwrap_err();
    assert_eq!(
        (again.code, again.request.unwrap().to_string()),
        (Code::Duplicate, "r1".to_owned())
    );
    clerk
        .say("floor.cancel", json!({"request": "r1"}))
        .await
        .unwrap();
    let own = json!({"request": tokyo.ask().await});
    assert_eq!(
        clerk.say("floor.cancel", own).await.unwrap()["state"],
        "cancelled"
    );
}

#[tokio::test(start_paused = true)]
async fn a_clerk_must_say_for_whom_and_decides_nothing() {
    let house = House::open();
    let clerk = house.enter("clerk").await;
    house.enter("tokyo-1").await.ask().await;
    let refused = clerk.say("floor.request", json!({})).await;
    assert_eq!(refused.unwrap_err().code, Code::Invalid);
    for verb in [
        "floor.accept",
        "floor.grant",
        "floor.deny",
        "floor.pass",
        "floor.revoke",
    ] {
        let refused = clerk.say(verb, json!({"request": "r1"})).await;
        assert_eq!(refused.unwrap_err().code, Code::Forbidden, "{verb}");
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_is_put_on_the_list_who_has_no_voice() {
    let house = House::open();
    let chair = house.enter("chair").await;
    let clerk = house.enter("clerk").await;
    for name in ["viewer", "clerk"] {
        let refused = clerk
            .say("floor.request", json!({"beneficiary": name}))
            .await;
        assert_eq!(refused.unwrap_err().code, Code::Forbidden, "{name}");
    }
    chair.say("list.close", json!({})).await.unwrap();
    for name in ["viewer", "aiko", "clerk"] {
        let refused = chair.say("list.admit", json!({"person": name})).await;
        assert_eq!(refused.unwrap_err().code, Code::Forbidden, "{name}");
        // Back into the room he may come, and no further.
        let admitted = chair
            .say("participant.admit", json!({"person": name}))
            .await;
        assert_eq!(admitted.unwrap()["state"], "admitted", "{name}");
    }
    assert_eq!(house.snapshot().await.floor.requests, []);
}

#[tokio::test(start_paused = true)]
async fn the_chair_admits_to_a_closed_list_and_nobody_else_does() {
    let house = House::open();
    let chair = house.enter("chair").await;
    let tokyo = house.enter("tokyo-1").await;
    let clerk = house.enter("clerk").await;
    let fields = json!({"person": "tokyo-1"});
    let early = chair.say("list.admit", fields.clone()).await;
    assert_eq!(early.unwrap_err().code, Code::InvalidTransition);
    chair.say("list.close", json!({})).await.unwrap();
    let late = tokyo.say("floor.request", json!({})).await;
    assert_eq!(late.unwrap_err().code, Code::ListClosed);
    for seat in [&tokyo, &clerk] {
        let refused = seat.say("list.admit", fields.clone()).await;
        assert_eq!(refused.unwrap_err().code, Code::Forbidden);
    }
    let admitted = chair.say("list.admit", fields).await.unwrap();
    assert_eq!(
        (&admitted["admitted"], &admitted["position"]),
        (&json!(true), &json!(1))
    );
    assert_eq!(
        house.snapshot().await.floor.on_deck,
        Some(person("tokyo-1"))
    );
    let early = chair.say("list.conclude", json!({})).await;
    assert_eq!(early.unwrap_err().code, Code::Conflict);
    chair
        .say("floor.deny", json!({"request": "r1"}))
        .await
        .unwrap();
    chair.say("list.conclude", json!({})).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_chair_asks_for_nobody_but_where_it_alone_opens_microphones() {
    let house = House::open();
    let chair = house.enter("chair").await;
    let tokyo = house.enter("tokyo-1").await;
    let fields = json!({"beneficiary": "tokyo-1"});
    let refused = chair.say("floor.request", fields.clone()).await;
    assert_eq!(refused.unwrap_err().code, Code::Forbidden);
    chair
        .say("floor.set", json!({"mode": "direct"}))
        .await
        .unwrap();
    let refused = tokyo.say("floor.request", json!({})).await;
    assert_eq!(refused.unwrap_err().code, Code::Forbidden);
    let opened = chair.say("floor.request", fields).await.unwrap();
    assert_eq!(opened["state"], "granted");
}
