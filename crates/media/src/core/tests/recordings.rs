//! Recordings that the server plays for a person.

use std::time::Duration;

use bytes::Bytes;
use plenary_scene::{Scene, Source};
use plenary_transport::sdp::Codec;

use super::test_core::*;
use crate::{
    api::SessionId,
    recording::{RecordedFrame, RecordedFrames, RecordedTrack},
};

const PICTURES: usize = 0;
const SOUND: usize = 1;
/// A picture of 25 a second, and a packet of sound.
const PICTURE_MS: u64 = 40;

/// The server plays a recording of one picture track and one of sound for the mayor.
pub struct Player {
    session: SessionId,
    at: u64,
    begins: bool,
}

impl Player {
    pub fn start(test: &mut TestCore) -> Self {
        let track = |source, codec| RecordedTrack {
            source,
            codec,
            language: None,
        };
        let tracks = [
            track(Source::Camera, Codec::Vp8),
            track(Source::Microphone, Codec::Opus),
        ];
        let mayor = person("mayor");
        let session = test
            .core
            .join_recording(&room(), &mayor, &tracks, test.now, &mut test.out);
        Self {
            session,
            at: 0,
            begins: true,
        }
    }

    /// Plays the next picture with its sound; every fiftieth is a keyframe.
    pub fn play(&mut self, test: &mut TestCore) {
        let at = self.at;
        let frames = vec![picture(at), sound(at), sound(at + 20)];
        self.feed(test, frames);
        self.at += PICTURE_MS;
    }

    fn feed(&mut self, test: &mut TestCore, frames: Vec<RecordedFrame>) {
        let begins = std::mem::take(&mut self.begins).then(|| Duration::from_millis(self.at));
        let frames = RecordedFrames { begins, frames };
        test.core
            .play(self.session, &frames, test.now, &mut test.out);
        test.now += Duration::from_millis(PICTURE_MS);
    }
}

fn picture(at: u64) -> RecordedFrame {
    let between = u8::from(!at.is_multiple_of(50 * PICTURE_MS));
    RecordedFrame {
        track: PICTURES,
        at: Duration::from_millis(at),
        data: Bytes::from(vec![between; 1500]),
    }
}

fn sound(at: u64) -> RecordedFrame {
    RecordedFrame {
        track: SOUND,
        at: Duration::from_millis(at),
        data: Bytes::from_static(b"sound of the mayor"),
    }
}

/// Whether a packet that a listener got begins a keyframe: the first byte after the descriptor says so.
pub fn is_keyframe(got: &ReceivedPacket) -> bool {
    crate::codec::Descriptor::of(Codec::Vp8, &got.payload).keyframe
}

fn pictures(got: &[ReceivedPacket]) -> Vec<&ReceivedPacket> {
    got.iter().filter(|got| got.slot_type == 96).collect()
}

#[test]
fn the_person_of_a_recording_sees_and_hears_it_too() {
    let mut test = TestCore::new();
    let mut mayor = test.join("mayor", 100);
    let mut player = Player::start(&mut test);
    test.show(on_stage(&["mayor"]));
    for _ in 0..3 {
        player.play(&mut test);
    }
    let got = test.received(&mut mayor);
    assert!(got.iter().any(|got| got.slot_type == 111));
    assert!(is_keyframe(pictures(&got)[0]));
}

#[test]
fn a_recording_is_heard_and_seen_only_while_the_scene_allows_its_person() {
    let mut test = TestCore::new();
    let mut seoul = test.join("seoul-1", 200);
    let mut player = Player::start(&mut test);
    player.play(&mut test);
    assert_eq!(test.received(&mut seoul), []);
    assert!(test.core.counters.snapshot().packets_gated > 0);

    test.show(on_stage(&["mayor"]));
    player.at = 0;
    player.begins = true;
    for _ in 0..3 {
        player.play(&mut test);
    }
    let got = test.received(&mut seoul);
    let sounds: Vec<_> = got.iter().filter(|got| got.slot_type == 111).collect();
    assert_eq!(sounds.len(), 6);
    assert!(
        sounds
            .iter()
            .all(|got| got.payload == b"sound of the mayor")
    );
    let seen = pictures(&got);
    // Of two packets each: the one that waited at the gate, and three that were played after it opened.
    assert_eq!(seen.len(), 8);
    assert!(is_keyframe(seen[0]));
    assert!(seen.is_sorted_by(|a, b| b.sequence == a.sequence.wrapping_add(1)));
    assert_eq!(
        seen[4].timestamp.wrapping_sub(seen[2].timestamp),
        90 * 40,
        "the clock of the pictures"
    );

    test.show(Scene::default());
    player.play(&mut test);
    assert_eq!(test.received(&mut seoul), []);
    assert_eq!(test.ungranted_packets(), 0);
}

#[test]
fn a_gate_that_opens_after_the_first_picture_misses_none() {
    let mut test = TestCore::new();
    let mut seoul = test.join("seoul-1", 200);
    let mut player = Player::start(&mut test);
    player.play(&mut test);
    player.play(&mut test);
    assert_eq!(test.received(&mut seoul), []);
    test.show(on_stage(&["mayor"]));
    let got = test.received(&mut seoul);
    let seen = pictures(&got);
    assert_eq!(seen.len(), 4);
    assert!(is_keyframe(seen[0]));
    assert_eq!(test.ungranted_packets(), 0);
}

#[test]
fn a_listener_who_comes_late_gets_the_pictures_since_the_last_keyframe_at_once() {
    let mut test = TestCore::new();
    test.show(on_stage(&["mayor"]));
    let mut seoul = test.join("seoul-1", 200);
    let mut player = Player::start(&mut test);
    for _ in 0..20 {
        player.play(&mut test);
    }
    test.received(&mut seoul);
    let mut late = test.join("tokyo-1", 300);
    // As the end of its handshake does.
    test.core.want_keyframes(test.core.by_id[&late.id]);
    player.play(&mut test);
    test.core.tick(test.now, &mut test.out);
    let got = test.received(&mut late);
    let seen = pictures(&got);
    assert_eq!(seen.len(), 2 * 21, "every picture since the keyframe");
    assert!(is_keyframe(seen[0]));
    let spread = seen[41].timestamp.wrapping_sub(seen[0].timestamp);
    assert!(
        spread < 90 * 100,
        "what is made up for takes no time: {spread} ticks"
    );
    // The listener who was there gets nothing twice.
    assert_eq!(pictures(&test.received(&mut seoul)).len(), 2);
    player.play(&mut test);
    let next = test.received(&mut late);
    let step = pictures(&next)[0]
        .timestamp
        .wrapping_sub(seen[41].timestamp);
    assert_eq!(step, 90 * 40, "and goes on in step");
    assert_eq!(test.refused_indices(), 0);
}

#[test]
fn a_listener_who_lost_a_picture_gets_the_last_keyframe_again() {
    let mut test = TestCore::new();
    test.show(on_stage(&["mayor"]));
    let mut seoul = test.join("seoul-1", 200);
    let mut player = Player::start(&mut test);
    for _ in 0..10 {
        player.play(&mut test);
    }
    test.received(&mut seoul);
    test.now += Duration::from_secs(1);
    let lost = rtc_rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication {
        sender_ssrc: 1,
        media_ssrc: test.stage_ssrc(&seoul),
    };
    test.send_feedback(&mut seoul, lost.clone());
    let got = test.received(&mut seoul);
    let seen = pictures(&got);
    assert_eq!(seen.len(), 20);
    assert!(is_keyframe(seen[0]));
    for _ in 0..10 {
        test.send_feedback(&mut seoul, lost.clone());
    }
    assert_eq!(test.received(&mut seoul), [], "asking often gains nothing");
}

#[test]
fn a_pause_and_a_seek_leave_one_continuous_stream_whose_clock_is_the_walls() {
    let mut test = TestCore::new();
    test.show(on_stage(&["mayor"]));
    let mut seoul = test.join("seoul-1", 200);
    let mut player = Player::start(&mut test);
    for _ in 0..5 {
        player.play(&mut test);
    }
    let before = test.received(&mut seoul);
    let last = pictures(&before)[9];
    // Nine seconds of pause, in which nothing comes, and the picture stays in its slot.
    for _ in 0..450 {
        test.now += crate::core::TICK_INTERVAL;
        let now = test.now;
        test.core.tick(now, &mut test.out);
        test.core
            .session(test.core.by_id[&seoul.id])
            .unwrap()
            .last_received = now;
    }
    let shows = |test: &TestCore, client: &Client| {
        let slots = test.figures(client).slots.into_iter();
        slots.filter_map(|slot| slot.shows).count()
    };
    assert_eq!(shows(&test, &seoul), 2, "sound and picture");
    // It goes on at 3 s: the pictures since the keyframe at 2 s only prepare the decoder.
    player.at = 3000;
    player.begins = true;
    let mut frames: Vec<RecordedFrame> = (50..=75).map(|n| picture(n * PICTURE_MS)).collect();
    frames.push(sound(3000));
    player.feed(&mut test, frames);
    let got = test.received(&mut seoul);
    let seen = pictures(&got);
    assert_eq!(seen.len(), 52);
    assert!(is_keyframe(seen[0]));
    assert_eq!(seen[0].sequence, last.sequence.wrapping_add(1));
    let elapsed = seen[0].timestamp.wrapping_sub(last.timestamp);
    let seconds = f64::from(elapsed) / 90_000.0;
    assert!((9.0..9.2).contains(&seconds), "{seconds} s");
    let caught_up = seen[51].timestamp.wrapping_sub(seen[0].timestamp);
    assert_eq!(caught_up, 90 * 25, "25 pictures, a millisecond each");
}

#[test]
fn after_a_pause_it_goes_on_with_the_next_picture() {
    let mut test = TestCore::new();
    test.show(on_stage(&["mayor"]));
    let mut seoul = test.join("seoul-1", 200);
    let mut player = Player::start(&mut test);
    for _ in 0..5 {
        player.play(&mut test);
    }
    let before = test.received(&mut seoul);
    let last = pictures(&before)[9];
    test.now += Duration::from_secs(4);
    player.play(&mut test);
    let got = test.received(&mut seoul);
    let seen = pictures(&got);
    assert_eq!(seen.len(), 2, "no keyframe is needed, nothing was missed");
    assert_eq!(seen[0].sequence, last.sequence.wrapping_add(1));
    assert_eq!(seen[0].timestamp.wrapping_sub(last.timestamp), 90 * 4040);
}

#[test]
fn the_devices_of_the_person_do_not_publish_while_the_recording_plays() {
    let mut test = TestCore::new();
    test.show(on_stage(&["mayor"]));
    let mut seoul = test.join("seoul-1", 200);
    let mut player = Player::start(&mut test);
    player.play(&mut test);
    test.received(&mut seoul);
    let mut mayor = test.join("mayor", 400);
    test.publish(&mayor, true);
    test.send_packet(&mut mayor, 111, 400, 1, b"live voice");
    assert_eq!(test.received(&mut seoul), []);
    player.play(&mut test);
    assert!(!test.received(&mut seoul).is_empty());

    test.core.leave(player.session, test.now, &mut test.out);
    test.send_packet(&mut mayor, 111, 400, 2, b"live voice");
    let got = test.received(&mut seoul);
    assert_eq!(got.len(), 1);
    assert_eq!(got[0].payload, b"live voice");
    assert_eq!(test.ungranted_packets(), 0);
}

#[test]
fn frames_that_are_damaged_or_of_no_track_harm_nobody() {
    let mut test = TestCore::new();
    test.show(on_stage(&["mayor"]));
    let mut seoul = test.join("seoul-1", 200);
    let mut player = Player::start(&mut test);
    let frame = |track, data: &'static [u8]| RecordedFrame {
        track,
        at: Duration::from_millis(7),
        data: Bytes::from_static(data),
    };
    player.feed(
        &mut test,
        vec![frame(0, b""), frame(9, b"x"), frame(1, b"")],
    );
    player.play(&mut test);
    assert!(!pictures(&test.received(&mut seoul)).is_empty());
    assert_eq!(test.refused_indices(), 0);
}
