//! Scene 3: the chair's connection drops while somebody speaks.

use plenary_testkit::meeting::{Meeting, MeetingOptions};
use serde_json::json;

use crate::{PROGRAM, open};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_speech_outlives_its_chair_and_a_deputy_takes_over_until_it_is_handed_back() {
    let mut meeting = open("").await;
    meeting
        .join(&["moderator-1", "moderator-2", "tokyo-1", "seoul-1"])
        .await;
    assert_eq!(meeting.floor().await["chair"], "moderator-1");
    meeting.give_floor("moderator-1", "tokyo-1").await;
    let point = meeting.resume_point("moderator-1");

    meeting.drop_connection("moderator-1", "seoul-1").await;
    let floor = meeting.floor().await;
    assert_eq!(
        floor["granted"][0]["substate"], "live",
        "the speech goes on"
    );
    let seouls = meeting.request_floor("seoul-1").await;
    let grant = json!({ "request": seouls, "replace": floor["granted"][0]["id"] });
    let refused = meeting
        .expect_refusal("moderator-2", "floor.grant", grant.clone())
        .await;
    assert_eq!(refused["code"], "forbidden", "no grants without a chair");
    let request = &meeting.floor().await["requests"];
    assert!(
        request
            .as_array()
            .unwrap()
            .iter()
            .any(|it| it["id"] == seouls && it["state"] == "pending")
    );

    meeting
        .execute("moderator-2", "chair.take", json!({}))
        .await;
    meeting.execute("moderator-2", "floor.grant", grant).await;

    meeting.resume("moderator-1", point).await;
    let read_only = meeting
        .expect_refusal("moderator-1", "floor.revoke", json!({ "request": seouls }))
        .await;
    assert_eq!(read_only["code"], "forbidden");
    meeting
        .execute(
            "moderator-2",
            "chair.hand_over",
            json!({ "to": "moderator-1" }),
        )
        .await;
    meeting
        .execute("moderator-1", "floor.revoke", json!({ "request": seouls }))
        .await;
    meeting.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn chair_priority_silences_the_holder_until_it_is_released() {
    let mut meeting = Meeting::open(
        PROGRAM,
        MeetingOptions {
            gallery: false,
            ..MeetingOptions::default()
        },
    )
    .await;
    meeting.join(&["moderator-1", "tokyo-1", "seoul-1"]).await;
    meeting.give_floor("moderator-1", "tokyo-1").await;
    meeting
        .execute("moderator-1", "chair.priority_on", json!({}))
        .await;
    assert_eq!(meeting.floor().await["granted"][0]["substate"], "suspended");
    meeting
        .execute("moderator-1", "chair.priority_off", json!({}))
        .await;
    assert_eq!(meeting.floor().await["granted"][0]["substate"], "live");
    meeting.close().await;
}
