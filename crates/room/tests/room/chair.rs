//! The chair, and what the other moderators may do. Rules of order, section 11.

use plenary_protocol::Code;
use plenary_testkit::{person, room::TestRoom};
use serde_json::json;

#[tokio::test(start_paused = true)]
async fn the_first_moderator_to_join_takes_the_chair_and_the_second_does_not() {
    let room = TestRoom::open();
    room.join("tokyo-1").await;
    assert_eq!(room.snapshot().await.floor.chair, None);
    let _chair = room.join("chair").await;
    let _deputy = room.join("deputy").await;
    assert_eq!(room.snapshot().await.floor.chair, Some(person("chair")));
}

#[tokio::test(start_paused = true)]
async fn a_moderator_without_the_chair_is_refused_and_nothing_happens() {
    let room = TestRoom::open();
    let _chair = room.join("chair").await;
    let deputy = room.join("deputy").await;
    let tokyo = room.join("tokyo-1").await;
    tokyo.request_floor().await;
    let before = room.snapshot().await.seq;
    for (kind, fields) in [
        ("floor.grant", json!({"request": "r1"})),
        ("floor.set", json!({"nom": 2})),
        ("list.close", json!({})),
        ("participant.remove", json!({"person": "tokyo-1"})),
        ("participant.mute", json!({"person": "tokyo-1"})),
        (
            "participant.move",
            json!({"person": "tokyo-1", "to": "covid"}),
        ),
    ] {
        let problem = deputy.expect_refusal(kind, fields).await;
        assert_eq!(problem.code, Code::Forbidden, "{kind}");
        assert!(problem.detail.contains("chair"), "{}", problem.detail);
    }
    let problem = deputy.expect_refusal("chair.take", json!({})).await;
    assert_eq!(problem.code, Code::Conflict);
    assert_eq!(room.snapshot().await.seq, before);
}

#[tokio::test(start_paused = true)]
async fn a_chair_whose_connection_drops_keeps_the_chair_until_a_deputy_takes_it() {
    let (room, chair, _tokyo, _seoul) = TestRoom::with_tokyo_speaking().await;
    let deputy = room.join("deputy").await;
    chair.disconnect().await;
    let floor = room.snapshot().await.floor;
    assert_eq!(floor.chair, Some(person("chair")));
    assert_eq!(floor.granted.len(), 1, "the speech goes on");

    deputy.execute("chair.take", json!({})).await;
    room.join("chair").await;
    assert_eq!(room.snapshot().await.floor.chair, Some(person("deputy")));
}
