//! Scene 6: a speech runs over its time. Eight minutes are three seconds here.

use plenary_testkit::meeting::Meeting;
use serde_json::json;

use crate::open;

const TIMES: &str = "first_voice = \"0s\"\nlimit = \"3s\"\nwarning = \"1s\"\ngrace = \"1s\"\n";

async fn over(overtime: &str) -> (Meeting, serde_json::Value, serde_json::Value) {
    let mut meeting = open(&format!("{TIMES}overtime = \"{overtime}\"")).await;
    meeting.join(&["moderator-1", "tokyo-1", "seoul-1"]).await;
    let waiting = meeting.request_floor("seoul-1").await;
    let request = meeting.give_floor("moderator-1", "tokyo-1").await;
    for colour in ["amber", "red"] {
        let turned = meeting
            .wait_for("seoul-1", "floor.timer", |it| {
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
    (meeting, request, waiting)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_overtime_continue_the_clock_is_red_and_the_holder_is_heard() {
    let (mut meeting, request, _) = over("continue").await;
    let floor = meeting.floor().await;
    assert_eq!(floor["granted"][0]["id"], request);
    assert_eq!(floor["granted"][0]["substate"], "live");
    meeting
        .execute("tokyo-1", "floor.release", json!({ "request": request }))
        .await;
    meeting.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_overtime_mute_the_holder_is_silent_and_other_requests_are_unchanged() {
    let (mut meeting, request, waiting) = over("mute").await;
    let muted = meeting
        .wait_for("seoul-1", "floor.suspended", |_| true)
        .await;
    assert_eq!(muted["cause"], "overtime");
    assert_eq!(muted["request"]["id"], request);
    let floor = meeting.floor().await;
    assert!(
        floor["requests"]
            .as_array()
            .unwrap()
            .iter()
            .any(|it| it["id"] == waiting)
    );
    meeting
        .execute(
            "moderator-1",
            "floor.extend",
            json!({ "request": request, "by_ms": 60_000 }),
        )
        .await;
    assert_eq!(meeting.floor().await["granted"][0]["substate"], "live");
    meeting.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_overtime_revoke_the_speech_ends_and_the_next_can_be_granted() {
    let (mut meeting, request, waiting) = over("revoke").await;
    let revoked = meeting.wait_for("seoul-1", "floor.revoked", |_| true).await;
    assert_eq!(revoked["request"]["id"], request);
    meeting
        .execute("moderator-1", "floor.grant", json!({ "request": waiting }))
        .await;
    assert_eq!(meeting.floor().await["speech"]["speaker"], "seoul-1");
    meeting.close().await;
}
