//! The recording of the room, cut by the floor. Rules of order, section 23.

use plenary_ids::{Moment, TakeId};
use plenary_protocol::{DeletionReason, RecordFault, Source, Take};
use plenary_room::{RecordReport, Scene};
use plenary_scene::TakeKey;
use plenary_testkit::{START, person, room::TestRoom};
use serde_json::json;

/// A take as one line: `r1 tokyo-1 camera`, or `- kenji microphone ja`.
fn line(take: &TakeKey) -> String {
    let speech = take.speech.map_or("-".to_owned(), |it| it.to_string());
    let source = match take.source {
        Source::Microphone => "microphone",
        Source::Camera => "camera",
        Source::Screen => "screen",
    };
    let language = take.language.as_ref();
    let language = language.map(|it| format!(" {it}")).unwrap_or_default();
    format!("{speech} {} {source}{language}", take.participant)
}

fn takes(scene: &Scene) -> Vec<String> {
    scene.takes.iter().map(line).collect()
}

fn take(id: &str) -> Take {
    Take {
        id: TakeId::new(id).expect("an id"),
        speech: None,
        participant: person("tokyo-1"),
        source: Source::Microphone,
        language: None,
        from: START,
        to: Moment(START.0 + 1000),
        bytes: 9000,
        sha256: "9f".repeat(32),
        media_type: "audio/webm; codecs=opus".into(),
        lost_packets: 0,
        recovered: false,
    }
}

#[tokio::test(start_paused = true)]
async fn a_room_is_recorded_from_the_command_on_and_everybody_learns_who_switched_it() {
    let (room, chair, _tokyo, mut seoul) = TestRoom::with_tokyo_speaking().await;
    assert!(takes(&room.media.last()).is_empty());
    seoul.events().await;
    let started = chair.execute("record.start", json!({})).await;
    assert_eq!(started["recording"], true);
    assert_eq!(started["by"], "chair");
    let again = chair.execute("record.start", json!({})).await;
    assert_eq!(again, started, "it goes on as it is");
    assert_eq!(seoul.event_types().await, ["record.started"]);
    let recording = room.snapshot().await.recording.unwrap();
    assert_eq!(recording.by, Some(person("chair")));
    assert_eq!(room.handle.recording(), Some(recording));
    assert_eq!(
        takes(&room.media.last()),
        [
            "r1 chair microphone",
            "r1 tokyo-1 microphone",
            "r1 tokyo-1 camera",
            "r1 tokyo-1 screen"
        ]
    );

    let stopped = chair.execute("record.stop", json!({})).await;
    assert_eq!(stopped, json!({"recording": false}));
    assert!(takes(&room.media.last()).is_empty());
    assert_eq!(room.snapshot().await.recording, None);
    assert_eq!(room.handle.recording(), None);
}

#[tokio::test(start_paused = true)]
async fn operators_switch_the_recording_and_delegates_and_clerks_do_not() {
    let room = TestRoom::open();
    for person in ["tokyo-1", "clerk", "aiko", "viewer"] {
        let caller = room.join(person).await;
        let refused = caller.try_execute("record.start", json!({})).await;
        assert!(refused.is_err(), "{person}");
    }
    let operator = room.join("operator").await;
    operator.execute("record.start", json!({})).await;
    assert!(room.handle.recording().is_some());
}

#[tokio::test(start_paused = true)]
async fn a_take_ends_with_the_speech_before_the_next_is_heard_and_what_goes_on_is_cut_in_one_step()
{
    let (room, chair, _tokyo, seoul) = TestRoom::with_tokyo_speaking().await;
    chair.execute("record.start", json!({})).await;
    seoul.request_floor().await;
    chair
        .execute("floor.accept", json!({"request": "r2"}))
        .await;
    let before = room.media.count();
    chair.execute("floor.next", json!({})).await;
    let steps: Vec<_> = room.media.since(before).iter().map(takes).collect();
    let [shrunk, grown] = steps.as_slice() else {
        panic!("{steps:?}")
    };
    assert_eq!(shrunk.as_slice(), ["r1 chair microphone"]);
    assert_eq!(
        grown.as_slice(),
        [
            "r2 chair microphone",
            "r2 seoul-1 microphone",
            "r2 seoul-1 camera",
            "r2 seoul-1 screen"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn two_speeches_in_a_row_of_one_person_are_two_takes() {
    let (room, chair, tokyo, _seoul) = TestRoom::with_tokyo_speaking().await;
    chair.execute("record.start", json!({})).await;
    tokyo
        .execute("floor.release", json!({"request": "r1"}))
        .await;
    assert_eq!(takes(&room.media.last()), ["- chair microphone"]);
    tokyo.request_floor().await;
    chair.execute("floor.grant", json!({"request": "r2"})).await;
    let last = takes(&room.media.last());
    assert!(
        last.contains(&"r2 tokyo-1 microphone".to_owned()),
        "{last:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_muted_speaker_is_recorded_without_sound_and_the_seated_are_not_recorded_at_all() {
    let (room, chair, _tokyo, _seoul) = TestRoom::with_tokyo_speaking().await;
    chair.execute("record.start", json!({})).await;
    chair
        .execute("participant.mute", json!({"person": "tokyo-1", "on": true}))
        .await;
    let last = room.media.last();
    assert_eq!(
        takes(&last),
        [
            "r1 chair microphone",
            "r1 tokyo-1 camera",
            "r1 tokyo-1 screen"
        ]
    );
    assert!(last.gallery.contains(&person("seoul-1")));
}

#[tokio::test(start_paused = true)]
async fn each_interpreter_is_recorded_for_the_language_of_the_channel() {
    let (room, chair, _tokyo, _seoul) = TestRoom::with_tokyo_speaking().await;
    let kenji = room.join_with_audio("kenji").await;
    kenji
        .execute("channel.take", json!({"language": "ja"}))
        .await;
    chair.execute("record.start", json!({})).await;
    let last = takes(&room.media.last());
    assert!(
        last.contains(&"r1 kenji microphone ja".to_owned()),
        "{last:?}"
    );
    kenji
        .execute("channel.release", json!({"language": "ja"}))
        .await;
    let last = takes(&room.media.last());
    assert!(!last.iter().any(|it| it.contains("kenji")), "{last:?}");
}

#[tokio::test(start_paused = true)]
async fn the_conference_file_has_a_room_recorded_until_somebody_switches_it() {
    let room = TestRoom::with_quorum("[room.recording]\nenabled = true", "");
    let recording = room.handle.recording().unwrap();
    assert_eq!(recording.by, None);
    let chair = room.join("chair").await;
    chair.execute("record.stop", json!({})).await;
    let room = room.restart_after(plenary_ids::Millis::from_secs(60));
    assert_eq!(room.handle.recording(), None, "the chair's word stands");
    let chair = room.join("chair").await;
    chair.execute("record.start", json!({})).await;
    let room = room.restart_after(plenary_ids::Millis::from_secs(60));
    let recording = room.handle.recording().unwrap();
    assert_eq!(recording.by, Some(person("chair")));
}

#[tokio::test(start_paused = true)]
async fn a_take_is_recorded_once_and_only_readers_of_the_record_see_it() {
    let room = TestRoom::open();
    let mut clerk = room.join("clerk").await;
    let mut tokyo = room.join("tokyo-1").await;
    clerk.events().await;
    tokyo.events().await;
    for _ in 0..2 {
        let report = RecordReport::Take(take("t1"));
        room.handle.report_recording(report).await.unwrap();
    }
    assert_eq!(room.handle.takes().await.unwrap(), [take("t1")]);
    let events = clerk.events().await;
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(events[0]["type"], "record.take");
    assert_eq!(events[0]["sha256"], "9f".repeat(32));
    assert_eq!(tokyo.event_types().await, ["hidden"]);

    let gone = || RecordReport::Deleted {
        id: take("t1").id,
        by: None,
        reason: DeletionReason::Retention,
    };
    for _ in 0..2 {
        room.handle.report_recording(gone()).await.unwrap();
    }
    assert_eq!(clerk.event_types().await, ["record.take_deleted"]);
    assert!(room.handle.takes().await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_report_that_cannot_be_recorded_is_refused_and_may_come_again() {
    let room = TestRoom::open();
    room.join("chair").await;
    room.log.set_full(true);
    let report = || RecordReport::Take(take("t1"));
    assert!(room.handle.report_recording(report()).await.is_err());
    room.log.set_full(false);
    room.handle.report_recording(report()).await.unwrap();
    assert_eq!(room.handle.takes().await.unwrap(), [take("t1")]);
}

#[tokio::test(start_paused = true)]
async fn a_recording_that_the_disk_ends_says_why_to_everybody() {
    let room = TestRoom::open();
    let mut chair = room.join("chair").await;
    chair.execute("record.start", json!({})).await;
    chair.events().await;
    let reason = RecordFault::DiskFull;
    for _ in 0..2 {
        let report = RecordReport::Stopped { reason };
        room.handle.report_recording(report).await.unwrap();
    }
    let events = chair.events().await;
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(events[0]["type"], "record.stopped");
    assert_eq!(events[0]["reason"], "disk_full");
    assert_eq!(room.handle.recording(), None);
}

#[tokio::test(start_paused = true)]
async fn the_log_of_a_recorded_room_folds_to_the_same_state() {
    let (room, chair, ..) = TestRoom::with_tokyo_speaking().await;
    chair.execute("record.start", json!({})).await;
    let report = RecordReport::Take(take("t1"));
    room.handle.report_recording(report).await.unwrap();
    let room = room.restart_after(plenary_ids::Millis::from_secs(60));
    assert!(room.handle.recording().is_some());
    assert_eq!(room.handle.takes().await.unwrap(), [take("t1")]);
}
