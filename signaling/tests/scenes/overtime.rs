//! Scene 6: a speech runs over its time. Eight minutes are three seconds here.

use serde_json::json;

use crate::hall::Hall;

const TIMES: &str = "first_voice = \"0s\"\nlimit = \"3s\"\nwarning = \"1s\"\ngrace = \"1s\"\n";

async fn over(overtime: &str) -> (Hall, serde_json::Value, serde_json::Value) {
    let mut hall = Hall::open(&format!("{TIMES}overtime = \"{overtime}\"")).await;
    hall.seat(&["moderator-1", "tokyo-1", "seoul-1"]).await;
    let waiting = hall.asks("seoul-1").await;
    let request = hall.is_granted("moderator-1", "tokyo-1").await;
    for colour in ["amber", "red"] {
        let turned = hall
            .learns("seoul-1", "floor.timer", |it| {
                it["speech"]["colour"] == colour
            })
            .await;
        assert_eq!(turned["speech"]["speaker"], "tokyo-1");
        let consumed = turned["speech"]["consumed_ms"].as_u64().unwrap();
        // A clock never turns before its time.
        assert!(
            consumed >= if colour == "amber" { 2000 } else { 3000 },
            "{turned}"
        );
    }
    (hall, request, waiting)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_the_rules_say_continue_the_clock_is_red_and_the_holder_is_heard() {
    let (mut hall, request, _) = over("continue").await;
    let floor = hall.floor().await;
    assert_eq!(floor["granted"][0]["id"], request);
    assert_eq!(floor["granted"][0]["substate"], "live");
    hall.does("tokyo-1", "floor.release", json!({ "request": request }))
        .await;
    hall.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_they_say_mute_the_holder_is_silent_and_nobody_elses_request_is_touched() {
    let (mut hall, request, waiting) = over("mute").await;
    let muted = hall.learns("seoul-1", "floor.suspended", |_| true).await;
    assert_eq!(muted["cause"], "overtime");
    assert_eq!(muted["request"]["id"], request);
    let floor = hall.floor().await;
    assert!(
        floor["requests"]
            .as_array()
            .unwrap()
            .iter()
            .any(|it| it["id"] == waiting)
    );
    hall.does(
        "moderator-1",
        "floor.extend",
        json!({ "request": request, "by_ms": 60_000 }),
    )
    .await;
    assert_eq!(hall.floor().await["granted"][0]["substate"], "live");
    hall.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_they_say_revoke_the_speech_ends_and_the_next_can_be_granted() {
    let (mut hall, request, waiting) = over("revoke").await;
    let revoked = hall.learns("seoul-1", "floor.revoked", |_| true).await;
    assert_eq!(revoked["request"]["id"], request);
    hall.does("moderator-1", "floor.grant", json!({ "request": waiting }))
        .await;
    assert_eq!(hall.floor().await["speech"]["speaker"], "seoul-1");
    hall.close().await;
}
