use std::{
    sync::Arc,
    sync::mpsc::channel,
    time::{Duration, Instant},
};

use plenary_ids::{Moment, PersonId, RequestId};
use plenary_journal::{Append, Entry, Journal, Log};
use plenary_media::Codec;
use plenary_recorder::{Limits, PacketFacts, Recorder, Report, SystemDisk, TakeInfo};
use plenary_scene::Source;
use tempfile::TempDir;

use super::*;

fn room() -> RoomId {
    RoomId::new("climate").unwrap()
}

/// A data folder with a log and two seconds of the sound of two people, which the log names.
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
    let keys = [("t1", "tokyo-1"), ("t2", "moderator-1")].map(|(id, person)| {
        let info = TakeInfo {
            id: TakeId::new(id).unwrap(),
            room: room(),
            speech: Some(RequestId(3)),
            participant: PersonId::new(person).unwrap(),
            source: Source::Microphone,
            language: None,
            began: Moment(1_634_000_000_000),
        };
        tap.begin(info, start)
    });
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
        for key in keys {
            let _ = tap.packet(key, facts, &[0xfc, 1, 2, 3]);
        }
    }
    for key in keys {
        tap.end(key, start + Duration::from_secs(2));
    }
    drop(tap);
    assert!(recorder.close(Duration::from_secs(20)));
    let journal = Journal::open(data.path()).unwrap();
    let entries = reports.try_iter().zip(1_u64..).map(|(report, seq)| {
        let Report::Written(take) = report else {
            panic!("{report:?}");
        };
        let mut event = serde_json::to_value(&*take).unwrap();
        event["type"] = "record.take".into();
        event["seq"] = seq.into();
        Entry {
            at: take.to,
            body: event.to_string().into(),
        }
    });
    let append = Append {
        entries: entries.collect(),
        ..Append::after(room(), Seq(0))
    };
    journal.append(append).await.unwrap();
    data
}

/// The kinds of the tracks of a file, as ffprobe has them.
fn tracks(file: &Path) -> Vec<String> {
    let words = "-v error -show_entries stream=codec_name -of csv=p=0".split(' ');
    let said = std::process::Command::new("ffprobe")
        .args(words)
        .arg(file)
        .output();
    let said = String::from_utf8(said.unwrap().stdout).unwrap();
    said.lines().map(str::to_owned).collect()
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
    assert_eq!(tracks(&out), ["opus", "opus"]);
    let (done, out) = export(&data, 3, true);
    done.unwrap();
    assert_eq!(&std::fs::read(&out).unwrap()[4..8], b"ftyp");
    assert_eq!(tracks(&out), ["aac"], "both are heard together");
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
