//! Real pictures and sound, which ffmpeg made: as packets, through the recorder, and decoded by ffmpeg again. These tests need
//! ffmpeg (`apt install ffmpeg`) and fail without it.

use std::{path::Path, process::Command};

use plenary_library::{Codec as FileCodec, Kind};
use plenary_recorder::{MuxOptions, MuxTake, TakeSummary, mux};
use plenary_scene::Source;
use plenary_transport::sdp::Codec;
use tempfile::TempDir;

use super::meeting::{Meeting, Stream, file, read};

const FILES: [&[u8]; 3] = [
    include_bytes!("../../../library/tests/library/files/layers-languages.mkv"),
    include_bytes!("../../../library/tests/library/files/h264.mkv"),
    include_bytes!("../../../library/tests/library/files/live-vp9.webm"),
];

/// Decodes a file to its end, and returns what ffmpeg finds wrong with it.
fn complaints(path: &Path) -> String {
    let decoded = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-xerror", "-i"])
        .arg(path)
        .args(["-map", "0", "-f", "null", "-"])
        .output()
        .expect("ffmpeg is installed");
    let said = String::from_utf8_lossy(&decoded.stderr).into_owned();
    if decoded.status.success() {
        said
    } else {
        format!("{}: {said}", decoded.status)
    }
}

/// How many frames of a kind ffmpeg decodes, and how long the file is in milliseconds.
fn counted(path: &Path, stream: &str) -> (u64, u64) {
    let probed = Command::new("ffprobe")
        .args(["-v", "error", "-count_frames", "-select_streams", stream])
        .args(["-show_entries", "stream=nb_read_frames:format=duration"])
        .args(["-of", "default=noprint_wrappers=1:nokey=1"])
        .arg(path)
        .output()
        .expect("ffprobe is installed");
    let said = String::from_utf8(probed.stdout).unwrap();
    let mut lines = said.lines();
    let frames = lines.next().unwrap().parse().unwrap();
    let seconds: f64 = lines.next().unwrap().parse().unwrap();
    (frames, (seconds * 1000.0).round() as u64)
}

/// Records the first picture and the first sound of a file.
fn recorded(bytes: &[u8]) -> (TempDir, Vec<TakeSummary>) {
    let (tracks, _, frames) = read(bytes);
    let mut meeting = Meeting::new();
    for (name, source, kind) in [
        ("picture", Source::Camera, Kind::Video),
        ("sound", Source::Microphone, Kind::Audio),
    ] {
        let Some(track) = tracks.iter().position(|it| it.kind == kind) else {
            continue;
        };
        let codec = match tracks[track].codec {
            FileCodec::Vp8 => Codec::Vp8,
            FileCodec::Vp9 => Codec::Vp9,
            FileCodec::H264 => Codec::H264,
            FileCodec::Opus | FileCodec::WebVtt => Codec::Opus,
        };
        let key = meeting.begin(name, source, 0);
        let mut stream = Stream::new(codec);
        let mut last = 0;
        for frame in frames.iter().filter(|it| it.track == track) {
            let ms = u64::try_from(frame.at.as_millis()).unwrap();
            stream.pass(u32::try_from(ms - last).unwrap());
            last = ms;
            let packets = stream.frame(&frame.data, frame.keyframe, meeting.at(ms));
            meeting.give(key, &packets);
        }
        meeting.end(key, last + 33);
    }
    meeting.close()
}

#[test]
fn what_is_recorded_of_every_codec_is_decoded_without_an_error() {
    for bytes in FILES {
        let (_, _, frames) = read(bytes);
        let (folder, takes) = recorded(bytes);
        assert!(!takes.is_empty());
        for take in &takes {
            let path = file(&folder, take);
            assert_eq!(complaints(&path), "", "{}", take.media_type);
            let (decoded, length) = counted(&path, "0");
            assert_eq!(decoded, take.frames, "{}", take.media_type);
            let recorded = take.to.0 - take.from.0;
            assert!(length.abs_diff(recorded) <= 20, "{length} and {recorded}");
            if take.info.source == Source::Camera {
                let pictures = frames.iter().filter(|it| it.track == 0).count();
                assert_eq!(take.frames, pictures as u64);
            }
        }
    }
}

#[test]
fn a_speech_in_one_file_is_decoded_without_an_error_and_has_its_chapters() {
    for bytes in FILES {
        let (folder, takes) = recorded(bytes);
        let inputs: Vec<MuxTake> = takes
            .iter()
            .map(|take| MuxTake {
                path: file(&folder, take),
                source: take.info.source,
                language: None,
                is_main: true,
                from: take.from,
                to: take.to,
            })
            .collect();
        let path = folder.path().join("speech");
        let options = MuxOptions {
            title: Some("Speech".to_owned()),
            chapters: vec![plenary_recorder::Chapter {
                start_ms: 0,
                end_ms: 1000,
                title: "東京".to_owned(),
                language: None,
            }],
        };
        let mut out = std::fs::File::create(&path).unwrap();
        mux(&inputs, &options, &mut out, |_, _| {}).unwrap();
        assert_eq!(complaints(&path), "");
        let chapters = Command::new("ffprobe")
            .args(["-v", "error", "-show_chapters", "-of", "compact"])
            .arg(&path)
            .output()
            .expect("ffprobe is installed");
        let chapters = String::from_utf8(chapters.stdout).unwrap();
        assert!(chapters.contains("東京"), "{chapters}");
    }
}
