//! Scene 2: one delegate, a laptop and a phone.

use serde_json::json;

use crate::open;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_two_devices_publishes_until_the_other_takes_over_in_one_step() {
    let mut meeting = open("").await;
    meeting.join(&["moderator-1", "tokyo-1", "seoul-1"]).await;
    let phone = meeting.join_with("tokyo-1", "tokyo-1/phone").await;
    assert_eq!(phone["you"]["publishing"], false, "the phone only receives");

    let request = meeting.request_floor("tokyo-1").await;
    let again = meeting
        .expect_refusal(
            "tokyo-1/phone",
            "floor.request",
            json!({ "kind": "statement" }),
        )
        .await;
    assert_eq!(again["code"], "duplicate");
    assert_eq!(again["request"], request);

    meeting
        .execute("moderator-1", "floor.grant", json!({ "request": request }))
        .await;
    meeting
        .execute("tokyo-1/phone", "device.use", json!({}))
        .await;
    meeting
        .wait_for("tokyo-1", "device.replaced", |_| true)
        .await;
    let floor = meeting.floor().await;
    assert_eq!(floor["granted"][0]["id"], request);
    assert_eq!(floor["granted"][0]["substate"], "live");

    // A participant leaves with the last device only: the speech goes on from the other one.
    meeting.leave("tokyo-1").await;
    assert_eq!(meeting.floor().await["granted"][0]["substate"], "live");
    meeting
        .execute(
            "tokyo-1/phone",
            "floor.release",
            json!({ "request": request }),
        )
        .await;
    meeting.close().await;
}
