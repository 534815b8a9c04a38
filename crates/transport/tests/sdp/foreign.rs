//! Offers of other software than browsers: what is served, and what is refused in words.

use plenary_transport::sdp::{SdpError, Unusable, answer};

use super::{CHROMIUM, params, parse, refusal, sections};

const GSTREAMER: &str = include_str!("../offers/gstreamer.sdp");
const GSTREAMER_WITHOUT_CHANNELS: &str = include_str!("../offers/gstreamer-without-channels.sdp");
const LISTENER_WITHOUT_RTX: &str = include_str!("../offers/listener-without-rtx.sdp");
const WITHOUT_RTCP_MUX: &str = include_str!("../offers/without-rtcp-mux.sdp");
const DATA_CHANNEL_ONLY: &str = include_str!("../offers/datachannel-only.sdp");

fn answered(text: &str) -> String {
    let offer = parse(text);
    answer(&offer, &params(&offer))
}

/// The sentence with which an offer is refused.
fn sentence(text: &str) -> String {
    refusal(text).to_string()
}

#[test]
fn a_rejected_line_has_the_transport_that_gstreamer_looks_for_and_stays_outside_the_bundle() {
    let answer = answered(&GSTREAMER.replacen("OPUS/48000/2", "PCMU/8000", 1));
    let rejected = sections(&answer)[1];
    assert!(
        rejected.starts_with("m=audio 0 UDP/TLS/RTP/SAVPF 111\r\n"),
        "{rejected}"
    );
    for attribute in [
        "fingerprint:sha-256 ",
        "ice-ufrag:",
        "ice-pwd:",
        "setup:passive",
        "mid:audio0",
        "inactive",
    ] {
        assert!(rejected.contains(&format!("a={attribute}")), "{attribute}");
    }
    for attribute in ["rtcp-mux", "candidate:", "rtpmap:"] {
        assert!(!rejected.contains(&format!("a={attribute}")), "{attribute}");
    }
    assert!(answer.contains("a=group:BUNDLE video1 audio2 video3\r\n"));
}

#[test]
fn opus_is_served_with_and_without_its_channels_and_answered_as_it_is_spelt() {
    for (offer, encoding) in [
        (GSTREAMER_WITHOUT_CHANNELS, "a=rtpmap:111 OPUS/48000\r\n"),
        (GSTREAMER, "a=rtpmap:111 OPUS/48000/2\r\n"),
    ] {
        let answer = answered(offer);
        assert!(answer.contains("a=group:BUNDLE audio0 video1 audio2 video3\r\n"));
        assert!(sections(&answer)[1].contains(encoding), "{answer}");
    }
}

#[test]
fn an_answer_repeats_the_protocol_of_each_line() {
    for protocol in [
        "UDP/TLS/RTP/SAVPF",
        "UDP/TLS/RTP/SAVP",
        "TCP/DTLS/RTP/SAVPF",
        "RTP/SAVPF",
        "RTP/SAVP",
        "RTP/AVP",
    ] {
        let text = CHROMIUM.replace("UDP/TLS/RTP/SAVPF", protocol);
        let answer = answered(&text);
        let protocols: Vec<_> = answer
            .lines()
            .filter_map(|line| {
                line.strip_prefix("m=")?
                    .split_once(" 9 ")?
                    .1
                    .split(' ')
                    .next()
            })
            .collect();
        assert_eq!(protocols, [protocol; 11], "every line is accepted");
    }
}

#[test]
fn a_line_whose_protocol_is_not_rtp_is_rejected_under_its_own_name() {
    let text = GSTREAMER.replacen("m=video 0 UDP/TLS/RTP/SAVPF", "m=video 0 UDP/FEC", 1);
    let answer = answered(&text);
    assert!(sections(&answer)[2].starts_with("m=video 0 UDP/FEC 96\r\n"));
    assert!(answer.contains("a=group:BUNDLE audio0 audio2 video3\r\n"));
}

#[test]
fn an_answer_names_only_the_feedback_that_was_offered_and_is_served() {
    let feedback = |section: &str| -> Vec<String> {
        let lines = section.lines();
        lines
            .filter_map(|line| Some(line.strip_prefix("a=rtcp-fb:")?.to_owned()))
            .collect()
    };
    let answer = answered(GSTREAMER);
    let lines = sections(&answer);
    // It offers NACK for sound too, and transport-cc without the extension.
    assert_eq!(feedback(lines[1]), [""; 0]);
    assert_eq!(feedback(lines[4]), ["96 ccm fir", "96 nack", "96 nack pli"]);
    let offered = "a=rtcp-fb:96 nack\na=rtcp-fb:96 nack pli\na=rtcp-fb:96 ccm fir\n";
    for (less, left) in [
        ("", vec![]),
        ("a=rtcp-fb:* nack pli\n", vec!["96 nack pli"]),
    ] {
        let answer = answered(&LISTENER_WITHOUT_RTX.replace(offered, less));
        assert_eq!(feedback(sections(&answer)[2]), left);
    }
}

#[test]
fn a_listener_without_rtx_is_promised_the_nack_that_it_offers() {
    let answer = answered(LISTENER_WITHOUT_RTX);
    assert!(answer.contains("a=rtcp-fb:96 nack\r\n"));
    assert!(!answer.contains("rtx") && !answer.contains("ssrc-group"));
}

#[test]
fn an_offer_without_rtcp_mux_is_refused_in_words() {
    assert_eq!(
        refusal(WITHOUT_RTCP_MUX),
        SdpError::NoUsableLine(Unusable::NoRtcpMux)
    );
    assert_eq!(
        sentence(WITHOUT_RTCP_MUX),
        "the offer has nothing that can be served: its lines have no rtcp-mux, and RTP and RTCP share one port here \
         (RFC 5761)"
    );
}

#[test]
fn an_offer_of_nothing_but_data_channels_is_refused_in_words() {
    assert_eq!(
        sentence(DATA_CHANNEL_ONLY),
        "the offer has nothing that can be served: it has no line for sound or pictures, and data channels are not \
         served"
    );
}

#[test]
fn an_offer_of_which_no_line_can_be_served_is_refused_for_the_reason_of_the_line_that_came_nearest()
{
    let codecs = LISTENER_WITHOUT_RTX
        .replace("opus/48000/2", "PCMU/8000")
        .replace("VP8/90000", "H265/90000");
    assert_eq!(refusal(&codecs), SdpError::NoUsableLine(Unusable::NoCodec));
    let stopped = LISTENER_WITHOUT_RTX
        .replace("m=audio 9", "m=audio 0")
        .replace("m=video 9", "m=video 0");
    assert_eq!(refusal(&stopped), SdpError::NoUsableLine(Unusable::Stopped));
    let protocol = LISTENER_WITHOUT_RTX.replace("UDP/TLS/RTP/SAVPF", "udp");
    assert_eq!(
        refusal(&protocol),
        SdpError::NoUsableLine(Unusable::Protocol)
    );
    let nearer = codecs.replacen("a=rtcp-mux\n", "", 1);
    assert_eq!(refusal(&nearer), SdpError::NoUsableLine(Unusable::NoCodec));
    let unbundled = LISTENER_WITHOUT_RTX.replace("a=group:BUNDLE 2 3", "a=group:BUNDLE d")
        + DATA_CHANNEL_ONLY
            .split_once("t=0 0\na=group:BUNDLE d\n")
            .map_or("", |(_, line)| line);
    assert_eq!(
        refusal(&unbundled),
        SdpError::NoUsableLine(Unusable::Unbundled)
    );
}
