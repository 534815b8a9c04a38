//! Scene 3: the chair's connection drops while somebody speaks.

use serde_json::json;

use crate::hall::Hall;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_speech_outlives_its_chair_and_a_deputy_takes_over_until_it_is_handed_back() {
    let mut hall = Hall::open("").await;
    hall.seat(&["moderator-1", "moderator-2", "tokyo-1", "seoul-1"])
        .await;
    assert_eq!(hall.floor().await["chair"], "moderator-1");
    hall.is_granted("moderator-1", "tokyo-1").await;
    let place = hall.place("moderator-1");

    hall.loses("moderator-1", "seoul-1").await;
    let floor = hall.floor().await;
    assert_eq!(
        floor["granted"][0]["substate"], "live",
        "the speech goes on"
    );
    let seouls = hall.asks("seoul-1").await;
    let grant = json!({ "request": seouls, "replace": floor["granted"][0]["id"] });
    let refused = hall
        .is_refused("moderator-2", "floor.grant", grant.clone())
        .await;
    assert_eq!(refused["code"], "forbidden", "no grants without a chair");
    let request = &hall.floor().await["requests"];
    assert!(
        request
            .as_array()
            .unwrap()
            .iter()
            .any(|it| it["id"] == seouls && it["state"] == "pending")
    );

    hall.does("moderator-2", "chair.take", json!({})).await;
    hall.does("moderator-2", "floor.grant", grant).await;

    hall.returns("moderator-1", place).await;
    let read_only = hall
        .is_refused("moderator-1", "floor.revoke", json!({ "request": seouls }))
        .await;
    assert_eq!(read_only["code"], "forbidden");
    hall.does(
        "moderator-2",
        "chair.hand_over",
        json!({ "to": "moderator-1" }),
    )
    .await;
    hall.does("moderator-1", "floor.revoke", json!({ "request": seouls }))
        .await;
    hall.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn chair_priority_silences_the_holder_until_it_is_let_go() {
    let mut hall = Hall::with_gallery(false, "").await;
    hall.seat(&["moderator-1", "tokyo-1", "seoul-1"]).await;
    hall.is_granted("moderator-1", "tokyo-1").await;
    hall.does("moderator-1", "chair.priority_on", json!({}))
        .await;
    assert_eq!(hall.floor().await["granted"][0]["substate"], "suspended");
    hall.does("moderator-1", "chair.priority_off", json!({}))
        .await;
    assert_eq!(hall.floor().await["granted"][0]["substate"], "live");
    hall.close().await;
}
