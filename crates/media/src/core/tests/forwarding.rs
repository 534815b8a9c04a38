//! What is forwarded to listeners, and what is not.

use std::time::Duration;

use plenary_scene::Scene;
use proptest::prelude::*;

use super::test_core::*;
use crate::api::{DisconnectReason, MediaEvent, SILENCE_TIMEOUT};
use crate::core::TICK_INTERVAL;

#[test]
fn nothing_flows_before_a_grant_and_nothing_after_a_revoke_not_even_a_repair() {
    let mut test = TestCore::new();
    let (mut tokyo, mut seoul) = (test.join("tokyo-1", 100), test.join("seoul-1", 200));
    test.send_video(&mut tokyo, 10, true);
    test.send_packet(&mut tokyo, 111, 100, 1, b"voice");
    assert_eq!(test.received(&mut seoul), []);

    test.show(Scene {
        gallery: in_gallery(&["tokyo-1"]).gallery,
        ..on_stage(&["tokyo-1"])
    });
    test.send_video(&mut tokyo, 11, true);
    test.send_packet(&mut tokyo, 111, 100, 2, b"voice");
    let flowing = test.received(&mut seoul);
    assert_eq!(
        flowing.iter().filter(|got| got.slot_type == 96).count(),
        2,
        "stage and tile"
    );
    assert_eq!(
        flowing.iter().filter(|got| got.payload == b"voice").count(),
        1
    );
    assert_eq!(test.received(&mut tokyo), [], "never oneself");

    let ssrc = test.stage_ssrc(&seoul);
    let sequence = flowing
        .iter()
        .find(|got| got.slot_type == 96)
        .unwrap()
        .sequence;
    let sequences = [
        sequence,
        flowing
            .iter()
            .rfind(|got| got.slot_type == 96)
            .unwrap()
            .sequence,
    ];
    for sequence in sequences {
        test.send_nack(&mut seoul, ssrc, sequence);
    }
    let repaired = test.received(&mut seoul);
    assert!(repaired.iter().all(|got| got.slot_type == 97) && !repaired.is_empty());

    test.show(Scene::default());
    test.send_video(&mut tokyo, 12, true);
    test.send_packet(&mut tokyo, 111, 100, 3, b"voice");
    for sequence in sequences {
        test.send_nack(&mut seoul, ssrc, sequence);
    }
    assert_eq!(test.received(&mut seoul), []);
    assert_eq!(test.ungranted_packets(), 0);
}

#[test]
fn a_change_of_speaker_is_one_continuous_stream_that_begins_at_a_keyframe() {
    let mut test = TestCore::new();
    let (mut tokyo, mut seoul) = (test.join("tokyo-1", 100), test.join("seoul-1", 200));
    let mut taipei = test.join("taipei-1", 300);
    test.show(on_stage(&["tokyo-1"]));
    test.send_video(&mut seoul, 500, true);
    test.send_video(&mut tokyo, 10, true);
    test.send_video(&mut tokyo, 11, false);
    let first = test.received(&mut taipei);
    assert_eq!(first.len(), 2);

    test.show(on_stage(&["seoul-1"]));
    test.now += Duration::from_millis(40);
    test.send_video(&mut tokyo, 12, false);
    test.send_video(&mut seoul, 501, false);
    assert_eq!(
        test.received(&mut taipei),
        [],
        "an interframe of the new one is of no use"
    );
    test.send_video(&mut seoul, 502, true);
    let next = test.received(&mut taipei);
    assert_eq!(next.len(), 1);
    assert_eq!(next[0].sequence, first[1].sequence.wrapping_add(1));
    assert_eq!(next[0].timestamp, first[1].timestamp.wrapping_add(3600));
    assert_eq!(
        next[0].payload[3],
        first[1].payload[3] + 1,
        "the picture id goes on"
    );
    assert_eq!(test.ungranted_packets(), 0);
}

#[test]
fn a_camera_with_the_reach_of_a_tile_never_gets_on_stage() {
    let mut test = TestCore::new();
    let (mut tokyo, mut seoul) = (test.join("tokyo-1", 100), test.join("seoul-1", 200));
    test.show(Scene {
        gallery: in_gallery(&["tokyo-1"]).gallery,
        ..on_stage(&["tokyo-1"])
    });
    test.send_video(&mut tokyo, 10, true);
    assert_eq!(test.received(&mut seoul).len(), 2);
    test.show(in_gallery(&["tokyo-1"]));
    test.send_video(&mut tokyo, 11, true);
    assert_eq!(test.received(&mut seoul).len(), 1);
    assert_eq!(test.ungranted_packets(), 0);
}

#[test]
fn a_device_that_does_not_publish_is_not_forwarded_though_its_person_has_the_floor() {
    let mut test = TestCore::new();
    let (mut tokyo, mut seoul) = (test.join("tokyo-1", 100), test.join("seoul-1", 200));
    test.show(on_stage(&["tokyo-1"]));
    test.core
        .set_publishing(tokyo.id, false, test.now, &mut test.out);
    test.send_video(&mut tokyo, 10, true);
    assert_eq!(test.received(&mut seoul), []);
    test.core
        .set_publishing(tokyo.id, true, test.now, &mut test.out);
    test.send_video(&mut tokyo, 11, true);
    assert_eq!(test.received(&mut seoul).len(), 1);
}

#[test]
fn padding_leaves_no_gap_in_the_slot() {
    let mut test = TestCore::new();
    let (mut tokyo, mut seoul) = (test.join("tokyo-1", 100), test.join("seoul-1", 200));
    test.show(on_stage(&["tokyo-1"]));
    test.send_video(&mut tokyo, 10, true);
    test.send_packet(&mut tokyo, 96, 101, 11, b"");
    test.send_video(&mut tokyo, 12, false);
    let got = test.received(&mut seoul);
    assert_eq!(got.len(), 2);
    assert_eq!(got[1].sequence, got[0].sequence.wrapping_add(1));
}

#[test]
fn the_audit_counts_what_a_faulty_rule_lets_through() {
    let mut test = TestCore::new();
    let (mut tokyo, mut seoul) = (test.join("tokyo-1", 100), test.join("seoul-1", 200));
    test.show(on_stage(&["tokyo-1"]));
    test.core
        .rooms
        .get_mut(&room())
        .unwrap()
        .audit
        .note(&Scene::default());
    test.send_video(&mut tokyo, 10, true);
    assert_eq!(test.received(&mut seoul).len(), 1);
    assert_eq!(test.ungranted_packets(), 1);
}

#[test]
fn a_participant_who_leaves_or_falls_silent_is_removed_from_every_slot() {
    let mut test = TestCore::new();
    let (mut tokyo, seoul) = (test.join("tokyo-1", 100), test.join("seoul-1", 200));
    test.show(on_stage(&["tokyo-1"]));
    test.send_video(&mut tokyo, 10, true);
    test.out.events.clear();
    test.core.leave(tokyo.id, test.now, &mut test.out);
    let emptied = test.out.events.iter().any(|event| {
        matches!(event, (session, MediaEvent::Slots { slots }) if *session == seoul.id && slots.iter().all(|slot| slot.shows.is_none()))
    });
    assert!(emptied);
    test.core.tick(test.now + SILENCE_TIMEOUT, &mut test.out);
    let reason = DisconnectReason::Silence;
    let lost = (seoul.id, MediaEvent::Disconnected { reason });
    assert!(test.out.events.contains(&lost));
    assert!(
        test.core.by_address.is_empty()
            && test.core.by_id.is_empty()
            && test.core.by_ufrag.is_empty()
    );
}

#[test]
fn a_stalled_publisher_is_reported_within_about_a_second_and_again_at_its_next_packet() {
    let mut test = TestCore::new();
    let mut tokyo = test.join("tokyo-1", 100);
    let flow = |test: &mut TestCore| {
        let events = std::mem::take(&mut test.out.events).into_iter();
        let told = events.filter_map(|(_, event)| match event {
            MediaEvent::Flow { flows } => Some(flows),
            _ => None,
        });
        told.collect::<Vec<bool>>()
    };
    let wait = |test: &mut TestCore, ticks: u32| {
        for _ in 0..ticks {
            test.now += TICK_INTERVAL;
            test.core.tick(test.now, &mut test.out);
        }
    };
    test.send_video(&mut tokyo, 10, true);
    assert_eq!(flow(&mut test), [true]);
    let half_a_second = 500 / u32::try_from(TICK_INTERVAL.as_millis()).unwrap();
    wait(&mut test, half_a_second);
    assert!(flow(&mut test).is_empty());
    test.send_video(&mut tokyo, 11, false);
    wait(&mut test, half_a_second + half_a_second);
    wait(&mut test, 10);
    assert_eq!(flow(&mut test), [false]);
    test.send_video(&mut tokyo, 12, false);
    assert_eq!(flow(&mut test), [true]);
    test.publish(&tokyo, false);
    wait(&mut test, 10);
    assert_eq!(
        flow(&mut test),
        [false],
        "of another device nothing is awaited"
    );
}

proptest! {
    #[test]
    fn malformed_datagrams_of_strangers_or_clients_never_panic(
        datagrams in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..80), 1..20),
    ) {
        let mut test = TestCore::new();
        let (mut tokyo, seoul) = (test.join("tokyo-1", 100), test.join("seoul-1", 200));
        test.show(Scene { gallery: in_gallery(&["tokyo-1"]).gallery, ..on_stage(&["tokyo-1"]) });
        for (sequence, bytes) in (1_u16..).zip(&datagrams) {
            test.core.datagram(seoul.address, &mut bytes.clone(), test.now, &mut test.out);
            test.send_packet(&mut tokyo, 96, 101, sequence, bytes);
            test.send_packet(&mut tokyo, 97, 102, sequence, bytes);
            let mut compound = vec![0x80, 201, 0, 1, 0, 0, 0, 9];
            compound.extend_from_slice(bytes);
            if let Some(mut sealed) = tokyo.sealer.seal_rtcp(&compound) {
                test.core.datagram(tokyo.address, &mut sealed, test.now, &mut test.out);
            }
            test.now += TICK_INTERVAL;
            test.core.tick(test.now, &mut test.out);
        }
        prop_assert_eq!(test.ungranted_packets(), 0);
    }
}
