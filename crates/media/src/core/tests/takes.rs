//! What is recorded of a room: the packets that reach a tap.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use bytes::Bytes;
use plenary_ids::{Language, RequestId, RoomId};
use plenary_scene::{Scene, Source, TakeKey};
use plenary_transport::sdp::Codec;
use proptest::prelude::*;
use rtc_rtcp::sender_report::SenderReport;

use super::test_core::*;
use crate::{
    recording::{RecordedFrame, RecordedFrames, RecordedTrack},
    tap::{PacketFacts, SenderFacts, TakeHandle, Tap},
};

/// What reached a tap, by take.
#[derive(Debug, Clone, Default)]
struct Collected {
    takes: BTreeMap<TakeHandle, Recorded>,
}

#[derive(Debug, Clone)]
struct Recorded {
    key: TakeKey,
    packets: Vec<(PacketFacts, Vec<u8>)>,
    reports: Vec<SenderFacts>,
    ended: bool,
}

#[derive(Debug, Clone, Default)]
struct TestTap(Arc<Mutex<Collected>>);

impl TestTap {
    fn lock(&self) -> MutexGuard<'_, Collected> {
        self.0.lock().unwrap()
    }

    /// Every take: the speech, the participant, the first byte of each packet, and whether it has ended.
    fn lines(&self) -> Vec<String> {
        let collected = self.lock();
        let lines = collected.takes.values().map(|take| {
            let speech = take.key.speech.map_or("-".to_owned(), |it| it.to_string());
            let packets = take.packets.iter().map(|(_, payload)| payload.last());
            let packets: Vec<String> = packets
                .map(|last| last.map_or_else(String::new, ToString::to_string))
                .collect();
            let language = take.key.language.as_ref();
            let language = language.map(|it| format!(" {it}")).unwrap_or_default();
            let ended = if take.ended { "ended" } else { "runs" };
            let participant = &take.key.participant;
            format!(
                "{speech} {participant}{language}: {} {ended}",
                packets.join(" ")
            )
        });
        lines.collect()
    }
}

impl Tap for TestTap {
    fn begin(&mut self, _: &RoomId, take: &TakeKey, _: Instant) -> TakeHandle {
        let mut collected = self.lock();
        let handle = TakeHandle(collected.takes.len() as u64);
        let recorded = Recorded {
            key: take.clone(),
            packets: Vec::new(),
            reports: Vec::new(),
            ended: false,
        };
        collected.takes.insert(handle, recorded);
        handle
    }

    fn packet(&mut self, take: TakeHandle, facts: &PacketFacts, payload: &[u8]) -> bool {
        let mut collected = self.lock();
        let take = collected.takes.get_mut(&take).unwrap();
        assert!(!take.ended, "a packet after the end of its take");
        take.packets.push((*facts, payload.to_vec()));
        take.key.source != Source::Microphone && take.packets.iter().all(|(it, _)| !it.keyframe)
    }

    fn sender_report(&mut self, take: TakeHandle, report: &SenderFacts, _: Instant) {
        let mut collected = self.lock();
        collected
            .takes
            .get_mut(&take)
            .unwrap()
            .reports
            .push(*report);
    }

    fn end(&mut self, take: TakeHandle, _: Instant) {
        self.lock().takes.get_mut(&take).unwrap().ended = true;
    }

    fn flush(&mut self, _: Instant) {}
}

fn recorded() -> (TestCore, TestTap) {
    let mut test = TestCore::new();
    let tap = TestTap::default();
    test.core.record_into(Box::new(tap.clone()));
    (test, tap)
}

fn take(name: &str, source: Source, speech: Option<u64>) -> TakeKey {
    TakeKey {
        participant: person(name),
        source,
        speech: speech.map(RequestId),
        language: None,
    }
}

/// The participant has the floor by that request, and the room is recorded.
fn speaks(name: &str, request: u64) -> Scene {
    let takes = [Source::Microphone, Source::Camera]
        .map(|source| take(name, source, Some(request)))
        .to_vec();
    Scene {
        takes,
        ..on_stage(&[name])
    }
}

/// A picture that begins a keyframe or does not, and names itself by its last byte.
fn frame(keyframe: bool, name: u8) -> [u8; 5] {
    [0x90, 0x80, 1, u8::from(!keyframe), name]
}

#[test]
fn what_the_floor_lets_through_is_recorded_from_the_first_packet_to_the_last() {
    let (mut test, tap) = recorded();
    let mut tokyo = test.join("tokyo-1", 100);
    test.send_packet(&mut tokyo, 96, 101, 1, &frame(true, 1));
    test.show(speaks("tokyo-1", 3));
    test.send_packet(&mut tokyo, 96, 101, 2, &frame(true, 2));
    test.send_packet(&mut tokyo, 96, 101, 3, &frame(false, 3));
    test.show(Scene::default());
    test.send_packet(&mut tokyo, 96, 101, 4, &frame(true, 4));
    assert_eq!(tap.lines(), ["r3 tokyo-1: 2 3 ended"]);
}

#[test]
fn the_audit_counts_what_a_faulty_rule_lets_be_recorded() {
    let (mut test, tap) = recorded();
    let mut tokyo = test.join("tokyo-1", 100);
    test.show(speaks("tokyo-1", 3));
    test.send_packet(&mut tokyo, 96, 101, 1, &frame(true, 1));
    assert_eq!(test.ungranted_packets_recorded(), 0);
    let room = test.core.rooms.get_mut(&room()).unwrap();
    room.audit.note(&Scene::default());
    test.send_packet(&mut tokyo, 96, 101, 2, &frame(true, 2));
    assert_eq!(tap.lines(), ["r3 tokyo-1: 1 2 runs"]);
    assert_eq!(test.ungranted_packets_recorded(), 1);
}

#[test]
fn the_next_speech_of_the_same_person_is_another_take() {
    let (mut test, tap) = recorded();
    let mut tokyo = test.join("tokyo-1", 100);
    test.show(speaks("tokyo-1", 3));
    test.send_packet(&mut tokyo, 96, 101, 1, &frame(true, 1));
    test.show(speaks("tokyo-1", 4));
    test.send_packet(&mut tokyo, 96, 101, 2, &frame(true, 2));
    let expected = ["r3 tokyo-1: 1 ended", "r4 tokyo-1: 2 runs"];
    assert_eq!(tap.lines(), expected);
}

#[test]
fn the_gallery_is_not_recorded_even_if_a_take_asks_for_it() {
    let (mut test, tap) = recorded();
    let mut seoul = test.join("seoul-1", 100);
    let scene = Scene {
        takes: vec![take("seoul-1", Source::Camera, None)],
        ..in_gallery(&["seoul-1"])
    };
    test.show(scene);
    test.send_packet(&mut seoul, 96, 101, 1, &frame(true, 1));
    assert!(tap.lines().is_empty());
}

#[test]
fn a_keyframe_is_asked_for_when_a_take_begins_though_nobody_looks() {
    let (mut test, _tap) = recorded();
    let mut tokyo = test.join("tokyo-1", 100);
    test.send_packet(&mut tokyo, 96, 101, 1, &frame(true, 1));
    let before = test.core.counters.snapshot().keyframes_requested;
    test.show(speaks("tokyo-1", 3));
    let asked = test.core.counters.snapshot().keyframes_requested;
    assert_eq!(asked, before + 1);
}

#[test]
fn a_take_that_gets_no_keyframe_asks_for_it_again() {
    let (mut test, _tap) = recorded();
    let mut tokyo = test.join("tokyo-1", 100);
    test.send_packet(&mut tokyo, 96, 101, 1, &frame(true, 1));
    test.show(speaks("tokyo-1", 3));
    let before = test.core.counters.snapshot().keyframes_requested;
    for sequence in 2..40 {
        test.send_packet(&mut tokyo, 96, 101, sequence, &frame(false, 1));
        test.now += Duration::from_millis(40);
        test.core.tick(test.now, &mut test.out);
    }
    let asked = test.core.counters.snapshot().keyframes_requested;
    assert!(asked > before + 2, "{asked} after {before}");
}

#[test]
fn another_device_of_the_speaker_is_another_take() {
    let (mut test, tap) = recorded();
    let mut desk = test.join("tokyo-1", 100);
    test.show(speaks("tokyo-1", 3));
    test.send_packet(&mut desk, 96, 101, 1, &frame(true, 1));
    let mut phone = test.join("tokyo-1", 300);
    test.send_packet(&mut desk, 96, 101, 2, &frame(true, 2));
    test.send_packet(&mut phone, 96, 301, 1, &frame(true, 3));
    let expected = ["r3 tokyo-1: 1 ended", "r3 tokyo-1: 3 runs"];
    assert_eq!(tap.lines(), expected);
    test.core.leave(phone.id, test.now, &mut test.out);
    assert!(tap.lock().takes.values().all(|take| take.ended));
}

#[test]
fn sender_reports_from_before_and_during_a_take_reach_it() {
    let (mut test, tap) = recorded();
    let mut tokyo = test.join("tokyo-1", 100);
    let report = |ntp_time, rtp_time| SenderReport {
        ssrc: 101,
        ntp_time,
        rtp_time,
        ..SenderReport::default()
    };
    test.send_packet(&mut tokyo, 96, 101, 1, &frame(true, 1));
    test.send_feedback(&mut tokyo, report(7 << 32, 500));
    test.show(speaks("tokyo-1", 3));
    test.send_packet(&mut tokyo, 96, 101, 2, &frame(true, 2));
    test.send_feedback(&mut tokyo, report(8 << 32, 90_500));
    let collected = tap.lock();
    let take = collected.takes.values().next().unwrap();
    let clocks: Vec<_> = take
        .reports
        .iter()
        .map(|it| (it.ntp, it.timestamp))
        .collect();
    assert_eq!(clocks, [(7 << 32, 500), (8 << 32, 90_500)]);
    assert_eq!(take.reports[0].generation, take.packets[0].0.generation);
}

#[test]
fn an_interpreter_is_recorded_for_the_language_and_for_nothing_else() {
    let (mut test, tap) = recorded();
    let mut kenji = test.join("kenji", 100);
    let ja = Language::new("ja").unwrap();
    let of_ja = TakeKey {
        language: Some(ja.clone()),
        ..take("kenji", Source::Microphone, Some(3))
    };
    let of_floor = take("kenji", Source::Microphone, Some(3));
    test.show(Scene {
        channels: [(ja, Some(person("kenji")))].into(),
        takes: vec![of_ja, of_floor],
        ..Scene::default()
    });
    test.send_packet(&mut kenji, 111, 100, 1, &[1]);
    assert_eq!(tap.lines(), ["r3 kenji ja: 1 runs"]);
}

#[test]
fn the_further_languages_of_a_recorded_address_are_in_no_take() {
    let (mut test, tap) = recorded();
    let sound = |language| RecordedTrack {
        source: Source::Microphone,
        codec: Codec::Opus,
        language,
    };
    let ja = Language::new("ja").unwrap();
    let tracks = [sound(None), sound(Some(ja.clone()))];
    let mayor = person("mayor");
    let session = test
        .core
        .join_recording(&room(), &mayor, &tracks, test.now, &mut test.out);
    test.show(Scene {
        recorded: [(ja, mayor)].into(),
        ..speaks("mayor", 1)
    });
    let frame = |track| RecordedFrame {
        track,
        at: Duration::ZERO,
        data: Bytes::from(vec![u8::try_from(track).unwrap()]),
    };
    let frames = RecordedFrames {
        begins: Some(Duration::ZERO),
        frames: vec![frame(0), frame(1)],
    };
    test.core.play(session, &frames, test.now, &mut test.out);
    assert_eq!(tap.lines(), ["r1 mayor: 0 runs"]);
}

#[test]
fn a_recorded_address_whose_frames_come_before_its_scene_is_recorded_from_its_keyframe() {
    let (mut test, tap) = recorded();
    let tracks = [RecordedTrack {
        source: Source::Camera,
        codec: Codec::Vp8,
        language: None,
    }];
    let mayor = person("mayor");
    let session = test
        .core
        .join_recording(&room(), &mayor, &tracks, test.now, &mut test.out);
    let picture = |at: u64| RecordedFrame {
        track: 0,
        at: Duration::from_millis(at),
        data: Bytes::from(vec![u8::from(at > 0); 40]),
    };
    for at in [0, 40] {
        let frames = RecordedFrames {
            begins: (at == 0).then_some(Duration::ZERO),
            frames: vec![picture(at)],
        };
        test.core.play(session, &frames, test.now, &mut test.out);
        test.now += Duration::from_millis(40);
    }
    test.show(speaks("mayor", 1));
    let collected = tap.lock();
    let packets = &collected.takes.values().next().unwrap().packets;
    assert!(packets[0].0.keyframe);
    assert_eq!(packets.len(), 2);
    let step = packets[1].0.timestamp.wrapping_sub(packets[0].0.timestamp);
    assert_eq!(step, 90, "what leads up to the beginning takes a moment");
}

const PEOPLE: [&str; 3] = ["tokyo-1", "seoul-1", "kenji"];

fn any_names() -> impl Strategy<Value = Vec<&'static str>> {
    proptest::sample::subsequence(PEOPLE.to_vec(), 0..=PEOPLE.len())
}

fn any_scene() -> impl Strategy<Value = Scene> {
    let take = (
        proptest::sample::select(PEOPLE.to_vec()),
        proptest::bool::ANY,
        proptest::option::of(1..3u64),
        proptest::bool::ANY,
    );
    let takes = proptest::collection::vec(take, 0..8);
    let interpreter = proptest::option::of(proptest::option::of(proptest::sample::select(
        PEOPLE.to_vec(),
    )));
    (any_names(), any_names(), any_names(), interpreter, takes).prop_map(
        |(stage, voices, gallery, interpreter, takes)| {
            let ja = Language::new("ja").unwrap();
            let takes = takes.into_iter().map(|(name, sound, speech, japanese)| {
                let source = if sound {
                    Source::Microphone
                } else {
                    Source::Camera
                };
                TakeKey {
                    language: japanese.then(|| ja.clone()),
                    ..take_of(name, source, speech)
                }
            });
            Scene {
                stage: people(&stage),
                voices: people(&voices),
                gallery: gallery.into_iter().map(person).collect(),
                takes: takes.collect(),
                channels: interpreter
                    .map(|name| (ja.clone(), name.map(person)))
                    .into_iter()
                    .collect(),
                ..Scene::default()
            }
        },
    )
}

fn take_of(name: &str, source: Source, speech: Option<u64>) -> TakeKey {
    take(name, source, speech)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_packet_reaches_a_tap_that_the_scene_does_not_allow_in_full(scenes in proptest::collection::vec(any_scene(), 1..6)) {
        let (mut test, tap) = recorded();
        let mut clients: Vec<_> = (1..)
            .zip(PEOPLE)
            .map(|(number, name)| (name, number * 100, test.join(name, number * 100)))
            .collect();
        for (round, scene) in (1..).zip(&scenes) {
            test.show(scene.clone());
            let before: BTreeMap<_, _> = {
                let collected = tap.lock();
                collected.takes.iter().map(|(handle, take)| (*handle, take.packets.len())).collect()
            };
            for (name, ssrc, client) in &mut clients {
                let _ = name;
                test.send_packet(client, 96, *ssrc + 1, round, &frame(true, 1));
                test.send_packet(client, 111, *ssrc, round, &[1]);
            }
            let collected = tap.lock();
            for (handle, take) in &collected.takes {
                let new = take.packets.len() - before.get(handle).copied().unwrap_or(0);
                let key = &take.key;
                let shown = match &key.language {
                    None if key.source == Source::Microphone => scene.voices.contains(&key.participant),
                    None => scene.stage.contains(&key.participant),
                    Some(tag) => key.source == Source::Microphone
                        && scene.channels.get(tag) == Some(&Some(key.participant.clone())),
                };
                let expected = usize::from(shown && scene.takes.contains(key) && !take.ended);
                prop_assert_eq!(new, expected, "{:?} in {:?}", key, scene);
            }
            // And everything that is to be recorded is.
            for key in &scene.takes {
                let runs = collected.takes.values().any(|take| take.key == *key && !take.ended);
                prop_assert_eq!(runs, scene.allows_take(key), "{:?}", key);
            }
        }
        prop_assert_eq!(test.ungranted_packets_recorded(), 0);
    }
}
