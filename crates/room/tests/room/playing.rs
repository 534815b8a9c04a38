//! A recorded address is played as a speech, by a player that only records what it is told. Rules of order, section 22.

use std::time::Duration;

use plenary_conference::RecordingStarts::{Auto, Chair};
use plenary_floor::{Cause, RecordedAddress, Speech};
use plenary_ids::{Language, Millis};
use plenary_protocol::{
    Code,
    Source::{Camera, Microphone},
};
use plenary_room::{Playback, PlaybackReport, Reach};
use plenary_scene::Want;
use plenary_testkit::{
    person,
    room::{Participant, TestRoom},
};
use serde_json::{Value, json};
use tokio::time::sleep;

const MAYOR: &str = "tokyo-1";

async fn seconds(count: u64) {
    sleep(Duration::from_secs(count)).await;
}

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// What the player is to do now.
fn told(room: &TestRoom) -> Playback {
    room.media.playback().expect("something to play")
}

/// The player reports on what it was told to play.
async fn report(room: &TestRoom, report: PlaybackReport) {
    let generation = told(room).generation;
    room.handle.playback(report, generation).await;
}

async fn speech(room: &TestRoom) -> Speech {
    let speeches = room.snapshot().await.floor.speeches;
    let mut speeches = speeches.into_iter();
    speeches
        .find(|speech| speech.recorded.is_some())
        .expect("a recording")
}

async fn recorded(room: &TestRoom) -> RecordedAddress {
    *speech(room).await.recorded.expect("a recording")
}

fn mayor() -> Value {
    json!({"media": "mayor-address", "beneficiary": MAYOR})
}

/// The chair and Seoul are there, the mayor is not, and the address plays.
async fn playing() -> (TestRoom, Participant, Participant) {
    let room = TestRoom::with_library(Chair);
    let chair = room.join("chair").await;
    let seoul = room.join("seoul-1").await;
    chair.execute("recording.play", mayor()).await;
    report(&room, PlaybackReport::Resumed).await;
    (room, chair, seoul)
}

async fn recording_events(participant: &mut Participant) -> Vec<String> {
    let mut types = participant.event_types().await;
    types.retain(|kind| kind.starts_with("recording."));
    types
}

#[tokio::test(start_paused = true)]
async fn the_mayor_who_is_not_there_is_on_stage_and_not_in_the_roster() {
    let (room, _chair, mut seoul) = playing().await;
    let expected = Playback {
        media: "mayor-address".parse().unwrap(),
        participant: person(MAYOR),
        generation: 1,
        from: Duration::ZERO,
        running: true,
    };
    assert_eq!(room.media.played(), [Some(expected)]);
    for source in [Microphone, Camera] {
        assert_eq!(room.reach(MAYOR, source), Some(Reach::Stage));
    }
    assert!(room.presence(MAYOR).await.is_null());
    seconds(190).await;
    let floor = serde_json::to_value(room.snapshot().await.floor).unwrap();
    assert_eq!(floor["speech"]["kind"], "address");
    let shown = &floor["speech"]["recorded"];
    assert_eq!(shown["media"], "mayor-address");
    assert_eq!(shown["position_ms"], 190_000);
    assert_eq!(shown["duration_ms"], 420_000);
    assert_eq!(shown["running"], true);
    let events = seoul.events().await;
    let started = events.iter().find(|it| it["type"] == "recording.started");
    assert_eq!(started.unwrap()["by"], "chair");
    assert_eq!(started.unwrap()["recorded"]["name"], "The mayor's address");
}

#[tokio::test(start_paused = true)]
async fn the_channels_of_its_languages_carry_the_recording_while_nobody_interprets_and_it_plays() {
    let (room, chair, _seoul) = playing().await;
    let recorded = |room: &TestRoom| {
        let scene = room.media.since(0).pop().unwrap();
        let carries = |tag: &str| {
            let language = Language::new(tag).unwrap();
            let want = Want::Language(language.clone());
            scene.allows_recorded(&person(MAYOR), &language, &want)
        };
        ["en", "ja", "fr"].map(carries)
    };
    assert_eq!(recorded(&room), [true, true, false]);
    let told = room.snapshot().await.floor;
    let told = serde_json::to_value(told).unwrap()["speech"]["recorded"].take();
    assert_eq!(told["languages"], json!(["en", "ja"]));
    assert_eq!(told["subtitles"], json!(["en"]));
    let kenji = room.join("kenji").await;
    room.handle.path(kenji.session.clone(), true).await;
    let ja = json!({"language": "ja"});
    kenji.execute("channel.take", ja.clone()).await;
    assert_eq!(
        recorded(&room),
        [true, false, false],
        "Kenji goes before it"
    );
    kenji.execute("channel.release", ja).await;
    assert_eq!(recorded(&room), [true, true, false]);
    chair.execute("recording.pause", json!({})).await;
    assert_eq!(recorded(&room), [false; 3]);
    chair.execute("recording.play", json!({})).await;
    assert_eq!(recorded(&room), [true, true, false]);
    chair.execute("recording.stop", json!({})).await;
    assert_eq!(recorded(&room), [false; 3]);
}

#[tokio::test(start_paused = true)]
async fn a_recording_is_played_only_once_its_grant_is_on_disk() {
    let room = TestRoom::with_library(Chair);
    let chair = room.join("chair").await;
    room.log.set_full(true);
    let refused = chair.expect_refusal("recording.play", mayor()).await;
    assert_eq!(refused.code, Code::Unavailable);
    assert_eq!(room.media.played(), []);
    room.log.set_full(false);
    seconds(2).await;
    chair.execute("recording.play", mayor()).await;
    // A command that cannot be recorded has stopped it for a moment only.
    room.log.set_full(true);
    chair.expect_refusal("recording.stop", json!({})).await;
    let running: Vec<bool> = room
        .media
        .played()
        .iter()
        .flatten()
        .map(|it| it.running)
        .collect();
    assert_eq!(running, [true, false, true]);
    assert_eq!(told(&room).generation, 1, "it goes on where it was");
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_recording_is_recorded_once_the_disk_has_room_again() {
    let (room, _chair, _seoul) = playing().await;
    room.log.set_full(true);
    report(&room, PlaybackReport::Ended { at: at(420) }).await;
    seconds(5).await;
    room.log.set_full(false);
    seconds(5).await;
    assert_eq!(room.media.playback(), None);
    assert_eq!(room.snapshot().await.floor.speech, None);
}

#[tokio::test(start_paused = true)]
async fn a_pause_and_a_seek_move_the_player_and_it_goes_on_by_play_without_arguments() {
    let (room, chair, mut seoul) = playing().await;
    seconds(20).await;
    chair.execute("recording.pause", json!({})).await;
    assert!(!told(&room).running);
    assert_eq!(room.reach(MAYOR, Microphone), None);
    seconds(20).await;
    chair.execute("recording.play", json!({})).await;
    let goes_on = told(&room);
    assert_eq!((goes_on.generation, goes_on.running), (1, true));
    let floor = chair
        .execute("recording.seek", json!({"position_ms": 400_000}))
        .await;
    assert_eq!(floor["speech"]["recorded"]["position_ms"], 400_000);
    let sought = told(&room);
    assert_eq!(
        (sought.generation, sought.from, sought.running),
        (2, at(400), true)
    );
    let expected = [
        "recording.started",
        "recording.paused",
        "recording.resumed",
        "recording.sought",
    ];
    assert_eq!(recording_events(&mut seoul).await, expected);
    // A late report of the first generation.
    let late = PlaybackReport::Ended { at: at(420) };
    room.handle.playback(late, 1).await;
    assert_eq!(recorded(&room).await.generation, 2);
}

#[tokio::test(start_paused = true)]
async fn a_point_of_order_and_chair_priority_stand_the_player_still() {
    let (room, chair, seoul) = playing().await;
    seconds(30).await;
    let point = json!({"kind": "point_of_order"});
    let point = seoul.execute("floor.request", point).await["id"].clone();
    assert!(!told(&room).running);
    seconds(30).await;
    chair.execute("floor.deny", json!({"request": point})).await;
    assert!(told(&room).running);
    chair.execute("chair.priority_on", json!({})).await;
    assert!(!told(&room).running);
    seconds(30).await;
    chair.execute("chair.priority_off", json!({})).await;
    assert!(told(&room).running);
    assert_eq!(recorded(&room).await.position, Millis::from_secs(30));
}

#[tokio::test(start_paused = true)]
async fn the_end_of_the_media_and_the_chair_end_the_speech_and_the_player_is_told() {
    let (room, chair, mut seoul) = playing().await;
    seconds(420).await;
    report(&room, PlaybackReport::Ended { at: at(420) }).await;
    assert_eq!(room.snapshot().await.floor.speech, None);
    assert_eq!(room.media.playback(), None);
    assert_eq!(room.reach(MAYOR, Camera), None);
    chair.execute("recording.play", mayor()).await;
    assert_eq!(told(&room).generation, 2);
    let floor = chair.execute("recording.stop", json!({})).await;
    assert_eq!(floor["speech"], Value::Null);
    assert_eq!(room.media.playback(), None);
    let events = recording_events(&mut seoul).await;
    let expected = ["started", "ended", "started", "stopped"];
    assert_eq!(events, expected.map(|it| format!("recording.{it}")));
}

#[tokio::test(start_paused = true)]
async fn a_stall_at_3_10_is_told_and_the_address_goes_on_from_there() {
    let (room, _chair, mut seoul) = playing().await;
    seconds(190).await;
    report(&room, PlaybackReport::Stalled { at: at(190) }).await;
    seconds(40).await;
    let stalled = speech(&room).await;
    assert!(stalled.suspended_by.contains(&Cause::Stalled));
    assert_eq!(room.handle.stalled().await, 1);
    assert!(told(&room).running, "the player tries on");
    let expected = ["recording.started", "recording.stalled"];
    assert_eq!(recording_events(&mut seoul).await, expected);
    report(&room, PlaybackReport::Resumed).await;
    seconds(10).await;
    assert_eq!(recorded(&room).await.position, Millis::from_secs(200));
    assert_eq!(recording_events(&mut seoul).await, ["recording.resumed"]);
}

#[tokio::test(start_paused = true)]
async fn after_a_failure_somebody_else_is_granted_and_then_the_rest_is_played() {
    let (room, chair, seoul) = playing().await;
    seconds(190).await;
    let reason = "the disk is gone".to_owned();
    report(
        &room,
        PlaybackReport::Failed {
            at: at(190),
            reason,
        },
    )
    .await;
    let stall = recorded(&room).await.stall.unwrap();
    assert_eq!(stall.failure.as_deref(), Some("the disk is gone"));
    let request = seoul.request_floor().await;
    chair
        .execute("floor.grant", json!({"request": request}))
        .await;
    assert_eq!(room.reach("seoul-1", Microphone), Some(Reach::Stage));
    seoul
        .execute("floor.release", json!({"request": request}))
        .await;
    chair.execute("recording.play", json!({})).await;
    let again = told(&room);
    assert_eq!(
        (again.generation, again.from, again.running),
        (2, at(190), true)
    );
    assert_eq!(
        room.reach(MAYOR, Microphone),
        None,
        "until the player reports"
    );
    report(&room, PlaybackReport::Resumed).await;
    let _ = room.snapshot().await;
    assert_eq!(room.reach(MAYOR, Microphone), Some(Reach::Stage));
    seconds(5).await;
    assert_eq!(recorded(&room).await.position, Millis::from_secs(195));
}

#[tokio::test(start_paused = true)]
async fn a_file_that_ends_too_early_is_a_failure_for_the_chair() {
    let (room, chair, _seoul) = playing().await;
    seconds(190).await;
    report(&room, PlaybackReport::Ended { at: at(190) }).await;
    assert!(recorded(&room).await.stall.unwrap().failure.is_some());
    chair.execute("recording.stop", json!({})).await;
    // The rest of it is a second speech.
    let mut rest = mayor();
    rest["position_ms"] = json!(190_000);
    chair.execute("recording.play", rest).await;
    assert_eq!(told(&room).from, at(190));
    assert_eq!(speech(&room).await.limit, Millis::from_secs(230));
}

#[tokio::test(start_paused = true)]
async fn an_undone_play_stops_the_player_and_leaves_nothing_behind() {
    let room = TestRoom::with_library(Chair);
    let chair = room.join("chair").await;
    let before = room.snapshot().await.floor;
    chair.execute("recording.play", mayor()).await;
    report(&room, PlaybackReport::Resumed).await;
    seconds(9).await;
    chair.execute("floor.undo", json!({})).await;
    assert_eq!(room.media.playback(), None);
    let after = room.snapshot().await.floor;
    assert_eq!(
        (after.requests, after.speeches),
        (before.requests, before.speeches)
    );
    assert_eq!(room.reach(MAYOR, Camera), None);
}

#[tokio::test(start_paused = true)]
async fn after_a_kill_at_3_10_the_next_start_plays_on_from_there_by_itself() {
    let (room, _chair, _seoul) = playing().await;
    seconds(190).await;
    let room = room.restart_after(Millis::from_secs(3600));
    let again = told(&room);
    assert!(again.from.abs_diff(at(190)) <= at(1), "{again:?}");
    assert_eq!((again.generation, again.running), (2, true));
    assert_eq!(room.reach(MAYOR, Microphone), None);
    seconds(60).await;
    let from = again.from;
    let position = recorded(&room).await.position.0;
    assert_eq!(Duration::from_millis(position), from, "it waits");
    report(&room, PlaybackReport::Resumed).await;
    let _ = room.snapshot().await;
    assert_eq!(room.reach(MAYOR, Microphone), Some(Reach::Stage));
    seconds(10).await;
    let position = Duration::from_millis(recorded(&room).await.position.0);
    assert_eq!(position, from + at(10));
}

#[tokio::test(start_paused = true)]
async fn an_item_begins_its_recording_by_itself_or_says_why_it_does_not() {
    let room = TestRoom::with_library(Auto);
    let mut chair = room.join("chair").await;
    let seoul = room.join("seoul-1").await;
    let item = json!({"item": "climate-3"});
    let started = chair.execute("agenda.start", item.clone()).await;
    assert_eq!(started["recording"], "mayor-address");
    assert_eq!(told(&room).participant, person(MAYOR));
    chair.execute("recording.stop", json!({})).await;
    chair.execute("agenda.end", item.clone()).await;
    let request = seoul.request_floor().await;
    chair
        .execute("floor.grant", json!({"request": request}))
        .await;
    chair.events().await;
    chair.execute("agenda.start", item).await;
    let events = chair.events().await;
    let refused = events.iter().find(|it| it["type"] == "recording.refused");
    assert_eq!(refused.unwrap()["code"], "floor_full");
    assert_eq!(room.media.playback(), None);
}

#[tokio::test(start_paused = true)]
async fn an_item_without_auto_waits_for_the_chair() {
    let room = TestRoom::with_library(Chair);
    let chair = room.join("chair").await;
    let item = json!({"item": "climate-3"});
    chair.execute("agenda.start", item.clone()).await;
    assert_eq!(room.media.playback(), None);
    chair.execute("recording.play", item).await;
    assert_eq!(told(&room).participant, person(MAYOR));
}

#[tokio::test(start_paused = true)]
async fn the_devices_of_the_mayor_neither_stop_the_recording_nor_are_shown_beside_it() {
    let (room, chair, _seoul) = playing().await;
    let tokyo = room.join(MAYOR).await;
    room.handle.flow(person(MAYOR), false).await;
    chair
        .execute("participant.mute", json!({"person": MAYOR, "on": true}))
        .await;
    assert_eq!(room.reach(MAYOR, Microphone), Some(Reach::Stage));
    chair.execute("recording.pause", json!({})).await;
    assert_eq!(room.reach(MAYOR, Camera), None, "no tile either");
    chair.execute("recording.play", json!({})).await;
    tokyo.disconnect().await;
    seconds(120).await;
    assert_eq!(recorded(&room).await.position, Millis::from_secs(120));
    assert!(
        room.presence(MAYOR).await.is_null(),
        "the place has expired"
    );
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_played_is_refused_with_a_code_and_a_sentence() {
    let room = TestRoom::with_library(Chair);
    let chair = room.join("chair").await;
    let deputy = room.join("deputy").await;
    let seoul = room.join("seoul-1").await;
    for (fields, code, sentence) in [
        (
            json!({"media": "unknown", "beneficiary": MAYOR}),
            Code::NotFound,
            "no recording",
        ),
        (json!({"media": "hymn"}), Code::Invalid, "beneficiary"),
        (
            json!({"media": "empty", "beneficiary": MAYOR}),
            Code::Invalid,
            "neither sound",
        ),
        (
            json!({"media": "hymn", "beneficiary": "viewer"}),
            Code::Forbidden,
            "does not speak",
        ),
        (
            json!({"media": "hymn", "beneficiary": "nobody"}),
            Code::NotFound,
            "nobody",
        ),
        (
            json!({"item": "climate-1"}),
            Code::Invalid,
            "has no recording",
        ),
        (json!({"item": "climate-9"}), Code::NotFound, "climate-9"),
        (
            json!({"media": "hymn", "beneficiary": MAYOR, "position_ms": 60_000}),
            Code::Invalid,
            "1:00",
        ),
        (json!({}), Code::Conflict, "No recording"),
    ] {
        let refused = chair.expect_refusal("recording.play", fields.clone()).await;
        assert_eq!(refused.code, code, "{fields}");
        assert!(refused.detail.contains(sentence), "{}", refused.detail);
    }
    for (kind, fields) in [
        ("recording.pause", json!({})),
        ("recording.seek", json!({"position_ms": 0})),
        ("recording.stop", json!({})),
    ] {
        let refused = chair.expect_refusal(kind, fields).await;
        assert_eq!(refused.code, Code::Conflict, "{kind}");
    }
    for other in [&deputy, &seoul] {
        let refused = other.expect_refusal("recording.play", mayor()).await;
        assert_eq!(refused.code, Code::Forbidden);
    }
    chair.execute("list.adjourn", json!({})).await;
    let refused = chair.expect_refusal("recording.play", mayor()).await;
    assert_eq!(refused.code, Code::Conflict);
    chair.execute("list.resume", json!({})).await;
    let request = seoul.request_floor().await;
    chair
        .execute("floor.grant", json!({"request": request}))
        .await;
    let refused = chair.expect_refusal("recording.play", mayor()).await;
    assert_eq!(refused.code, Code::FloorFull);
    let own = json!({"media": "hymn", "beneficiary": "seoul-1"});
    let refused = chair.expect_refusal("recording.play", own).await;
    assert_eq!(
        (refused.code, refused.request.is_some()),
        (Code::Conflict, true)
    );
    assert_eq!(room.media.played(), []);
}
