//! Scene 8: the server is killed in mid-speech.

use serde_json::{Value, json};

use crate::hall::Hall;

/// What has to be there again: the list as everybody saw it.
fn list(floor: &Value) -> Vec<Value> {
    let requests = floor["requests"].as_array().unwrap().iter();
    requests
        .map(|it| json!([it["id"], it["state"], it["beneficiary"], it["position"]]))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_in_mid_speech_comes_back_with_the_holder_the_clock_and_the_order() {
    // Amber after a second tells that the clock has run for a while.
    let mut hall = Hall::open("first_voice = \"0s\"\nlimit = \"5m\"\nwarning = \"299s\"").await;
    hall.seat(&["moderator-1", "tokyo-1", "seoul-1", "delhi-1"])
        .await;
    let tokyos = hall.is_granted("moderator-1", "tokyo-1").await;
    let seouls = hall.asks("seoul-1").await;
    hall.does("moderator-1", "floor.accept", json!({ "request": seouls }))
        .await;
    hall.asks("delhi-1").await;
    hall.learns("seoul-1", "floor.timer", |it| {
        it["speech"]["colour"] == "amber"
    })
    .await;
    let before = hall.floor().await;

    let places = hall.is_killed();
    hall.server.start_again();
    for device in ["moderator-1", "seoul-1", "delhi-1"] {
        let (session, seq) = places[device].clone();
        let welcome = hall.returns(device, (session, seq)).await;
        assert_eq!(welcome["resumed"], true, "{device}");
        let missed = welcome["events"].as_array().unwrap().iter();
        let missed: Vec<u64> = missed.map(|it| it["seq"].as_u64().unwrap()).collect();
        let all = seq + 1..=welcome["seq"].as_u64().unwrap();
        assert_eq!(
            missed,
            all.collect::<Vec<_>>(),
            "{device} skips nothing and sees nothing twice"
        );
    }
    let waiting = hall.floor().await;
    assert_eq!(waiting["granted"][0]["id"], tokyos);
    assert_eq!(
        waiting["granted"][0]["substate"], "suspended",
        "until he is back"
    );
    assert_eq!(waiting["chair"], "moderator-1");
    assert_eq!(list(&waiting), list(&before));

    hall.returns("tokyo-1", places["tokyo-1"].clone()).await;
    let resumed = hall.learns("seoul-1", "floor.resumed", |_| true).await;
    let consumed = |speech: &Value| speech["consumed_ms"].as_u64().unwrap();
    let lost = consumed(&resumed["speech"]).abs_diff(consumed(&before["speech"]));
    assert!(
        lost <= 1000,
        "{lost} ms of the speech's clock were lost or made up"
    );
    assert_eq!(list(&hall.floor().await), list(&before));

    hall.does("tokyo-1", "floor.release", json!({ "request": tokyos }))
        .await;
    hall.does("moderator-1", "floor.next", json!({})).await;
    assert_eq!(hall.floor().await["speech"]["speaker"], "seoul-1");
    hall.close().await;
}
