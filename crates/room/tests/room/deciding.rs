//! The questions that are put to the meeting.

use std::time::Duration;

use plenary_protocol::Code;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::fixture::{House, Seat, kind};

async fn put(chair: &Seat, kind: &str) -> Value {
    let fields = json!({"kind": kind, "question": "Shall the declaration be adopted?"});
    chair
        .say("decision.open", fields)
        .await
        .expect("a question")
}

async fn vote(seat: &Seat, choice: &str) -> Result<Value, Code> {
    let fields = json!({"decision": "d1", "choice": choice});
    seat.say("decision.vote", fields)
        .await
        .map_err(|problem| problem.code)
}

#[tokio::test(start_paused = true)]
async fn a_question_nobody_objects_to_is_adopted_when_its_time_is_up() {
    let house = House::open();
    let mut chair = house.enter("chair").await;
    let tokyo = house.enter("tokyo-1").await;
    let fields =
        json!({"kind": "no_objection", "question": "Shall it be adopted?", "closes_in_ms": 30_000});
    let open = chair.say("decision.open", fields.clone()).await.unwrap();
    assert_eq!(
        (&open["id"], &open["state"]),
        (&json!("d1"), &json!("open"))
    );
    chair.events().await;
    sleep(Duration::from_secs(31)).await;
    let told = chair.events().await;
    assert_eq!(kind(&told[0]), "decision.closed");
    assert_eq!(told[0]["decision"]["result"], "adopted");
    assert_eq!(told[0]["decision"]["closed_at"], open["closes_at"]);
    assert_eq!(told[0]["by"], Value::Null);
    let late = tokyo
        .say("decision.object", json!({"decision": "d1"}))
        .await;
    assert_eq!(late.unwrap_err().code, Code::Conflict);
    assert_eq!(
        chair.say("decision.open", fields).await.unwrap()["id"],
        "d2"
    );
    assert_eq!(house.snapshot().await.decisions.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_objection_of_a_member_is_shown_and_stands_and_an_observer_has_none() {
    let house = House::open();
    let chair = house.enter("chair").await;
    let tokyo = house.enter("tokyo-1").await;
    let brussels = house.enter("brussels-1").await;
    let clerk = house.enter("clerk").await;
    put(&chair, "no_objection").await;
    let about = json!({"decision": "d1", "reason": "The third paragraph."});
    let objected = tokyo.say("decision.object", about.clone()).await.unwrap();
    assert_eq!(objected["objections"][0]["delegation"], "tokyo");
    assert_eq!(objected["objections"][0]["reason"], "The third paragraph.");
    let code = |result: Result<Value, plenary_protocol::Problem>| result.unwrap_err().code;
    assert_eq!(
        code(tokyo.say("decision.object", about.clone()).await),
        Code::Duplicate
    );
    assert_eq!(
        code(brussels.say("decision.object", about.clone()).await),
        Code::Forbidden
    );
    assert_eq!(
        code(clerk.say("decision.object", about.clone()).await),
        Code::Invalid
    );
    let on_behalf = |delegation: &str| json!({"decision": "d1", "delegation": delegation});
    clerk
        .say("decision.object", on_behalf("seoul"))
        .await
        .unwrap();
    assert_eq!(
        code(tokyo.say("decision.object", on_behalf("seoul")).await),
        Code::Forbidden
    );
    assert_eq!(
        code(clerk.say("decision.object", on_behalf("paris")).await),
        Code::NotFound
    );
    assert_eq!(vote(&tokyo, "yes").await, Err(Code::InvalidTransition));
    let closed = chair
        .say("decision.close", json!({"decision": "d1"}))
        .await
        .unwrap();
    assert_eq!(
        (&closed["result"], &closed["state"]),
        (&json!("objected"), &json!("closed"))
    );
}

#[tokio::test(start_paused = true)]
async fn the_roll_is_frozen_at_opening_and_holds_the_members_that_are_seated() {
    let house = House::open();
    let chair = house.enter("chair").await;
    let tokyo = house.enter("tokyo-1").await;
    let brussels = house.enter("brussels-1").await;
    let open = put(&chair, "roll_call").await;
    assert_eq!(open["roll"], json!([{"delegation": "tokyo"}]));
    let seoul = house.enter("seoul-1").await;
    assert_eq!(vote(&seoul, "no").await, Err(Code::Forbidden));
    assert_eq!(vote(&brussels, "no").await, Err(Code::Forbidden));
    vote(&tokyo, "no").await.unwrap();
    let voted = vote(&tokyo, "yes").await.unwrap();
    assert_eq!(
        voted["tally"],
        json!({"yes": 1, "no": 0, "abstain": 0, "absent": 0})
    );
    assert_eq!(voted["roll"][0]["by"], "tokyo-1");
    let closed = chair
        .say("decision.close", json!({"decision": "d1"}))
        .await
        .unwrap();
    assert_eq!(closed["result"], "adopted");
    assert_eq!(vote(&tokyo, "no").await, Err(Code::Conflict));
}

#[tokio::test(start_paused = true)]
async fn as_many_for_as_against_is_a_tie_and_more_against_a_rejection() {
    for (seouls, result) in [("yes", "tied"), ("no", "rejected"), ("abstain", "rejected")] {
        let house = House::open();
        let chair = house.enter("chair").await;
        let tokyo = house.enter("tokyo-1").await;
        let seoul = house.enter("seoul-1").await;
        put(&chair, "roll_call").await;
        vote(&tokyo, "no").await.unwrap();
        vote(&seoul, seouls).await.unwrap();
        let closed = chair
            .say("decision.close", json!({"decision": "d1"}))
            .await
            .unwrap();
        assert_eq!(closed["result"], result, "{seouls}");
    }
}

#[tokio::test(start_paused = true)]
async fn while_a_roll_call_is_open_only_points_of_order_are_raised_and_nobody_is_called() {
    let house = House::open();
    let chair = house.enter("chair").await;
    let tokyo = house.enter("tokyo-1").await;
    let seoul = house.enter("seoul-1").await;
    let listed = json!({"request": tokyo.ask().await});
    chair.say("floor.accept", listed.clone()).await.unwrap();
    put(&chair, "roll_call").await;
    assert!(house.snapshot().await.floor.roll_call);
    let refused = seoul.say("floor.request", json!({})).await;
    assert_eq!(refused.unwrap_err().code, Code::Conflict);
    for (verb, fields) in [("floor.next", json!({})), ("floor.grant", listed)] {
        let refused = chair.say(verb, fields).await;
        assert_eq!(refused.unwrap_err().code, Code::Conflict, "{verb}");
    }
    let point = seoul
        .say("floor.request", json!({"kind": "point_of_order"}))
        .await
        .unwrap();
    chair
        .say("floor.deny", json!({"request": point["id"]}))
        .await
        .unwrap();
    chair
        .say("decision.withdraw", json!({"decision": "d1"}))
        .await
        .unwrap();
    assert!(!house.snapshot().await.floor.roll_call);
    chair.say("floor.next", json!({})).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn one_question_at_a_time_and_only_by_the_chair() {
    let house = House::open();
    let chair = house.enter("chair").await;
    let deputy = house.enter("deputy").await;
    let tokyo = house.enter("tokyo-1").await;
    let fields = json!({"kind": "no_objection", "question": "Shall it be adopted?"});
    for seat in [&deputy, &tokyo] {
        let refused = seat.say("decision.open", fields.clone()).await;
        assert_eq!(refused.unwrap_err().code, Code::Forbidden);
    }
    chair
        .say("agenda.start", json!({"item": "declaration"}))
        .await
        .unwrap();
    assert_eq!(put(&chair, "no_objection").await["item"], "declaration");
    let refused = chair.say("decision.open", fields.clone()).await;
    assert_eq!(refused.unwrap_err().code, Code::Conflict);
    let unknown = chair.say("decision.close", json!({"decision": "d2"})).await;
    assert_eq!(unknown.unwrap_err().code, Code::NotFound);
}

#[tokio::test(start_paused = true)]
async fn a_roll_call_needs_a_roll() {
    let house = House::open();
    let chair = house.enter("chair").await;
    house.enter("brussels-1").await;
    let fields = json!({"kind": "roll_call", "question": "Shall it be adopted?"});
    let refused = chair.say("decision.open", fields).await;
    assert_eq!(refused.unwrap_err().code, Code::Conflict);
}
