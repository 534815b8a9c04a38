//! What is in the files.

use plenary_ids::Moment;
use plenary_scene::Source;
use plenary_transport::sdp::Codec;

use super::meeting::{BEGAN, Meeting, Stream, file, picture, read, sound};

#[test]
fn a_speech_becomes_one_file_for_each_source_with_every_frame_at_its_time() {
    let mut meeting = Meeting::new();
    let microphone = meeting.begin("sound", Source::Microphone, 100);
    let camera = meeting.begin("picture", Source::Camera, 100);
    let (mut opus, mut vp8) = (Stream::new(Codec::Opus), Stream::new(Codec::Vp8));
    meeting.speak(microphone, &mut opus, 100, 3100);
    meeting.show(camera, &mut vp8, 100, 3100);
    meeting.end(microphone, 3100);
    meeting.end(camera, 3100);
    let (folder, written) = meeting.close();

    let [pictures, sounds] = written.as_slice() else {
        panic!("{written:?}");
    };
    assert_eq!(sounds.media_type, "audio/webm;codecs=opus");
    assert_eq!(pictures.media_type, "video/webm;codecs=vp8");
    assert_eq!((sounds.frames, pictures.frames), (150, 75));
    for take in [sounds, pictures] {
        assert_eq!(take.from, Moment(BEGAN.0 + 100));
        assert_eq!(take.to, Moment(BEGAN.0 + 3100));
        assert_eq!((take.lost_packets, take.recovered), (0, false));
        let bytes = std::fs::read(file(&folder, take)).unwrap();
        assert_eq!(take.bytes, bytes.len() as u64);
        let (length, sha256) = plenary_recorder::file_hash(&file(&folder, take)).unwrap();
        assert_eq!((take.bytes, &take.sha256), (length, &sha256));
        let digest = ring::digest::digest(&ring::digest::SHA256, &bytes);
        assert!(sha256.starts_with(&format!(
            "{:02x}{:02x}",
            digest.as_ref()[0],
            digest.as_ref()[1]
        )));
    }
    let (tracks, _, frames) = read(&std::fs::read(file(&folder, pictures)).unwrap());
    assert_eq!(
        (tracks[0].codec, tracks[0].width, tracks[0].height),
        (plenary_library::Codec::Vp8, Some(64), Some(36))
    );
    for (number, frame) in (0_u32..).zip(&frames) {
        let ms = number * 40;
        assert_eq!(frame.at.as_millis(), u128::from(ms));
        assert_eq!(frame.data, picture(ms % 1000 == 0, ms + 100, 2500));
    }
    let (_, duration, frames) = read(&std::fs::read(file(&folder, sounds)).unwrap());
    assert_eq!((frames.len(), duration.as_millis()), (150, 3000));
    for (number, frame) in (0_u32..).zip(&frames) {
        assert_eq!(frame.at.as_millis(), u128::from(number * 20));
        assert_eq!(frame.data, sound(number * 20 + 100));
    }
}

#[test]
fn h264_becomes_matroska_that_gives_its_parameter_sets_back() {
    const SPS: [u8; 24] = [
        0x67, 0x42, 0xc0, 0x1e, 0xd9, 0x00, 0xa0, 0x2f, 0xf9, 0x61, 0x00, 0x00, 0x03, 0x00, 0x01,
        0x00, 0x00, 0x03, 0x00, 0x3c, 0x8f, 0x16, 0x2e, 0x48,
    ];
    let mut meeting = Meeting::new();
    let camera = meeting.begin("picture", Source::Camera, 0);
    let mut stream = Stream::new(Codec::H264);
    for ms in (0..2000).step_by(40) {
        let keyframe = ms % 1000 == 0;
        let start = &[0, 0, 0, 1][..];
        let slice = [&[if keyframe { 0x65 } else { 0x41 }][..], &[9; 3000]].concat();
        let frame = if keyframe {
            [start, &SPS, start, &[0x68, 0xce, 0x3c, 0x80], start, &slice].concat()
        } else {
            [start, &slice].concat()
        };
        let packets = stream.frame(&frame, keyframe, meeting.at(ms));
        meeting.give(camera, &packets);
        stream.pass(40);
    }
    meeting.end(camera, 2000);
    let (folder, written) = meeting.close();
    assert_eq!(written[0].media_type, "video/x-matroska;codecs=avc1.42C01E");
    let (tracks, _, frames) = read(&std::fs::read(file(&folder, &written[0])).unwrap());
    assert_eq!((tracks[0].width, tracks[0].height), (Some(640), Some(360)));
    assert_eq!(frames.len(), 50);
    let kinds = |at: usize| -> Vec<u8> {
        let units = plenary_library::nal_units(&frames[at].data);
        units.map(|unit| unit[0] & 0x1f).collect()
    };
    assert_eq!(kinds(0), [7, 8, 5]);
    assert_eq!(kinds(1), [1]);
    assert_eq!(kinds(25), [7, 8, 5]);
}

#[test]
fn pictures_begin_at_their_first_keyframe_and_a_take_of_nothing_has_no_file() {
    let mut meeting = Meeting::new();
    let camera = meeting.begin("picture", Source::Camera, 0);
    let nothing = meeting.begin("nothing", Source::Microphone, 0);
    let mut vp8 = Stream::new(Codec::Vp8);
    for ms in (0..2000).step_by(40) {
        let keyframe = ms == 400;
        let frame = picture(keyframe, 0, 100);
        let packets = vp8.frame(&frame, keyframe, meeting.at(ms));
        meeting.give(camera, &packets);
        vp8.pass(40);
    }
    meeting.end(camera, 2000);
    meeting.end(nothing, 2000);
    let (_, written) = meeting.close();
    assert_eq!(written.len(), 1);
    assert_eq!(written[0].frames, 40);
    assert_eq!(written[0].from, Moment(BEGAN.0 + 400));
}

#[test]
fn another_codec_in_mid_take_is_another_take() {
    let mut meeting = Meeting::new();
    let camera = meeting.begin("picture", Source::Camera, 0);
    meeting.show(camera, &mut Stream::new(Codec::Vp8), 0, 1000);
    let mut vp9 = Stream::new(Codec::Vp9);
    vp9.generation = 2;
    for ms in (1000..2000).step_by(40) {
        let keyframe = ms == 1000;
        let mut frame = if keyframe {
            let sides: u64 = 1 << 61 | 639 << 44 | 359 << 28;
            [&[0x82, 0x49, 0x83, 0x42][..], &sides.to_be_bytes()].concat()
        } else {
            vec![0x86, 0]
        };
        frame.resize(1500, 1);
        let packets = vp9.frame(&frame, keyframe, meeting.at(ms));
        meeting.give(camera, &packets);
        vp9.pass(40);
    }
    meeting.end(camera, 2000);
    let (folder, written) = meeting.close();
    let found: Vec<_> = written
        .iter()
        .map(|it| {
            (
                it.info.id.as_str(),
                it.media_type.as_str(),
                it.from.0 - BEGAN.0,
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("picture", "video/webm;codecs=vp8", 0),
            ("picture-part2", "video/webm;codecs=vp9", 1000)
        ]
    );
    for take in &written {
        let (_, _, frames) = read(&std::fs::read(file(&folder, take)).unwrap());
        assert_eq!(frames.len(), 25);
    }
}

#[test]
fn another_size_stays_in_the_file_which_says_the_largest() {
    let mut meeting = Meeting::new();
    let camera = meeting.begin("picture", Source::Camera, 0);
    let mut small = Stream::new(Codec::Vp8);
    small.layer = 1;
    meeting.show(camera, &mut small, 0, 1000);
    let mut large = Stream::new(Codec::Vp8);
    large.generation = 2;
    for ms in (1000..2000).step_by(40) {
        let keyframe = ms == 1000;
        let mut frame = picture(keyframe, 0, 900);
        if keyframe {
            frame[6..10].copy_from_slice(&[0x80, 0x02, 0x68, 0x01]);
        }
        let packets = large.frame(&frame, keyframe, meeting.at(ms));
        meeting.give(camera, &packets);
        large.pass(40);
        let late = small.frame(&picture(true, 0, 10), true, meeting.at(ms));
        meeting.give(camera, &late);
    }
    meeting.end(camera, 2000);
    let (folder, written) = meeting.close();
    let (tracks, duration, frames) = read(&std::fs::read(file(&folder, &written[0])).unwrap());
    assert_eq!((tracks[0].width, tracks[0].height), (Some(640), Some(360)));
    assert_eq!(frames.len(), 50);
    assert!(
        (1960..=2000).contains(&duration.as_millis()),
        "{duration:?}"
    );
}
