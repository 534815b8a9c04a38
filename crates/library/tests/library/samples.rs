//! Files that ffmpeg has made.

use std::time::Duration;

use plenary_library::{Codec, Frame, Kind, Library, Limits, nal_units};
use tempfile::TempDir;

use super::{MS, check, refusal};

fn frames(file: &[u8]) -> Vec<Frame> {
    let data = TempDir::new().unwrap();
    let library = Library::open(data.path(), Limits::default()).unwrap();
    let mut upload = library.upload().unwrap();
    upload.write(file).unwrap();
    let item = library.add("sample", upload, &[]).unwrap();
    let mut reader = library.reader(&item.id, Duration::ZERO).unwrap();
    let mut frames = Vec::new();
    while let Some(frame) = reader.next_frame().unwrap() {
        frames.push(frame);
    }
    frames
}

#[test]
fn two_sizes_and_two_languages() {
    let found = check(include_bytes!("files/layers-languages.mkv")).unwrap();
    let shape: Vec<_> = found
        .tracks
        .iter()
        .map(|it| (it.codec, it.height))
        .collect();
    assert_eq!(
        shape,
        [
            (Codec::Vp8, Some(180)),
            (Codec::Vp8, Some(90)),
            (Codec::Opus, None),
            (Codec::Opus, None)
        ]
    );
    let languages: Vec<_> = found
        .tracks
        .iter()
        .filter_map(|it| it.language.as_ref())
        .collect();
    assert_eq!(
        languages.iter().map(|it| it.as_str()).collect::<Vec<_>>(),
        ["en", "ja"]
    );
    assert!(
        (MS * 2950..MS * 3100).contains(&found.duration),
        "{:?}",
        found.duration
    );
    assert_eq!(found.warnings, [""; 0]);
}

#[test]
fn h264_is_given_with_its_parameter_sets() {
    let frames = frames(include_bytes!("files/h264.mkv"));
    let pictures: Vec<_> = frames.iter().filter(|it| it.track == 0).collect();
    assert_eq!(pictures.len(), 20);
    assert_eq!(pictures.iter().filter(|it| it.keyframe).count(), 2);
    let kinds: Vec<u8> = nal_units(&pictures[0].data)
        .map(|unit| unit[0] & 0x1f)
        .collect();
    assert_eq!(kinds.first_chunk(), Some(&[7, 8]));
    assert_eq!(kinds.last(), Some(&5));
}

#[test]
fn a_live_stream_of_vp9_is_read_to_its_end() {
    let file = include_bytes!("files/live-vp9.webm");
    let found = check(file).unwrap();
    assert_eq!(found.tracks[0].codec, Codec::Vp9);
    assert!(
        (MS * 1950..MS * 2100).contains(&found.duration),
        "{:?}",
        found.duration
    );
    let frames = frames(file);
    assert_eq!(frames.iter().filter(|it| it.track == 0).count(), 20);
    let sound = found
        .tracks
        .iter()
        .filter(|it| it.kind == Kind::Audio)
        .count();
    assert_eq!(sound, 1);
}

#[test]
fn what_a_phone_makes_is_refused_with_the_way_out() {
    let said = refusal(include_bytes!("files/phone.mp4"));
    assert!(
        said.contains("MP4") && said.contains("plenary media add"),
        "{said}"
    );
    let said = refusal(include_bytes!("files/main-profile.mkv"));
    assert!(
        said.contains("profile") && said.contains("plenary media add"),
        "{said}"
    );
}
