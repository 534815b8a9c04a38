//! One person, several devices.

use plenary_scene::Scene;
use proptest::prelude::*;

use super::hall::*;
use crate::api::MediaEvent;

/// A frame that names the device it comes from.
fn frame(device: u8) -> [u8; 5] {
    [0x90, 0x80, 1, 0, device]
}

#[test]
fn publishing_moves_between_devices_whichever_command_comes_first() {
    for on_first in [true, false] {
        let mut hall = Hall::new();
        let mut desk = hall.seat("tokyo-1", 100);
        let mut hand = hall.seat("tokyo-1", 300);
        let mut seoul = hall.seat("seoul-1", 200);
        hall.publish(&hand, false);
        hall.publish(&desk, true);
        hall.show(on_stage(&["tokyo-1"]));
        hall.packet(&mut desk, 96, 101, 1, &frame(1));
        hall.packet(&mut hand, 96, 301, 1, &frame(2));
        let first = hall.received(&mut seoul);
        assert_eq!((first.len(), first[0].payload[4]), (1, 1));

        if on_first {
            hall.publish(&hand, true);
            hall.packet(&mut desk, 96, 101, 2, &frame(1));
            hall.packet(&mut hand, 96, 301, 2, &frame(2));
            hall.publish(&desk, false);
        } else {
            hall.publish(&desk, false);
            hall.packet(&mut desk, 96, 101, 2, &frame(1));
            hall.publish(&hand, true);
            hall.packet(&mut hand, 96, 301, 2, &frame(2));
        }
        hall.packet(&mut desk, 96, 101, 3, &frame(1));
        let next = hall.received(&mut seoul);
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
    let mut hall = Hall::new();
    let mut before = hall.seat("tokyo-1", 100);
    let mut seoul = hall.seat("seoul-1", 200);
    hall.show(on_stage(&["tokyo-1"]));
    let mut after = hall.seat("tokyo-1", 300);
    hall.packet(&mut before, 96, 101, 1, &frame(1));
    hall.packet(&mut after, 96, 301, 1, &frame(2));
    let got = hall.received(&mut seoul);
    assert_eq!((got.len(), got[0].payload[4]), (1, 2));
    // Its own word is overtaken, not withdrawn: when the later one goes, it is not silent for ever.
    hall.core.leave(after.id, hall.now, &mut hall.out);
    hall.packet(&mut before, 96, 101, 2, &frame(1));
    assert_eq!(hall.received(&mut seoul).len(), 1);
}

#[test]
fn only_the_publishing_device_is_told_its_layer_and_only_off_the_stage() {
    let mut hall = Hall::new();
    let levelled = |ssrc| {
        offer(ssrc, &[VP8], &[VP8]).replace(
            "a=mid:0\r\n",
            "a=mid:0\r\na=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n",
        )
    };
    let mut other = hall.seat_with("tokyo-1", 300, &levelled(300));
    let mut tokyo = hall.seat_with("tokyo-1", 100, &levelled(100));
    let said = |hall: &mut Hall, client: &mut Client, sequences: std::ops::Range<u16>| {
        hall.out.events.clear();
        for sequence in sequences {
            let ssrc = client.ssrc;
            hall.sound(client, ssrc, sequence, 32);
            hall.now += std::time::Duration::from_millis(20);
        }
        let mut told = hall.out.events.clone();
        told.retain(|(_, event)| !matches!(event, MediaEvent::Flow { .. }));
        told
    };
    let level = (tokyo.id, MediaEvent::Level { dbov: -32 });
    let told = said(&mut hall, &mut tokyo, 1..51);
    assert_eq!(told, vec![level; 5], "five times in a second");
    assert_eq!(said(&mut hall, &mut other, 1..51), []);

    hall.show(Scene {
        voices: people(&["tokyo-1"]),
        ..Scene::default()
    });
    let voice = (tokyo.id, MediaEvent::Voice);
    assert_eq!(said(&mut hall, &mut tokyo, 51..101), [voice]);
}

/// What befalls two devices of one person.
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
        let mut hall = Hall::new();
        let mut devices = [hall.seat("tokyo-1", 100), hall.seat("tokyo-1", 300)];
        let mut seoul = hall.seat("seoul-1", 200);
        hall.show(Scene { gallery: in_gallery(&["tokyo-1"]).gallery, ..on_stage(&["tokyo-1"]) });
        // Those told and not told to stop, the last at the end.
        let mut told = vec![0, 1];
        for (sequence, step) in (1..).zip(steps) {
            match step {
                Step::Tell(device, on) => {
                    hall.publish(&devices[device], on);
                    told.retain(|it| *it != device);
                    if on {
                        told.push(device);
                    }
                }
                Step::Send(device) => {
                    let from = &mut devices[device];
                    let ssrc = from.ssrc;
                    hall.packet(from, 96, ssrc + 1, sequence, &frame(7));
                    hall.packet(from, 111, ssrc, sequence, b"voice");
                    let expected = if told.last() == Some(&device) { 3 } else { 0 };
                    prop_assert_eq!(hall.received(&mut seoul).len(), expected, "stage, tile and voice");
                }
            }
        }
        prop_assert_eq!(hall.ungranted(), 0);
    }
}
