//! The agenda drives: what taking up an item does to the floor, and what is on, next and late.

use std::time::Duration;

use plenary_floor::Cause;
use plenary_ids::Millis;
use plenary_protocol::{Code, ItemState};
use serde_json::json;
use tokio::time::sleep;

use crate::fixture::{House, kind, person};

#[tokio::test(start_paused = true)]
async fn taking_up_an_item_makes_its_speakers_the_agreed_order_and_gives_each_a_share_of_its_minutes()
 {
    let house = House::open();
    let mut chair = house.enter("chair").await;
    let tokyo = house.enter("tokyo-1").await;
    let seoul = house.enter("seoul-1").await;
    let brussels = house.enter("brussels-1").await;
    chair
        .say("floor.set", json!({"policy": "agreed"}))
        .await
        .unwrap();
    let on = chair
        .say("agenda.start", json!({"item": "climate-1"}))
        .await
        .unwrap();
    assert_eq!(on["state"], "on");
    for seat in [&brussels, &tokyo, &seoul] {
        let request = seat.ask().await;
        let about = json!({"request": request});
        chair.say("floor.accept", about).await.unwrap();
    }
    let room = house.snapshot().await;
    let order: Vec<_> = room
        .floor
        .requests
        .iter()
        .map(|it| it.beneficiary.as_str())
        .collect();
    assert_eq!(order, ["seoul-1", "tokyo-1", "brussels-1"]);
    assert_eq!(room.agenda.current.unwrap().as_str(), "climate-1");
    assert_eq!(room.agenda.items[0].state, ItemState::On);

    for limit in [600_000, 600_000, 480_000] {
        chair.say("floor.next", json!({})).await.unwrap();
        let speech = house.snapshot().await.floor.speech.unwrap();
        assert_eq!(speech.limit, Millis(limit), "{}", speech.speaker);
    }
    let types = chair.types().await;
    assert!(types.contains(&"agenda.started".to_owned()), "{types:?}");
}

#[tokio::test(start_paused = true)]
async fn an_item_that_sets_a_time_sets_it_for_every_speech_until_the_chair_says_otherwise() {
    let house = House::open();
    let chair = house.enter("chair").await;
    let tokyo = house.enter("tokyo-1").await;
    let fields = json!({"item": "declaration"});
    chair.say("agenda.start", fields).await.unwrap();
    let grant = json!({"request": tokyo.ask().await});
    chair.say("floor.grant", grant.clone()).await.unwrap();
    let limit = |room: plenary_room::Snapshot| room.floor.speech.unwrap().limit;
    assert_eq!(limit(house.snapshot().await), Millis(120_000));

    tokyo.say("floor.release", grant).await.unwrap();
    let fields = json!({"limit_ms": 60_000});
    chair.say("floor.set", fields).await.unwrap();
    let grant = json!({"request": tokyo.ask().await});
    chair.say("floor.grant", grant).await.unwrap();
    assert_eq!(limit(house.snapshot().await), Millis(60_000));
}

#[tokio::test(start_paused = true)]
async fn a_room_has_one_item_on_at_a_time_and_says_how_late_it_is() {
    let house = House::open();
    let mut chair = house.enter("chair").await;
    sleep(Duration::from_mins(5)).await;
    let late = |room: &plenary_room::Snapshot, minutes: u64| {
        room.agenda
            .late(plenary_ids::Moment(1_634_000_400_000 + minutes * 60_000))
    };
    assert_eq!(late(&house.snapshot().await, 5), Some(Millis(300_000)));
    for item in ["climate-1", "declaration"] {
        let fields = json!({"item": item});
        chair.say("agenda.start", fields).await.unwrap();
    }
    let room = house.snapshot().await;
    let states: Vec<_> = room.agenda.items.iter().map(|item| item.state).collect();
    assert_eq!(states, [ItemState::Done, ItemState::On, ItemState::Planned]);
    assert_eq!(room.agenda.next().unwrap().id.as_str(), "climate-3");
    assert_eq!(late(&room, 5), Some(Millis(0)));
    let told: Vec<_> = chair
        .types()
        .await
        .into_iter()
        .filter(|it| it.starts_with("agenda"))
        .collect();
    assert_eq!(told, ["agenda.started", "agenda.ended", "agenda.started"]);

    let again = chair
        .say("agenda.start", json!({"item": "declaration"}))
        .await;
    assert_eq!(again.unwrap()["state"], "on");
    assert!(chair.types().await.is_empty());
    chair
        .say("agenda.end", json!({"item": "declaration"}))
        .await
        .unwrap();
    assert_eq!(house.snapshot().await.agenda.current, None);
}

#[tokio::test(start_paused = true)]
async fn only_the_chair_takes_up_what_is_on_the_agenda_and_ends_what_is_on() {
    let house = House::open();
    let chair = house.enter("chair").await;
    let deputy = house.enter("deputy").await;
    let tokyo = house.enter("tokyo-1").await;
    let fields = json!({"item": "climate-1"});
    for seat in [&deputy, &tokyo] {
        let refused = seat.say("agenda.start", fields.clone()).await;
        assert_eq!(refused.unwrap_err().code, Code::Forbidden);
    }
    let refused = chair.say("agenda.end", fields).await;
    assert_eq!(refused.unwrap_err().code, Code::InvalidTransition);
    let refused = chair.say("agenda.start", json!({"item": "covid-1"})).await;
    assert_eq!(refused.unwrap_err().code, Code::NotFound);
}

#[tokio::test(start_paused = true)]
async fn the_clock_of_an_address_waits_while_the_recording_stalls_and_of_a_debate_it_does_not() {
    let (house, chair, _tokyo, mut seoul) = House::tokyo_speaks().await;
    house.room.voice(person("tokyo-1")).await;
    house.room.flow(person("tokyo-1"), false).await;
    assert!(house.snapshot().await.floor.speech.unwrap().running);

    chair
        .say("agenda.start", json!({"item": "climate-3"}))
        .await
        .unwrap();
    sleep(Duration::from_secs(190)).await;
    seoul.events().await;
    house.room.flow(person("tokyo-1"), false).await;
    sleep(Duration::from_mins(1)).await;
    let speech = house.snapshot().await.floor.speech.unwrap();
    assert_eq!((speech.running, speech.consumed), (false, Millis(190_000)));
    let stalled = seoul.events().await;
    let stalled = stalled.iter().find(|it| kind(it) == "floor.suspended");
    assert_eq!(stalled.unwrap()["cause"], json!(Cause::Stalled));

    house.room.flow(person("tokyo-1"), true).await;
    sleep(Duration::from_secs(10)).await;
    let speech = house.snapshot().await.floor.speech.unwrap();
    assert_eq!((speech.running, speech.consumed), (true, Millis(200_000)));
}
