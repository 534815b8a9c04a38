//! Scenes 4 and 7: the next on the list is absent.

use serde_json::{Value, json};

use crate::open;

fn entry<'a>(floor: &'a Value, request: &Value) -> &'a Value {
    let requests = floor["requests"].as_array().unwrap();
    requests.iter().find(|it| it["id"] == *request).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_absent_first_entry_is_passed_the_others_move_up_and_the_recall_is_recorded() {
    let mut meeting = open("").await;
    meeting
        .join(&["moderator-1", "clerk-1", "tokyo-1", "seoul-1"])
        .await;
    let mut ids = Vec::new();
    for (device, beneficiary) in [
        ("clerk-1", "delhi-1"),
        ("tokyo-1", "tokyo-1"),
        ("seoul-1", "seoul-1"),
    ] {
        let request = meeting
            .execute(
                device,
                "floor.request",
                json!({ "beneficiary": beneficiary }),
            )
            .await;
        meeting
            .execute(
                "moderator-1",
                "floor.accept",
                json!({ "request": request["id"] }),
            )
            .await;
        ids.push(request["id"].clone());
    }
    let [delhis, tokyos, seouls] = <[Value; 3]>::try_from(ids).unwrap();
    assert_eq!(entry(&meeting.floor().await, &delhis)["position"], 1);
    let absent = meeting
        .expect_refusal("moderator-1", "floor.grant", json!({ "request": delhis }))
        .await;
    assert_eq!(absent["code"], "absent");

    meeting
        .execute("moderator-1", "floor.pass", json!({ "request": delhis }))
        .await;
    let floor = meeting.floor().await;
    assert_eq!(entry(&floor, &delhis)["substate"], "passed");
    assert_eq!(entry(&floor, &delhis)["position"], Value::Null);
    assert_eq!(entry(&floor, &tokyos)["position"], 1);
    assert_eq!(entry(&floor, &seouls)["position"], 2);

    meeting.join(&["delhi-1"]).await;
    meeting
        .execute(
            "moderator-1",
            "floor.recall",
            json!({ "request": delhis, "position": 1 }),
        )
        .await;
    let recorded = meeting
        .wait_for("seoul-1", "floor.recalled", |_| true)
        .await;
    assert_eq!(recorded["by"], "moderator-1");
    assert_eq!(recorded["request"]["position"], 1);
    meeting
        .execute("moderator-1", "floor.next", json!({}))
        .await;
    assert_eq!(meeting.floor().await["speech"]["speaker"], "delhi-1");
    meeting.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_moved_to_another_room_is_passed_and_may_be_recalled_but_a_holder_cannot_be_moved()
{
    let mut meeting = open("").await;
    meeting.join(&["moderator-1", "seoul-1", "tokyo-1"]).await;
    let seouls = meeting.request_floor("seoul-1").await;
    let tokyos = meeting.request_floor("tokyo-1").await;
    for request in [&seouls, &tokyos] {
        meeting
            .execute("moderator-1", "floor.accept", json!({ "request": request }))
            .await;
    }
    meeting
        .execute("moderator-1", "floor.next", json!({}))
        .await;
    let holder = meeting
        .expect_refusal(
            "moderator-1",
            "participant.move",
            json!({ "person": "seoul-1", "to": "covid" }),
        )
        .await;
    assert_eq!(holder["code"], "conflict");

    meeting
        .move_to_room("moderator-1", "tokyo-1", "covid")
        .await;
    let floor = meeting.floor().await;
    let passed = entry(&floor, &tokyos);
    assert_eq!(passed["substate"], "passed");
    let (there, _events) = meeting.join_elsewhere("tokyo-1", "covid").await;
    assert_eq!(
        there.welcome()["room"]["floor"]["requests"],
        json!([]),
        "nothing is carried over"
    );
    there.leave().await;

    meeting.join(&["tokyo-1"]).await;
    meeting
        .execute(
            "moderator-1",
            "floor.recall",
            json!({ "request": tokyos, "position": 1 }),
        )
        .await;
    meeting
        .execute("moderator-1", "floor.next", json!({}))
        .await;
    assert_eq!(meeting.floor().await["speech"]["speaker"], "tokyo-1");
    meeting.close().await;
}
