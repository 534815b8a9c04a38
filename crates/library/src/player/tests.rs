use std::sync::mpsc::{Receiver, Sender, channel};

use bytes::Bytes;
use plenary_ids::Language;

use super::*;
use crate::{Codec, Kind};

const TIMEOUT: Duration = Duration::from_secs(20);

/// What a sink was told, and what a room was.
#[derive(Debug, PartialEq)]
enum Heard {
    Begin(String, usize),
    From(u64, Duration),
    Frame(u64, u128, bool),
    End,
    Report(u64, PlaybackReport),
}

struct Recorder(Sender<Heard>);

impl Sink for Recorder {
    fn begin(&mut self, _: &RoomId, participant: &PersonId, tracks: &[TrackInfo]) {
        let _ = self
            .0
            .send(Heard::Begin(participant.to_string(), tracks.len()));
    }

    fn frames(&mut self, batch: Batch) {
        if let Some(from) = batch.begins {
            let _ = self.0.send(Heard::From(batch.generation, from));
        }
        for it in batch.frames {
            let at = it.frame.at.as_millis();
            let _ = self.0.send(Heard::Frame(batch.generation, at, it.catch_up));
        }
    }

    fn end(&mut self) {
        let _ = self.0.send(Heard::End);
    }
}

/// A recording with a frame every 20 ms, whose reading a test can hold up.
struct Script {
    at: Duration,
    end: Duration,
    gate: Arc<Mutex<()>>,
    blocks_at: Duration,
}

impl Source for Script {
    fn tracks(&self) -> Vec<TrackInfo> {
        vec![TrackInfo {
            kind: Kind::Audio,
            codec: Codec::Opus,
            language: Language::new("en").ok(),
            width: None,
            height: None,
            bits_per_second: 0,
        }]
    }

    fn next_frame(&mut self) -> Result<Option<Frame>, ReadError> {
        if self.at >= self.blocks_at {
            drop(self.gate.lock().unwrap());
        }
        if self.at >= self.end {
            return Ok(None);
        }
        let frame = Frame {
            track: 0,
            at: self.at,
            keyframe: true,
            data: Bytes::from_static(&[0xfc]),
        };
        self.at += Duration::from_millis(20);
        Ok(Some(frame))
    }
}

struct Stage {
    player: Player,
    heard: Receiver<Heard>,
}

impl Stage {
    fn new(millis: u64, gate: &Arc<Mutex<()>>, blocks_at: Duration) -> Self {
        let (out, heard) = channel();
        let out = Mutex::new(out);
        let gate = Arc::clone(gate);
        let open: Opener = Arc::new(move |media, from| {
            if media.as_str() == "gone" {
                return Err(ReadError::Gone("there is no such recording".to_owned()));
            }
            Ok(Box::new(Script {
                at: from,
                end: Duration::from_millis(millis),
                gate: Arc::clone(&gate),
                blocks_at,
            }))
        });
        let out = Arc::new(out);
        let to = Arc::clone(&out);
        let sinks: Sinks = Arc::new(move |_| Box::new(Recorder(to.lock().unwrap().clone())));
        let reports: Reports = Arc::new(move |_, generation, report| {
            let _ = out.lock().unwrap().send(Heard::Report(generation, report));
        });
        Self {
            player: Player::with(open, sinks, reports),
            heard,
        }
    }

    fn set(&self, playback: Option<Playback>) {
        self.player.set(&RoomId::new("plenary").unwrap(), playback);
    }

    fn next(&self) -> Heard {
        self.heard.recv_timeout(TIMEOUT).unwrap()
    }

    /// What is heard that is no frame.
    fn next_event(&self) -> Heard {
        loop {
            let heard = self.next();
            if !matches!(heard, Heard::Frame(..) | Heard::From(..)) {
                return heard;
            }
        }
    }
}

fn playback(generation: u64, from: u64) -> Playback {
    Playback {
        media: MediaId::new("address").unwrap(),
        participant: PersonId::new("tokyo-1").unwrap(),
        generation,
        from: Duration::from_millis(from),
        running: true,
    }
}

fn free() -> Arc<Mutex<()>> {
    Arc::default()
}

#[test]
fn a_recording_is_played_to_its_end() {
    let stage = Stage::new(200, &free(), Duration::MAX);
    stage.set(Some(playback(1, 0)));
    assert_eq!(stage.next(), Heard::Begin("tokyo-1".to_owned(), 1));
    assert_eq!(stage.next(), Heard::From(1, Duration::ZERO));
    for at in (0..200).step_by(20) {
        assert_eq!(stage.next(), Heard::Frame(1, at, false));
    }
    let at = Duration::from_millis(180);
    assert_eq!(stage.next(), Heard::Report(1, PlaybackReport::Ended { at }));
    stage.set(None);
    assert_eq!(stage.next(), Heard::End);
}

#[test]
fn the_same_playback_again_changes_nothing() {
    let stage = Stage::new(100, &free(), Duration::MAX);
    for _ in 0..5 {
        stage.set(Some(playback(1, 0)));
    }
    let Heard::Begin(..) = stage.next() else {
        panic!("it begins");
    };
    let Heard::Report(1, PlaybackReport::Ended { .. }) = stage.next_event() else {
        panic!("it ends once");
    };
    stage.set(Some(playback(1, 0)));
    stage.set(None);
    assert_eq!(stage.next_event(), Heard::End);
}

#[test]
fn a_new_generation_begins_at_its_position_without_a_new_beginning() {
    let stage = Stage::new(60_000, &free(), Duration::MAX);
    stage.set(Some(playback(1, 0)));
    assert_eq!(stage.next(), Heard::Begin("tokyo-1".to_owned(), 1));
    assert_eq!(stage.next(), Heard::From(1, Duration::ZERO));
    assert_eq!(stage.next(), Heard::Frame(1, 0, false));
    stage.set(Some(playback(2, 30_000)));
    loop {
        match stage.next() {
            Heard::Frame(1, ..) => {}
            other => {
                assert_eq!(other, Heard::From(2, Duration::from_secs(30)));
                break;
            }
        }
    }
    assert_eq!(stage.next(), Heard::Frame(2, 30_000, false));
    stage.set(None);
    assert_eq!(stage.next_event(), Heard::End);
}

#[test]
fn another_person_is_another_beginning() {
    let stage = Stage::new(60_000, &free(), Duration::MAX);
    stage.set(Some(playback(1, 0)));
    assert_eq!(stage.next(), Heard::Begin("tokyo-1".to_owned(), 1));
    let participant = PersonId::new("taipei-1").unwrap();
    stage.set(Some(Playback {
        participant,
        ..playback(2, 0)
    }));
    assert_eq!(stage.next_event(), Heard::End);
    assert_eq!(stage.next_event(), Heard::Begin("taipei-1".to_owned(), 1));
}

#[test]
fn a_disk_that_hangs_is_a_stall_and_goes_on_where_it_was() {
    let gate = free();
    let closed = gate.lock().unwrap();
    let stage = Stage::new(3000, &gate, Duration::from_millis(100));
    stage.set(Some(playback(1, 0)));
    let Heard::Begin(..) = stage.next() else {
        panic!("it begins");
    };
    assert_eq!(stage.next(), Heard::From(1, Duration::ZERO));
    for at in (0..100).step_by(20) {
        assert_eq!(stage.next(), Heard::Frame(1, at, false));
    }
    let Heard::Report(1, PlaybackReport::Stalled { at }) = stage.next() else {
        panic!("it stalls");
    };
    assert!(at >= Duration::from_millis(80));
    drop(closed);
    let mut expected = 100;
    let mut has_resumed = false;
    while expected < 200 {
        match stage.next() {
            Heard::Frame(1, at, false) => {
                assert_eq!(at, expected, "nothing is skipped");
                expected += 20;
            }
            other => {
                assert_eq!(other, Heard::Report(1, PlaybackReport::Resumed));
                has_resumed = true;
            }
        }
    }
    assert!(has_resumed);
}

#[test]
fn seeks_on_a_disk_that_hangs_wait_for_it_and_the_last_one_goes_on() {
    let gate = free();
    let closed = gate.lock().unwrap();
    let stage = Stage::new(60_000, &gate, Duration::ZERO);
    for generation in 1..=8 {
        stage.set(Some(playback(generation, 1000 * generation)));
        // Each has begun before the next is wanted.
        let mut heard = stage.next_event();
        if generation == 1 {
            assert_eq!(heard, Heard::Begin("tokyo-1".to_owned(), 1));
            heard = stage.next_event();
        }
        let at = Duration::from_secs(generation);
        let stalled = Heard::Report(generation, PlaybackReport::Stalled { at });
        assert_eq!(heard, stalled);
    }
    drop(closed);
    let resumed = Heard::Report(8, PlaybackReport::Resumed);
    assert!(matches!(stage.next(), Heard::From(8, _)));
    assert_eq!(stage.next(), Heard::Frame(8, 8000, false));
    assert_eq!(stage.next_event(), resumed);
}

#[test]
fn the_frame_after_a_long_pause_in_a_recording_is_read_too() {
    let shared = Arc::<Shared>::default();
    let reader = Arc::clone(&shared);
    let (given, came) = channel();
    thread::spawn(move || {
        let frame = Frame {
            track: 0,
            at: Duration::from_mins(5),
            keyframe: true,
            data: Bytes::from_static(&[0xfc]),
        };
        let _ = given.send(reader.give(0, Reading::Frame(frame)));
    });
    assert_eq!(came.recv_timeout(TIMEOUT), Ok(true));
    assert_eq!(shared.lock().inbox.len(), 1);
}

#[test]
fn a_recording_that_is_gone_is_a_failure_with_its_reason() {
    let stage = Stage::new(100, &free(), Duration::MAX);
    let media = MediaId::new("gone").unwrap();
    stage.set(Some(Playback {
        media: media.clone(),
        ..playback(7, 500)
    }));
    assert!(stage.player.plays(&media));
    let report = PlaybackReport::Failed {
        at: Duration::from_millis(500),
        reason: "there is no such recording".to_owned(),
    };
    assert_eq!(stage.next(), Heard::Report(7, report));
    stage.set(None);
    assert!(!stage.player.plays(&media));
}

#[test]
fn a_player_that_is_dropped_ends_what_it_plays() {
    let stage = Stage::new(60_000, &free(), Duration::MAX);
    stage.set(Some(playback(1, 0)));
    assert_eq!(stage.next(), Heard::Begin("tokyo-1".to_owned(), 1));
    let Stage { player, heard } = stage;
    drop(player);
    while let Ok(next) = heard.recv_timeout(TIMEOUT) {
        if next == Heard::End {
            return;
        }
    }
    panic!("it does not end");
}
