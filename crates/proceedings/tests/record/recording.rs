//! A recorded address in the proceedings.

use plenary_floor::{
    Command, Ending, Kind, Play, RecordingAction, RecordingReport, Settings, SystemCommand,
};
use plenary_ids::{MediaId, Millis};
use plenary_proceedings::{EndedBy, Sought};
use plenary_testkit::{floor::speaker, record::TestRecord};
use serde_json::json;

fn play(record: &mut TestRecord, position: Millis) {
    record.as_chair_on_recording(RecordingAction::Play(Box::new(Play {
        media: MediaId::new("mayor-address").unwrap(),
        name: "The mayor's address".to_owned(),
        duration: Millis::from_secs(420),
        position,
        beneficiary: speaker("delhi-1"),
        languages: Vec::new(),
        subtitles: Vec::new(),
    })));
}

fn report(record: &mut TestRecord, report: RecordingReport) {
    let speech = record.floor.state.recorded().unwrap();
    let generation = speech.recorded.as_ref().unwrap().generation;
    record.as_system(SystemCommand::Recording(RecordingAction::Report {
        generation,
        report,
    }));
}

/// The address fails at 3:10; Tokyo speaks; the chair has it go on from there and later closer to the end, to which it
/// plays. A wrong start before was undone, and the last minute is played once more and stopped.
fn meeting() -> TestRecord {
    let mut record = TestRecord::with(Settings::default(), &["chair", "tokyo-1"]);
    record.start_item();
    play(&mut record, Millis(0));
    record.as_chair(Command::Undo { of: None });
    record.advance(60);
    play(&mut record, Millis(0));
    report(&mut record, RecordingReport::Flowing);
    record.advance(190);
    let at = Millis::from_secs(190);
    let reason = "the disk is *gone*".to_owned();
    report(&mut record, RecordingReport::Failed { at, reason });
    let tokyo = record.request("tokyo-1", Kind::Statement);
    record.grant(tokyo);
    record.voice("tokyo-1");
    record.advance(120);
    record.as_person("tokyo-1", Command::Release { request: tokyo });
    record.as_chair_on_recording(RecordingAction::Resume);
    report(&mut record, RecordingReport::Flowing);
    record.advance(10);
    record.as_chair_on_recording(RecordingAction::Seek(Millis::from_secs(400)));
    record.advance(20);
    let at = Millis::from_secs(420);
    report(&mut record, RecordingReport::Ended { at });
    play(&mut record, Millis::from_secs(360));
    report(&mut record, RecordingReport::Flowing);
    record.advance(5);
    record.as_chair_on_recording(RecordingAction::Stop);
    record
}

#[test]
fn an_address_has_its_recording_its_parts_and_how_it_ended() {
    let proceedings = meeting().proceedings();
    let speeches = &proceedings.speeches;
    let addresses: Vec<_> = speeches
        .iter()
        .filter(|speech| speech.kind == Kind::Address)
        .collect();
    let [undone, first, rest] = addresses[..] else {
        panic!("{speeches:?}");
    };
    assert!(undone.undone);
    assert_eq!(
        proceedings.undone[0].person.as_deref(),
        Some("Delhi delegate")
    );
    assert_eq!(
        (first.how, first.ended_by),
        (Some(Ending::Played), Some(EndedBy::RecordingEnded))
    );
    assert_eq!(
        (first.parts.len(), first.used_ms),
        (2, Millis::from_secs(220))
    );
    let recording = first.recording.as_ref().unwrap();
    assert_eq!(recording.until_ms, recording.duration_ms);
    let sought = Sought {
        from_ms: Millis::from_secs(200),
        to_ms: Millis::from_secs(400),
    };
    assert_eq!(recording.sought, [sought]);
    assert_eq!(recording.failures, ["the disk is *gone*"]);
    assert_eq!(rest.ended_by, Some(EndedBy::RecordingStopped));
    let recording = json!(rest.recording);
    assert_eq!(
        recording,
        json!({
            "media": "mayor-address",
            "name": "The mayor's address",
            "duration_ms": 420_000,
            "from_ms": 360_000,
            "until_ms": 365_000,
        })
    );
}

#[test]
fn the_minutes_and_the_table_tell_of_the_recording() {
    let proceedings = meeting().proceedings();
    let minutes = proceedings.minutes();
    for sentence in [
        "gave a recorded address",
        "The recording “The mayor's address” of 7 min was played from 0 s to 7 min, \
         with the position set from 3 min 20 s to 6 min 40 s.",
        "It failed: the disk is \\*gone\\*.",
        "(recording stalled)",
        "The recording was played to its end.",
        "was played from 6 min to 6 min 5 s.",
        "The chair stopped the recording.",
        "undid the playing of Delhi delegate's recorded address",
    ] {
        assert!(minutes.contains(sentence), "{sentence}\n{minutes}");
    }
    let table = proceedings.speeches_csv().unwrap();
    assert!(
        table.contains(",recording_ended,mayor-address,420000,0,420000"),
        "{table}"
    );
    assert!(
        table.contains(",recording_stopped,mayor-address,420000,360000,365000"),
        "{table}"
    );
}
