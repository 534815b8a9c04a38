//! One room with several codecs: the answers, and which listeners receive which video.

use plenary_scene::Source;
use plenary_transport::sdp::Codec;
use proptest::prelude::*;

use super::test_core::*;
use crate::api::UndecodableSource;

/// The codecs that an answer keeps on a media line, best first.
fn answered(answer: &str, mid: &str) -> Vec<String> {
    let mut sections = answer.split("\r\nm=");
    let section = sections
        .find(|section| section.contains(&format!("\r\na=mid:{mid}\r\n")))
        .unwrap();
    let rtpmaps = section
        .lines()
        .filter_map(|line| line.strip_prefix("a=rtpmap:"));
    rtpmaps
        .filter_map(|line| Some(line.split_once(' ')?.1.split_once('/')?.0.to_owned()))
        .filter(|codec| codec != "rtx")
        .collect()
}

const EVERYTHING: &[(&str, &str)] = &[VP9, H264, VP8];

/// A keyframe of VP9 with that picture id, or a picture predicted from others.
fn vp9(picture: u8, keyframe: bool) -> Vec<u8> {
    let flags = if keyframe { 0xa8 } else { 0xe8 };
    vec![flags, 0x80, picture, 0, 7, 0x82, b'p']
}

const PARAMETERS: &[u8] = &[0x78, 0, 4, 0x67, 0x42, 0xe0, 0x1f, 0, 2, 0x68, 0xce];
const SLICE: &[u8] = &[0x41, 0x9a];

#[test]
fn a_source_is_answered_vp8_first_and_others_only_if_everybody_decodes_them() {
    let mut test = TestCore::new();
    let first = test.join_with("tokyo-1", 100, &offer(100, EVERYTHING, EVERYTHING));
    assert_eq!(
        answered(&first.answer, "1"),
        ["VP8", "VP9", "H264"],
        "nobody else is here"
    );
    assert_eq!(
        answered(&first.answer, "3"),
        ["VP8", "VP9", "H264"],
        "a slot"
    );
    let second = test.join_with("seoul-1", 200, &offer(200, EVERYTHING, &[VP8, VP9]));
    assert_eq!(
        answered(&second.answer, "1"),
        ["VP8", "VP9", "H264"],
        "oneself one never sees"
    );
    let third = test.join_with("delhi-1", 300, &offer(300, EVERYTHING, EVERYTHING));
    assert_eq!(
        answered(&third.answer, "1"),
        ["VP8", "VP9"],
        "Seoul has no H.264"
    );
    assert_eq!(
        answered(&third.answer, "3"),
        ["VP8", "VP9", "H264"],
        "slots take all the same"
    );
    let fourth = test.join_with("taipei-1", 400, &offer(400, &[H264, VP9], EVERYTHING));
    assert_eq!(
        answered(&fourth.answer, "1"),
        ["VP9", "H264"],
        "no VP8: what most can see first"
    );
}

#[test]
fn vp9_reaches_each_listener_under_its_own_payload_type_with_its_counters_moved() {
    let mut test = TestCore::new();
    let renumbered = offer(200, &[VP8], &[VP8, VP9])
        .replace(":98", ":120")
        .replace("96 97 98 99", "96 97 120 121")
        .replace("rtpmap:99", "rtpmap:121")
        .replace("fmtp:99 apt=98", "fmtp:121 apt=120");
    let mut tokyo = test.join_with("tokyo-1", 100, &offer(100, &[VP9], &[VP8]));
    let mut delhi = test.join_with("delhi-1", 300, &offer(300, &[VP9], &[VP8]));
    let mut seoul = test.join_with("seoul-1", 200, &renumbered);
    test.show(on_stage(&["tokyo-1"]));
    test.send_packet(&mut tokyo, 98, 101, 10, &vp9(40, false));
    test.send_packet(&mut tokyo, 98, 101, 11, &vp9(41, true));
    test.send_packet(&mut tokyo, 98, 101, 12, &vp9(42, false));
    let first = test.received(&mut seoul);
    assert_eq!(first.len(), 2, "from the keyframe on");
    assert!(first.iter().all(|got| got.slot_type == 120));

    test.send_packet(&mut delhi, 98, 301, 70, &vp9(200, true));
    test.show(on_stage(&["delhi-1"]));
    test.send_packet(&mut delhi, 98, 301, 71, &vp9(201, true));
    let next = test.received(&mut seoul);
    assert_eq!(next.len(), 1);
    assert_eq!(next[0].sequence, first[1].sequence.wrapping_add(1));
    assert_eq!(
        next[0].payload[2],
        first[1].payload[2] + 1,
        "the picture id goes on"
    );
    assert_eq!(next[0].payload[4], first[1].payload[4] + 1, "and TL0PICIDX");

    let ssrc = test.stage_ssrc(&seoul);
    test.send_nack(&mut seoul, ssrc, next[0].sequence);
    let again = test.received(&mut seoul);
    assert_eq!(again[0].slot_type, 121, "repairs too");
    assert_eq!(
        again[0].payload[2..],
        next[0].payload,
        "behind the original sequence number"
    );
}

#[test]
fn h264_begins_at_its_parameter_sets() {
    let mut test = TestCore::new();
    let mut tokyo = test.join_with("tokyo-1", 100, &offer(100, &[H264], &[VP8]));
    let mut seoul = test.join_with("seoul-1", 200, &offer(200, &[VP8], EVERYTHING));
    test.show(on_stage(&["tokyo-1"]));
    test.send_packet(&mut tokyo, 108, 101, 10, SLICE);
    assert_eq!(test.received(&mut seoul), []);
    test.send_packet(&mut tokyo, 108, 101, 11, PARAMETERS);
    test.send_packet(&mut tokyo, 108, 101, 12, SLICE);
    let got = test.received(&mut seoul);
    let payloads: Vec<_> = got.iter().map(|got| &got.payload[..]).collect();
    assert_eq!(payloads, [PARAMETERS, SLICE]);
    assert!(got.iter().all(|got| got.slot_type == 108));
}

#[test]
fn a_listener_without_the_codec_has_an_empty_slot_that_is_counted_and_others_are_not_affected() {
    let mut test = TestCore::new();
    let mut tokyo = test.join_with("tokyo-1", 100, &offer(100, &[VP9], &[VP8]));
    let mut seoul = test.join_with("seoul-1", 200, &offer(200, &[VP8], &[VP8, VP9]));
    test.show(on_stage(&["tokyo-1", "seoul-1"]));
    test.send_packet(&mut tokyo, 98, 101, 10, &vp9(1, true));
    assert_eq!(test.received(&mut seoul).len(), 1);

    // A later client supports VP8 only: it receives what it can, and the others go on without a break.
    let mut delhi = test.join("delhi-1", 300);
    test.send_packet(&mut tokyo, 98, 101, 11, &vp9(2, false));
    test.send_video(&mut seoul, 50, true);
    let got = test.received(&mut delhi);
    assert_eq!(got.len(), 1, "Seoul has the place that Tokyo cannot take");
    assert_eq!(got[0].slot_type, 96);
    assert_eq!(test.received(&mut seoul).len(), 1);
    let undecodable = UndecodableSource {
        participant: person("tokyo-1"),
        source: Source::Camera,
        codec: Codec::Vp9.name(),
    };
    assert_eq!(test.figures(&delhi).undecodable, [undecodable]);
    assert_eq!(test.figures(&seoul).undecodable, []);
    assert_eq!(test.core.counters.snapshot().sources_not_decodable, 1);
    assert_eq!(test.figures(&tokyo).sources[0].codec, Some("VP9"));
}

#[test]
fn a_source_that_changes_its_codec_goes_on_at_a_keyframe_where_it_can_be_decoded() {
    let mut test = TestCore::new();
    let mut tokyo = test.join_with("tokyo-1", 100, &offer(100, &[VP8, VP9], &[VP8]));
    let mut seoul = test.join_with("seoul-1", 200, &offer(200, &[VP8], &[VP8, VP9]));
    let mut delhi = test.join("delhi-1", 300);
    test.show(on_stage(&["tokyo-1"]));
    test.send_video(&mut tokyo, 10, true);
    let before = test.received(&mut seoul);
    assert_eq!((before.len(), test.received(&mut delhi).len()), (1, 1));

    test.send_packet(&mut tokyo, 98, 101, 11, &vp9(1, true));
    assert_eq!(
        test.received(&mut seoul),
        [],
        "no change within a second of another"
    );
    test.now += std::time::Duration::from_secs(1);
    test.send_packet(&mut tokyo, 98, 101, 12, &vp9(2, false));
    test.send_packet(&mut tokyo, 98, 101, 13, &vp9(3, true));
    let after = test.received(&mut seoul);
    assert_eq!(after.len(), 1);
    assert_eq!(after[0].slot_type, 98);
    assert_eq!(after[0].sequence, before[0].sequence.wrapping_add(1));
    assert_eq!(test.received(&mut delhi), []);
    assert_eq!(test.figures(&delhi).undecodable.len(), 1);
}

proptest! {
    #[test]
    fn arbitrary_payloads_never_panic_and_a_slot_stays_one_stream(
        packets in proptest::collection::vec(
            (proptest::sample::select(vec![96_u8, 98, 108]), any::<bool>(), proptest::collection::vec(any::<u8>(), 1..30)),
            1..60,
        ),
    ) {
        let mut test = TestCore::new();
        let mut tokyo = test.join_with("tokyo-1", 100, &offer(100, EVERYTHING, EVERYTHING));
        let mut seoul = test.join_with("seoul-1", 200, &offer(200, EVERYTHING, EVERYTHING));
        test.show(on_stage(&["tokyo-1"]));
        let mut got = Vec::new();
        for (sequence, (payload_type, again, payload)) in (1_u16..).zip(&packets) {
            test.send_packet(&mut tokyo, *payload_type, 101, sequence, payload);
            if *again {
                test.send_packet(&mut tokyo, payload_type + 1, 102, sequence, payload);
            }
            test.now += std::time::Duration::from_millis(400);
            got.extend(test.received(&mut seoul));
        }
        for pair in got.windows(2) {
            let step = pair[1].sequence.wrapping_sub(pair[0].sequence);
            prop_assert!((1..100).contains(&step) || pair[1].slot_type != pair[0].slot_type || step > u16::MAX - 100);
        }
        prop_assert_eq!(test.ungranted_packets(), 0);
    }
}
