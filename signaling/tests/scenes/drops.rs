//! Scene 1: the holder's connection drops.

use serde_json::{Value, json};

use crate::hall::Hall;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_holder_who_drops_keeps_the_floor_paused_and_resumes_on_return() {
    let mut hall = Hall::open("first_voice = \"0s\"").await;
    hall.seat(&["moderator-1", "tokyo-1", "seoul-1"]).await;
    let request = hall.is_granted("moderator-1", "tokyo-1").await;
    let place = hall.place("tokyo-1");

    hall.loses("tokyo-1", "seoul-1").await;
    let suspended = hall.learns("seoul-1", "floor.suspended", |_| true).await;
    assert_eq!(suspended["cause"], "disconnected");
    let paused = hall.floor().await;
    assert_eq!(paused["granted"][0]["substate"], "suspended");
    assert_eq!(paused["speech"]["running"], false);

    let welcome = hall.returns("tokyo-1", place).await;
    assert_eq!(welcome["resumed"], true);
    hall.learns("tokyo-1", "floor.suspended", |_| true).await;
    let resumed = hall.learns("seoul-1", "floor.resumed", |_| true).await;
    assert_eq!(
        resumed["speech"]["consumed_ms"], suspended["speech"]["consumed_ms"],
        "the time of the absence is not counted"
    );
    let floor = hall.floor().await;
    assert_eq!(floor["granted"][0]["id"], request);
    assert_eq!(floor["granted"][0]["substate"], "live");
    assert_eq!(floor["speech"]["running"], true);
    hall.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_the_grace_the_chair_waits_and_who_returns_in_time_speaks_on_with_the_time_left() {
    let mut hall = Hall::open("first_voice = \"0s\"\nreconnect_grace = \"1s\"").await;
    hall.seat(&["moderator-1", "tokyo-1", "seoul-1"]).await;
    let request = hall.is_granted("moderator-1", "tokyo-1").await;
    let place = hall.place("tokyo-1");
    hall.loses("tokyo-1", "seoul-1").await;

    let asked = hall.learns("moderator-1", "floor.absent", |_| true).await;
    let wait = json!({ "request": request });
    let waited = hall.does("moderator-1", "floor.wait", wait.clone()).await;
    assert_eq!(
        (&waited["state"], &waited["substate"]),
        (&json!("granted"), &json!("suspended"))
    );
    let told = hall.learns("seoul-1", "floor.waiting", |_| true).await;
    assert_eq!(told["by"], "moderator-1");
    assert_eq!(told["speech"]["running"], false);
    let again = hall.learns("moderator-1", "floor.absent", |_| true).await;
    assert!(
        again["at"].as_str() >= told["speech"]["waits_until"].as_str(),
        "asked again, and not before the wait is over: {again}"
    );

    hall.does("moderator-1", "floor.wait", wait.clone()).await;
    hall.returns("tokyo-1", place).await;
    let resumed = hall.learns("seoul-1", "floor.resumed", |_| true).await;
    assert_eq!(
        resumed["speech"]["consumed_ms"],
        asked["speech"]["consumed_ms"]
    );
    assert_eq!(resumed["speech"]["waits_until"], Value::Null);
    assert_eq!(hall.floor().await["granted"][0]["substate"], "live");
    let refused = hall.is_refused("moderator-1", "floor.wait", wait).await;
    assert_eq!(refused["code"], "invalid_transition");
    hall.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_the_grace_the_chair_is_asked_and_may_pass_and_recall_with_the_time_left() {
    let mut hall = Hall::open("first_voice = \"0s\"\nreconnect_grace = \"1s\"").await;
    hall.seat(&["moderator-1", "tokyo-1", "seoul-1"]).await;
    let tokyos = hall.is_granted("moderator-1", "tokyo-1").await;
    let seouls = hall.asks("seoul-1").await;
    let grants_tokyo = |it: &Value| it["request"]["id"] == tokyos;
    hall.learns("seoul-1", "floor.granted", grants_tokyo).await;
    let place = hall.place("tokyo-1");
    hall.loses("tokyo-1", "seoul-1").await;

    let asked = hall.learns("moderator-1", "floor.absent", |_| true).await;
    let number = |speech: &Value, field: &str| speech[field].as_u64().unwrap();
    let left = number(&asked["speech"], "limit_ms") - number(&asked["speech"], "consumed_ms");
    hall.does("moderator-1", "floor.pass", json!({ "request": tokyos }))
        .await;
    hall.does("moderator-1", "floor.grant", json!({ "request": seouls }))
        .await;
    hall.does("seoul-1", "floor.release", json!({ "request": seouls }))
        .await;

    hall.returns("tokyo-1", place).await;
    hall.does(
        "moderator-1",
        "floor.recall",
        json!({ "request": tokyos, "position": 1 }),
    )
    .await;
    hall.does("moderator-1", "floor.grant", json!({ "request": tokyos }))
        .await;
    let again = hall.learns("seoul-1", "floor.granted", grants_tokyo).await;
    let again = &again["speech"];
    assert_eq!(
        number(again, "limit_ms") - number(again, "consumed_ms"),
        left
    );
    hall.close().await;
}
