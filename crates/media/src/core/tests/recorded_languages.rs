//! The further languages of a recording: each is heard in its own channel while nobody interprets into it.

use std::time::Duration;

use bytes::Bytes;
use plenary_ids::Language;
use plenary_scene::{Scene, SlotWant, Source, Want};
use plenary_transport::sdp::Codec;

use super::test_core::*;
use crate::{
    api::{MediaEvent, SessionId},
    recording::{RecordedFrame, RecordedFrames, RecordedTrack},
};

const MAYOR: &str = "mayor";
/// What each track of sound says: the floor's, Japanese and French.
const SOUNDS: [&[u8]; 3] = [b"Address", b"Japanese", b"French"];

fn language(tag: &str) -> Language {
    Language::new(tag).unwrap()
}

/// The scene in which the mayor's recording has the floor, in Japanese and French too.
fn playing() -> Scene {
    let languages = ["fr", "ja"].map(|tag| (language(tag), person(MAYOR)));
    Scene {
        recorded: languages.into(),
        ..on_stage(&[MAYOR])
    }
}

fn interpreted(scene: Scene, tag: &str, by: Option<&str>) -> Scene {
    Scene {
        channels: [(language(tag), by.map(person))].into(),
        ..scene
    }
}

struct Recorded {
    session: SessionId,
    at: Duration,
}

impl Recorded {
    fn start(test: &mut TestCore) -> Self {
        let sound = |language| RecordedTrack {
            source: Source::Microphone,
            codec: Codec::Opus,
            language,
        };
        let tracks = [
            sound(None),
            sound(Some(language("ja"))),
            sound(Some(language("fr"))),
        ];
        let session =
            test.core
                .join_recording(&room(), &person(MAYOR), &tracks, test.now, &mut test.out);
        Self {
            session,
            at: Duration::ZERO,
        }
    }

    /// Plays a packet of each track.
    fn play(&mut self, test: &mut TestCore) {
        let frames = SOUNDS
            .iter()
            .enumerate()
            .map(|(track, sound)| RecordedFrame {
                track,
                at: self.at,
                data: Bytes::from_static(sound),
            });
        let frames = RecordedFrames {
            begins: self.at.is_zero().then_some(self.at),
            frames: frames.collect(),
        };
        test.core
            .play(self.session, &frames, test.now, &mut test.out);
        let step = Duration::from_millis(20);
        self.at += step;
        test.now += step;
    }

    /// What a listener gets of the next packets.
    fn heard(&mut self, test: &mut TestCore, by: &mut Client) -> Vec<String> {
        self.play(test);
        let got = test.received(by).into_iter();
        got.map(|got| String::from_utf8(got.payload).unwrap())
            .collect()
    }
}

fn want(test: &mut TestCore, client: &Client, wants: Want) {
    let wants = vec![SlotWant {
        mid: "2".to_owned(),
        wants,
        size: None,
    }];
    test.core
        .want(client.id, wants, test.now, &mut test.out)
        .unwrap();
}

#[test]
fn each_channel_carries_its_track_and_a_language_without_one_the_floor() {
    let mut test = TestCore::new();
    let mut seoul = test.join("seoul-1", 100);
    let mut recorded = Recorded::start(&mut test);
    test.show(playing());
    for (wants, heard) in [
        (Want::Voice, "Address"),
        (Want::Language(language("ja")), "Japanese"),
        (Want::Language(language("fr")), "French"),
        (Want::Language(language("en")), "Address"),
    ] {
        want(&mut test, &seoul, wants.clone());
        assert_eq!(recorded.heard(&mut test, &mut seoul), [heard], "{wants:?}");
    }
    want(&mut test, &seoul, Want::Nothing);
    assert_eq!(recorded.heard(&mut test, &mut seoul), [""; 0]);
    assert_eq!(test.ungranted_packets(), 0);
}

#[test]
fn an_interpreter_takes_a_channel_over_and_gives_it_back_to_the_file() {
    let mut test = TestCore::new();
    let mut seoul = test.join("seoul-1", 100);
    let mut kenji = test.join("kenji", 200);
    want(&mut test, &seoul, Want::Language(language("ja")));
    let mut recorded = Recorded::start(&mut test);
    test.show(playing());
    assert_eq!(recorded.heard(&mut test, &mut seoul), ["Japanese"]);
    test.show(interpreted(playing(), "ja", Some("kenji")));
    assert_eq!(recorded.heard(&mut test, &mut seoul), [""; 0]);
    test.send_packet(&mut kenji, 111, 200, 1, b"Kenji");
    assert_eq!(test.received(&mut seoul)[0].payload, b"Kenji");
    test.show(interpreted(playing(), "ja", None));
    assert_eq!(
        recorded.heard(&mut test, &mut seoul),
        [""; 0],
        "it changes hands"
    );
    test.show(playing());
    assert_eq!(recorded.heard(&mut test, &mut seoul), ["Japanese"]);
    assert_eq!(test.ungranted_packets(), 0);
}

#[test]
fn a_pause_silences_every_language_and_the_floor_is_heard_instead() {
    let mut test = TestCore::new();
    let mut seoul = test.join("seoul-1", 100);
    let mut tokyo = test.join("tokyo-1", 200);
    want(&mut test, &seoul, Want::Language(language("ja")));
    let mut recorded = Recorded::start(&mut test);
    test.show(playing());
    assert_eq!(recorded.heard(&mut test, &mut seoul), ["Japanese"]);
    test.show(Scene {
        recorded: playing().recorded,
        ..on_stage(&["tokyo-1"])
    });
    assert_eq!(recorded.heard(&mut test, &mut seoul), [""; 0]);
    test.send_packet(&mut tokyo, 111, 200, 1, b"Tokyo");
    assert_eq!(test.received(&mut seoul)[0].payload, b"Tokyo");
    assert_eq!(test.ungranted_packets(), 0);
}

#[test]
fn every_language_has_the_clock_of_the_recording() {
    let mut test = TestCore::new();
    let mut seoul = test.join("seoul-1", 100);
    want(&mut test, &seoul, Want::Language(language("ja")));
    let mut recorded = Recorded::start(&mut test);
    test.show(playing());
    recorded.play(&mut test);
    let first = test.received(&mut seoul)[0].timestamp;
    // It stands still for three seconds.
    test.now += Duration::from_secs(3);
    recorded.play(&mut test);
    let next = test.received(&mut seoul)[0].timestamp;
    assert_eq!(next.wrapping_sub(first), 48 * 3020);
}

#[test]
fn a_listener_is_told_the_language_of_the_recording_that_a_slot_carries() {
    let mut test = TestCore::new();
    let seoul = test.join("seoul-1", 100);
    want(&mut test, &seoul, Want::Language(language("ja")));
    let recorded = Recorded::start(&mut test);
    let told = |test: &mut TestCore| {
        let events = std::mem::take(&mut test.out.events);
        let slots = events.into_iter().rev().find_map(|event| match event {
            (session, MediaEvent::Slots { slots }) if session == seoul.id => Some(slots),
            _ => None,
        });
        slots.unwrap()[0].shows.clone()
    };
    test.show(playing());
    let shows = told(&mut test).unwrap();
    assert_eq!(shows.participant, person(MAYOR));
    assert_eq!((shows.stage, shows.language), (false, Some(language("ja"))));
    test.core.leave(recorded.session, test.now, &mut test.out);
    assert_eq!(told(&mut test), None, "no track is left behind");
    assert_eq!(test.core.sessions.len(), 1);
}
