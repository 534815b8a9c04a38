//! What is found in files that are accepted.

use plenary_library::{Codec, Kind};
use plenary_testkit::recording::{OPUS, Recording, Track, VP8_KEY};

use super::{MS, check};

fn warnings(file: &[u8]) -> String {
    check(file).unwrap().warnings.join("\n")
}

#[test]
fn the_length_is_measured_and_not_believed() {
    let found = check(&Recording::sample(5).claims(60_000.0).sorted()).unwrap();
    assert_eq!(found.duration, MS * 5000);
    assert_eq!(
        found.warnings,
        ["The file claims to be 1:00 long, and has 0:05."]
    );
}

#[test]
fn a_file_that_is_cut_off_is_accepted_as_far_as_it_goes() {
    let mut file = Recording::sample(5).claims(5000.0).sorted();
    file.truncate(file.len() - 700);
    let found = check(&file).unwrap();
    assert!(
        (MS * 4000..MS * 5000).contains(&found.duration),
        "{:?}",
        found.duration
    );
    assert!(
        found.warnings[0].contains("ends in the middle"),
        "{:?}",
        found.warnings
    );
}

#[test]
fn a_live_file_without_sizes_is_accepted() {
    let live = check(&Recording::sample(5).live().sorted()).unwrap();
    let sized = check(&Recording::sample(5).sorted()).unwrap();
    assert_eq!((live.duration, live.tracks), (sized.duration, sized.tracks));
}

#[test]
fn tracks_are_pictures_by_size_then_sound_in_the_order_of_the_file() {
    let file = Recording::default()
        .track(Track::opus(1).language("zho"))
        .track(Track::vp8(2, 320, 180))
        .track(Track::vp8(3, 1280, 720))
        .track(Track::opus(4).language("jpn"))
        .track(Track::new(5, 17, "S_TEXT/WEBVTT").language("fre"))
        .pictures(2, 0..2000, 1000)
        .pictures(3, 0..2000, 1000)
        .sound(1, 0..2000)
        .sound(4, 0..2000)
        .block(5, 500, b"Bonjour");
    let found = check(&file.sorted()).unwrap();
    let shape: Vec<_> = found
        .tracks
        .iter()
        .map(|it| {
            (
                it.kind,
                it.codec,
                it.height,
                it.language.as_ref().map(ToString::to_string),
            )
        })
        .collect();
    let tag = |tag: &str| Some(tag.to_owned());
    assert_eq!(
        shape,
        [
            (Kind::Video, Codec::Vp8, Some(720), None),
            (Kind::Video, Codec::Vp8, Some(180), None),
            (Kind::Audio, Codec::Opus, None, tag("zh")),
            (Kind::Audio, Codec::Opus, None, tag("ja")),
            (Kind::Text, Codec::WebVtt, None, tag("fr")),
        ]
    );
    assert_eq!(found.warnings, [""; 0]);
    assert_eq!(found.tracks[2].bits_per_second, 4 * 50 * 8);
}

#[test]
fn a_newer_language_tag_goes_before_the_old_code() {
    let track = Track::opus(1)
        .language("chi")
        .with(0x0022_b59d, b"zh-Hant-TW");
    let found = check(&Recording::default().track(track).sound(1, 0..1000).bytes()).unwrap();
    assert_eq!(
        found.tracks[0].language.as_ref().unwrap().as_str(),
        "zh-Hant-TW"
    );
}

#[test]
fn a_file_may_begin_at_any_time() {
    let file = Recording::default()
        .track(Track::opus(1))
        .sound(1, 90_000..95_000);
    assert_eq!(check(&file.bytes()).unwrap().duration, MS * 5000);
}

#[test]
fn an_operator_is_warned_of_what_participants_would_notice() {
    let file = Recording::default()
        .track(Track::vp8(1, 1280, 720))
        .pictures(1, 0..9000, 4000);
    let said = warnings(&file.bytes());
    assert!(said.contains("up to 4.0 s between two keyframes"), "{said}");
    assert!(said.contains("one size only"), "{said}");

    let short = Recording::default()
        .track(Track::vp8(1, 64, 36))
        .track(Track::opus(2))
        .pictures(1, 0..4000, 1000)
        .sound(2, 0..9000);
    assert!(warnings(&short.sorted()).contains("The pictures of track 1 end at 0:04"));

    let mut large = VP8_KEY.to_vec();
    large.resize(70_000, 7);
    let heavy = (0..10).fold(
        Recording::default().track(Track::vp8(1, 64, 36)),
        |file, at| file.block(1, at * 100, &large),
    );
    assert!(warnings(&heavy.bytes()).contains("5.6 Mbit/s"));
}

#[test]
fn several_packets_of_sound_may_be_in_one_block() {
    // Fixed-size lacing: two packets of three bytes after their number.
    let laced = |lacing: u8, body: &[u8]| {
        let mut file = Recording::default()
            .track(Track::opus(1))
            .block(1, 0, OPUS)
            .bytes();
        let flags = file.len() - OPUS.len() - 1;
        file[flags] = lacing << 1;
        let start = file.len() - OPUS.len();
        file.splice(start.., body.iter().copied());
        // The sizes around it grow by as much.
        grow(&mut file, body.len() - OPUS.len());
        check(&file).map(|found| found.duration)
    };
    let three = [0xfc, 1, 2];
    let fixed = [&[1][..], &three, &three].concat();
    assert_eq!(laced(2, &fixed).unwrap(), MS * 40);
    let xiph = [&[1, 3][..], &three, &three].concat();
    assert_eq!(laced(1, &xiph).unwrap(), MS * 40);
    let ebml = [&[2, 0x83, 0xbf][..], &three, &three, &three].concat();
    assert_eq!(laced(3, &ebml).unwrap(), MS * 60);
    assert!(
        laced(2, &[1, 2, 3, 4]).is_err(),
        "three bytes are not two packets"
    );
    assert!(laced(1, &[9, 255, 255, 255]).is_err());
    assert!(laced(3, &[2, 0x83, 0x80, 1, 2]).is_err());
}

/// Adds to the sizes of the last block, its cluster and the segment, which `element` writes in five bytes.
fn grow(file: &mut [u8], by: usize) {
    for id in [
        &[0x18_u8, 0x53, 0x80, 0x67][..],
        &[0x1f, 0x43, 0xb6, 0x75],
        &[0xa3],
    ] {
        let at = file.windows(id.len()).rposition(|it| it == id).unwrap() + id.len();
        let end = at + 5;
        let size = u16::from_be_bytes([file[end - 2], file[end - 1]]);
        let size = size + u16::try_from(by).unwrap();
        file[end - 2..end].copy_from_slice(&size.to_be_bytes());
    }
}

#[test]
fn a_last_picture_counts_no_longer_than_its_end_may_be_missing() {
    let file = Recording::default()
        .track(Track::vp8(1, 64, 36))
        .pictures(1, 0..1000, 1000)
        .block(1, 9000, VP8_KEY);
    assert_eq!(check(&file.bytes()).unwrap().duration, MS * 10_000);
}
