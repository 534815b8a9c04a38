//! What a clerk does for others, and people for whom nobody can request the floor.

use plenary_protocol::Code;
use plenary_testkit::{person, room::TestRoom};
use serde_json::json;

#[tokio::test(start_paused = true)]
async fn a_clerk_requests_and_cancels_for_a_delegate_and_it_counts_as_the_delegates_request() {
    let room = TestRoom::open();
    let tokyo = room.join("tokyo-1").await;
    let clerk = room.join("clerk").await;
    let asked = clerk
        .execute("floor.request", json!({"beneficiary": "tokyo-1"}))
        .await;
    assert_eq!(
        (&asked["beneficiary"], &asked["requested_by"]),
        (&json!("tokyo-1"), &json!("clerk"))
    );
    assert_eq!(asked["delegation"], "tokyo");
    let again = tokyo.expect_refusal("floor.request", json!({})).await;
    assert_eq!(
        (again.code, again.request.unwrap().to_string()),
        (Code::Duplicate, "r1".to_owned())
    );
    clerk
        .execute("floor.cancel", json!({"request": "r1"}))
        .await;
    let own = json!({"request": tokyo.request_floor().await});
    assert_eq!(
        clerk.execute("floor.cancel", own).await["state"],
        "cancelled"
    );
}

#[tokio::test(start_paused = true)]
async fn a_clerk_must_name_the_beneficiary_and_decides_nothing() {
    let room = TestRoom::open();
    let clerk = room.join("clerk").await;
    room.join("tokyo-1").await.request_floor().await;
    let refused = clerk.try_execute("floor.request", json!({})).await;
    assert_eq!(refused.unwrap_err().code, Code::Invalid);
    for verb in [
        "floor.accept",
        "floor.grant",
        "floor.deny",
        "floor.pass",
        "floor.revoke",
    ] {
        let refused = clerk.try_execute(verb, json!({"request": "r1"})).await;
        assert_eq!(refused.unwrap_err().code, Code::Forbidden, "{verb}");
    }
}

#[tokio::test(start_paused = true)]
async fn people_who_cannot_speak_are_not_put_on_the_list() {
    let room = TestRoom::open();
    let chair = room.join("chair").await;
    let clerk = room.join("clerk").await;
    for name in ["viewer", "clerk"] {
        let refused = clerk
            .try_execute("floor.request", json!({"beneficiary": name}))
            .await;
        assert_eq!(refused.unwrap_err().code, Code::Forbidden, "{name}");
    }
    chair.execute("list.close", json!({})).await;
    for name in ["viewer", "aiko", "clerk"] {
        let refused = chair
            .try_execute("list.admit", json!({"person": name}))
            .await;
        assert_eq!(refused.unwrap_err().code, Code::Forbidden, "{name}");
        // The person may return to the room, but not to the list.
        let admitted = chair
            .try_execute("participant.admit", json!({"person": name}))
            .await;
        assert_eq!(admitted.unwrap()["state"], "admitted", "{name}");
    }
    assert_eq!(room.snapshot().await.floor.requests, []);
}

#[tokio::test(start_paused = true)]
async fn only_the_chair_admits_to_a_closed_list() {
    let room = TestRoom::open();
    let chair = room.join("chair").await;
    let tokyo = room.join("tokyo-1").await;
    let clerk = room.join("clerk").await;
    let fields = json!({"person": "tokyo-1"});
    let early = chair.try_execute("list.admit", fields.clone()).await;
    assert_eq!(early.unwrap_err().code, Code::InvalidTransition);
    chair.execute("list.close", json!({})).await;
    let late = tokyo.try_execute("floor.request", json!({})).await;
    assert_eq!(late.unwrap_err().code, Code::ListClosed);
    for seat in [&tokyo, &clerk] {
        let refused = seat.try_execute("list.admit", fields.clone()).await;
        assert_eq!(refused.unwrap_err().code, Code::Forbidden);
    }
    let admitted = chair.execute("list.admit", fields).await;
    assert_eq!(
        (&admitted["admitted"], &admitted["position"]),
        (&json!(true), &json!(1))
    );
    assert_eq!(room.snapshot().await.floor.on_deck, Some(person("tokyo-1")));
    let early = chair.try_execute("list.conclude", json!({})).await;
    assert_eq!(early.unwrap_err().code, Code::Conflict);
    chair.execute("floor.deny", json!({"request": "r1"})).await;
    chair.execute("list.conclude", json!({})).await;
}

#[tokio::test(start_paused = true)]
async fn the_chair_requests_the_floor_for_others_in_direct_mode_only() {
    let room = TestRoom::open();
    let chair = room.join("chair").await;
    let tokyo = room.join("tokyo-1").await;
    let fields = json!({"beneficiary": "tokyo-1"});
    let refused = chair.try_execute("floor.request", fields.clone()).await;
    assert_eq!(refused.unwrap_err().code, Code::Forbidden);
    chair.execute("floor.set", json!({"mode": "direct"})).await;
    let refused = tokyo.try_execute("floor.request", json!({})).await;
    assert_eq!(refused.unwrap_err().code, Code::Forbidden);
    let opened = chair.execute("floor.request", fields).await;
    assert_eq!(opened["state"], "granted");
}
