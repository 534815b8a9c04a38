//! Scene 1: the holder's connection drops.

use serde_json::{Value, json};

use crate::open;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_holder_who_drops_keeps_the_floor_paused_and_resumes_on_return() {
    let mut meeting = open("first_voice = \"0s\"").await;
    meeting.join(&["moderator-1", "tokyo-1", "seoul-1"]).await;
    let request = meeting.give_floor("moderator-1", "tokyo-1").await;
    let point = meeting.resume_point("tokyo-1");

    meeting.drop_connection("tokyo-1", "seoul-1").await;
    let suspended = meeting
        .wait_for("seoul-1", "floor.suspended", |_| true)
        .await;
    assert_eq!(suspended["cause"], "disconnected");
    let paused = meeting.floor().await;
    assert_eq!(paused["granted"][0]["substate"], "suspended");
    assert_eq!(paused["speech"]["running"], false);

    let welcome = meeting.resume("tokyo-1", point).await;
    assert_eq!(welcome["resumed"], true);
    meeting
        .wait_for("tokyo-1", "floor.suspended", |_| true)
        .await;
    let resumed = meeting.wait_for("seoul-1", "floor.resumed", |_| true).await;
    assert_eq!(
        resumed["speech"]["consumed_ms"], suspended["speech"]["consumed_ms"],
        "the time of the absence is not counted"
    );
    let floor = meeting.floor().await;
    assert_eq!(floor["granted"][0]["id"], request);
    assert_eq!(floor["granted"][0]["substate"], "live");
    assert_eq!(floor["speech"]["running"], true);
    meeting.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_the_grace_the_chair_waits_and_a_holder_who_returns_in_time_goes_on_with_the_time_left()
 {
    let mut meeting = open("first_voice = \"0s\"\nreconnect_grace = \"1s\"").await;
    meeting.join(&["moderator-1", "tokyo-1", "seoul-1"]).await;
    let request = meeting.give_floor("moderator-1", "tokyo-1").await;
    let point = meeting.resume_point("tokyo-1");
    meeting.drop_connection("tokyo-1", "seoul-1").await;

    let asked = meeting
        .wait_for("moderator-1", "floor.absent", |_| true)
        .await;
    let wait = json!({ "request": request });
    let waited = meeting
        .execute("moderator-1", "floor.wait", wait.clone())
        .await;
    assert_eq!(
        (&waited["state"], &waited["substate"]),
        (&json!("granted"), &json!("suspended"))
    );
    let told = meeting.wait_for("seoul-1", "floor.waiting", |_| true).await;
    assert_eq!(told["by"], "moderator-1");
    assert_eq!(told["speech"]["running"], false);
    let again = meeting
        .wait_for("moderator-1", "floor.absent", |_| true)
        .await;
    assert!(
        again["at"].as_str() >= told["speech"]["waits_until"].as_str(),
        "asked again, and not before the wait is over: {again}"
    );

    meeting
        .execute("moderator-1", "floor.wait", wait.clone())
        .await;
    meeting.resume("tokyo-1", point).await;
    let resumed = meeting.wait_for("seoul-1", "floor.resumed", |_| true).await;
    assert_eq!(
        resumed["speech"]["consumed_ms"],
        asked["speech"]["consumed_ms"]
    );
    assert_eq!(resumed["speech"]["waits_until"], Value::Null);
    assert_eq!(meeting.floor().await["granted"][0]["substate"], "live");
    let refused = meeting
        .expect_refusal("moderator-1", "floor.wait", wait)
        .await;
    assert_eq!(refused["code"], "invalid_transition");
    meeting.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_the_grace_the_chair_is_asked_and_may_pass_and_recall_with_the_time_left() {
    let mut meeting = open("first_voice = \"0s\"\nreconnect_grace = \"1s\"").await;
    meeting.join(&["moderator-1", "tokyo-1", "seoul-1"]).await;
    let tokyos = meeting.give_floor("moderator-1", "tokyo-1").await;
    let seouls = meeting.request_floor("seoul-1").await;
    let grants_tokyo = |it: &Value| it["request"]["id"] == tokyos;
    meeting
        .wait_for("seoul-1", "floor.granted", grants_tokyo)
        .await;
    let point = meeting.resume_point("tokyo-1");
    meeting.drop_connection("tokyo-1", "seoul-1").await;

    let asked = meeting
        .wait_for("moderator-1", "floor.absent", |_| true)
        .await;
    let number = |speech: &Value, field: &str| speech[field].as_u64().unwrap();
    let left = number(&asked["speech"], "limit_ms") - number(&asked["speech"], "consumed_ms");
    meeting
        .execute("moderator-1", "floor.pass", json!({ "request": tokyos }))
        .await;
    meeting
        .execute("moderator-1", "floor.grant", json!({ "request": seouls }))
        .await;
    meeting
        .execute("seoul-1", "floor.release", json!({ "request": seouls }))
        .await;

    meeting.resume("tokyo-1", point).await;
    meeting
        .execute(
            "moderator-1",
            "floor.recall",
            json!({ "request": tokyos, "position": 1 }),
        )
        .await;
    meeting
        .execute("moderator-1", "floor.grant", json!({ "request": tokyos }))
        .await;
    let again = meeting
        .wait_for("seoul-1", "floor.granted", grants_tokyo)
        .await;
    let again = &again["speech"];
    assert_eq!(
        number(again, "limit_ms") - number(again, "consumed_ms"),
        left
    );
    meeting.close().await;
}
