//! Who speaks, and what the server receives of a device.

use std::time::Duration;

use plenary_scene::Scene;

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
