//! The agenda: what an item does to the floor, and which item is current, next and late.

use std::time::Duration;

use plenary_floor::Cause;
use plenary_ids::Millis;
use plenary_protocol::{Code, ItemState};
use plenary_testkit::{
    person,
    room::{TestRoom, event_type},
};
use serde_json::json;
use tokio::time::sleep;

#[tokio::test(start_paused = true)]
async fn starting_an_item_sets_the_agreed_order_and_divides_its_minutes_among_the_speakers() {
    let room = TestRoom::open();
    let mut chair = room.join("chair").await;
    let tokyo = room.join("tokyo-1").await;
    let seoul = room.join("seoul-1").await;
    let brussels = room.join("brussels-1").await;
    chair
        .execute("floor.set", json!({"policy": "agreed"}))
        .await;
    let on = chair
        .execute("agenda.start", json!({"item": "climate-1"}))
        .await;
    assert_eq!(on["state"], "on");
    for seat in [&brussels, &tokyo, &seoul] {
        let request = seat.request_floor().await;
        let about = json!({"request": request});
        chair.execute("floor.accept", about).await;
    }
    let snapshot = room.snapshot().await;
    let order: Vec<_> = snapshot
        .floor
        .requests
        .iter()
        .map(|it| it.beneficiary.as_str())
        .collect();
    assert_eq!(order, ["seoul-1", "tokyo-1", "brussels-1"]);
    assert_eq!(snapshot.agenda.current.unwrap().as_str(), "climate-1");
    assert_eq!(snapshot.agenda.items[0].state, ItemState::On);

    for limit in [600_000, 600_000, 480_000] {
        chair.execute("floor.next", json!({})).await;
        let speech = room.snapshot().await.floor.speech.unwrap();
        assert_eq!(speech.limit, Millis(limit), "{}", speech.speaker);
    }
    let types = chair.event_types().await;
    assert!(types.contains(&"agenda.started".to_owned()), "{types:?}");
}

#[tokio::test(start_paused = true)]
async fn the_limit_of_an_item_holds_for_every_speech_until_the_chair_changes_it() {
    let room = TestRoom::open();
    let chair = room.join("chair").await;
    let tokyo = room.join("tokyo-1").await;
    let fields = json!({"item": "declaration"});
    chair.execute("agenda.start", fields).await;
    let grant = json!({"request": tokyo.request_floor().await});
    chair.execute("floor.grant", grant.clone()).await;
    let limit = |snapshot: plenary_room::Snapshot| snapshot.floor.speech.unwrap().limit;
    assert_eq!(limit(room.snapshot().await), Millis(120_000));

    tokyo.execute("floor.release", grant).await;
    let fields = json!({"limit_ms": 60_000});
    chair.execute("floor.set", fields).await;
    let grant = json!({"request": tokyo.request_floor().await});
    chair.execute("floor.grant", grant).await;
    assert_eq!(limit(room.snapshot().await), Millis(60_000));
}

#[tokio::test(start_paused = true)]
async fn a_room_has_one_current_item_and_reports_its_delay() {
    let room = TestRoom::open();
    let mut chair = room.join("chair").await;
    sleep(Duration::from_mins(5)).await;
    let late = |snapshot: &plenary_room::Snapshot, minutes: u64| {
        snapshot
            .agenda
            .late(plenary_ids::Moment(1_634_000_400_000 + minutes * 60_000))
    };
    assert_eq!(late(&room.snapshot().await, 5), Some(Millis(300_000)));
    for item in ["climate-1", "declaration"] {
        let fields = json!({"item": item});
        chair.execute("agenda.start", fields).await;
    }
    let snapshot = room.snapshot().await;
    let states: Vec<_> = snapshot
        .agenda
        .items
        .iter()
        .map(|item| item.state)
        .collect();
    assert_eq!(states, [ItemState::Done, ItemState::On, ItemState::Planned]);
    assert_eq!(snapshot.agenda.next().unwrap().id.as_str(), "climate-3");
    assert_eq!(late(&snapshot, 5), Some(Millis(0)));
    let told: Vec<_> = chair
        .event_types()
        .await
        .into_iter()
        .filter(|it| it.starts_with("agenda"))
        .collect();
    assert_eq!(told, ["agenda.started", "agenda.ended", "agenda.started"]);

    let again = chair
        .try_execute("agenda.start", json!({"item": "declaration"}))
        .await;
    assert_eq!(again.unwrap()["state"], "on");
    assert!(chair.event_types().await.is_empty());
    chair
        .execute("agenda.end", json!({"item": "declaration"}))
        .await;
    assert_eq!(room.snapshot().await.agenda.current, None);
}

#[tokio::test(start_paused = true)]
async fn only_the_chair_starts_and_ends_items() {
    let room = TestRoom::open();
    let chair = room.join("chair").await;
    let deputy = room.join("deputy").await;
    let tokyo = room.join("tokyo-1").await;
    let fields = json!({"item": "climate-1"});
    for seat in [&deputy, &tokyo] {
        let refused = seat.try_execute("agenda.start", fields.clone()).await;
        assert_eq!(refused.unwrap_err().code, Code::Forbidden);
    }
    let refused = chair.try_execute("agenda.end", fields).await;
    assert_eq!(refused.unwrap_err().code, Code::InvalidTransition);
    let refused = chair
        .try_execute("agenda.start", json!({"item": "covid-1"}))
        .await;
    assert_eq!(refused.unwrap_err().code, Code::NotFound);
}

#[tokio::test(start_paused = true)]
async fn a_stalled_recording_stops_the_clock_of_an_address_and_not_of_a_debate() {
    let (room, chair, _tokyo, mut seoul) = TestRoom::with_tokyo_speaking().await;
    room.handle.voice(person("tokyo-1")).await;
    room.handle.flow(person("tokyo-1"), false).await;
    assert!(room.snapshot().await.floor.speech.unwrap().running);

    chair
        .execute("agenda.start", json!({"item": "climate-3"}))
        .await;
    sleep(Duration::from_secs(190)).await;
    seoul.events().await;
    room.handle.flow(person("tokyo-1"), false).await;
    sleep(Duration::from_mins(1)).await;
    let speech = room.snapshot().await.floor.speech.unwrap();
    assert_eq!((speech.running, speech.consumed), (false, Millis(190_000)));
    let stalled = seoul.events().await;
    let stalled = stalled
        .iter()
        .find(|it| event_type(it) == "floor.suspended");
    assert_eq!(stalled.unwrap()["cause"], json!(Cause::Stalled));

    room.handle.flow(person("tokyo-1"), true).await;
    sleep(Duration::from_secs(10)).await;
    let speech = room.snapshot().await.floor.speech.unwrap();
    assert_eq!((speech.running, speech.consumed), (true, Millis(200_000)));
}
