//! Scene 5: the recorded address stalls.

use serde_json::{Value, json};

use crate::hall::Hall;

async fn stalled() -> (Hall, Value, Value) {
    let mut hall = Hall::open("first_voice = \"0s\"").await;
    hall.seat(&["moderator-1", "tokyo-1", "seoul-1"]).await;
    hall.does("moderator-1", "agenda.start", json!({ "item": "address" }))
        .await;
    let planned = hall.floor().await["requests"][0]["id"].clone();
    let request = if planned.is_null() {
        hall.is_granted("moderator-1", "tokyo-1").await
    } else {
        hall.does("moderator-1", "floor.next", json!({})).await;
        planned
    };
    assert_eq!(hall.floor().await["speech"]["speaker"], "tokyo-1");
    hall.stalls("tokyo-1", true);
    let suspended = hall.learns("seoul-1", "floor.suspended", |_| true).await;
    assert_eq!(suspended["cause"], "stalled");
    assert_eq!(suspended["speech"]["running"], false);
    (hall, request, suspended["speech"].clone())
}

fn parts(record: &Value, request: &Value) -> usize {
    let speeches = record["speeches"].as_array().unwrap();
    let of_request = speeches.iter().filter(|it| it["request"] == *request);
    of_request
        .map(|it| it["parts"].as_array().unwrap().len())
        .sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_that_stalls_stops_the_clock_and_goes_on_where_it_was() {
    let (mut hall, request, paused) = stalled().await;
    let cause = hall.cause("tokyo-1").await;
    assert!(cause.contains("has stalled at 0:0"), "{cause}");
    assert_eq!(hall.metric("plenary_recordings_stalled"), 1);
    hall.stalls("tokyo-1", false);
    let resumed = hall.learns("seoul-1", "floor.resumed", |_| true).await;
    assert_eq!(resumed["speech"]["consumed_ms"], paused["consumed_ms"]);
    hall.does("tokyo-1", "floor.release", json!({ "request": request }))
        .await;
    assert_eq!(
        parts(&hall.proceedings().await, &request),
        2,
        "the record shows both parts"
    );
    hall.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_a_recording_stalls_the_chair_may_grant_somebody_else() {
    let (mut hall, request, _) = stalled().await;
    let seouls = hall.is_granted("moderator-1", "seoul-1").await;
    assert_eq!(hall.floor().await["speech"]["speaker"], "seoul-1");
    hall.does("seoul-1", "floor.release", json!({ "request": seouls }))
        .await;
    hall.stalls("tokyo-1", false);
    hall.learns("seoul-1", "floor.resumed", |it| {
        it["request"]["id"] == request
    })
    .await;
    hall.close().await;
}
