//! The agenda: what an item does to the floor, and which item is current, next and late. Rules of order, section 14.

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

#[tokio::test(start_paused = true)]
async fn a_postponed_item_moves_behind_what_comes_first_then_and_the_others_keep_their_times() {
    let room = TestRoom::open();
    let mut chair = room.join("chair").await;
    chair.events().await;
    let postpone = async |fields| chair.execute("agenda.postpone", fields).await;
    let ids = async || {
        let items = room.snapshot().await.agenda.items;
        let ids = items.iter().map(|item| item.id.to_string());
        ids.collect::<Vec<_>>()
    };
    assert_eq!(ids().await, ["climate-1", "declaration", "climate-3"]);
    let item = postpone(json!({"item": "climate-1", "by_minutes": 25})).await;
    assert_eq!(
        (&item["starts"], &item["due"]),
        (
            &json!("2021-10-12T01:00:00.000Z"),
            &json!("2021-10-12T01:25:00.000Z")
        )
    );
    assert_eq!(ids().await, ["declaration", "climate-1", "climate-3"]);
    let last = postpone(json!({"item": "climate-1"})).await;
    assert_eq!(last["due"], "2021-10-12T01:40:00.000Z");
    assert_eq!(ids().await, ["declaration", "climate-3", "climate-1"]);

    let agenda = room.snapshot().await.agenda;
    assert_eq!(agenda.next().unwrap().id.as_str(), "declaration");
    assert_eq!(agenda.items[0].due, None);
    let events = chair.events().await;
    assert_eq!(event_type(&events[0]), "agenda.postponed");
    assert_eq!(
        (&events[0]["by_minutes"], &events[0]["by"]),
        (&json!(25), &json!("chair"))
    );
    assert_eq!(
        room.restart_after(Millis(0)).snapshot().await.agenda,
        agenda
    );
}

#[tokio::test(start_paused = true)]
async fn an_item_that_was_taken_up_is_not_postponed() {
    let room = TestRoom::open();
    let chair = room.join("chair").await;
    let item = json!({"item": "climate-1"});
    chair.execute("agenda.start", item.clone()).await;
    let refused = chair.expect_refusal("agenda.postpone", item).await;
    assert_eq!(refused.code, Code::InvalidTransition);
}

#[tokio::test(start_paused = true)]
async fn the_planned_speakers_are_listed_under_every_policy_or_the_reason_is_said() {
    let item = || json!({"item": "climate-1"});
    for policy in [
        "fifo",
        "agreed",
        "members_first",
        "rotation",
        "members_first_rotation",
        "protocol",
    ] {
        let room = TestRoom::open();
        let chair = room.join("chair").await;
        chair.execute("floor.set", json!({"policy": policy})).await;
        let loaded = chair.execute("agenda.load", item()).await;
        let listed = room.snapshot().await.floor.requests;
        let people: Vec<_> = listed.iter().map(|it| it.beneficiary.as_str()).collect();
        assert_eq!(people.len(), 2, "{policy}: {people:?}");
        let as_planned = people == ["seoul-1", "tokyo-1"];
        assert_eq!(
            loaded["in_planned_order"], as_planned,
            "{policy}: {people:?}"
        );
        assert!(
            listed
                .iter()
                .all(|it| it.requested_by == Some(person("chair")))
        );
        assert_eq!(
            chair.expect_refusal("agenda.load", item()).await.code,
            Code::Duplicate
        );
    }
    for (settings, word) in [
        (json!({"mode": "direct"}), "opens microphones"),
        (json!({"mode": "open"}), "heard at once"),
    ] {
        let room = TestRoom::open();
        let chair = room.join("chair").await;
        chair.execute("floor.set", settings).await;
        let refused = chair.expect_refusal("agenda.load", item()).await;
        assert!(refused.detail.contains(word), "{refused}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_planned_speaker_who_has_asked_already_is_named_and_the_others_are_listed() {
    let room = TestRoom::open();
    let chair = room.join("chair").await;
    room.join("seoul-1").await.request_floor().await;
    let loaded = chair
        .execute("agenda.load", json!({"item": "climate-1"}))
        .await;
    assert_eq!(loaded["listed"][0]["beneficiary"], "tokyo-1");
    assert_eq!(
        (
            &loaded["not_listed"][0]["person"],
            &loaded["not_listed"][0]["code"]
        ),
        (&json!("seoul-1"), &json!("duplicate"))
    );
    let nobody = chair
        .expect_refusal("agenda.load", json!({"item": "declaration"}))
        .await;
    assert_eq!(nobody.code, Code::NothingListed);
}
