//! Decisions by roll call and without objection. Rules of order, section 15.

use std::time::Duration;

use plenary_protocol::Code;
use plenary_testkit::room::{Participant, TestRoom, event_type};
use serde_json::{Value, json};
use tokio::time::sleep;

async fn put(chair: &Participant, kind: &str) -> Value {
    let fields = json!({"kind": kind, "question": "Shall the declaration be adopted?"});
    chair.execute("decision.open", fields).await
}

async fn vote(seat: &Participant, choice: &str) -> Result<Value, Code> {
    let fields = json!({"decision": "d1", "choice": choice});
    seat.try_execute("decision.vote", fields)
        .await
        .map_err(|problem| problem.code)
}

#[tokio::test(start_paused = true)]
async fn a_question_without_objection_is_adopted_when_its_time_is_up() {
    let room = TestRoom::open();
    let mut chair = room.join("chair").await;
    let tokyo = room.join("tokyo-1").await;
    let fields =
        json!({"kind": "no_objection", "question": "Shall it be adopted?", "closes_in_ms": 30_000});
    let open = chair.execute("decision.open", fields.clone()).await;
    assert_eq!(
        (&open["id"], &open["state"]),
        (&json!("d1"), &json!("open"))
    );
    chair.events().await;
    sleep(Duration::from_secs(31)).await;
    let told = chair.events().await;
    assert_eq!(event_type(&told[0]), "decision.closed");
    assert_eq!(told[0]["decision"]["result"], "adopted");
    assert_eq!(told[0]["decision"]["closed_at"], open["closes_at"]);
    assert_eq!(told[0]["by"], Value::Null);
    let late = tokyo
        .try_execute("decision.object", json!({"decision": "d1"}))
        .await;
    assert_eq!(late.unwrap_err().code, Code::Conflict);
    assert_eq!(chair.execute("decision.open", fields).await["id"], "d2");
    assert_eq!(room.snapshot().await.decisions.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_objection_of_a_member_is_shown_and_stands_and_an_observer_has_none() {
    let room = TestRoom::open();
    let chair = room.join("chair").await;
    let tokyo = room.join("tokyo-1").await;
    let brussels = room.join("brussels-1").await;
    let clerk = room.join("clerk").await;
    put(&chair, "no_objection").await;
    let about = json!({"decision": "d1", "reason": "The third paragraph."});
    let objected = tokyo.execute("decision.object", about.clone()).await;
    assert_eq!(objected["objections"][0]["delegation"], "tokyo");
    assert_eq!(objected["objections"][0]["reason"], "The third paragraph.");
    let code = |result: Result<Value, plenary_protocol::Problem>| result.unwrap_err().code;
    assert_eq!(
        code(tokyo.try_execute("decision.object", about.clone()).await),
        Code::Duplicate
    );
    assert_eq!(
        code(brussels.try_execute("decision.object", about.clone()).await),
        Code::Forbidden
    );
    assert_eq!(
        code(clerk.try_execute("decision.object", about.clone()).await),
        Code::Invalid
    );
    let on_behalf = |delegation: &str| json!({"decision": "d1", "delegation": delegation});
    clerk.execute("decision.object", on_behalf("seoul")).await;
    assert_eq!(
        code(
            tokyo
                .try_execute("decision.object", on_behalf("seoul"))
                .await
        ),
        Code::Forbidden
    );
    assert_eq!(
        code(
            clerk
                .try_execute("decision.object", on_behalf("paris"))
                .await
        ),
        Code::NotFound
    );
    assert_eq!(vote(&tokyo, "yes").await, Err(Code::InvalidTransition));
    let closed = chair
        .execute("decision.close", json!({"decision": "d1"}))
        .await;
    assert_eq!(
        (&closed["result"], &closed["state"]),
        (&json!("objected"), &json!("closed"))
    );
}

#[tokio::test(start_paused = true)]
async fn the_roll_is_frozen_at_opening_and_holds_the_members_that_are_seated() {
    let room = TestRoom::open();
    let chair = room.join("chair").await;
    let tokyo = room.join("tokyo-1").await;
    let brussels = room.join("brussels-1").await;
    let open = put(&chair, "roll_call").await;
    assert_eq!(open["roll"], json!([{"delegation": "tokyo"}]));
    let seoul = room.join("seoul-1").await;
    assert_eq!(vote(&seoul, "no").await, Err(Code::Forbidden));
    assert_eq!(vote(&brussels, "no").await, Err(Code::Forbidden));
    vote(&tokyo, "no").await.unwrap();
    let voted = vote(&tokyo, "yes").await.unwrap();
    assert_eq!(
        voted["tally"],
        json!({"yes": 1, "no": 0, "abstain": 0, "absent": 0, "present": 1})
    );
    assert_eq!(voted["roll"][0]["by"], "tokyo-1");
    let closed = chair
        .execute("decision.close", json!({"decision": "d1"}))
        .await;
    assert_eq!(closed["result"], "adopted");
    assert_eq!(vote(&tokyo, "no").await, Err(Code::Conflict));
}

#[tokio::test(start_paused = true)]
async fn equal_votes_are_a_tie_and_more_votes_against_a_rejection() {
    for (seouls, result) in [("yes", "tied"), ("no", "rejected"), ("abstain", "rejected")] {
        let room = TestRoom::open();
        let chair = room.join("chair").await;
        let tokyo = room.join("tokyo-1").await;
        let seoul = room.join("seoul-1").await;
        put(&chair, "roll_call").await;
        vote(&tokyo, "no").await.unwrap();
        vote(&seoul, seouls).await.unwrap();
        let closed = chair
            .execute("decision.close", json!({"decision": "d1"}))
            .await;
        assert_eq!(closed["result"], result, "{seouls}");
    }
}

#[tokio::test(start_paused = true)]
async fn during_a_roll_call_only_points_of_order_are_raised_and_nobody_is_granted() {
    let room = TestRoom::open();
    let chair = room.join("chair").await;
    let tokyo = room.join("tokyo-1").await;
    let seoul = room.join("seoul-1").await;
    let listed = json!({"request": tokyo.request_floor().await});
    chair.execute("floor.accept", listed.clone()).await;
    put(&chair, "roll_call").await;
    assert!(room.snapshot().await.floor.roll_call);
    let refused = seoul.try_execute("floor.request", json!({})).await;
    assert_eq!(refused.unwrap_err().code, Code::Conflict);
    for (verb, fields) in [("floor.next", json!({})), ("floor.grant", listed)] {
        let refused = chair.try_execute(verb, fields).await;
        assert_eq!(refused.unwrap_err().code, Code::Conflict, "{verb}");
    }
    let point = seoul
        .execute("floor.request", json!({"kind": "point_of_order"}))
        .await;
    chair
        .execute("floor.deny", json!({"request": point["id"]}))
        .await;
    chair
        .execute("decision.withdraw", json!({"decision": "d1"}))
        .await;
    assert!(!room.snapshot().await.floor.roll_call);
    chair.execute("floor.next", json!({})).await;
}

#[tokio::test(start_paused = true)]
async fn only_the_chair_opens_a_question_and_one_at_a_time() {
    let room = TestRoom::open();
    let chair = room.join("chair").await;
    let deputy = room.join("deputy").await;
    let tokyo = room.join("tokyo-1").await;
    let fields = json!({"kind": "no_objection", "question": "Shall it be adopted?"});
    for seat in [&deputy, &tokyo] {
        let refused = seat.try_execute("decision.open", fields.clone()).await;
        assert_eq!(refused.unwrap_err().code, Code::Forbidden);
    }
    chair
        .execute("agenda.start", json!({"item": "declaration"}))
        .await;
    assert_eq!(put(&chair, "no_objection").await["item"], "declaration");
    let refused = chair.try_execute("decision.open", fields.clone()).await;
    assert_eq!(refused.unwrap_err().code, Code::Conflict);
    let unknown = chair
        .try_execute("decision.close", json!({"decision": "d2"}))
        .await;
    assert_eq!(unknown.unwrap_err().code, Code::NotFound);
}

#[tokio::test(start_paused = true)]
async fn a_roll_call_needs_a_member_in_the_room() {
    let room = TestRoom::open();
    let chair = room.join("chair").await;
    room.join("brussels-1").await;
    let fields = json!({"kind": "roll_call", "question": "Shall it be adopted?"});
    let refused = chair.try_execute("decision.open", fields).await;
    assert_eq!(refused.unwrap_err().code, Code::Conflict);
}
