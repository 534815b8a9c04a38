//! Scene 9, as far as it goes without language channels: the floor's sound is there whatever becomes of an interpreter.

use serde_json::json;

use crate::hall::Hall;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interpreter_who_drops_in_mid_speech_takes_nothing_of_the_floor_along() {
    let mut hall = Hall::open("").await;
    // The interpreter sends all the while; without a channel nobody hears it, which every step checks.
    hall.seat(&["moderator-1", "interpreter-1", "tokyo-1", "seoul-1"])
        .await;
    let request = hall.is_granted("moderator-1", "tokyo-1").await;
    let place = hall.place("interpreter-1");
    hall.loses("interpreter-1", "seoul-1").await;
    assert_eq!(hall.floor().await["granted"][0]["substate"], "live");
    hall.returns("interpreter-1", place).await;
    hall.does("tokyo-1", "floor.release", json!({ "request": request }))
        .await;
    hall.close().await;
}
