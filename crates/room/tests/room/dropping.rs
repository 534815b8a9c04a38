//! A participant whose connection is lost, and what is kept for the return. Rules of order, section 12.

use std::time::Duration;

use plenary_ids::rfc3339;
use plenary_protocol::Source::Microphone;
use plenary_room::{Reach, Resumption};
use plenary_testkit::room::{TestRoom, event_type, parse};
use serde_json::{Value, json};
use tokio::time::sleep;

const GRACE: Duration = Duration::from_secs(30);

#[tokio::test(start_paused = true)]
async fn a_holder_who_drops_is_away_and_suspended_and_goes_on_after_the_return() {
    let (room, _chair, tokyo, mut seoul) = TestRoom::with_tokyo_speaking().await;
    seoul.events().await;
    tokyo.disconnect().await;
    assert_eq!(room.presence("tokyo-1").await, "away");
    assert_eq!(room.reach("tokyo-1", Microphone), None);
    let types = seoul.event_types().await;
    assert!(types.contains(&"floor.suspended".to_owned()), "{types:?}");

    sleep(GRACE / 2).await;
    room.rejoin("tokyo-1", &tokyo.session, tokyo.seq).await;
    assert_eq!(room.presence("tokyo-1").await, "seated");
    assert_eq!(room.reach("tokyo-1", Microphone), Some(Reach::Stage));
    let types = seoul.event_types().await;
    assert!(types.contains(&"floor.resumed".to_owned()), "{types:?}");
    assert!(!types.contains(&"participant.joined".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_participant_who_returns_within_the_grace_receives_only_the_missed_events() {
    let room = TestRoom::open();
    let chair = room.join("chair").await;
    let tokyo = room.join("tokyo-1").await;
    tokyo.disconnect().await;
    chair
        .execute("chat.post", json!({"text": "Welcome."}))
        .await;

    let back = room.rejoin("tokyo-1", &tokyo.session, tokyo.seq).await;
    let Resumption::Events(missed) = &back.resumption else {
        panic!("{:?}", back.resumption)
    };
    let missed: Vec<_> = missed.iter().map(|text| parse(text)).collect();
    let types: Vec<_> = missed.iter().map(event_type).collect();
    let expected = [
        "participant.updated",
        "floor.disconnected",
        "chat.posted",
        "participant.updated",
        "floor.connected",
    ];
    assert_eq!(types, expected);
    let places: Vec<_> = missed.iter().filter_map(|it| it["seq"].as_u64()).collect();
    assert_eq!(places, (tokyo.seq.0 + 1..=back.seq.0).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn a_participant_who_is_away_is_so_since_the_connection_was_lost_whatever_happens_meanwhile()
{
    let (room, mut chair, tokyo, _seoul) = TestRoom::with_tokyo_speaking().await;
    chair.events().await;
    tokyo.disconnect().await;
    let is_of_tokyo = |event: &&Value| event["participant"]["person"] == "tokyo-1";
    let events = chair.events().await;
    let away = events.iter().find(is_of_tokyo).unwrap();
    assert_eq!(away["participant"]["since"], away["at"]);

    sleep(GRACE * 2).await;
    chair
        .execute("participant.mute", json!({"person": "tokyo-1"}))
        .await;
    let events = chair.events().await;
    let muted = events.iter().find(is_of_tokyo).unwrap();
    assert_eq!(muted["participant"]["since"], away["at"]);

    room.join("tokyo-1").await;
    let events = chair.events().await;
    let back = events.iter().find(is_of_tokyo).unwrap();
    assert_eq!(back["participant"].get("since"), None);
}

#[tokio::test(start_paused = true)]
async fn a_participant_who_is_away_longer_than_the_grace_has_left_and_keeps_the_position_on_the_list()
 {
    let room = TestRoom::open();
    let mut chair = room.join("chair").await;
    let tokyo = room.join("tokyo-1").await;
    tokyo.request_floor().await;
    chair
        .execute("floor.accept", json!({"request": "r1"}))
        .await;
    tokyo.disconnect().await;
    sleep(GRACE + Duration::from_secs(1)).await;

    let events = chair.events().await;
    let left = events
        .iter()
        .find(|it| event_type(it) == "participant.left");
    assert_eq!(left.unwrap()["reason"], "lost");
    let away = events
        .iter()
        .find(|it| it["participant"]["state"] == "away");
    assert!(room.presence("tokyo-1").await.is_null());
    let last = room.snapshot().await.left.remove(0);
    assert_eq!(last.person.as_str(), "tokyo-1");
    assert_eq!(rfc3339::text(last.at), away.unwrap()["at"], "not later");
    let request = room.snapshot().await.floor.requests.remove(0);
    assert_eq!((request.position, request.substate), (Some(1), None));
    room.join("tokyo-1").await;
    assert!(room.snapshot().await.left.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_holder_stays_for_as_long_as_the_chair_waits() {
    let (room, mut chair, tokyo, _seoul) = TestRoom::with_tokyo_speaking().await;
    tokyo.disconnect().await;
    sleep(GRACE * 10).await;
    assert_eq!(room.presence("tokyo-1").await, "away");
    assert_eq!(room.snapshot().await.floor.granted.len(), 1);
    let asked = |types: Vec<String>| types.iter().filter(|it| *it == "floor.absent").count();
    assert_eq!(asked(chair.event_types().await), 1);

    let waited = chair
        .try_execute("floor.wait", json!({"request": "r1"}))
        .await;
    assert_eq!(waited.unwrap()["substate"], "suspended");
    sleep(GRACE / 2).await;
    assert_eq!(asked(chair.event_types().await), 0);
    sleep(GRACE).await;
    assert_eq!(
        asked(chair.event_types().await),
        1,
        "asked again after the wait"
    );

    chair
        .execute("floor.revoke", json!({"request": "r1"}))
        .await;
    sleep(GRACE + Duration::from_secs(1)).await;
    assert!(room.presence("tokyo-1").await.is_null());
}
