//! Frames in the order of time, from any position on.

use std::{io::Cursor, sync::Arc, time::Duration};

use plenary_library::{Frame, Item, ReadError, Reader};
use plenary_testkit::recording::{Recording, Track};

use super::{MS, check};

fn item(file: &[u8]) -> Arc<Item> {
    let found = check(file).unwrap();
    let described = serde_json::json!({
        "id": "test", "name": "Test", "bytes": found.bytes, "duration_ms": found.duration.as_millis(),
        "tracks": found.tracks, "index": found.index,
    });
    serde_json::from_value::<Item>(described)
        .map(Arc::new)
        .unwrap()
}

fn frames(file: &[u8], from: Duration) -> Vec<Frame> {
    let mut reader = Reader::open(Cursor::new(file), item(file), from).unwrap();
    let mut frames = Vec::new();
    while let Some(frame) = reader.next_frame().unwrap() {
        frames.push(frame);
    }
    frames
}

fn two_sizes() -> Vec<u8> {
    Recording::default()
        .track(Track::vp8(1, 640, 360))
        .track(Track::vp8(2, 320, 180))
        .track(Track::opus(3))
        .pictures(1, 0..10_000, 2000)
        .pictures(2, 0..10_000, 1000)
        .sound(3, 0..10_000)
        .sorted()
}

#[test]
fn every_frame_comes_once_in_the_order_of_time() {
    let frames = frames(&two_sizes(), Duration::ZERO);
    assert_eq!(frames.len(), 100 + 100 + 500);
    assert!(frames.is_sorted_by_key(|it| it.at));
}

#[test]
fn tracks_that_are_stored_a_little_apart_come_in_order_too() {
    let mut file = Recording::default()
        .track(Track::vp8(1, 64, 36))
        .track(Track::opus(2));
    for second in 0..5 {
        file = file
            .pictures(1, second * 1000..(second + 1) * 1000, 1000)
            .sound(2, second * 1000..(second + 1) * 1000);
    }
    let file = file.bytes();
    for from in [0, 1500, 4000] {
        let frames = frames(&file, MS * from);
        assert!(frames.is_sorted_by_key(|it| it.at));
        let sound = frames.iter().filter(|it| it.track == 1).count();
        assert_eq!(sound, (5000 - from as usize) / 20, "from {from}");
    }
}

#[test]
fn a_seek_gives_pictures_from_their_last_keyframe_and_sound_from_the_position() {
    let file = two_sizes();
    for from in [0_u32, 1, 999, 1000, 3500, 5999, 6000, 9900] {
        let frames = frames(&file, MS * from);
        for (track, every) in [(0, 2000), (1, 1000)] {
            let first = frames.iter().find(|it| it.track == track).unwrap();
            assert!(first.keyframe);
            let at = u32::try_from(first.at.as_millis()).unwrap();
            assert!(
                at <= from && at + every > from - from % every,
                "{from}: {at}"
            );
        }
        let sound = frames.iter().find(|it| it.track == 2).unwrap();
        assert!(
            sound.at >= MS * from && sound.at < MS * (from + 20),
            "{from}"
        );
    }
}

#[test]
fn a_position_beyond_the_end_has_no_sound() {
    let frames = frames(&two_sizes(), MS * 99_000);
    assert!(frames.iter().all(|it| it.track != 2));
}

#[test]
fn another_file_in_its_place_is_noticed() {
    let item = item(&two_sizes());
    let other = Recording::sample(3).sorted();
    let opened = Reader::open(Cursor::new(other), item, Duration::ZERO);
    assert!(matches!(opened, Err(ReadError::Changed)));
}

#[test]
fn a_file_that_was_cut_off_since_ends_earlier() {
    let file = two_sizes();
    let item = item(&file);
    let cut = &file[..file.len() / 2];
    let mut reader = Reader::open(Cursor::new(cut), item, Duration::ZERO).unwrap();
    let mut count = 0;
    while reader.next_frame().unwrap().is_some() {
        count += 1;
    }
    assert!((200..500).contains(&count), "{count}");
}

#[test]
fn subtitles_after_the_end_are_left_out_so_that_the_recording_ends() {
    let file = Recording::default()
        .track(Track::opus(1))
        .track(Track::new(2, 0x11, "S_TEXT/WEBVTT"))
        .sound(1, 0..2000)
        .block(2, 1000, b"in time")
        .block(2, 90_000, b"late")
        .sorted();
    let frames = frames(&file, Duration::ZERO);
    let subtitles: Vec<&[u8]> = frames
        .iter()
        .filter(|it| it.track == 1)
        .map(|it| &it.data[..])
        .collect();
    assert_eq!(subtitles, [b"in time"]);
    assert_eq!(frames.last().unwrap().at, MS * 1980);
}
