//! The answer to a server that offers what it sends, as Janus does: Plenary's listeners offer themselves.

use std::{fmt::Write, net::IpAddr};

use plenary_transport::fingerprint::Fingerprint;

use super::{
    sdp::{Answer, BadAnswer, URI_TRANSPORT_CC, sections, streams, values},
    slot::SlotLine,
    stun::Secret,
};
use crate::statistics::Kind;

/// Takes all media that is offered, and of the extensions the one that a listener of Plenary has too; returns the text of
/// the answer, and what the session needs to know.
pub fn answer(
    offer: &str,
    fingerprint: Fingerprint,
    preferred: IpAddr,
) -> Result<(String, Answer), BadAnswer> {
    let own = Secret::random();
    let mut read = Answer::of_server(offer, preferred, own.clone())?;
    if let Some(number) = values(offer, "extmap:").find_map(transport_cc) {
        read.transport_cc = number;
    }
    let mids: Vec<&str> = values(offer, "mid:").collect();
    let mut text = format!(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE {}\r\n\
         a=ice-ufrag:{}\r\na=ice-pwd:{}\r\na=setup:active\r\n\
         a=fingerprint:sha-256 {fingerprint}\r\n",
        mids.join(" "),
        own.fragment,
        own.password
    );
    for section in sections(offer) {
        take(section, &mut text);
        read.slots.extend(slot(section));
    }
    if read.slots.is_empty() {
        return Err(BadAnswer("media"));
    }
    Ok((text, read))
}

/// Adds the answer to a media line.
fn take(section: &str, text: &mut String) {
    let line = section.lines().next().unwrap_or_default();
    // Writing to a string cannot fail.
    let _ = write!(text, "m={line}\r\nc=IN IP4 0.0.0.0\r\n");
    for attribute in section.lines().filter(|line| is_taken(line)) {
        let _ = write!(text, "{attribute}\r\n");
    }
    text.push_str("a=recvonly\r\na=rtcp-mux\r\n");
}

fn is_taken(line: &str) -> bool {
    let codec = ["a=mid:", "a=rtpmap:", "a=fmtp:", "a=rtcp-fb:"];
    let extension = line.strip_prefix("a=extmap:");
    codec.iter().any(|it| line.starts_with(it)) || extension.and_then(transport_cc).is_some()
}

/// The number of an extension if it is the transport-wide one (RFC 8285, section 5).
fn transport_cc(extension: &str) -> Option<u8> {
    let (number, uri) = extension.split_once(' ')?;
    let number = number.split('/').next()?.parse().ok()?;
    (uri.trim() == URI_TRANSPORT_CC).then_some(number)
}

fn slot(section: &str) -> Option<SlotLine> {
    let kind = match section.split(' ').next()? {
        "audio" => Kind::Sound,
        "video" => Kind::Picture,
        _ => return None,
    };
    let (ssrc, rtx) = streams(section)?;
    Some(SlotLine {
        mid: values(section, "mid:").next()?.to_owned(),
        kind,
        is_stage: false,
        ssrc,
        rtx,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Janus 1.1.2 offers a listener of a voice and a camera.
    const OFFER: &str = "v=0\r\no=- 1796101064868380 1 IN IP4 192.0.2.2\r\ns=VideoRoom 7096488227780655\r\nt=0 0\r\n\
        a=group:BUNDLE 0 1\r\na=ice-options:trickle\r\n\
        a=fingerprint:sha-256 D3:02:D8:A8:9B:9A:01:4F:00:47:E9:95:34:63:54:CA:E6:F4:29:71:71:D2:8E:1A:09:09:03:80:9E:82:12:EF\r\n\
        a=extmap-allow-mixed\r\na=msid-semantic: WMS *\r\na=ice-lite\r\n\
        m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 192.0.2.2\r\na=sendonly\r\na=mid:0\r\na=rtcp-mux\r\na=ice-ufrag:kMMr\r\n\
        a=ice-pwd:FfalPVx6sTOLZRxsqVGuNk\r\na=ice-options:trickle\r\na=setup:actpass\r\na=rtpmap:111 opus/48000/2\r\n\
        a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\na=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n\
        a=msid:janus janus0\r\na=ssrc:502714802 cname:janus\r\n\
        a=candidate:1 1 udp 2015363327 192.0.2.2 55498 typ host\r\na=end-of-candidates\r\n\
        m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\nc=IN IP4 192.0.2.2\r\na=sendonly\r\na=mid:1\r\na=rtcp-mux\r\na=ice-ufrag:kMMr\r\n\
        a=ice-pwd:FfalPVx6sTOLZRxsqVGuNk\r\na=ice-options:trickle\r\na=setup:actpass\r\na=rtpmap:96 VP8/90000\r\n\
        a=rtcp-fb:96 nack\r\na=rtcp-fb:96 transport-cc\r\n\
        a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time\r\n\
        a=extmap:7 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n\
        a=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\na=ssrc-group:FID 1233016233 995268988\r\na=msid:janus janus0\r\n\
        a=ssrc:1233016233 cname:janus\r\na=ssrc:995268988 cname:janus\r\n\
        a=candidate:1 1 udp 2015363327 192.0.2.2 55498 typ host\r\na=end-of-candidates\r\n";

    fn answered(offer: &str) -> Result<(String, Answer), BadAnswer> {
        let reached = "127.0.0.1".parse().unwrap();
        answer(offer, Fingerprint::of(b"certificate"), reached)
    }

    #[test]
    fn the_streams_of_janus_are_found_where_its_offer_names_them() {
        let (_, read) = answered(OFFER).unwrap();
        let slots: Vec<_> = read
            .slots
            .iter()
            .map(|slot| (slot.mid.as_str(), slot.kind, slot.ssrc, slot.rtx))
            .collect();
        assert_eq!(
            slots,
            [
                ("0", Kind::Sound, 502_714_802, None),
                ("1", Kind::Picture, 1_233_016_233, Some(995_268_988)),
            ]
        );
        assert_eq!(read.transport_cc, 7);
        assert_eq!(read.credentials.remote_fragment, "kMMr");
        let candidates: Vec<String> = read.candidates.iter().map(ToString::to_string).collect();
        assert_eq!(candidates, ["192.0.2.2:55498"], "once for both lines");
    }

    #[test]
    fn the_answer_takes_the_codecs_and_the_one_extension_and_is_the_active_end() {
        let (text, _) = answered(OFFER).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        for wanted in [
            "a=setup:active",
            "a=group:BUNDLE 0 1",
            "m=audio 9 UDP/TLS/RTP/SAVPF 111",
            "m=video 9 UDP/TLS/RTP/SAVPF 96 97",
            "a=fmtp:97 apt=96",
            "a=rtcp-fb:96 transport-cc",
        ] {
            assert!(lines.contains(&wanted), "{wanted}: {text}");
        }
        let directions = lines.iter().filter(|line| **line == "a=recvonly").count();
        let extensions = lines.iter().filter(|line| line.starts_with("a=extmap:"));
        let extensions: Vec<_> = extensions.filter_map(|line| line.get(9..10)).collect();
        assert_eq!((directions, extensions), (2, vec!["7"]));
        for left_out in ["candidate", "ssrc", "actpass", "sendonly"] {
            assert!(!text.contains(left_out), "{left_out}: {text}");
        }
    }

    #[test]
    fn an_offer_without_media_or_an_address_is_refused_and_says_so() {
        let (session, media) = OFFER.split_once("m=audio").unwrap();
        let refusal = |offer: &str| answered(offer).map(drop).unwrap_err().to_string();
        assert!(refusal(session).contains("no "));
        let unreachable = format!("{session}m=audio{}", media.replace("candidate:", "x:"));
        assert!(refusal(&unreachable).contains("candidate by UDP"));
        let silent = OFFER.replace("a=ssrc", "a=x");
        assert!(refusal(&silent).contains("no media"));
    }
}
