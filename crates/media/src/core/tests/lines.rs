//! Further offers: what ends with its line, and what an added line brings.
//!
//! The offers are those of Chromium 156 and Firefox 153 after a camera's transceiver was stopped and another was added.

use plenary_scene::{Scene, Source, Want};

use super::test_core::*;
use crate::api::MediaEvent;

const CHROMIUM_STOPPED: &str = include_str!("offers/chromium-camera-stopped.sdp");
const CHROMIUM_ANEW: &str = include_str!("offers/chromium-camera-anew.sdp");
const FIREFOX_ANEW: &str = include_str!("offers/firefox-camera-anew.sdp");
const SSRC_ANEW: &str = include_str!("offers/ssrc-anew-without-mid-extension.sdp");

/// The camera of these offers, as they number and announce it.
struct Camera {
    mid: &'static str,
    payload_type: u8,
    ssrc: u32,
    rtx_ssrc: u32,
}

const CHROMIUM: Camera = Camera {
    mid: "5",
    payload_type: 96,
    ssrc: 3_657_693_663,
    rtx_ssrc: 410_197_350,
};
const FIREFOX: Camera = Camera {
    mid: "4",
    payload_type: 120,
    ssrc: 2_396_884_159,
    rtx_ssrc: 213_444_043,
};

impl Camera {
    /// The first offer of the same client: its camera had another line and other SSRCs.
    fn first_offer(&self, anew: &str) -> String {
        let bundle = format!("a=group:BUNDLE 0 {} 2 3", self.mid);
        anew.replace(&bundle, "a=group:BUNDLE 0 1 2 3")
            .replace(&format!("a=mid:{}\r\n", self.mid), "a=mid:1\r\n")
            .replace(&self.ssrc.to_string(), "7001")
            .replace(&self.rtx_ssrc.to_string(), "7002")
    }

    fn send(&self, test: &mut TestCore, from: &mut Client, ssrc: u32, sequence: u16) {
        let keyframe = [0x90, 0xe0, 0x80, 1, 7, 0x20, 0, b'p'];
        test.send_packet(from, self.payload_type, ssrc, sequence, &keyframe);
    }
}

/// Seoul and Tokyo in a room, Tokyo on stage, with that first offer.
fn with_first_offer(offer: &str) -> (TestCore, Client, Client) {
    let mut test = TestCore::new();
    let seoul = test.join("seoul-1", 200);
    let tokyo = test.join_with("tokyo-1", 100, offer);
    test.show(on_stage(&["tokyo-1"]));
    (test, tokyo, seoul)
}

/// What the listener's slots show by the last announcement.
fn shown(test: &TestCore, listener: &Client) -> Vec<Source> {
    let slots = test.figures(listener).slots.into_iter();
    slots.filter_map(|slot| Some(slot.shows?.source)).collect()
}

#[test]
fn a_camera_that_is_added_after_another_was_stopped_is_the_camera() {
    for (camera, anew) in [(CHROMIUM, CHROMIUM_ANEW), (FIREFOX, FIREFOX_ANEW)] {
        let (mut test, mut tokyo, mut seoul) = with_first_offer(&camera.first_offer(anew));
        camera.send(&mut test, &mut tokyo, 7_001, 1_000);
        assert_eq!(test.received(&mut seoul).len(), 1);
        test.renegotiate(&tokyo, anew).unwrap();
        camera.send(&mut test, &mut tokyo, 7_001, 1_001);
        assert_eq!(test.received(&mut seoul), [], "its line is gone");
        camera.send(&mut test, &mut tokyo, camera.ssrc, 900);
        assert_eq!(test.received(&mut seoul).len(), 1);
        assert_eq!(shown(&test, &seoul), [Source::Microphone, Source::Camera]);
        assert_eq!((test.refused_indices(), test.ungranted_packets()), (0, 0));
    }
}

#[test]
fn a_stopped_line_takes_its_camera_along_until_another_is_added() {
    let first = CHROMIUM.first_offer(CHROMIUM_ANEW);
    let (mut test, mut tokyo, mut seoul) = with_first_offer(&first);
    CHROMIUM.send(&mut test, &mut tokyo, 7_001, 1_000);
    assert_eq!(test.received(&mut seoul).len(), 1);
    test.core.look_at_sources(test.now, &mut test.out);
    test.out.events.clear();

    test.renegotiate(&tokyo, CHROMIUM_STOPPED).unwrap();
    assert_eq!(shown(&test, &seoul), [Source::Microphone]);
    test.core.look_at_sources(test.now, &mut test.out);
    let sources = Vec::new();
    let told = (tokyo.id, MediaEvent::Publishing { sources });
    assert!(test.out.events.contains(&told), "nothing arrives any more");
    CHROMIUM.send(&mut test, &mut tokyo, 7_001, 1_001);
    assert_eq!(test.received(&mut seoul), []);

    test.renegotiate(&tokyo, CHROMIUM_ANEW).unwrap();
    CHROMIUM.send(&mut test, &mut tokyo, CHROMIUM.ssrc, 1_002);
    assert_eq!(test.received(&mut seoul).len(), 1);
}

#[test]
fn a_microphone_that_is_added_after_another_was_stopped_is_the_microphone() {
    let first = CHROMIUM.first_offer(CHROMIUM_ANEW);
    let (mut test, mut tokyo, mut seoul) = with_first_offer(&first);
    test.send_packet(&mut tokyo, 111, 2_405_427_732, 1_000, b"voice");
    assert_eq!(test.received(&mut seoul).len(), 1);
    let other = first
        .replace("a=group:BUNDLE 0 1", "a=group:BUNDLE 6 1")
        .replace("a=mid:0\r\n", "a=mid:6\r\n")
        .replace("2405427732", "7003");
    test.renegotiate(&tokyo, &other).unwrap();
    test.send_packet(&mut tokyo, 111, 7_003, 900, b"voice");
    assert_eq!(test.received(&mut seoul).len(), 1);
}

#[test]
fn a_new_ssrc_that_a_further_offer_announces_for_a_known_line_is_forwarded() {
    let before = SSRC_ANEW.replace("2101", "2001");
    let (mut test, mut tokyo, mut seoul) = with_first_offer(&before);
    CHROMIUM.send(&mut test, &mut tokyo, 2_001, 1_000);
    test.renegotiate(&tokyo, SSRC_ANEW).unwrap();
    CHROMIUM.send(&mut test, &mut tokyo, 2_101, 1_000);
    let got = test.received(&mut seoul);
    assert_eq!(got.len(), 2);
    assert_eq!(got[1].sequence, got[0].sequence.wrapping_add(1));
    assert_eq!(test.refused_indices(), 0);
}

#[test]
fn a_further_offer_that_repeats_an_ssrc_does_not_undo_what_packets_have_named_since() {
    let first = with_mids(&offer(100, &[VP8], &[VP8]));
    let (mut test, mut tokyo, mut seoul) = with_first_offer(&first);
    let header = |sequence| crate::rtp::Outgoing {
        payload_type: 111,
        marker: false,
        padded: false,
        sequence,
        timestamp: 0,
        ssrc: 7_777,
        twcc: None,
    };
    test.send_on_line(&mut tokyo, "0", header(10), b"voice");
    test.renegotiate(&tokyo, &first).unwrap();
    test.send_packet(&mut tokyo, 111, 7_777, 11, b"voice");
    assert_eq!(test.received(&mut seoul).len(), 2);
}

#[test]
fn a_shared_screen_stays_the_screen_when_the_line_of_the_camera_pauses_or_ends() {
    let screen = "m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\nc=IN IP4 0.0.0.0\r\na=mid:5\r\na=sendonly\r\na=rtcp-mux\r\n\
        a=rtpmap:96 VP8/90000\r\na=ssrc:105 cname:x\r\n";
    let camera = offer(100, &[VP8], &[VP8]);
    let both = camera.replace("BUNDLE 0 1 2 3 4", "BUNDLE 0 1 2 3 4 5") + screen;
    let sources = |test: &TestCore, client: &Client| {
        let session = &test.core.sessions[test.core.by_id[&client.id]];
        let tracks = session.tracks.iter();
        tracks
            .map(|track| (track.mid.clone(), track.source))
            .collect::<Vec<_>>()
    };
    let named = |lines: &[(&str, Source)]| {
        let lines = lines.iter();
        lines
            .map(|(mid, source)| ((*mid).to_owned(), *source))
            .collect::<Vec<_>>()
    };
    let (mut test, tokyo, _) = with_first_offer(&both);
    let [sound, camera, screen] = [
        ("0", Source::Microphone),
        ("1", Source::Camera),
        ("5", Source::Screen),
    ];
    assert_eq!(sources(&test, &tokyo), named(&[sound, camera, screen]));
    let inactive = both.replace("a=mid:1\r\na=sendonly", "a=mid:1\r\na=inactive");
    test.renegotiate(&tokyo, &inactive).unwrap();
    assert_eq!(
        sources(&test, &tokyo),
        named(&[sound, camera, screen]),
        "it may only pause"
    );
    let stopped = both
        .replace("BUNDLE 0 1 2 3 4 5", "BUNDLE 0 2 3 4 5")
        .replacen("m=video 9", "m=video 0", 1);
    test.renegotiate(&tokyo, &stopped).unwrap();
    assert_eq!(sources(&test, &tokyo), named(&[sound, screen]));
}

#[test]
fn a_camera_is_added_beside_the_inactive_line_of_another() {
    let first = offer(100, &[VP8], &[VP8]);
    let (mut test, mut tokyo, mut seoul) = with_first_offer(&first);
    let added = "m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\nc=IN IP4 0.0.0.0\r\na=mid:5\r\na=sendonly\r\na=rtcp-mux\r\n\
        a=rtpmap:96 VP8/90000\r\na=ssrc:105 cname:x\r\n";
    let replaced = first
        .replace("BUNDLE 0 1 2 3 4", "BUNDLE 0 1 2 3 4 5")
        .replace("a=mid:1\r\na=sendonly", "a=mid:1\r\na=inactive")
        + added;
    test.renegotiate(&tokyo, &replaced).unwrap();
    CHROMIUM.send(&mut test, &mut tokyo, 105, 10);
    assert_eq!(test.received(&mut seoul).len(), 1);
    assert_eq!(shown(&test, &seoul), [Source::Microphone, Source::Camera]);
}

#[test]
fn a_receiving_line_that_ends_is_sent_nothing_more_and_one_in_its_place_has_an_ssrc_of_its_own() {
    let first = offer(200, &[VP8], &[VP8]);
    let mut test = TestCore::new();
    let mut tokyo = test.join("tokyo-1", 100);
    let mut seoul = test.join_with("seoul-1", 200, &first);
    test.show(Scene {
        gallery: in_gallery(&["tokyo-1"]).gallery,
        ..on_stage(&["tokyo-1"])
    });
    test.send_video(&mut tokyo, 10, true);
    assert_eq!(test.received(&mut seoul).len(), 2, "stage and tile");
    let before = test.stage_ssrc(&seoul);

    let stopped = first.replace("BUNDLE 0 1 2 3 4", "BUNDLE 0 1 2 4");
    test.renegotiate(&seoul, &stopped).unwrap();
    let key = test.core.by_id[&seoul.id];
    let wants: Vec<Want> = test.core.sessions[key]
        .slots
        .iter()
        .map(|slot| slot.want.clone())
        .collect();
    assert_eq!(wants, [Want::Voice, Want::Tile]);
    test.send_video(&mut tokyo, 11, true);
    let got = test.received(&mut seoul);
    assert_eq!(got.len(), 1, "the tile goes on");

    test.renegotiate(&seoul, &first).unwrap();
    assert_ne!(test.stage_ssrc(&seoul), before);
    test.send_video(&mut tokyo, 12, true);
    assert_eq!(test.received(&mut seoul).len(), 2);
    assert_eq!((test.refused_indices(), test.ungranted_packets()), (0, 0));
}

#[test]
fn a_client_that_stops_and_adds_receiving_lines_without_end_is_refused_more() {
    let first = offer(200, &[VP8], &[VP8]);
    let mut test = TestCore::new();
    let seoul = test.join_with("seoul-1", 200, &first);
    let mut refused = 0;
    for number in 0..300 {
        let (stage, tile) = (format!("s{number}"), format!("t{number}"));
        let anew = first
            .replace("BUNDLE 0 1 2 3 4", &format!("BUNDLE 0 1 2 {stage} {tile}"))
            .replace("a=mid:3\r\n", &format!("a=mid:{stage}\r\n"))
            .replace("a=mid:4\r\n", &format!("a=mid:{tile}\r\n"));
        let answer = test.renegotiate(&seoul, &anew).unwrap();
        refused = answer.matches("m=video 0 ").count();
    }
    assert_eq!(refused, 2);
    let key = test.core.by_id[&seoul.id];
    assert_eq!(test.core.sessions[key].slots.len(), 1, "the voice goes on");
}
