//! Every refusal says what was found and what to do.

use plenary_library::Limits;
use plenary_testkit::recording::{OPUS, Recording, Track, VP8, VP8_KEY, element, header};

use super::{check, refusal};

fn one(track: Track) -> Vec<u8> {
    Recording::default().track(track).block(1, 0, OPUS).bytes()
}

#[track_caller]
fn says(file: &[u8], words: &str) {
    let sentence = refusal(file);
    assert!(sentence.contains(words), "{sentence}");
    assert!(sentence.ends_with('.'), "{sentence}");
}

#[test]
fn a_file_that_is_no_recording_is_named() {
    says(&[], "The file is empty");
    says(b"\0\0\0\x20ftypisom", "an MP4 or QuickTime file");
    says(b"OggS\0\0", "an Ogg file");
    says(b"RIFF....AVI ", "an AVI or WAV file");
    says(b"<html>", "not a video file that Plenary knows");
    says(
        &element(0x1a45_dfa3, &element(0x4282, b"other")),
        "not a video file",
    );
}

#[test]
fn a_file_of_which_only_the_beginning_was_copied_is_refused() {
    let whole = Recording::sample(2).sorted();
    for length in [40, 60, 120, 200] {
        says(
            &whole[..length],
            "The file ends before its first picture or sound",
        );
    }
    says(&header(), "The file ends before its first picture or sound");
}

#[test]
fn a_file_that_is_too_large_is_refused_before_it_is_read() {
    let file = Recording::sample(2).sorted();
    let limits = Limits {
        max_bytes: 1000,
        ..Limits::default()
    };
    let refused = plenary_library::inspect(std::io::Cursor::new(&file), limits).unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("at most 1000 (media.max_recording)")
    );
}

#[test]
fn a_codec_that_is_not_forwarded_is_named() {
    says(
        &one(Track::new(1, 1, "V_AV1").size(64, 36)),
        "Track 1 is coded as AV1",
    );
    says(&one(Track::new(1, 2, "A_AAC")), "Track 1 is coded as AAC");
    says(
        &one(Track::new(1, 2, "A_\u{1b}[2J")),
        "coded as \"A_\\u{1b}[2J\"",
    );
    says(
        &one(Track::new(1, 17, "S_TEXT/UTF8")),
        "Track 1 is coded as SubRip",
    );
    says(
        &one(Track::new(1, 18, "S_VOBBTN")),
        "Track 1 is a menu of a DVD",
    );
    says(
        &one(Track::new(1, 1, "A_OPUS")),
        "Track 1 is coded as \"A_OPUS\"",
    );
}

#[test]
fn tracks_that_cannot_be_played_together_are_refused() {
    let none = Recording::default().block(1, 0, OPUS).bytes();
    says(&none, "neither sound nor pictures");
    says(
        &one(Track::new(1, 17, "S_TEXT/WEBVTT")),
        "neither sound nor pictures",
    );
    let many = (1..=33).fold(Recording::default(), |file, it| file.track(Track::opus(it)));
    says(&many.block(1, 0, OPUS).bytes(), "has 33 tracks");
    let sizes = (1..=4).fold(Recording::default(), |file, it| {
        file.track(Track::vp8(it, 64, 36))
    });
    says(&sizes.block(1, 0, VP8_KEY).bytes(), "has 4 video tracks");
    let mixed = Recording::default()
        .track(Track::vp8(1, 64, 36))
        .track(Track::new(2, 1, "V_VP9").size(32, 18));
    says(&mixed.block(1, 0, VP8_KEY).bytes(), "coded as VP8 and VP9");
    let twins = Recording::default()
        .track(Track::opus(1))
        .track(Track::opus(1));
    says(
        &twins.block(1, 0, OPUS).bytes(),
        "the same number as another",
    );
}

#[test]
fn a_track_that_is_not_as_browsers_need_it_is_refused() {
    says(&one(Track::vp8(1, 0, 36)), "pictures without a size");
    says(&one(Track::vp8(1, 64, 9000)), "larger than 4096 pixels");
    says(
        &one(Track::opus(1).with(0x6d80, &[])),
        "compressed or encrypted",
    );
    let six = element(0x9f, &[6]);
    says(
        &one(Track::opus(1).with(0xe1, &six)),
        "more than two channels",
    );
    let bare = Track::new(1, 1, "V_MPEG4/ISO/AVC").size(64, 36);
    says(&one(bare.clone()), "H.264 without its parameter sets");
    let high = [
        1, 0x64, 0, 0x1f, 0xff, 0xe1, 0, 2, 0x67, 0x64, 1, 0, 2, 0x68, 0xce,
    ];
    says(
        &one(bare.with(0x63a2, &high)),
        "a profile that not every browser shows",
    );
}

#[test]
fn pictures_that_do_not_begin_with_a_keyframe_are_refused() {
    let file = Recording::default()
        .track(Track::vp8(1, 64, 36))
        .block(1, 0, VP8);
    says(&file.bytes(), "do not begin with a keyframe");
}

#[test]
fn pictures_that_begin_late_are_refused() {
    let file = Recording::default()
        .track(Track::vp8(1, 64, 36))
        .track(Track::opus(2))
        .sound(2, 0..5000)
        .pictures(1, 3000..5000, 1000);
    says(&file.sorted(), "begin 3.0 s after the beginning");
}

#[test]
fn rare_keyframes_are_refused_and_also_at_the_end() {
    let file = |seconds: i64| {
        Recording::default()
            .track(Track::vp8(1, 64, 36))
            .pictures(1, 0..2000, 1000)
            .pictures(1, 2000..2000 + seconds * 1000, 60_000)
            .bytes()
    };
    says(&file(12), "no keyframe for 12.0 s from 0:02 on");
    assert!(check(&file(10)).is_ok());
}

#[test]
fn pictures_out_of_order_are_refused_as_b_frames() {
    let file = Recording::default()
        .track(Track::vp8(1, 64, 36))
        .block(1, 0, VP8_KEY)
        .block(1, 300, VP8)
        .block(1, 100, VP8);
    says(&file.bytes(), "B-frames, at 0:00");
}

#[test]
fn sound_that_goes_back_in_time_is_refused() {
    let file = Recording::default()
        .track(Track::opus(1))
        .sound(1, 0..3000)
        .sound(1, 2000..3000);
    says(&file.bytes(), "goes back in time at 0:02");
}

#[test]
fn sound_far_from_its_pictures_is_refused() {
    let file = Recording::default()
        .track(Track::vp8(1, 64, 36))
        .track(Track::opus(2))
        .pictures(1, 0..5000, 1000)
        .sound(2, 0..5000);
    says(&file.bytes(), "stored 4.9 s apart");
}

#[test]
fn a_frame_that_is_not_of_its_codec_is_refused() {
    let pictures = Recording::default().track(Track::vp8(1, 64, 36));
    let file = pictures.block(1, 0, VP8_KEY).block(1, 61_000, b"");
    says(&file.bytes(), "something at 1:01 that is not VP8");
    says(
        &Recording::default()
            .track(Track::opus(1))
            .block(1, 0, &[0x1b, 63])
            .bytes(),
        "not Opus",
    );
}

#[test]
fn an_empty_track_is_refused() {
    let file = Recording::sample(2).track(Track::opus(3));
    says(&file.sorted(), "Track 3 has no sound in it");
}

#[test]
fn a_recording_without_a_length_is_refused() {
    let file = Recording::default().track(Track::vp8(1, 64, 36));
    let one_picture = file.clone().block(1, 0, VP8_KEY);
    says(&one_picture.bytes(), "has no length");
    check(&file.pictures(1, 0..200, 1000).bytes()).unwrap();
}

#[test]
fn sound_that_fits_into_no_datagram_is_refused() {
    let with = |bytes: usize| {
        let mut packet = OPUS.to_vec();
        packet.resize(bytes, 7);
        Recording::sample(2).block(2, 2000, &packet).sorted()
    };
    check(&with(1275)).unwrap();
    says(&with(1276), "1276 bytes at 0:02, and 1275 is the most");
}

#[test]
fn more_frames_than_any_recording_has_are_refused() {
    let mut file = Recording::default().track(Track::opus(1));
    for at in 0..1000 {
        file = file.block(1, at, OPUS);
    }
    check(&file.bytes()).unwrap();
    says(
        &file.block(1, 999, OPUS).bytes(),
        "more than 1000 frames in the second at 0:00",
    );
}

#[test]
fn a_recording_longer_than_twelve_hours_is_refused() {
    let file = Recording::default().track(Track::opus(1)).block(1, 0, OPUS);
    says(
        &file.block(1, 13 * 3_600_000, OPUS).bytes(),
        "longer than twelve hours",
    );
}

#[test]
fn pictures_of_a_bitrate_that_nobody_can_receive_are_refused() {
    let mut large = VP8_KEY.to_vec();
    large.resize(4_000_000, 7);
    let file = Recording::default()
        .track(Track::vp8(1, 64, 36))
        .block(1, 0, &large)
        .block(1, 500, &large)
        .block(1, 999, VP8);
    says(&file.bytes(), "Mbit/s, and 20 is the most");
}

#[test]
fn a_damaged_file_is_refused_with_the_place_of_the_damage() {
    let file = Recording::sample(2).sorted();
    let mut damaged = file.clone();
    let at = file.len() / 2;
    damaged[at..at + 40].fill(0);
    says(&damaged, "The file is damaged at byte");
}

#[test]
fn several_recordings_in_one_file_are_refused() {
    let file = Recording::sample(2).live().sorted();
    says(
        &[file.clone(), file].concat(),
        "several recordings one after another",
    );
}
