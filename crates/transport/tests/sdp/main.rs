//! Offers of Chromium 156 and Firefox 153, and our answers to them.
//!
//! Both browsers accepted these answers and connected. The page publishes a microphone and a
//! camera in three layers, and requests three audio slots and six video slots.

#![expect(
    clippy::expect_used,
    reason = "what helps a test fails it by panicking"
)]

mod foreign;

use std::collections::HashMap;
use std::net::SocketAddr;

use plenary_transport::fingerprint::Fingerprint;
use plenary_transport::ice::Credentials;
use plenary_transport::sdp::{
    AnswerParams, Codec, Direction, Kind, Limits, Offer, SdpError, SlotAnswer, answer,
};
use proptest::prelude::*;

const CHROMIUM: &str = include_str!("../offers/chromium.sdp");
const FIREFOX: &str = include_str!("../offers/firefox.sdp");

fn parse(text: &str) -> Offer {
    Offer::parse(text, &Limits::default()).expect("the offer can be read")
}

fn refusal(text: &str) -> SdpError {
    Offer::parse(text, &Limits::default()).expect_err("the offer is refused")
}

/// Fills every slot of the offer, numbering the streams.
fn params(offer: &Offer) -> AnswerParams {
    let slots = offer.lines().filter(|line| line.is_slot());
    let slots: HashMap<_, _> = (1_000..)
        .step_by(2)
        .zip(slots)
        .map(|(ssrc, line)| {
            let slot = SlotAnswer {
                ssrc,
                rtx_ssrc: (line.kind == Kind::Video).then_some(ssrc + 1),
                cname: "plenary".to_owned(),
                stream: format!("stream-{}", line.mid),
                track: format!("track-{}", line.mid),
            };
            (line.mid.clone(), slot)
        })
        .collect();
    AnswerParams {
        session_id: 42,
        version: 1,
        ice: Credentials {
            ufrag: "0123456789ab".to_owned(),
            pwd: "0123456789abcdef0123456789abcdef".to_owned(),
        },
        fingerprint: Fingerprint::of(b"the server's certificate"),
        candidates: vec![
            SocketAddr::from(([192, 0, 2, 1], 7000)),
            "[2001:db8::1]:7000".parse().expect("an address"),
        ],
        codecs: offer
            .lines()
            .map(|line| (line.mid.clone(), vec![Codec::Opus, Codec::Vp8]))
            .collect(),
        slots,
    }
}

/// The sections of a description: first the session's, then one for each media line.
fn sections(description: &str) -> Vec<&str> {
    let mut starts: Vec<usize> = description
        .match_indices("\r\nm=")
        .map(|(at, _)| at + 2)
        .collect();
    starts.insert(0, 0);
    starts.push(description.len());
    starts
        .windows(2)
        .map(|pair| &description[pair[0]..pair[1]])
        .collect()
}

#[test]
fn chromiums_offer_is_answered() {
    let offer = parse(CHROMIUM);
    insta::assert_snapshot!(answer(&offer, &params(&offer)).replace('\r', ""));
}

#[test]
fn firefoxs_offer_is_answered() {
    let offer = parse(FIREFOX);
    insta::assert_snapshot!(answer(&offer, &params(&offer)).replace('\r', ""));
}

#[test]
fn sources_and_slots_are_distinguished() {
    for text in [CHROMIUM, FIREFOX] {
        let offer = parse(text);
        let sources: Vec<_> = offer.lines().filter(|line| line.is_source()).collect();
        let slots: Vec<_> = offer.lines().filter(|line| line.is_slot()).collect();
        assert_eq!((sources.len(), slots.len()), (2, 9));
        assert_eq!(sources[0].direction, Direction::SendOnly);
        let pictures = slots.iter().filter(|line| line.kind == Kind::Video);
        assert_eq!(pictures.count(), 6);
    }
}

#[test]
fn a_camera_offers_its_three_layers_best_first() {
    for text in [CHROMIUM, FIREFOX] {
        let offer = parse(text);
        let camera = offer.line("1").expect("the camera's line");
        assert_eq!(camera.rids, ["h", "m", "l"]);
        assert!(camera.extensions.rid.is_some() && camera.extensions.repaired_rid.is_some());
        let vp8 = camera.format(Codec::Vp8).expect("every browser offers VP8");
        assert!(vp8.rtx.is_some());
    }
}

#[test]
fn every_codec_that_can_be_forwarded_is_answered_with_its_retransmissions_in_the_order_wanted() {
    let offer = parse(CHROMIUM);
    let mut params = params(&offer);
    let stage = "5".to_owned();
    params
        .codecs
        .insert(stage, vec![Codec::Vp8, Codec::Vp9, Codec::H264]);
    let answer = answer(&offer, &params);
    let stage: Vec<_> = sections(&answer)[6]
        .lines()
        .filter(|line| {
            ["m=", "a=rtpmap", "a=fmtp"]
                .iter()
                .any(|key| line.starts_with(key))
        })
        .collect();
    insta::assert_snapshot!(stage.join("\n"));
}

#[test]
fn h264_is_accepted_only_as_constrained_baseline_in_packetization_mode_1_in_any_spelling() {
    let taken = |fmtp: &str| {
        let line = format!(
            "m=video 9 UDP/TLS/RTP/SAVPF 120\r\nc=IN IP4 0.0.0.0\r\na=mid:11\r\na=recvonly\r\na=rtcp-mux\r\n\
             a=rtpmap:120 H264/90000\r\na=fmtp:120 {fmtp}\r\n"
        );
        let head = CHROMIUM.replace("8 9 10\n", "8 9 10 11\n");
        parse(&format!("{head}{line}")).line("11").is_some()
    };
    for profile in ["42e01f", "42E01E", "42c01f", "42400a", "4d801f", "58c028"] {
        assert!(
            taken(&format!(
                "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id={profile}"
            )),
            "{profile}"
        );
    }
    for profile in [
        "42001f", "4d001f", "640032", "42e0", "42e01f00", "4ä01f", "",
    ] {
        assert!(
            !taken(&format!("packetization-mode=1;profile-level-id={profile}")),
            "{profile}"
        );
    }
    assert!(!taken("packetization-mode=0;profile-level-id=42e01f"));
    assert!(!taken("profile-level-id=42e01f"));
}

#[test]
fn an_answer_has_every_line_of_the_offer_in_its_place() {
    for text in [CHROMIUM, FIREFOX] {
        let offer = parse(text);
        let answer = answer(&offer, &params(&offer));
        let kinds = |text: &str| -> Vec<String> {
            let lines = text.lines().filter_map(|line| line.strip_prefix("m="));
            lines
                .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
                .collect()
        };
        assert_eq!(kinds(&answer), kinds(text));
    }
}

#[test]
fn every_line_names_the_candidates_by_udp_first_and_then_by_tcp() {
    let offer = parse(CHROMIUM);
    let answer = answer(&offer, &params(&offer));
    for section in &sections(&answer)[1..] {
        let candidates = section
            .lines()
            .filter(|line| line.starts_with("a=candidate:"));
        let fields: Vec<Vec<&str>> = candidates.map(|it| it.split(' ').collect()).collect();
        let transports: Vec<&str> = fields.iter().map(|it| it[2]).collect();
        assert_eq!(transports, ["udp", "udp", "tcp", "tcp"]);
        let priority = |it: &Vec<&str>| it[3].parse::<u32>().expect("a priority");
        assert!(fields.is_sorted_by_key(|it| std::cmp::Reverse(priority(it))));
        assert!(section.contains("a=end-of-candidates"));
    }
}

#[test]
fn an_extension_offered_one_way_is_answered_the_other_way() {
    let offer = parse(FIREFOX);
    let answer = answer(&offer, &params(&offer));
    let camera = sections(&answer)[2];
    assert!(FIREFOX.contains("a=extmap:9/sendonly urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"));
    assert!(camera.contains("a=extmap:9/recvonly urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"));
}

#[test]
fn a_slot_that_nobody_fills_is_rejected_and_leaves_the_bundle() {
    let offer = parse(CHROMIUM);
    let mut params = params(&offer);
    params.slots.remove("10");
    let answer = answer(&offer, &params);
    assert!(answer.contains("a=group:BUNDLE 0 1 2 3 4 5 6 7 8 9\r\n"));
    let last = *sections(&answer).last().expect("there are lines");
    assert!(
        last.starts_with("m=video 0 UDP/TLS/RTP/SAVPF 96\r\n"),
        "{last}"
    );
    assert!(last.contains("a=inactive") && last.contains("a=mid:10"));
}

#[test]
fn a_data_channel_is_rejected() {
    let text = format!(
        "{}m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=mid:11\r\na=sctp-port:5000\r\n",
        CHROMIUM.replace("8 9 10\n", "8 9 10 11\n")
    );
    let offer = parse(&text);
    let answer = answer(&offer, &params(&offer));
    assert!(answer.contains("m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n"));
    assert!(answer.contains("a=group:BUNDLE 0 1 2 3 4 5 6 7 8 9 10\r\n"));
}

#[test]
fn new_credentials_restart_ice() {
    let first = parse(CHROMIUM);
    let again = parse(&CHROMIUM.replace(&first.ufrag, "NEW+"));
    assert!(again.is_restart_of(&first));
    assert!(!first.is_restart_of(&first));
}

#[test]
fn a_stopped_line_keeps_its_place() {
    let text = CHROMIUM.replacen("m=audio 9", "m=audio 0", 1);
    let offer = parse(&text);
    assert!(offer.line("0").is_none());
    let answer = answer(&offer, &params(&offer));
    assert!(sections(&answer)[1].starts_with("m=audio 0 "));
    assert!(answer.contains("a=group:BUNDLE 1 2 3 4 5 6 7 8 9 10\r\n"));
}

#[test]
fn a_bundle_only_line_is_served() {
    let (port, mid) = ("m=video 9", "a=mid:10\n");
    let last = CHROMIUM.rfind(port).expect("the last line is a slot");
    let (before, line) = CHROMIUM.split_at(last);
    let line = line
        .replacen(port, "m=video 0", 1)
        .replace(mid, "a=mid:10\na=bundle-only\n");
    let offer = parse(&format!("{before}{line}"));
    let answer = answer(&offer, &params(&offer));
    let last = *sections(&answer).last().expect("there are lines");
    assert!(
        last.starts_with("m=video 9 ") && last.contains("a=sendonly"),
        "{last}"
    );
}

#[test]
fn an_offer_without_a_certificate_is_refused() {
    let text = CHROMIUM.replace("a=fingerprint:sha-256", "a=fingerprint:sha-1");
    assert_eq!(refusal(&text), SdpError::Missing("sha-256 fingerprint"));
}

#[test]
fn an_offer_without_a_bundle_is_refused() {
    let text = CHROMIUM.replace("a=group:BUNDLE", "a=group:LS");
    assert_eq!(refusal(&text), SdpError::Missing("BUNDLE group"));
}

#[test]
fn an_offer_with_setup_passive_is_refused() {
    let text = CHROMIUM.replace("a=setup:actpass", "a=setup:passive");
    assert!(matches!(
        refusal(&text),
        SdpError::Invalid { what: "setup", .. }
    ));
}

#[test]
fn two_lines_of_the_same_name_are_refused() {
    let text = CHROMIUM.replace("a=mid:3\n", "a=mid:2\n");
    assert!(matches!(
        refusal(&text),
        SdpError::Invalid { what: "mid", .. }
    ));
}

#[test]
fn a_carriage_return_that_ends_no_line_is_refused() {
    for stray in [
        "a=mid:0\rm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n",
        "\r",
        "a=x\r\r\n",
    ] {
        let text = format!("{CHROMIUM}{stray}");
        assert!(matches!(refusal(&text), SdpError::Syntax(_)), "{stray:?}");
    }
}

#[test]
fn an_offer_beyond_the_limits_is_refused() {
    let limits = Limits::default();
    let long = format!("{CHROMIUM}a={}\r\n", "x".repeat(limits.bytes));
    assert!(matches!(
        refusal(&long),
        SdpError::TooLarge { what: "bytes", .. }
    ));
    let lines = "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n".repeat(limits.lines);
    let many = format!("{CHROMIUM}{lines}");
    assert!(matches!(
        refusal(&many),
        SdpError::TooLarge {
            what: "media lines",
            ..
        }
    ));
    let attributes = "a=x\r\n".repeat(limits.attributes);
    let full = format!("{CHROMIUM}{attributes}");
    assert!(matches!(
        refusal(&full),
        SdpError::TooLarge {
            what: "attributes",
            ..
        }
    ));
}

/// A mutation of a real offer, as a careless or hostile client might send it.
fn mutilated() -> impl Strategy<Value = String> {
    let edit = prop_oneof![
        Just(String::new()),
        "[a-z]=.{0,40}",
        "a=(mid|extmap|rid|ssrc|ssrc-group|fmtp|rtpmap|group|ice-ufrag|setup|fingerprint|simulcast):[ -~]{0,40}",
        "m=(audio|video|application) [0-9]{0,12} [A-Z/]{0,20}[ 0-9]{0,40}",
        "[vosctibkzr]=[ -~]{0,40}",
    ];
    let edits = proptest::collection::vec((any::<prop::sample::Index>(), edit), 1..12);
    (any::<bool>(), edits).prop_map(|(chromium, edits)| {
        let text = if chromium { CHROMIUM } else { FIREFOX };
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        for (at, line) in edits {
            let at = at.index(lines.len());
            lines[at] = line;
        }
        lines.join("\r\n") + "\r\n"
    })
}

proptest! {
    #[test]
    fn malformed_input_never_panics(text in ".{0,400}") {
        let _ = Offer::parse(&text, &Limits::default());
    }

    #[test]
    fn malformed_lines_never_panic(text in "([a-z]=[ -~]{0,30}\r?\n){0,40}") {
        let _ = Offer::parse(&text, &Limits::default());
    }

    #[test]
    fn a_mutilated_offer_is_refused_or_answered_line_by_line(text in mutilated()) {
        if let Ok(offer) = Offer::parse(&text, &Limits::default()) {
            let answer = answer(&offer, &params(&offer));
            let lines = |text: &str| text.lines().filter(|line| line.starts_with("m=")).count();
            prop_assert_eq!(lines(&answer), lines(&text));
        }
    }
}
