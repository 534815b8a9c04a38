//! What reaches listeners, and what does not.

use std::time::Duration;

use plenary_scene::Scene;
use proptest::prelude::*;

use super::hall::*;
use crate::api::{DisconnectReason, MediaEvent, SILENCE_TIMEOUT};
use crate::core::TICK_INTERVAL;

#[test]
fn nothing_flows_before_a_grant_and_nothing_after_a_revoke_not_even_a_repair() {
    let mut hall = Hall::new();
    let (mut tokyo, mut seoul) = (hall.seat("tokyo-1", 100), hall.seat("seoul-1", 200));
    hall.picture(&mut tokyo, 10, true);
    hall.packet(&mut tokyo, 111, 100, 1, b"voice");
    assert_eq!(hall.received(&mut seoul), []);

    hall.show(Scene {
        gallery: in_gallery(&["tokyo-1"]).gallery,
        ..on_stage(&["tokyo-1"])
    });
    hall.picture(&mut tokyo, 11, true);
    hall.packet(&mut tokyo, 111, 100, 2, b"voice");
    let flowing = hall.received(&mut seoul);
    assert_eq!(
        flowing.iter().filter(|got| got.slot_type == 96).count(),
        2,
        "stage and tile"
    );
    assert_eq!(
        flowing.iter().filter(|got| got.payload == b"voice").count(),
        1
    );
    assert_eq!(hall.received(&mut tokyo), [], "never oneself");

    let ssrc = hall.stage_ssrc(&seoul);
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
        hall.ask_again(&mut seoul, ssrc, sequence);
    }
    let repaired = hall.received(&mut seoul);
    assert!(repaired.iter().all(|got| got.slot_type == 97) && !repaired.is_empty());

    hall.show(Scene::default());
    hall.picture(&mut tokyo, 12, true);
    hall.packet(&mut tokyo, 111, 100, 3, b"voice");
    for sequence in sequences {
        hall.ask_again(&mut seoul, ssrc, sequence);
    }
    assert_eq!(hall.received(&mut seoul), []);
    assert_eq!(hall.ungranted(), 0);
}

#[test]
fn a_change_of_speaker_is_one_continuous_stream_that_begins_at_a_keyframe() {
    let mut hall = Hall::new();
    let (mut tokyo, mut seoul) = (hall.seat("tokyo-1", 100), hall.seat("seoul-1", 200));
    let mut taipei = hall.seat("taipei-1", 300);
    hall.show(on_stage(&["tokyo-1"]));
    hall.picture(&mut seoul, 500, true);
    hall.picture(&mut tokyo, 10, true);
    hall.picture(&mut tokyo, 11, false);
    let first = hall.received(&mut taipei);
    assert_eq!(first.len(), 2);

    hall.show(on_stage(&["seoul-1"]));
    hall.now += Duration::from_millis(40);
    hall.picture(&mut tokyo, 12, false);
    hall.picture(&mut seoul, 501, false);
    assert_eq!(
        hall.received(&mut taipei),
        [],
        "an interframe of the new one is of no use"
    );
    hall.picture(&mut seoul, 502, true);
    let next = hall.received(&mut taipei);
    assert_eq!(next.len(), 1);
    assert_eq!(next[0].sequence, first[1].sequence.wrapping_add(1));
    assert_eq!(next[0].timestamp, first[1].timestamp.wrapping_add(3600));
    assert_eq!(
        next[0].payload[3],
        first[1].payload[3] + 1,
        "the picture id goes on"
    );
    assert_eq!(hall.ungranted(), 0);
}

#[test]
fn a_camera_with_the_reach_of_a_tile_never_gets_on_stage() {
    let mut hall = Hall::new();
    let (mut tokyo, mut seoul) = (hall.seat("tokyo-1", 100), hall.seat("seoul-1", 200));
    hall.show(Scene {
        gallery: in_gallery(&["tokyo-1"]).gallery,
        ..on_stage(&["tokyo-1"])
    });
    hall.picture(&mut tokyo, 10, true);
    assert_eq!(hall.received(&mut seoul).len(), 2);
    hall.show(in_gallery(&["tokyo-1"]));
    hall.picture(&mut tokyo, 11, true);
    assert_eq!(hall.received(&mut seoul).len(), 1);
    assert_eq!(hall.ungranted(), 0);
}

#[test]
fn a_device_that_does_not_publish_is_not_forwarded_though_its_person_has_the_floor() {
    let mut hall = Hall::new();
    let (mut tokyo, mut seoul) = (hall.seat("tokyo-1", 100), hall.seat("seoul-1", 200));
    hall.show(on_stage(&["tokyo-1"]));
    hall.core
        .set_publishing(tokyo.id, false, hall.now, &mut hall.out);
    hall.picture(&mut tokyo, 10, true);
    assert_eq!(hall.received(&mut seoul), []);
    hall.core
        .set_publishing(tokyo.id, true, hall.now, &mut hall.out);
    hall.picture(&mut tokyo, 11, true);
    assert_eq!(hall.received(&mut seoul).len(), 1);
}

#[test]
fn padding_leaves_no_gap_in_the_slot() {
    let mut hall = Hall::new();
    let (mut tokyo, mut seoul) = (hall.seat("tokyo-1", 100), hall.seat("seoul-1", 200));
    hall.show(on_stage(&["tokyo-1"]));
    hall.picture(&mut tokyo, 10, true);
    hall.packet(&mut tokyo, 96, 101, 11, b"");
    hall.picture(&mut tokyo, 12, false);
    let got = hall.received(&mut seoul);
    assert_eq!(got.len(), 2);
    assert_eq!(got[1].sequence, got[0].sequence.wrapping_add(1));
}

#[test]
fn the_audit_counts_what_a_faulty_rule_lets_through() {
    let mut hall = Hall::new();
    let (mut tokyo, mut seoul) = (hall.seat("tokyo-1", 100), hall.seat("seoul-1", 200));
    hall.show(on_stage(&["tokyo-1"]));
    hall.core
        .rooms
        .get_mut(&room())
        .unwrap()
        .audit
        .note(&Scene::default());
    hall.picture(&mut tokyo, 10, true);
    assert_eq!(hall.received(&mut seoul).len(), 1);
    assert_eq!(hall.ungranted(), 1);
}

#[test]
fn a_participant_who_leaves_or_falls_silent_is_removed_from_every_slot() {
    let mut hall = Hall::new();
    let (mut tokyo, seoul) = (hall.seat("tokyo-1", 100), hall.seat("seoul-1", 200));
    hall.show(on_stage(&["tokyo-1"]));
    hall.picture(&mut tokyo, 10, true);
    hall.out.events.clear();
    hall.core.leave(tokyo.id, hall.now, &mut hall.out);
    let emptied = hall.out.events.iter().any(|event| {
        matches!(event, (session, MediaEvent::Slots { slots }) if *session == seoul.id && slots.iter().all(|slot| slot.shows.is_none()))
    });
    assert!(emptied);
    hall.core.tick(hall.now + SILENCE_TIMEOUT, &mut hall.out);
    let reason = DisconnectReason::Silence;
    let lost = (seoul.id, MediaEvent::Disconnected { reason });
    assert!(hall.out.events.contains(&lost));
    assert!(
        hall.core.by_address.is_empty()
            && hall.core.by_id.is_empty()
            && hall.core.by_ufrag.is_empty()
    );
}

#[test]
fn a_stalled_publisher_is_reported_within_about_a_second_and_again_at_its_next_packet() {
    let mut hall = Hall::new();
    let mut tokyo = hall.seat("tokyo-1", 100);
    let flow = |hall: &mut Hall| {
        let events = std::mem::take(&mut hall.out.events).into_iter();
        let told = events.filter_map(|(_, event)| match event {
            MediaEvent::Flow { flows } => Some(flows),
            _ => None,
        });
        told.collect::<Vec<bool>>()
    };
    let wait = |hall: &mut Hall, ticks: u32| {
        for _ in 0..ticks {
            hall.now += TICK_INTERVAL;
            hall.core.tick(hall.now, &mut hall.out);
        }
    };
    hall.picture(&mut tokyo, 10, true);
    assert_eq!(flow(&mut hall), [true]);
    let half_a_second = 500 / u32::try_from(TICK_INTERVAL.as_millis()).unwrap();
    wait(&mut hall, half_a_second);
    assert!(flow(&mut hall).is_empty());
    hall.picture(&mut tokyo, 11, false);
    wait(&mut hall, half_a_second + half_a_second);
    wait(&mut hall, 10);
    assert_eq!(flow(&mut hall), [false]);
    hall.picture(&mut tokyo, 12, false);
    assert_eq!(flow(&mut hall), [true]);
    hall.publish(&tokyo, false);
    wait(&mut hall, 10);
    assert_eq!(
        flow(&mut hall),
        [false],
        "of another device nothing is awaited"
    );
}

proptest! {
    #[test]
    fn malformed_datagrams_of_strangers_or_clients_never_panic(
        datagrams in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..80), 1..20),
    ) {
        let mut hall = Hall::new();
        let (mut tokyo, seoul) = (hall.seat("tokyo-1", 100), hall.seat("seoul-1", 200));
        hall.show(Scene { gallery: in_gallery(&["tokyo-1"]).gallery, ..on_stage(&["tokyo-1"]) });
        for (sequence, bytes) in (1_u16..).zip(&datagrams) {
            hall.core.datagram(seoul.address, &mut bytes.clone(), hall.now, &mut hall.out);
            hall.packet(&mut tokyo, 96, 101, sequence, bytes);
            hall.packet(&mut tokyo, 97, 102, sequence, bytes);
            let mut compound = vec![0x80, 201, 0, 1, 0, 0, 0, 9];
            compound.extend_from_slice(bytes);
            if let Some(mut sealed) = tokyo.sealer.seal_rtcp(&compound) {
                hall.core.datagram(tokyo.address, &mut sealed, hall.now, &mut hall.out);
            }
            hall.now += TICK_INTERVAL;
            hall.core.tick(hall.now, &mut hall.out);
        }
        prop_assert_eq!(hall.ungranted(), 0);
    }
}
