//! Commands on an outdated version of the floor.

use plenary_room::Preconditions;
use plenary_testkit::room::TestRoom;
use serde_json::json;

#[tokio::test(start_paused = true)]
async fn a_command_on_an_outdated_version_is_412_and_changes_nothing() {
    let room = TestRoom::open();
    let chair = room.join("chair").await;
    let tokyo = room.join("tokyo-1").await;
    let seen = room.snapshot().await.floor.version;
    tokyo.request_floor().await;

    let under = |version| Preconditions {
        idempotency_key: None,
        if_match: Some(version),
    };
    let set = json!({"nom": 2});
    let stale = chair
        .execute_with(under(seen), "floor.set", set.clone())
        .await;
    assert_eq!(stale.unwrap_err().status, 412);
    assert_eq!(room.snapshot().await.floor.nom, 1);

    let seen = room.snapshot().await.floor.version;
    let fresh = chair.execute_with(under(seen), "floor.set", set).await;
    assert_eq!(fresh.unwrap()["nom"], 2);
}

#[tokio::test(start_paused = true)]
async fn joining_leaving_and_chatting_do_not_make_a_version_stale() {
    let room = TestRoom::open();
    let chair = room.join("chair").await;
    let seen = room.snapshot().await.floor.version;
    let tokyo = room.join("tokyo-1").await;
    tokyo
        .execute("chat.post", json!({"text": "Good morning."}))
        .await;
    tokyo.disconnect().await;
    assert_eq!(room.snapshot().await.floor.version, seen);
    drop(chair);
}

#[tokio::test(start_paused = true)]
async fn the_sequence_number_of_the_last_event_is_an_up_to_date_version() {
    let room = TestRoom::open();
    let chair = room.join("chair").await;
    chair
        .execute("chat.post", json!({"text": "Good morning."}))
        .await;
    let seen = room.snapshot().await.seq.0;
    assert!(seen > room.snapshot().await.floor.version);
    let under = |version| Preconditions {
        idempotency_key: None,
        if_match: Some(version),
    };
    let set = json!({"nom": 2});
    let ahead = chair
        .execute_with(under(seen + 1), "floor.set", set.clone())
        .await;
    assert_eq!(ahead.unwrap_err().status, 412);
    let fresh = chair.execute_with(under(seen), "floor.set", set).await;
    assert_eq!(fresh.unwrap()["nom"], 2);
}
