//! A sender that begins anew, in the middle of what it sends: another SSRC, other numbers, packets late or twice.

use std::time::Duration;

use super::test_core::*;
use crate::{core::TICK_INTERVAL, quality::Quality, rtp::Outgoing};

const OPUS: u8 = 111;
const VP8_TYPE: u8 = 96;
const VP8_RTX: u8 = 97;
/// The first SSRCs of Tokyo's microphone, camera and the camera's retransmissions.
const SOUND: u32 = 100;
const PICTURE: u32 = 101;
const REPAIR: u32 = 102;

fn header(payload_type: u8, ssrc: u32, sequence: u16) -> Outgoing {
    Outgoing {
        payload_type,
        marker: true,
        padded: false,
        sequence,
        timestamp: u32::from(sequence) * 3000,
        ssrc,
        twcc: None,
    }
}

/// Tokyo is on stage, its packets name their lines, and Seoul listens.
fn on_the_air() -> (TestCore, Client, Client) {
    let mut test = TestCore::new();
    let tokyo = test.join_with("tokyo-1", 100, &with_mids(&offer(100, &[VP8], &[VP8])));
    let seoul = test.join("seoul-1", 200);
    test.show(on_stage(&["tokyo-1"]));
    (test, tokyo, seoul)
}

impl TestCore {
    fn sound(&mut self, from: &mut Client, ssrc: u32, sequence: u16) {
        self.send_on_line(from, "0", header(OPUS, ssrc, sequence), b"voice");
    }

    fn picture(&mut self, from: &mut Client, ssrc: u32, sequence: u16, keyframe: bool) {
        let [high, low] = sequence.to_be_bytes();
        let interframe = u8::from(!keyframe);
        let payload = [0x90, 0xe0, 0x80 | high, low, 7, 0x20, interframe, b'p'];
        self.send_on_line(from, "1", header(VP8_TYPE, ssrc, sequence), &payload);
    }

    fn repair(&mut self, from: &mut Client, sequence: u16, of: u16) {
        let [high, low] = of.to_be_bytes();
        let payload = [high, low, 0x90, 0xe0, 0x80, low, 7, 0x20, 1, b'r'];
        self.send_on_line(from, "1", header(VP8_RTX, REPAIR, sequence), &payload);
    }

    /// The sequence numbers that a client received since the last call.
    fn numbers(&mut self, client: &mut Client) -> Vec<u16> {
        let got = self.received(client);
        got.into_iter().map(|packet| packet.sequence).collect()
    }

    fn keyframes_requested(&mut self) -> u64 {
        self.now += TICK_INTERVAL;
        self.core.tick(self.now, &mut self.out);
        self.core.counters.snapshot().keyframes_requested
    }
}

fn assert_consecutive(numbers: &[u16]) {
    let gaps = numbers
        .windows(2)
        .filter(|pair| pair[1] != pair[0].wrapping_add(1));
    assert_eq!(gaps.collect::<Vec<_>>(), [] as [&[u16]; 0]);
}

#[test]
fn sound_under_another_ssrc_continues_the_slot_whatever_its_numbers() {
    for first in [1_050, 1_200, 500, 40_000, 65_500] {
        let (mut test, mut tokyo, mut seoul) = on_the_air();
        let mut numbers = Vec::new();
        for sequence in 1_000..1_200 {
            test.sound(&mut tokyo, SOUND, sequence);
            numbers.extend(test.numbers(&mut seoul));
        }
        for sequence in (first..=u16::MAX).take(200) {
            test.sound(&mut tokyo, 7_777, sequence);
            numbers.extend(test.numbers(&mut seoul));
        }
        let sent = 200 + (first..=u16::MAX).take(200).count();
        assert_eq!(numbers.len(), sent, "from {first} on");
        assert_consecutive(&numbers);
        assert_eq!(test.refused_indices(), 0);
    }
}

#[test]
fn pictures_under_another_ssrc_continue_the_slot_from_a_keyframe_on_whatever_their_numbers() {
    for first in [1_050, 1_200, 500, 40_000] {
        let (mut test, mut tokyo, mut seoul) = on_the_air();
        let mut numbers = Vec::new();
        for sequence in 1_000..1_200 {
            test.picture(&mut tokyo, PICTURE, sequence, sequence == 1_000);
            numbers.extend(test.numbers(&mut seoul));
        }
        for sequence in first..first + 200 {
            test.picture(&mut tokyo, 7_777, sequence, sequence == first + 3);
            numbers.extend(test.numbers(&mut seoul));
        }
        assert_eq!(numbers.len(), 200 + 197, "from {first} on");
        assert_consecutive(&numbers);
        assert_eq!(test.refused_indices(), 0);
    }
}

#[test]
fn a_keyframe_is_requested_of_a_stream_that_begins_without_one() {
    let (mut test, mut tokyo, mut seoul) = on_the_air();
    test.picture(&mut tokyo, PICTURE, 10, true);
    test.now += Duration::from_secs(1);
    let before = test.keyframes_requested();
    test.picture(&mut tokyo, 7_777, 5, false);
    assert_eq!(test.numbers(&mut seoul).len(), 1);
    assert_eq!(test.keyframes_requested(), before + 1);
    for _ in 0..50 {
        test.keyframes_requested();
    }
    let again = test.keyframes_requested();
    assert!(again > before + 1, "the first request may have been lost");
}

#[test]
fn a_late_packet_that_was_retransmitted_before_is_sent_once() {
    let (mut test, mut tokyo, mut seoul) = on_the_air();
    test.picture(&mut tokyo, PICTURE, 10, true);
    test.picture(&mut tokyo, PICTURE, 12, false);
    test.repair(&mut tokyo, 1, 11);
    test.picture(&mut tokyo, PICTURE, 11, false);
    let mut numbers = test.numbers(&mut seoul);
    assert_eq!(numbers.len(), 3);
    numbers.sort_unstable();
    assert_consecutive(&numbers);
    assert_eq!(test.refused_indices(), 0);
}

#[test]
fn a_late_packet_is_sent_under_the_number_that_was_left_for_it() {
    let (mut test, mut tokyo, mut seoul) = on_the_air();
    for sequence in [10, 13, 12, 11, 14] {
        test.sound(&mut tokyo, SOUND, sequence);
    }
    let numbers = test.numbers(&mut seoul);
    let steps: Vec<u16> = numbers.iter().map(|it| it - numbers[0]).collect();
    assert_eq!(steps, [0, 3, 2, 1, 4]);
}

#[test]
fn a_late_packet_of_a_replaced_ssrc_does_not_bring_it_back() {
    let (mut test, mut tokyo, mut seoul) = on_the_air();
    test.picture(&mut tokyo, PICTURE, 10, true);
    test.picture(&mut tokyo, 7_777, 500, true);
    test.picture(&mut tokyo, PICTURE, 11, false);
    test.repair(&mut tokyo, 1, 9);
    test.picture(&mut tokyo, 7_777, 501, false);
    let numbers = test.numbers(&mut seoul);
    assert_eq!(numbers.len(), 3);
    assert_consecutive(&numbers);
}

#[test]
fn a_sender_that_returns_to_an_earlier_ssrc_is_forwarded_again() {
    let (mut test, mut tokyo, mut seoul) = on_the_air();
    for (ssrc, sequence) in [(SOUND, 10), (7_777, 500), (SOUND, 11), (7_777, 501)] {
        test.sound(&mut tokyo, ssrc, sequence);
        test.now += Duration::from_secs(2);
    }
    let numbers = test.numbers(&mut seoul);
    assert_eq!(numbers.len(), 4);
    assert_consecutive(&numbers);
}

#[test]
fn an_ssrc_with_a_payload_type_that_was_not_accepted_replaces_nothing() {
    let (mut test, mut tokyo, mut seoul) = on_the_air();
    test.picture(&mut tokyo, PICTURE, 10, true);
    test.send_on_line(&mut tokyo, "1", header(49, 7_777, 500), b"parity");
    test.picture(&mut tokyo, PICTURE, 11, false);
    assert_eq!(test.numbers(&mut seoul).len(), 2);
}

#[test]
fn what_went_out_before_a_new_ssrc_is_not_repaired_with_packets_of_the_new_one() {
    let (mut test, mut tokyo, mut seoul) = on_the_air();
    test.picture(&mut tokyo, PICTURE, 10, true);
    test.picture(&mut tokyo, PICTURE, 11, false);
    let numbers = test.numbers(&mut seoul);
    test.picture(&mut tokyo, 7_777, 10, true);
    test.picture(&mut tokyo, 7_777, 11, false);
    test.numbers(&mut seoul);
    let stage = test.stage_ssrc(&seoul);
    test.send_nack(&mut seoul, stage, numbers[1]);
    assert!(test.numbers(&mut seoul).is_empty());
    test.send_nack(&mut seoul, stage, numbers[1] + 2);
    assert_eq!(test.received(&mut seoul).len(), 1, "its own packets are");
}

#[test]
fn numbers_that_leap_ahead_under_one_ssrc_continue_the_slot_without_a_gap() {
    let (mut test, mut tokyo, mut seoul) = on_the_air();
    for sequence in [10, 11, 20_000, 20_001] {
        test.sound(&mut tokyo, SOUND, sequence);
    }
    let numbers = test.numbers(&mut seoul);
    assert_eq!(numbers.len(), 4);
    assert_consecutive(&numbers);
    test.picture(&mut tokyo, PICTURE, 10, true);
    test.picture(&mut tokyo, PICTURE, 20_000, false);
    assert_eq!(test.numbers(&mut seoul).len(), 1, "a keyframe is missing");
    test.picture(&mut tokyo, PICTURE, 20_001, true);
    test.picture(&mut tokyo, PICTURE, 20_002, false);
    assert_eq!(test.numbers(&mut seoul).len(), 2);
    assert_eq!(test.refused_indices(), 0);
}

#[test]
fn a_sender_of_many_streams_one_after_the_other_is_forwarded_to_the_last() {
    let (mut test, mut tokyo, mut seoul) = on_the_air();
    for ssrc in 5_000..5_100 {
        test.sound(&mut tokyo, ssrc, 10);
        assert_eq!(test.numbers(&mut seoul).len(), 1, "{ssrc}");
    }
}

/// A frame of one packet with temporal layers, as browsers encode them.
fn frame(number: u8, temporal: u8) -> [u8; 8] {
    let keyframe = number == 1;
    [
        0x90,
        0xe0,
        0x80,
        number,
        7,
        temporal << 6,
        u8::from(!keyframe),
        b'p',
    ]
}

#[test]
fn frames_that_are_left_out_leave_no_gap_in_numbers_or_pictures_also_when_one_is_late_or_repaired()
{
    let (mut test, mut tokyo, mut seoul) = on_the_air();
    let mut send = |test: &mut TestCore, number: u8, temporal| {
        let header = header(VP8_TYPE, PICTURE, number.into());
        test.send_on_line(&mut tokyo, "1", header, &frame(number, temporal));
    };
    send(&mut test, 1, 0);
    let key = test.core.by_id[&seoul.id];
    let session = test.core.session(key).unwrap();
    session.slots[1].carry(Some(Quality {
        layer: 0,
        temporal: 1,
    }));
    for (number, temporal) in (2..).zip([2, 1, 2, 0, 2]) {
        send(&mut test, number, temporal);
    }
    // The ninth overtakes the seventh, which is of a layer that goes out; the eighth is left out.
    send(&mut test, 9, 0);
    send(&mut test, 7, 1);
    let seen = |got: &ReceivedPacket| (got.sequence, got.payload[3], got.payload[5] >> 6);
    let got: Vec<_> = test.received(&mut seoul).iter().map(seen).collect();
    let first = got[0].0;
    let numbers = got.iter().map(|(number, ..)| number - first);
    assert_eq!(numbers.collect::<Vec<_>>(), [0, 1, 2, 5, 3]);
    let pictures = got.iter().map(|(_, picture, _)| *picture);
    assert_eq!(pictures.collect::<Vec<_>>(), [1, 2, 3, 6, 4]);
    let temporal = got.iter().map(|(.., temporal)| *temporal);
    assert_eq!(temporal.collect::<Vec<_>>(), [0, 1, 0, 0, 1]);
    let ssrc = test.stage_ssrc(&seoul);
    test.send_nack(&mut seoul, ssrc, first + 1);
    let again = test.received(&mut seoul);
    assert_eq!(again[0].payload[..2], (first + 1).to_be_bytes());
    assert_eq!(again[0].payload[5], 2, "with the picture id that it had");
}
