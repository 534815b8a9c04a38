//! Scene 8: the server is killed during a speech.

use serde_json::{Value, json};

use crate::open;

/// The list as clients see it, which has to be restored.
fn list(floor: &Value) -> Vec<Value> {
    let requests = floor["requests"].as_array().unwrap().iter();
    requests
        .map(|it| json!([it["id"], it["state"], it["beneficiary"], it["position"]]))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_in_mid_speech_comes_back_with_the_holder_the_clock_and_the_order() {
    // The clock turns amber after one second, which shows that it has run.
    let mut meeting = open("first_voice = \"0s\"\nlimit = \"5m\"\nwarning = \"299s\"").await;
    meeting
        .join(&["moderator-1", "tokyo-1", "seoul-1", "delhi-1"])
        .await;
    let tokyos = meeting.give_floor("moderator-1", "tokyo-1").await;
    let seouls = meeting.request_floor("seoul-1").await;
    meeting
        .execute("moderator-1", "floor.accept", json!({ "request": seouls }))
        .await;
    meeting.request_floor("delhi-1").await;
    meeting
        .wait_for("seoul-1", "floor.timer", |it| {
            it["speech"]["colour"] == "amber"
        })
        .await;
    let before = meeting.floor().await;

    let points = meeting.kill_server();
    for device in ["moderator-1", "seoul-1", "delhi-1"] {
        let (session, seq) = points[device].clone();
        let welcome = meeting.resume(device, (session, seq)).await;
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
    let waiting = meeting.floor().await;
    assert_eq!(waiting["granted"][0]["id"], tokyos);
    assert_eq!(
        waiting["granted"][0]["substate"], "suspended",
        "until he is back"
    );
    assert_eq!(waiting["chair"], "moderator-1");
    assert_eq!(list(&waiting), list(&before));

    meeting.resume("tokyo-1", points["tokyo-1"].clone()).await;
    let resumed = meeting.wait_for("seoul-1", "floor.resumed", |_| true).await;
    let consumed = |speech: &Value| speech["consumed_ms"].as_u64().unwrap();
    let lost = consumed(&resumed["speech"]).abs_diff(consumed(&before["speech"]));
    assert!(
        lost <= 1000,
        "{lost} ms of the speech's clock were lost or made up"
    );
    assert_eq!(list(&meeting.floor().await), list(&before));

    meeting
        .execute("tokyo-1", "floor.release", json!({ "request": tokyos }))
        .await;
    meeting
        .execute("moderator-1", "floor.next", json!({}))
        .await;
    assert_eq!(meeting.floor().await["speech"]["speaker"], "seoul-1");
    meeting.close().await;
}
