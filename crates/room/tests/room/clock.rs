//! The machine's clock is set, and the server stands still: stamps follow the clock, and speeches gain and lose nothing.

use std::time::Duration;

use plenary_ids::{Millis, Moment, rfc3339};
use plenary_protocol::Source::Microphone;
use plenary_room::Reach;
use plenary_testkit::{
    START, person,
    room::{Participant, TestRoom, event_type, parse},
};
use serde_json::{Value, json};
use tokio::time::sleep;

const AN_HOUR: Millis = Millis::from_secs(3600);
const A_YEAR: Millis = Millis::from_secs(365 * 24 * 3600);

/// Tokyo has spoken for so many seconds.
async fn speaking_for(seconds: u64) -> (TestRoom, Participant) {
    let (room, chair, _tokyo, _seoul) = TestRoom::with_tokyo_speaking().await;
    room.handle.voice(person("tokyo-1")).await;
    sleep(Duration::from_secs(seconds)).await;
    (room, chair)
}

async fn consumed(room: &TestRoom) -> Millis {
    room.snapshot()
        .await
        .floor
        .speech
        .expect("a speech")
        .consumed
}

/// The events of that type in the log.
fn recorded(room: &TestRoom, wanted: &str) -> Vec<Value> {
    let records = room.log.records();
    let events = records.iter().map(|record| parse(&record.body));
    events.filter(|event| event_type(event) == wanted).collect()
}

fn stamps(room: &TestRoom) -> Vec<Moment> {
    room.log.records().iter().map(|record| record.at).collect()
}

#[tokio::test(start_paused = true)]
async fn a_speech_neither_gains_nor_loses_time_when_the_clock_is_set_forward_or_back() {
    for to in [START.after(A_YEAR), START.before(A_YEAR)] {
        let (room, _chair) = speaking_for(60).await;
        room.time.set(to);
        sleep(Duration::from_secs(30)).await;
        assert_eq!(consumed(&room).await, Millis::from_secs(90));
        assert_eq!(room.reach("tokyo-1", Microphone), Some(Reach::Stage));
    }
}

#[tokio::test(start_paused = true)]
async fn stamps_follow_the_clock_in_both_directions_and_the_order_is_that_of_the_numbers() {
    let (room, chair) = speaking_for(1).await;
    for to in [START.after(A_YEAR), START.before(AN_HOUR)] {
        room.time.set(to);
        chair.execute("chat.post", json!({"text": "Now."})).await;
        assert_eq!(stamps(&room).last(), Some(&to));
        let moved = recorded(&room, "room.clock_moved");
        let moved = moved.last().expect("a move");
        assert_eq!(
            (&moved["cause"], &moved["at"]),
            (&json!("set"), &json!(rfc3339::text(to)))
        );
    }
    let numbers = room.log.records();
    assert!(
        numbers
            .iter()
            .map(|record| record.seq.0)
            .eq(1..=numbers.len() as u64)
    );
}

#[tokio::test(start_paused = true)]
async fn the_time_that_people_are_shown_and_the_time_of_the_room_agree_after_a_change() {
    let (room, mut chair) = speaking_for(10).await;
    chair.events().await;
    let to = START.before(AN_HOUR);
    room.time.set(to);
    sleep(Duration::from_secs(1)).await;
    let told = chair.events().await;
    let types: Vec<String> = told.iter().map(event_type).collect();
    // The ten seconds of an undo are carried over with the speech.
    assert_eq!(types, ["room.clock_moved", "floor.timer", "floor.undoable"]);
    let speech = &told[1]["speech"];
    assert_eq!(speech["as_of"], told[0]["at"]);
    let since_noticed = room.now().since(to).0;
    let consumed = speech["consumed_ms"].as_u64().expect("a number");
    assert!(
        (10_000..=10_000 + since_noticed).contains(&consumed),
        "{consumed}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_stop_of_the_server_is_nobodys_speaking_time() {
    let (room, chair) = speaking_for(60).await;
    // The process is stopped for 40 seconds. Time of every kind passes meanwhile.
    sleep(Duration::from_secs(40)).await;
    room.time.was_stopped_for(Millis::from_secs(40));
    chair
        .execute("chat.post", json!({"text": "We are back."}))
        .await;
    let moved = recorded(&room, "room.clock_moved");
    assert_eq!(moved[0]["cause"], "stood_still");
    let used = consumed(&room).await;
    assert_eq!(used, Millis::from_secs(60));
}

#[tokio::test(start_paused = true)]
async fn a_suspended_machine_is_nobodys_speaking_time() {
    let (room, chair) = speaking_for(60).await;
    room.time.suspend_for(AN_HOUR);
    chair
        .execute("chat.post", json!({"text": "We are back."}))
        .await;
    assert_eq!(consumed(&room).await, Millis::from_secs(60));
    let moved = recorded(&room, "room.clock_moved");
    assert_eq!(moved[0]["cause"], "stood_still");
    assert_eq!(moved[0]["at"], rfc3339::text(room.now()));
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_was_a_year_ahead_at_one_start_leaves_nothing_behind_at_the_next() {
    let (room, _chair) = speaking_for(0).await;
    room.time.set(START.after(A_YEAR));
    sleep(Duration::from_mins(1)).await;
    let right = START.after(AN_HOUR);
    let room = room.restart_at(right);
    assert_eq!(stamps(&room).last(), Some(&right));
    let used = consumed(&room).await;
    let within_a_second = Millis::from_secs(60)..=Millis::from_secs(61);
    assert!(within_a_second.contains(&used), "{used:?}");

    let tokyo = room.join("tokyo-1").await;
    sleep(Duration::from_mins(1)).await;
    let now = consumed(&room).await;
    assert_eq!(
        now,
        used.saturating_add(Millis::from_secs(60)),
        "the clock runs again"
    );
    drop(tokyo);

    // The next start has no trouble any more.
    let before = recorded(&room, "room.clock_moved").len();
    let room = room.restart_after(AN_HOUR);
    assert_eq!(recorded(&room, "room.clock_moved").len(), before);
    let used = consumed(&room).await;
    assert!(used.saturating_sub(now) <= Millis(1000), "{used:?}");
}

#[tokio::test(start_paused = true)]
async fn an_absent_participant_keeps_the_place_for_the_grace_time_whatever_the_clock_says() {
    let room = TestRoom::open();
    room.join("chair").await;
    let tokyo = room.join("tokyo-1").await;
    tokyo.disconnect().await;
    room.time.set(START.after(A_YEAR));
    sleep(Duration::from_secs(25)).await;
    assert_eq!(room.presence("tokyo-1").await, "away");
    room.time.set(START.before(AN_HOUR));
    sleep(Duration::from_secs(6)).await;
    assert!(room.presence("tokyo-1").await.is_null());
}

#[tokio::test(start_paused = true)]
async fn a_question_is_open_for_as_long_as_it_was_to_be_whatever_the_clock_says() {
    for to in [START.after(A_YEAR), START.before(AN_HOUR)] {
        let room = TestRoom::open();
        let chair = room.join("chair").await;
        let fields =
            json!({"kind": "no_objection", "question": "Shall we?", "closes_in_ms": 30_000});
        chair.execute("decision.open", fields).await;
        room.time.set(to);
        sleep(Duration::from_secs(29)).await;
        assert_eq!(json!(room.snapshot().await.decisions[0].state), "open");
        sleep(Duration::from_secs(2)).await;
        assert_eq!(json!(room.snapshot().await.decisions[0].state), "closed");
    }
}

#[tokio::test(start_paused = true)]
async fn a_handover_takes_as_long_as_was_said_whatever_the_clock_says() {
    for to in [START.after(A_YEAR), START.before(A_YEAR)] {
        let room = TestRoom::open();
        let kenji = room.join_with_audio("kenji").await;
        let _aiko = room.join_with_audio("aiko").await;
        let ja = json!({"language": "ja"});
        kenji.execute("channel.take", ja).await;
        let offer = json!({"language": "ja", "to": "aiko", "in_ms": 30_000});
        kenji.execute("channel.hand_over", offer).await;
        room.time.set(to);
        sleep(Duration::from_secs(28)).await;
        assert_eq!(room.voice_in("ja"), "kenji");
        sleep(Duration::from_secs(4)).await;
        assert_eq!(room.voice_in("ja"), "aiko");
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_of_the_clock_that_cannot_be_recorded_is_made_up_for() {
    let (room, chair) = speaking_for(60).await;
    room.log.set_full(true);
    room.time.set(START.after(A_YEAR));
    sleep(Duration::from_secs(10)).await;
    room.log.set_full(false);
    sleep(Duration::from_secs(20)).await;
    chair.execute("chat.post", json!({"text": "Now."})).await;
    assert_eq!(recorded(&room, "room.clock_moved").len(), 1);
    assert_eq!(consumed(&room).await, Millis::from_secs(90));
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_corrected_by_less_than_a_tenth_of_a_second_is_not_worth_an_entry() {
    let (room, chair) = speaking_for(60).await;
    room.time.set(room.now().after(Millis(90)));
    chair.execute("chat.post", json!({"text": "Now."})).await;
    assert!(recorded(&room, "room.clock_moved").is_empty());
}
