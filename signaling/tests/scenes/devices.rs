//! Scene 2: one delegate, a laptop and a phone.

use serde_json::json;

use crate::hall::Hall;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_devices_one_publishes_and_the_other_takes_over_in_one_step() {
    let mut hall = Hall::open("").await;
    hall.seat(&["moderator-1", "tokyo-1", "seoul-1"]).await;
    let phone = hall.seat_device("tokyo-1", "tokyo-1/phone").await;
    assert_eq!(phone["you"]["publishing"], false, "the phone only receives");

    let request = hall.asks("tokyo-1").await;
    let again = hall
        .is_refused(
            "tokyo-1/phone",
            "floor.request",
            json!({ "kind": "statement" }),
        )
        .await;
    assert_eq!(again["code"], "duplicate");
    assert_eq!(again["request"], request);

    hall.does("moderator-1", "floor.grant", json!({ "request": request }))
        .await;
    hall.does("tokyo-1/phone", "device.use", json!({})).await;
    hall.learns("tokyo-1", "device.replaced", |_| true).await;
    let floor = hall.floor().await;
    assert_eq!(floor["granted"][0]["id"], request);
    assert_eq!(floor["granted"][0]["substate"], "live");

    // Leaving is for people, not for connections: the speech goes on from the other device.
    hall.puts_away("tokyo-1").await;
    assert_eq!(hall.floor().await["granted"][0]["substate"], "live");
    hall.does(
        "tokyo-1/phone",
        "floor.release",
        json!({ "request": request }),
    )
    .await;
    hall.close().await;
}
