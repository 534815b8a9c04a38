//! Scene 5: the recorded address stalls.

use plenary_testkit::meeting::Meeting;
use serde_json::{Value, json};

use crate::open;

async fn stalled() -> (Meeting, Value, Value) {
    let mut meeting = open("first_voice = \"0s\"").await;
    meeting.join(&["moderator-1", "tokyo-1", "seoul-1"]).await;
    meeting
        .execute("moderator-1", "agenda.start", json!({ "item": "address" }))
        .await;
    let planned = meeting.floor().await["requests"][0]["id"].clone();
    let request = if planned.is_null() {
        meeting.give_floor("moderator-1", "tokyo-1").await
    } else {
        meeting
            .execute("moderator-1", "floor.next", json!({}))
            .await;
        planned
    };
    assert_eq!(meeting.floor().await["speech"]["speaker"], "tokyo-1");
    meeting.set_stalled("tokyo-1", true);
    let suspended = meeting
        .wait_for("seoul-1", "floor.suspended", |_| true)
        .await;
    assert_eq!(suspended["cause"], "stalled");
    assert_eq!(suspended["speech"]["running"], false);
    (meeting, request, suspended["speech"].clone())
}

fn parts(record: &Value, request: &Value) -> usize {
    let speeches = record["speeches"].as_array().unwrap();
    let of_request = speeches.iter().filter(|it| it["request"] == *request);
    of_request
        .map(|it| it["parts"].as_array().unwrap().len())
        .sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stalled_recording_stops_the_clock_until_it_goes_on() {
    let (mut meeting, request, paused) = stalled().await;
    let cause = meeting.cause("tokyo-1").await;
    assert!(cause.contains("has stalled at 0:0"), "{cause}");
    assert_eq!(meeting.metric("plenary_recordings_stalled"), 1);
    meeting.set_stalled("tokyo-1", false);
    let resumed = meeting.wait_for("seoul-1", "floor.resumed", |_| true).await;
    assert_eq!(resumed["speech"]["consumed_ms"], paused["consumed_ms"]);
    meeting
        .execute("tokyo-1", "floor.release", json!({ "request": request }))
        .await;
    assert_eq!(
        parts(&meeting.proceedings().await, &request),
        2,
        "the record shows both parts"
    );
    meeting.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_a_recording_stalls_the_chair_may_grant_another_request() {
    let (mut meeting, request, _) = stalled().await;
    let seouls = meeting.give_floor("moderator-1", "seoul-1").await;
    assert_eq!(meeting.floor().await["speech"]["speaker"], "seoul-1");
    meeting
        .execute("seoul-1", "floor.release", json!({ "request": seouls }))
        .await;
    meeting.set_stalled("tokyo-1", false);
    meeting
        .wait_for("seoul-1", "floor.resumed", |it| {
            it["request"]["id"] == request
        })
        .await;
    meeting.close().await;
}
