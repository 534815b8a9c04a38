use std::{
    sync::Arc,
    sync::mpsc::channel,
    time::{Duration, Instant},
};

use plenary_ids::PersonId;
use plenary_journal::{Append, Entry, Journal, Log};
use plenary_media::Codec;
use plenary_recorder::{Limits, PacketFacts, Recorder, Report, SystemDisk, TakeInfo};
use tempfile::TempDir;

use super::*;

fn room() -> RoomId {
    RoomId::new("climate").unwrap()
}

/// A data folder with a log and two seconds of sound, which the log names.
async fn recorded() -> TempDir {
    let data = TempDir::new().unwrap();
    let (told, reports) = channel();
    let limits = Limits {
        min_free_bytes: 0,
        ..Limits::default()
    };
    let report = Arc::new(move |report| {
        let _ = told.send(report);
    });
    let folder = data.path().join(TAKES_FOLDER);
    let recorder = Recorder::start(folder, Arc::new(SystemDisk), limits, report).unwrap();
    let (mut tap, start) = (recorder.tap(), Instant::now());
    let key = tap.begin(
        TakeInfo {
            id: TakeId::new("t1").unwrap(),
            room: room(),
            speech: Some(RequestId(3)),
            participant: PersonId::new("tokyo-1").unwrap(),
            source: Source::Microphone,
            language: None,
            began: Moment(1_634_000_000_000),
        },
        start,
    );
    for at in 0..100_u32 {
        let facts = PacketFacts {
            codec: Codec::Opus,
            index: at.into(),
            timestamp: at * 960,
            marker: false,
            keyframe: false,
            layer: 0,
            generation: 1,
            arrival: start + Duration::from_millis(20) * at,
        };
        let _ = tap.packet(key, facts, &[0xfc, 1, 2, 3]);
    }
    tap.end(key, start + Duration::from_secs(2));
    drop(tap);
    assert!(recorder.close(Duration::from_secs(20)));
    let Some(Report::Written(take)) = reports.try_iter().next() else {
        panic!("no take");
    };
    let mut event = serde_json::to_value(&*take).unwrap();
    event["type"] = "record.take".into();
    event["seq"] = 1.into();
    let journal = Journal::open(data.path()).unwrap();
    let append = Append {
        entries: vec![Entry {
            at: take.to,
            body: event.to_string().into(),
        }],
        ..Append::after(room(), Seq(0))
    };
    journal.append(append).await.unwrap();
    data
}

fn export(data: &TempDir, speech: u64, mp4: bool) -> (Result<(), ExportError>, PathBuf) {
    let out = data.path().join("out");
    let args = RecordingExport {
        room: room(),
        data: data.path().to_owned(),
        speech: Some(RequestId(speech)),
        whole: false,
        language: None,
        mp4,
        out: out.clone(),
    };
    (run(&args), out)
}

#[tokio::test]
async fn a_speech_is_exported_as_webm_and_as_mp4() {
    let data = recorded().await;
    let (done, out) = export(&data, 3, false);
    done.unwrap();
    let bytes = std::fs::read(&out).unwrap();
    let found =
        plenary_library::inspect(io::Cursor::new(bytes), plenary_library::Limits::default());
    assert_eq!(found.unwrap().duration, Duration::from_secs(2));
    let (done, out) = export(&data, 3, true);
    done.unwrap();
    assert_eq!(&std::fs::read(&out).unwrap()[4..8], b"ftyp");
}

#[tokio::test]
async fn a_take_that_is_missing_or_altered_is_named_and_nothing_is_written() {
    let data = recorded().await;
    let take = data.path().join(TAKES_FOLDER).join("climate/t1.webm");
    let mut bytes = std::fs::read(&take).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&take, &bytes).unwrap();
    let (done, out) = export(&data, 3, false);
    assert!(matches!(done, Err(ExportError::Altered { id, .. }) if id.as_str() == "t1"));
    std::fs::remove_file(&take).unwrap();
    let (done, _) = export(&data, 3, false);
    assert!(matches!(done, Err(ExportError::Missing(_))));
    let (done, _) = export(&data, 4, false);
    assert!(matches!(done, Err(ExportError::Nothing(_))));
    assert!(!out.exists());
}

fn take(id: &str, speech: u64, language: Option<&str>, from: u64) -> LoggedTake {
    LoggedTake {
        id: TakeId::new(id).unwrap(),
        speech: Some(RequestId(speech)),
        source: if id.starts_with("camera") {
            Source::Camera
        } else {
            Source::Microphone
        },
        language: language.map(|it| Language::new(it).unwrap()),
        from: Moment(from),
        to: Moment(from + 1000),
        sha256: String::new(),
    }
}

#[test]
fn a_channel_carries_the_floor_where_nobody_interprets() {
    let takes = vec![
        take("camera1", 1, None, 0),
        take("floor1", 1, None, 0),
        take("ja1", 1, Some("ja"), 0),
        take("zh1", 1, Some("zh"), 0),
        take("floor2", 2, None, 1000),
    ];
    let ja = Language::new("ja").unwrap();
    let heard: Vec<_> = heard_in(takes, &ja)
        .into_iter()
        .map(|it| (it.id.to_string(), it.language))
        .collect();
    assert_eq!(
        heard,
        [
            ("camera1".to_owned(), None),
            ("ja1".to_owned(), Some(ja.clone())),
            ("floor2".to_owned(), Some(ja))
        ]
    );
}

#[test]
fn a_sitting_has_a_chapter_for_each_speech_from_its_first_take_to_the_next() {
    let takes = [
        take("floor2", 2, None, 6000),
        take("floor1", 1, None, 5100),
        take("camera1", 1, None, 5000),
    ];
    let found: Vec<_> = chapters(None, &takes)
        .into_iter()
        .map(|it| (it.title, it.start_ms, it.end_ms))
        .collect();
    assert_eq!(
        found,
        [("r1".to_owned(), 0, 1000), ("r2".to_owned(), 1000, 2000)]
    );
}

#[test]
fn the_log_is_read_for_its_takes_and_all_else_is_passed_over() {
    let read = |text: &str| serde_json::from_str(text).unwrap_or(LogEntry::Other);
    let taken = read(
        r#"{"seq":7,"at":"2021-10-12T01:00:00Z","type":"record.take","id":"t1","speech":"r3",
        "participant":"tokyo-1","source":"camera","from":"2021-10-12T01:00:00Z",
        "to":"2021-10-12T01:02:00Z","bytes":5,"sha256":"00","media_type":"video/webm;codecs=vp8"}"#,
    );
    assert!(matches!(taken, LogEntry::Take(take) if take.speech == Some(RequestId(3))));
    let other = read(r#"{"seq":8,"at":"2021-10-12T01:00:00Z","type":"floor.order","ids":[]}"#);
    assert!(matches!(other, LogEntry::Other));
}
