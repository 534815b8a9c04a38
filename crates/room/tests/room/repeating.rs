//! A command that is repeated under its key.

use plenary_testkit::room::TestRoom;
use serde_json::json;

#[tokio::test(start_paused = true)]
async fn a_command_under_the_same_key_happens_once_and_gets_the_same_reply() {
    let room = TestRoom::open();
    let tokyo = room.join("tokyo-1").await;
    let first = tokyo
        .execute_with_key("c1", "floor.request", json!({}))
        .await;
    let seq = room.snapshot().await.seq;
    let again = tokyo
        .execute_with_key("c1", "floor.request", json!({}))
        .await;
    assert_eq!(first.unwrap()["id"], "r1");
    assert_eq!(again.unwrap()["id"], "r1");
    assert_eq!(room.snapshot().await.seq, seq);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_repeated_under_its_key_even_if_the_command_would_succeed_now() {
    let room = TestRoom::open();
    let chair = room.join("chair").await;
    let grant = || chair.execute_with_key("c1", "floor.grant", json!({"request": "r1"}));
    let refused = grant().await.unwrap_err();
    room.join("tokyo-1").await.request_floor().await;
    assert_eq!(grant().await.unwrap_err(), refused);
}

#[tokio::test(start_paused = true)]
async fn two_people_may_use_the_same_key() {
    let room = TestRoom::open();
    let tokyo = room.join("tokyo-1").await;
    let seoul = room.join("seoul-1").await;
    let tokyo = tokyo
        .execute_with_key("c1", "floor.request", json!({}))
        .await;
    let seoul = seoul
        .execute_with_key("c1", "floor.request", json!({}))
        .await;
    assert_ne!(tokyo.unwrap()["id"], seoul.unwrap()["id"]);
}

#[tokio::test(start_paused = true)]
async fn a_command_about_a_request_returns_the_request_even_if_it_changes_nothing() {
    let room = TestRoom::open();
    let chair = room.join("chair").await;
    let tokyo = room.join("tokyo-1").await;
    let seoul = room.join("seoul-1").await;
    for seat in [&tokyo, &seoul] {
        let request = seat.request_floor().await;
        let answer = chair
            .try_execute("floor.accept", json!({ "request": request }))
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
        let answer = chair.execute(verb, fields).await;
        assert_eq!(answer["id"], "r1", "{verb}: {answer}");
    }
    let answer = chair
        .try_execute("floor.deny", json!({ "request": "r2" }))
        .await;
    assert_eq!(answer.unwrap()["state"], "denied");
    let request = tokyo.request_floor().await;
    let answer = tokyo
        .try_execute("floor.cancel", json!({ "request": request }))
        .await;
    assert_eq!(answer.unwrap()["state"], "cancelled");
}
