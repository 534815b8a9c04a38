//! What a crash leaves.

use std::{fs, path::Path, time::Instant};

use plenary_recorder::{SystemDisk, recover};
use plenary_scene::Source;
use plenary_transport::sdp::Codec;

use super::meeting::{Meeting, Stream, WITHIN, file, read, sound};

/// A small take, as it stands on disk.
fn take(codec: Codec) -> (Vec<u8>, String) {
    let mut meeting = Meeting::new();
    let mut stream = Stream::new(codec);
    if codec == Codec::Opus {
        let key = meeting.begin("take", Source::Microphone, 0);
        meeting.speak(key, &mut stream, 0, 1300);
        meeting.end(key, 1300);
    } else {
        let key = meeting.begin("take", Source::Camera, 0);
        for ms in (0..1300).step_by(100) {
            let keyframe = ms % 1000 == 0;
            let frame = super::meeting::picture(keyframe, 0, 20);
            let packets = stream.frame(&frame, keyframe, meeting.at(ms));
            meeting.give(key, &packets);
            stream.pass(100);
        }
        meeting.end(key, 1300);
    }
    let (folder, written) = meeting.close();
    let path = file(&folder, &written[0]);
    let name = path.file_name().unwrap().to_str().unwrap().to_owned();
    (fs::read(path).unwrap(), name)
}

#[test]
fn a_file_that_is_cut_off_at_any_byte_is_made_whole_up_to_its_last_frame() {
    for codec in [Codec::Opus, Codec::Vp8] {
        let (bytes, name) = take(codec);
        let (_, _, whole) = read(&bytes);
        let folder = tempfile::TempDir::new().unwrap();
        let room = folder.path().join("climate");
        fs::create_dir(&room).unwrap();
        let mut most = 0;
        for length in 0..bytes.len() {
            let part = room.join(format!("{name}.part"));
            fs::write(&part, &bytes[..length]).unwrap();
            let found = recover(folder.path(), &SystemDisk, |_, _| false).unwrap();
            assert!(!part.exists(), "at {length}");
            let Some(summary) = found.first() else {
                assert_eq!(most, 0, "at {length}");
                continue;
            };
            assert!(summary.recovered);
            assert!(summary.frames >= most, "at {length}");
            if summary.frames > most || length + 1 == bytes.len() {
                most = summary.frames;
                let recovered = fs::read(file_of(&room)).unwrap();
                assert_eq!(summary.bytes, recovered.len() as u64);
                if most < 2 {
                    // The library plays no single picture.
                    fs::remove_file(file_of(&room)).unwrap();
                    continue;
                }
                let (_, duration, frames) = read(&recovered);
                let most = usize::try_from(most).unwrap();
                assert_eq!(frames, whole[..most], "at {length}");
                let recorded = summary.to.0 - summary.from.0;
                assert!(u128::from(recorded).abs_diff(duration.as_millis()) <= 35);
            }
            fs::remove_file(file_of(&room)).unwrap();
        }
        assert_eq!(most, whole.len() as u64);
    }
}

#[test]
fn what_was_lost_before_a_crash_is_counted_after_it() {
    const LOST: std::ops::Range<u32> = 40..47;
    let mut meeting = Meeting::new();
    let key = meeting.begin("take", Source::Microphone, 0);
    let mut stream = Stream::new(Codec::Opus);
    for number in 0..500 {
        let at = meeting.at(u64::from(number) * 20);
        let packets = stream.frame(&sound(number), false, at);
        if !LOST.contains(&number) {
            meeting.give(key, &packets);
        }
        stream.pass(20);
    }
    let now = meeting.at(11_000);
    meeting.tap.flush(now);

    // The file as a crash would leave it while the take runs, once the loss is in it.
    let running = meeting.folder.path().join("climate/take.webm.part");
    let crashed = tempfile::TempDir::new().unwrap();
    let room = crashed.path().join("climate");
    fs::create_dir(&room).unwrap();
    let deadline = Instant::now() + WITHIN;
    let recovered = loop {
        let _ = fs::copy(&running, room.join("take.webm.part"));
        let found = recover(crashed.path(), &SystemDisk, |_, _| false).unwrap();
        match found.first() {
            Some(take) if take.frames > u64::from(LOST.end) => break take.clone(),
            _ => assert!(Instant::now() < deadline, "{found:?}"),
        }
        let _ = fs::remove_file(room.join("take.webm"));
    };
    assert!(recovered.recovered);
    assert_eq!(recovered.lost_packets, u64::from(LOST.end - LOST.start));

    meeting.end(key, 10_000);
    let (_folder, written) = meeting.close();
    assert_eq!(written[0].lost_packets, recovered.lost_packets);
}

fn file_of(room: &Path) -> std::path::PathBuf {
    fs::read_dir(room).unwrap().next().unwrap().unwrap().path()
}

#[test]
fn a_file_with_rubbish_in_it_is_recovered_up_to_there_or_stays_as_it_is() {
    let (bytes, name) = take(Codec::Vp8);
    let folder = tempfile::TempDir::new().unwrap();
    let room = folder.path().join("climate");
    fs::create_dir(&room).unwrap();
    for at in (0..bytes.len()).step_by(7) {
        for rubbish in [0, 0xff] {
            let mut bytes = bytes.clone();
            for byte in bytes.iter_mut().skip(at).take(16) {
                *byte = rubbish;
            }
            fs::write(room.join(format!("{name}.part")), bytes).unwrap();
            recover(folder.path(), &SystemDisk, |_, _| false).unwrap();
            for entry in fs::read_dir(&room).unwrap() {
                fs::remove_file(entry.unwrap().path()).unwrap();
            }
        }
    }
}

#[test]
fn a_whole_take_that_the_log_does_not_know_is_found_and_others_are_left_alone() {
    let mut meeting = Meeting::new();
    let known = meeting.begin("known", Source::Microphone, 0);
    let unknown = meeting.begin("unknown", Source::Microphone, 0);
    meeting.speak(known, &mut Stream::new(Codec::Opus), 0, 500);
    meeting.speak(unknown, &mut Stream::new(Codec::Opus), 0, 500);
    meeting.end(known, 500);
    meeting.end(unknown, 500);
    let (folder, written) = meeting.close();
    fs::write(folder.path().join("README"), "not a folder").unwrap();
    let found = recover(folder.path(), &SystemDisk, |room, take| {
        room.as_str() == "climate" && take.as_str() == "known"
    });
    let found = found.unwrap();
    assert_eq!(found.len(), 1);
    let mut expected = written[1].clone();
    expected.recovered = true;
    assert_eq!(found[0], expected);
}
