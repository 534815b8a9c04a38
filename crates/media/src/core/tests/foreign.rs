//! Clients that are no browsers: sources that only the payload type names, and listeners without RTX.

use plenary_scene::Scene;
use plenary_transport::ice;

use super::test_core::*;

/// No line has `a=ssrc`, nor the mid extension.
const NO_EXTMAP_NO_SSRC: &str = include_str!("offers/no-extmap-no-ssrc.sdp");
const LISTENER_WITHOUT_RTX: &str = include_str!("offers/listener-without-rtx.sdp");

/// The start of a VP8 key frame, and a byte of its own.
fn keyframe(own: u8) -> [u8; 6] {
    [0x90, 0x80, 1, 0, 0, own]
}

#[test]
fn sound_and_pictures_that_only_their_payload_types_name_are_forwarded() {
    let mut test = TestCore::new();
    let mut tokyo = test.join_with("tokyo-1", 100, NO_EXTMAP_NO_SSRC);
    let mut seoul = test.join("seoul-1", 200);
    test.show(on_stage(&["tokyo-1"]));
    test.send_packet(&mut tokyo, 111, 5001, 1, b"voice");
    test.send_packet(&mut tokyo, 96, 6001, 1, &keyframe(1));
    let got = test.received(&mut seoul);
    let types: Vec<_> = got.iter().map(|packet| packet.slot_type).collect();
    assert_eq!(types, [111, 96]);
}

#[test]
fn a_retransmission_that_only_its_payload_type_names_repairs_the_only_stream_of_the_line() {
    let mut test = TestCore::new();
    let mut tokyo = test.join_with("tokyo-1", 100, NO_EXTMAP_NO_SSRC);
    let mut seoul = test.join("seoul-1", 200);
    test.show(on_stage(&["tokyo-1"]));
    test.send_packet(&mut tokyo, 96, 6001, 1, &keyframe(1));
    test.send_packet(&mut tokyo, 96, 6001, 3, &keyframe(3));
    assert_eq!(test.received(&mut seoul).len(), 2);
    let repair = [&[0, 2][..], &keyframe(2)].concat();
    test.send_packet(&mut tokyo, 97, 6002, 1, &repair);
    let got = test.received(&mut seoul);
    assert_eq!((got.len(), got[0].slot_type, got[0].payload[5]), (1, 96, 2));
}

#[test]
fn a_payload_type_of_several_sending_lines_names_none_of_them() {
    // The server takes no notice of a second microphone, but what comes may be its.
    for (second, payload_type, payload) in [
        ("a=mid:2\na=", 111, b"voice".to_vec()),
        ("a=mid:3\na=", 96, keyframe(1).to_vec()),
    ] {
        let recvonly = format!("{second}recvonly");
        let offer = NO_EXTMAP_NO_SSRC.replace(&recvonly, &format!("{second}sendonly"));
        for (offer, forwarded) in [(NO_EXTMAP_NO_SSRC, 1), (&offer, 0)] {
            let mut test = TestCore::new();
            let mut tokyo = test.join_with("tokyo-1", 100, offer);
            let mut seoul = test.join("seoul-1", 200);
            test.show(on_stage(&["tokyo-1"]));
            test.send_packet(&mut tokyo, payload_type, 6001, 1, &payload);
            assert_eq!(test.received(&mut seoul).len(), forwarded);
        }
    }
}

#[test]
fn an_announced_ssrc_belongs_to_its_line_whatever_the_payload_type() {
    let mut test = TestCore::new();
    let announced = NO_EXTMAP_NO_SSRC
        .replace("a=mid:1\n", "a=mid:1\na=ssrc:6001 cname:x\n")
        .replace(
            "a=mid:3\na=recvonly",
            "a=mid:3\na=sendonly\na=ssrc:7001 cname:x",
        );
    let mut tokyo = test.join_with("tokyo-1", 100, &announced);
    let mut seoul = test.join("seoul-1", 200);
    test.show(on_stage(&["tokyo-1"]));
    test.send_packet(&mut tokyo, 96, 7001, 1, &keyframe(7));
    test.send_packet(&mut tokyo, 96, 6001, 1, &keyframe(6));
    let stage: Vec<_> = test.received(&mut seoul);
    assert_eq!(
        (stage.len(), stage[0].payload[5]),
        (1, 6),
        "the camera, not the screen"
    );
}

/// The RTP packets that a client has received, as they were sealed.
fn sealed(test: &mut TestCore, client: &Client) -> Vec<Vec<u8>> {
    test.flush();
    let mut buffer = [0; 2048];
    let mut got = Vec::new();
    while let Ok(length) = client.socket.recv(&mut buffer) {
        let datagram = &buffer[..length];
        if ice::classify(datagram) == Some(ice::Datagram::Rtp) {
            got.push(datagram.to_vec());
        }
    }
    got
}

fn sequence(sealed: &[u8]) -> u16 {
    u16::from_be_bytes([sealed[2], sealed[3]])
}

#[test]
fn a_listener_without_rtx_gets_what_it_lost_once_more_byte_for_byte() {
    let mut test = TestCore::new();
    let mut tokyo = test.join("tokyo-1", 100);
    let mut seoul = test.join_with("seoul-1", 200, LISTENER_WITHOUT_RTX);
    test.show(on_stage(&["tokyo-1"]));
    test.send_video(&mut tokyo, 10, true);
    test.send_video(&mut tokyo, 11, false);
    let sent = sealed(&mut test, &seoul);
    let [lost, next] = sent.as_slice() else {
        panic!("two packets, not {}", sent.len());
    };
    assert!(seoul.opener.open_rtp(&mut next.clone()).is_some());
    let ssrc = test.stage_ssrc(&seoul);
    test.send_nack(&mut seoul, ssrc, sequence(lost));
    let repaired = sealed(&mut test, &seoul);
    assert_eq!(repaired, std::slice::from_ref(lost));
    assert!(seoul.opener.open_rtp(&mut lost.clone()).is_some());
    assert_eq!(test.core.counters.snapshot().packets_retransmitted, 1);
    assert_eq!(test.ungranted_packets(), 0);
}

#[test]
fn a_listener_without_rtx_gets_nothing_again_of_what_is_no_longer_allowed() {
    let mut test = TestCore::new();
    let mut tokyo = test.join("tokyo-1", 100);
    let mut seoul = test.join_with("seoul-1", 200, LISTENER_WITHOUT_RTX);
    for (number, next) in (10..).zip([Scene::default(), on_stage(&["delhi-1"])]) {
        test.show(on_stage(&["tokyo-1"]));
        test.send_video(&mut tokyo, number, true);
        let sent = sealed(&mut test, &seoul);
        let lost = sequence(&sent[0]);
        let ssrc = test.stage_ssrc(&seoul);
        test.show(next);
        test.send_nack(&mut seoul, ssrc, lost);
        assert!(sealed(&mut test, &seoul).is_empty());
    }
}

#[test]
fn a_listener_with_rtx_is_repaired_by_rtx_and_nothing_is_kept_for_it() {
    let mut test = TestCore::new();
    let (mut tokyo, mut seoul) = (test.join("tokyo-1", 100), test.join("seoul-1", 200));
    test.show(on_stage(&["tokyo-1"]));
    test.send_video(&mut tokyo, 10, true);
    let sent = sealed(&mut test, &seoul);
    let ssrc = test.stage_ssrc(&seoul);
    test.send_nack(&mut seoul, ssrc, sequence(&sent[0]));
    let repaired = test.received(&mut seoul);
    assert_eq!((repaired.len(), repaired[0].slot_type), (1, 97));
}
