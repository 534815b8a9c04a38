//! Several takes in one file.

use std::io::Cursor;

use plenary_library::Kind;
use plenary_recorder::{Chapter, Measured, MuxOptions, MuxTake, TakeSummary, mux, mux_type};
use plenary_scene::Source;
use plenary_transport::sdp::Codec;
use tempfile::TempDir;

use super::meeting::{BEGAN, Meeting, Stream, file, read};

fn inputs(folder: &TempDir, takes: &[TakeSummary]) -> Vec<MuxTake> {
    let takes = takes.iter();
    takes
        .map(|take| MuxTake {
            path: file(folder, take),
            source: take.info.source,
            language: take.info.language.clone(),
            is_main: !take.info.id.as_str().contains("chair"),
            from: take.from,
            to: take.to,
        })
        .collect()
}

fn muxed(folder: &TempDir, takes: &[TakeSummary], options: &MuxOptions) -> Vec<u8> {
    let takes = inputs(folder, takes);
    let mut out = Cursor::new(Vec::new());
    let mut told = (0, 0);
    let written = mux(&takes, options, &mut out, |done, total| {
        assert!(done >= told.0 && done <= total);
        told = (done, total);
    });
    let written = written.unwrap();
    assert_eq!(told.0, told.1);
    let out = out.into_inner();
    assert_eq!(written.bytes, out.len() as u64);
    assert_eq!(written.media_type, mux_type(&takes).unwrap().0);
    out
}

#[test]
fn a_speech_has_its_picture_its_sound_and_its_channels_in_step() {
    let mut meeting = Meeting::new();
    let keys = [
        meeting.begin("lang-ja", Source::Microphone, 0),
        meeting.begin("picture", Source::Camera, 0),
        meeting.begin("sound", Source::Microphone, 0),
    ];
    // The picture comes 400 ms after the sound, and the interpreter speaks a second later.
    meeting.show(keys[1], &mut Stream::new(Codec::Vp8), 400, 4400);
    meeting.speak(keys[2], &mut Stream::new(Codec::Opus), 0, 4400);
    meeting.speak(keys[0], &mut Stream::new(Codec::Opus), 1000, 4400);
    for key in keys {
        meeting.end(key, 4400);
    }
    let (folder, written) = meeting.close();
    let file = muxed(&folder, &written, &MuxOptions::default());
    let (tracks, duration, frames) = read(&file);
    let found: Vec<_> = tracks
        .iter()
        .map(|it| (it.kind, it.language.as_ref().map(ToString::to_string)))
        .collect();
    assert_eq!(
        found,
        [
            (Kind::Video, None),
            (Kind::Audio, None),
            (Kind::Audio, Some("ja".to_owned()))
        ]
    );
    assert_eq!(duration.as_millis(), 4400);
    for (track, first, count) in [(0, 400, 100), (1, 0, 220), (2, 1000, 170)] {
        let of_track: Vec<_> = frames.iter().filter(|it| it.track == track).collect();
        assert_eq!(of_track.len(), count, "track {track}");
        assert_eq!(of_track[0].at.as_millis(), first, "track {track}");
    }
}

#[test]
fn speeches_that_follow_one_another_share_their_tracks_and_those_at_one_time_do_not() {
    let mut meeting = Meeting::new();
    for (take, from) in [("a", 0), ("b", 2000), ("c", 4000)] {
        let (sound, camera) = (format!("sound-{take}"), format!("picture-{take}"));
        let microphone = meeting.begin(&sound, Source::Microphone, from);
        let picture = meeting.begin(&camera, Source::Camera, from);
        meeting.speak(microphone, &mut Stream::new(Codec::Opus), from, from + 2000);
        meeting.show(picture, &mut Stream::new(Codec::Vp8), from, from + 2000);
        meeting.end(microphone, from + 2000);
        meeting.end(picture, from + 2000);
    }
    let chair = meeting.begin("sound-chair", Source::Microphone, 1000);
    meeting.speak(chair, &mut Stream::new(Codec::Opus), 1000, 3000);
    meeting.end(chair, 3000);
    let (folder, written) = meeting.close();
    let chapter = |title: &str, start_ms: u64| Chapter {
        start_ms,
        end_ms: start_ms + 2000,
        title: title.to_owned(),
        language: None,
    };
    let options = MuxOptions {
        title: Some("Climate".to_owned()),
        chapters: vec![
            chapter("Tokyo", 0),
            chapter("Taipei", 2000),
            chapter("Delhi", 4000),
        ],
    };
    let file = muxed(&folder, &written, &options);
    let (tracks, duration, frames) = read(&file);
    let kinds: Vec<Kind> = tracks.iter().map(|it| it.kind).collect();
    assert_eq!(kinds, [Kind::Video, Kind::Audio, Kind::Audio]);
    assert_eq!(duration.as_millis(), 6000);
    let count = |track| frames.iter().filter(|it| it.track == track).count();
    assert_eq!((count(0), count(1), count(2)), (150, 300, 100));
    assert!(file.windows(6).any(|it| it == b"Taipei"));
}

#[test]
fn the_speaker_is_what_players_choose_though_the_chair_was_heard_before_and_after() {
    let mut meeting = Meeting::new();
    // The chair's microphone is never closed, and is cut where the speech begins and ends.
    for (from, to) in [(0, 1000), (1000, 3000), (3000, 4000)] {
        let name = if from == 1000 {
            "sound-a-chair"
        } else {
            "sound-between"
        };
        let key = meeting.begin(&format!("{name}{from}"), Source::Microphone, from);
        meeting.speak(key, &mut Stream::new(Codec::Opus), from, to);
        meeting.end(key, to);
    }
    let key = meeting.begin("sound-speaker", Source::Microphone, 1020);
    meeting.speak(key, &mut Stream::new(Codec::Opus), 1020, 3000);
    meeting.end(key, 3000);
    let (folder, written) = meeting.close();
    let (tracks, _, frames) = read(&muxed(&folder, &written, &MuxOptions::default()));
    assert_eq!(tracks.len(), 2);
    let span = |track| {
        let of_track = frames.iter().filter(move |it| it.track == track);
        let at: Vec<u128> = of_track.map(|it| it.at.as_millis()).collect();
        (at[0], at.len())
    };
    // Between speeches the chair speaks, and during the speech the speaker.
    assert_eq!((span(0), span(1)), ((0, 199), (1000, 100)));
}

#[test]
fn a_file_that_is_sent_while_it_is_made_is_the_one_on_disk_from_any_byte_on() {
    let mut meeting = Meeting::new();
    let sound = meeting.begin("sound", Source::Microphone, 0);
    let picture = meeting.begin("picture", Source::Camera, 0);
    meeting.speak(sound, &mut Stream::new(Codec::Opus), 0, 5000);
    meeting.show(picture, &mut Stream::new(Codec::Vp8), 0, 5000);
    meeting.end(sound, 5000);
    meeting.end(picture, 5000);
    let (folder, written) = meeting.close();
    let options = MuxOptions {
        title: Some("Climate".to_owned()),
        chapters: Vec::new(),
    };
    let whole = muxed(&folder, &written, &options);
    let measured = Measured::new(inputs(&folder, &written), options).unwrap();
    assert_eq!(measured.muxed.bytes, whole.len() as u64);
    for from in [0, 1, 50, 1000, whole.len() - 1, whole.len()] {
        let mut sent = Vec::new();
        measured.write_from(from as u64, &mut sent).unwrap();
        assert!(sent == whole[from..], "from {from}");
    }
    // A reader that has gone ends it.
    assert!(measured.write_from(0, &mut Gone).is_err());
    std::fs::remove_file(file(&folder, &written[0])).unwrap();
    assert!(measured.write_from(0, &mut Vec::new()).is_err());
}

#[test]
fn nothing_and_a_take_that_is_gone_are_refused() {
    let mut out = Cursor::new(Vec::new());
    let options = MuxOptions::default();
    let nothing = mux(&[], &options, &mut out, |_, _| {}).unwrap_err();
    assert_eq!(nothing.to_string(), "there are no takes");
    let gone = MuxTake {
        path: "/nowhere/take.webm".into(),
        source: Source::Camera,
        language: None,
        is_main: true,
        from: BEGAN,
        to: BEGAN,
    };
    let gone = mux(&[gone], &options, &mut out, |_, _| {}).unwrap_err();
    assert!(
        gone.to_string()
            .starts_with("/nowhere/take.webm cannot be read")
    );
}

/// A reader that has gone.
struct Gone;
impl std::io::Write for Gone {
    fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
        Err(std::io::ErrorKind::BrokenPipe.into())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
