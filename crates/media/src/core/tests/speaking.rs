//! Who speaks, and what the server receives of a device.

use std::time::Duration;

use plenary_scene::{Scene, Source};

use super::test_core::*;
use crate::{api::MediaEvent, core::TICK_INTERVAL};

/// Two participants with levels, who are heard, and a listener.
struct Hall {
    test: TestCore,
    tokyo: Client,
    seoul: Client,
    listener: Client,
    sequence: u16,
}

impl Hall {
    fn new() -> Self {
        let mut test = TestCore::new();
        Self {
            tokyo: test.join_with("tokyo-1", 100, &with_levels(100)),
            seoul: test.join_with("seoul-1", 300, &with_levels(300)),
            listener: test.join("listener", 200),
            sequence: 0,
            test,
        }
    }

    /// Lets both say something at these levels (-dBov) for a time.
    fn say(&mut self, tokyo: u8, seoul: u8, time: Duration) {
        let end = self.test.now + time;
        while self.test.now < end {
            self.sequence += 1;
            self.test
                .send_audio(&mut self.tokyo, 100, self.sequence, tokyo);
            self.test
                .send_audio(&mut self.seoul, 300, self.sequence, seoul);
            self.test.core.tick(self.test.now, &mut self.test.out);
            self.test.now += TICK_INTERVAL;
        }
    }

    /// Who was reported to the listener as speaking, each time.
    fn told(&mut self) -> Vec<Vec<String>> {
        let id = self.listener.id;
        let events = std::mem::take(&mut self.test.out.events).into_iter();
        let told = events.filter_map(|(session, event)| match event {
            MediaEvent::Speaking { participants } if session == id => {
                Some(participants.iter().map(ToString::to_string).collect())
            }
            _ => None,
        });
        told.collect()
    }
}

fn voices(names: &[&str]) -> Scene {
    Scene {
        voices: people(names),
        ..Scene::default()
    }
}

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn everybody_is_told_who_speaks_when_that_changes_and_never_of_who_is_not_heard() {
    let mut hall = Hall::new();
    hall.say(30, 30, SECOND);
    assert!(hall.told().is_empty(), "nobody has the floor");
    hall.test.show(voices(&["tokyo-1", "seoul-1"]));
    hall.say(30, 80, 3 * SECOND);
    assert_eq!(hall.told(), [["tokyo-1"]], "once, not again and again");
    hall.say(80, 80, SECOND / 2);
    assert!(hall.told().is_empty(), "a pause between words");
    hall.say(30, 30, SECOND);
    assert_eq!(hall.told(), [["tokyo-1", "seoul-1"]]);
    hall.say(30, 80, 2 * SECOND);
    assert_eq!(hall.told(), [["tokyo-1"]]);
    hall.test.show(voices(&["seoul-1"]));
    hall.say(30, 80, SECOND);
    assert_eq!(hall.told(), [Vec::<String>::new()], "muted or revoked");
}

#[test]
fn who_comes_in_the_midst_of_a_speech_is_told_who_speaks() {
    let mut hall = Hall::new();
    hall.test.show(voices(&["tokyo-1"]));
    hall.say(30, 80, SECOND);
    hall.listener = hall.test.join("late", 500);
    hall.told();
    hall.say(30, 80, SECOND);
    assert_eq!(hall.told(), [["tokyo-1"]]);
}

#[test]
fn a_device_is_told_whether_its_sound_and_its_pictures_arrive() {
    let mut hall = Hall::new();
    let told = |hall: &mut Hall| {
        let id = hall.tokyo.id;
        let events = std::mem::take(&mut hall.test.out.events).into_iter();
        let told = events.filter_map(|(session, event)| match event {
            MediaEvent::Received(received) if session == id => {
                Some((received.microphone, received.camera))
            }
            _ => None,
        });
        told.collect::<Vec<_>>()
    };
    hall.say(127, 80, SECOND);
    assert_eq!(told(&mut hall), [], "it has had no time to arrive");
    hall.say(127, 80, 2 * SECOND);
    assert_eq!(told(&mut hall), [(false, false)], "digital silence");
    hall.say(75, 80, SECOND);
    assert_eq!(told(&mut hall), [(true, false)], "a quiet room");
    hall.test.send_video(&mut hall.tokyo, 10, true);
    hall.say(75, 80, SECOND);
    assert_eq!(told(&mut hall), [(true, true)]);
    hall.say(75, 80, 3 * SECOND);
    assert_eq!(told(&mut hall), [(true, false)]);
    hall.say(127, 80, 4 * SECOND);
    assert_eq!(told(&mut hall), [], "a pause without any noise");
    hall.say(127, 80, 2 * SECOND);
    assert_eq!(told(&mut hall), [(false, false)]);
    hall.say(75, 80, SECOND);
    assert_eq!(told(&mut hall), [(true, false)]);
    hall.test.now += 3 * SECOND;
    hall.test
        .core
        .look_at_sources(hall.test.now, &mut hall.test.out);
    assert_eq!(told(&mut hall), [(false, false)], "no packets at all");
    hall.test.publish(&hall.tokyo, false);
    hall.say(30, 80, 3 * SECOND);
    assert_eq!(told(&mut hall), [], "nothing is expected of it");
}

/// The participants whose voices a listener with three lines for voices is told to hear.
fn heard(test: &mut TestCore, listener: &Client) -> Vec<String> {
    let figures = test.figures(listener);
    let shown = figures.slots.iter().filter_map(|slot| slot.shows.as_ref());
    let voices = shown.filter(|shows| shows.source == Source::Microphone);
    let mut names: Vec<String> = voices.map(|shows| shows.participant.to_string()).collect();
    names.sort();
    names
}

#[test]
fn of_five_who_may_speak_the_three_loudest_are_heard_and_a_pause_changes_nothing() {
    let mut test = TestCore::new();
    let names = ["delhi-1", "perth-1", "quito-1", "seoul-1", "tokyo-1"];
    let ssrcs = [1000, 2000, 3000, 4000, 5000];
    let mut cities: Vec<Client> = names
        .into_iter()
        .zip(ssrcs)
        .map(|(name, ssrc)| test.join_with(name, ssrc, &with_levels(ssrc)))
        .collect();
    let voice = "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:MID\r\na=recvonly\r\na=rtcp-mux\r\n\
        a=rtpmap:111 opus/48000/2\r\n";
    let lines: String = ["5", "6"].map(|mid| voice.replace("MID", mid)).concat();
    let offer =
        (offer(200, &[VP8], &[VP8]) + &lines).replace("BUNDLE 0 1 2 3 4", "BUNDLE 0 1 2 3 4 5 6");
    let listener = test.join_with("listener", 200, &offer);
    test.show(voices(&names));
    let mut sequence = 0;
    let mut say = |test: &mut TestCore, levels: [u8; 5], time: Duration| {
        let end = test.now + time;
        while test.now < end {
            sequence += 1;
            for ((city, ssrc), level) in cities.iter_mut().zip(ssrcs).zip(levels) {
                test.send_audio(city, ssrc, sequence, level);
            }
            test.core.tick(test.now, &mut test.out);
            test.now += TICK_INTERVAL;
        }
    };
    say(&mut test, [85, 85, 30, 30, 30], SECOND);
    assert_eq!(
        heard(&mut test, &listener),
        ["quito-1", "seoul-1", "tokyo-1"]
    );
    say(&mut test, [85, 85, 85, 30, 30], 3 * SECOND);
    assert_eq!(
        heard(&mut test, &listener),
        ["quito-1", "seoul-1", "tokyo-1"],
        "nobody else has begun to speak"
    );
    say(&mut test, [20, 85, 85, 30, 30], SECOND);
    assert_eq!(
        heard(&mut test, &listener),
        ["delhi-1", "seoul-1", "tokyo-1"]
    );
    say(&mut test, [20, 10, 85, 30, 25], SECOND);
    assert_eq!(
        heard(&mut test, &listener),
        ["delhi-1", "perth-1", "tokyo-1"],
        "all speak, and two are louder than the third"
    );
}
