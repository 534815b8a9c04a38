//! One person, several devices.

use plenary_scene::Scene;
use proptest::prelude::*;

use super::test_core::*;
use crate::api::MediaEvent;

/// A frame that names the device it comes from.
fn frame(device: u8) -> [u8; 5] {
    [0x90, 0x80, 1, 0, device]
}

#[test]
fn publishing_moves_between_devices_whichever_command_comes_first() {
    for on_first in [true, false] {
        let mut test = TestCore::new();
        let mut desk = test.join("tokyo-1", 100);
        let mut hand = test.join("tokyo-1", 300);
        let mut seoul = test.join("seoul-1", 200);
        test.publish(&hand, false);
        test.publish(&desk, true);
        test.show(on_stage(&["tokyo-1"]));
        test.send_packet(&mut desk, 96, 101, 1, &frame(1));
        test.send_packet(&mut hand, 96, 301, 1, &frame(2));
        let first = test.received(&mut seoul);
        assert_eq!((first.len(), first[0].payload[4]), (1, 1));

        if on_first {
            test.publish(&hand, true);
            test.send_packet(&mut desk, 96, 101, 2, &frame(1));
            test.send_packet(&mut hand, 96, 301, 2, &frame(2));
            test.publish(&desk, false);
        } else {
            test.publish(&desk, false);
            test.send_packet(&mut desk, 96, 101, 2, &frame(1));
            test.publish(&hand, true);
            test.send_packet(&mut hand, 96, 301, 2, &frame(2));
        }
        test.send_packet(&mut desk, 96, 101, 3, &frame(1));
        let next = test.received(&mut seoul);
        assert_eq!((next.len(), next[0].payload[4]), (1, 2));
        assert_eq!(
            next[0].sequence,
            first[0].sequence.wrapping_add(1),
            "in the same slot"
        );
    }
}

#[test]
fn a_returning_device_replaces_its_old_session() {
    let mut test = TestCore::new();
    let mut before = test.join("tokyo-1", 100);
    let mut seoul = test.join("seoul-1", 200);
    test.show(on_stage(&["tokyo-1"]));
    let mut after = test.join("tokyo-1", 300);
    test.send_packet(&mut before, 96, 101, 1, &frame(1));
    test.send_packet(&mut after, 96, 301, 1, &frame(2));
    let got = test.received(&mut seoul);
    assert_eq!((got.len(), got[0].payload[4]), (1, 2));
    // The first device is replaced, not stopped: it publishes again when the later one leaves.
    test.core.leave(after.id, test.now, &mut test.out);
    test.send_packet(&mut before, 96, 101, 2, &frame(1));
    assert_eq!(test.received(&mut seoul).len(), 1);
}

#[test]
fn only_the_publishing_device_is_told_its_level_on_stage_as_off_it() {
    let mut test = TestCore::new();
    let mut other = test.join_with("tokyo-1", 300, &with_levels(300));
    let mut tokyo = test.join_with("tokyo-1", 100, &with_levels(100));
    let said = |test: &mut TestCore, client: &mut Client, sequences: std::ops::Range<u16>| {
        test.out.events.clear();
        for sequence in sequences {
            let ssrc = client.ssrc;
            test.send_audio(client, ssrc, sequence, 32);
            test.now += std::time::Duration::from_millis(20);
        }
        let mut told = test.out.events.clone();
        told.retain(|(_, event)| !matches!(event, MediaEvent::Flow { .. }));
        told
    };
    let level = (tokyo.id, MediaEvent::Level { dbov: -32 });
    let told = said(&mut test, &mut tokyo, 1..51);
    assert_eq!(told, vec![level.clone(); 5], "five times in a second");
    assert_eq!(said(&mut test, &mut other, 1..51), []);

    test.show(Scene {
        voices: people(&["tokyo-1"]),
        ..Scene::default()
    });
    let voice = (tokyo.id, MediaEvent::Voice);
    let told = said(&mut test, &mut tokyo, 51..101);
    let count = |event| told.iter().filter(|it| **it == event).count();
    assert_eq!((count(level), count(voice), told.len()), (5, 1, 6));
}

/// A step of two devices of one person.
#[derive(Debug, Clone, Copy)]
enum Step {
    Tell(usize, bool),
    Send(usize),
}

proptest! {
    #[test]
    fn two_devices_of_one_person_are_never_forwarded_together(
        steps in proptest::collection::vec(
            prop_oneof![
                (0..2_usize, any::<bool>()).prop_map(|(device, on)| Step::Tell(device, on)),
                (0..2_usize).prop_map(Step::Send),
                (0..2_usize).prop_map(Step::Send),
            ],
            1..60,
        ),
    ) {
        let mut test = TestCore::new();
        let mut devices = [test.join("tokyo-1", 100), test.join("tokyo-1", 300)];
        let mut seoul = test.join("seoul-1", 200);
        test.show(Scene { gallery: in_gallery(&["tokyo-1"]).gallery, ..on_stage(&["tokyo-1"]) });
        // The devices that publish, the latest at the end.
        let mut told = vec![0, 1];
        for (sequence, step) in (1..).zip(steps) {
            match step {
                Step::Tell(device, on) => {
                    test.publish(&devices[device], on);
                    told.retain(|it| *it != device);
                    if on {
                        told.push(device);
                    }
                }
                Step::Send(device) => {
                    let from = &mut devices[device];
                    let ssrc = from.ssrc;
                    test.send_packet(from, 96, ssrc + 1, sequence, &frame(7));
                    test.send_packet(from, 111, ssrc, sequence, b"voice");
                    let expected = if told.last() == Some(&device) { 3 } else { 0 };
                    prop_assert_eq!(test.received(&mut seoul).len(), expected, "stage, tile and voice");
                }
            }
        }
        prop_assert_eq!(test.ungranted_packets(), 0);
    }
}
