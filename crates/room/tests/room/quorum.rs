//! The quorum of a decision, and who counts as present.

use std::time::Duration;

use plenary_protocol::Code;
use plenary_testkit::room::{Participant, TestRoom};
use serde_json::{Value, json};
use tokio::time::sleep;

/// Puts a question with that quorum.
fn question(kind: &str, quorum: &Value) -> Value {
    json!({"kind": kind, "question": "Shall it be adopted?", "quorum": quorum})
}

async fn close(chair: &Participant) -> Value {
    let fields = json!({"decision": "d1"});
    chair.execute("decision.close", fields).await
}

#[tokio::test(start_paused = true)]
async fn a_roll_call_counts_those_whose_place_is_kept() {
    let room = TestRoom::open();
    let chair = room.join("chair").await;
    let tokyo = room.join("tokyo-1").await;
    let _seoul = room.join("seoul-1").await;
    tokyo.disconnect().await;
    let open = chair
        .execute(
            "decision.open",
            json!({"kind": "roll_call", "question": "?"}),
        )
        .await;
    let roll = json!([{"delegation": "seoul"}, {"delegation": "tokyo"}]);
    assert_eq!(open["roll"], roll);
    assert_eq!(open["tally"]["present"], 2);
    // Back within the grace, Tokyo votes.
    let tokyo = room.rejoin("tokyo-1", &tokyo.session, tokyo.seq).await;
    let vote = json!({"decision": "d1", "choice": "yes"});
    tokyo.execute("decision.vote", vote).await;
    let closed = close(&chair).await;
    let tally = json!({"yes": 1, "no": 0, "abstain": 0, "absent": 1, "present": 2});
    assert_eq!(
        (&closed["tally"], &closed["result"]),
        (&tally, &json!("adopted"))
    );
}

#[tokio::test(start_paused = true)]
async fn who_has_not_come_back_in_time_is_not_on_the_roll() {
    let room = TestRoom::open();
    let chair = room.join("chair").await;
    let tokyo = room.join("tokyo-1").await;
    let _seoul = room.join("seoul-1").await;
    tokyo.disconnect().await;
    sleep(Duration::from_secs(31)).await;
    let open = chair
        .execute(
            "decision.open",
            json!({"kind": "roll_call", "question": "?"}),
        )
        .await;
    assert_eq!(open["roll"], json!([{"delegation": "seoul"}]));
}

#[tokio::test(start_paused = true)]
async fn a_question_below_the_quorum_is_refused_with_the_figures() {
    let room = TestRoom::open();
    let chair = room.join("chair").await;
    let _tokyo = room.join("tokyo-1").await;
    // An observer and a viewer are no members.
    let _brussels = room.join("brussels-1").await;
    let _viewer = room.join("viewer").await;
    for (quorum, kind) in [(json!(2), "roll_call"), (json!("2/3"), "no_objection")] {
        let refused = chair
            .expect_refusal("decision.open", question(kind, &quorum))
            .await;
        assert_eq!(refused.code, Code::NoQuorum);
        assert_eq!(
            refused.detail,
            "1 of 2 members are present, and a decision needs 2."
        );
    }
    assert!(room.snapshot().await.decisions.is_empty());
    let open = chair
        .execute("decision.open", question("roll_call", &json!("1/2")))
        .await;
    assert_eq!(open["quorum"], json!({"needed": 1, "members": 2}));
}

#[tokio::test(start_paused = true)]
async fn a_question_that_loses_its_quorum_before_it_closes_decides_nothing() {
    for kind in ["roll_call", "no_objection"] {
        let room = TestRoom::open();
        let chair = room.join("chair").await;
        let tokyo = room.join("tokyo-1").await;
        let seoul = room.join("seoul-1").await;
        chair
            .execute("decision.open", question(kind, &json!(2)))
            .await;
        if kind == "roll_call" {
            let vote = json!({"decision": "d1", "choice": "yes"});
            tokyo.execute("decision.vote", vote).await;
        }
        seoul.disconnect().await;
        sleep(Duration::from_secs(31)).await;
        let closed = close(&chair).await;
        assert_eq!(
            (&closed["result"], &closed["state"]),
            (&json!("no_quorum"), &json!("closed"))
        );
        assert_eq!(closed["tally"]["present"], 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_question_that_closes_by_itself_is_held_to_its_quorum_too() {
    let room = TestRoom::open();
    let chair = room.join("chair").await;
    let _tokyo = room.join("tokyo-1").await;
    let seoul = room.join("seoul-1").await;
    let mut fields = question("no_objection", &json!("1/1"));
    fields["closes_in_ms"] = json!(60_000);
    chair.execute("decision.open", fields).await;
    seoul.disconnect().await;
    sleep(Duration::from_secs(61)).await;
    let decided = room.snapshot().await.decisions;
    assert_eq!(json!(decided[0].result), "no_quorum");
}

#[tokio::test(start_paused = true)]
async fn the_quorum_of_the_file_holds_for_the_room_and_that_of_an_item_for_the_item() {
    let room = TestRoom::with_quorum("quorum = 2", "quorum = \"1/2\"");
    let chair = room.join("chair").await;
    let _tokyo = room.join("tokyo-1").await;
    let fields = json!({"kind": "no_objection", "question": "?"});
    let refused = chair.expect_refusal("decision.open", fields.clone()).await;
    assert_eq!(refused.code, Code::NoQuorum);
    let item = json!({"item": "declaration"});
    chair.execute("agenda.start", item).await;
    let open = chair.execute("decision.open", fields).await;
    assert_eq!(open["quorum"]["needed"], 1);
    assert_eq!(close(&chair).await["result"], "adopted");
}

#[tokio::test(start_paused = true)]
async fn a_quorum_that_is_none_is_refused() {
    for quorum in [
        json!(0),
        json!("3/2"),
        json!("half"),
        json!(-1),
        json!(1e300),
    ] {
        let fields = question("roll_call", &quorum);
        let serde_json::Value::Object(fields) = fields else {
            panic!("an object")
        };
        let refused = plenary_protocol::Command::read("decision.open", fields).unwrap_err();
        assert_eq!(refused.code, Code::Invalid, "{quorum}");
    }
}
