//! The offer of a participant, and what it needs of the answer.

use std::{
    fmt::Write,
    net::{IpAddr, SocketAddr},
};

use plenary_transport::fingerprint::Fingerprint;
use serde_json::{Value, json};

use super::{
    publisher::Publisher,
    slot::SlotLine,
    stun::{Credentials, Secret},
};
use crate::statistics::Kind;

/// Payload types, as browsers number them.
pub const OPUS: u8 = 111;
pub const VP8: u8 = 96;
const RTX: u8 = 97;
pub const AUDIO_LEVEL: u8 = 1;
pub const TRANSPORT_CC: u8 = 3;
pub const MID: u8 = 4;
pub const RID: u8 = 5;

const URI_AUDIO_LEVEL: &str = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
pub(super) const URI_TRANSPORT_CC: &str =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
const URI_MID: &str = "urn:ietf:params:rtp-hdrext:sdes:mid";
const URI_RID: &str = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";

/// The slots that a listener asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slots {
    pub voices: usize,
    pub stage: bool,
    pub tiles: usize,
}

/// An offer, with what to remember until the answer comes.
#[derive(Debug)]
pub struct Offer {
    pub text: String,
    /// The value of the hello's `slots`.
    pub wants: Value,
    /// The line of the camera, which its packets name.
    pub camera_mid: String,
    own: Secret,
    lines: Vec<(String, Kind, bool)>,
}

/// What a session needs of the server's description.
#[derive(Debug)]
pub struct Answer {
    pub credentials: Credentials,
    pub fingerprint: Fingerprint,
    /// The server's UDP addresses, best first.
    pub candidates: Vec<SocketAddr>,
    /// The number of the transport-wide extension.
    pub transport_cc: u8,
    pub slots: Vec<SlotLine>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the server's session description has no {0}")]
pub struct BadAnswer(pub(super) &'static str);

impl Offer {
    /// An offer of a publisher's sources, if it is one, and of these slots.
    pub fn new(publisher: Option<&Publisher>, slots: Slots, fingerprint: Fingerprint) -> Self {
        let own = Secret::random();
        let mut body = Body::default();
        if let Some(stream) = publisher.and_then(|publisher| publisher.sound.as_ref()) {
            body.line(Kind::Sound, "sendonly");
            body.add(&format!("extmap:{AUDIO_LEVEL} {URI_AUDIO_LEVEL}"));
            body.add(&format!("ssrc:{} cname:load", stream.ssrc));
        }
        let mut camera_mid = String::new();
        if let Some(publisher) = publisher.filter(|publisher| !publisher.layers.is_empty()) {
            camera_mid = body.line(Kind::Picture, "sendonly");
            body.camera(publisher);
        }
        let voices = (0..slots.voices).map(|_| (Kind::Sound, "voice"));
        let stage = slots.stage.then_some((Kind::Picture, "stage"));
        let tiles = (0..slots.tiles).map(|_| (Kind::Picture, "tile"));
        let mut lines = Vec::new();
        let mut wants = Vec::new();
        for (kind, purpose) in voices.chain(stage).chain(tiles) {
            let mid = body.line(kind, "recvonly");
            wants.push(json!({"mid": mid, "wants": purpose}));
            lines.push((mid, kind, purpose != "tile"));
        }
        let bundle: Vec<String> = (0..body.lines).map(|mid| mid.to_string()).collect();
        let text = format!(
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE {}\r\n\
             a=ice-ufrag:{}\r\na=ice-pwd:{}\r\na=setup:actpass\r\n\
             a=fingerprint:sha-256 {fingerprint}\r\n{}",
            bundle.join(" "),
            own.fragment,
            own.password,
            body.text
        );
        Self {
            text,
            wants: Value::Array(wants),
            camera_mid,
            own,
            lines,
        }
    }

    /// Reads the answer; the candidate at `preferred`, where signaling reached the server, is tried first.
    pub fn read_answer(&self, answer: &str, preferred: IpAddr) -> Result<Answer, BadAnswer> {
        let mut read = Answer::of_server(answer, preferred, self.own.clone())?;
        let slots = sections(answer).filter_map(|section| self.slot(section));
        read.slots = slots.collect();
        Ok(read)
    }

    fn slot(&self, section: &str) -> Option<SlotLine> {
        let mid = values(section, "mid:").next()?;
        let (_, kind, is_stage) = self.lines.iter().find(|(own, _, _)| own == mid)?;
        let (ssrc, rtx) = streams(section)?;
        Some(SlotLine {
            mid: mid.to_owned(),
            kind: *kind,
            is_stage: *is_stage,
            ssrc,
            rtx,
        })
    }
}

impl Answer {
    /// What a description says about the server, without any slots.
    pub fn of_server(text: &str, preferred: IpAddr, own: Secret) -> Result<Self, BadAnswer> {
        let value = |key: &'static str| values(text, key).next().ok_or(BadAnswer(key));
        let fingerprint = value("fingerprint:sha-256 ")?.parse();
        let mut candidates: Vec<SocketAddr> = text.lines().filter_map(candidate).collect();
        candidates.sort_by_key(|address| address.ip() != preferred);
        candidates.dedup();
        if candidates.is_empty() {
            return Err(BadAnswer("candidate by UDP"));
        }
        Ok(Self {
            credentials: Credentials {
                remote_fragment: value("ice-ufrag:")?.to_owned(),
                remote_password: value("ice-pwd:")?.to_owned(),
                own,
            },
            fingerprint: fingerprint.map_err(|_| BadAnswer("fingerprint"))?,
            candidates,
            transport_cc: TRANSPORT_CC,
            slots: Vec::new(),
        })
    }
}

/// The media lines of a description, each without the `m=` that it begins with.
pub(super) fn sections(text: &str) -> impl Iterator<Item = &str> {
    text.split("\r\nm=").skip(1)
}

/// The attributes that begin so.
pub(super) fn values<'a>(text: &'a str, key: &str) -> impl Iterator<Item = &'a str> {
    let lines = text.lines();
    lines.filter_map(move |line| Some(line.strip_prefix("a=")?.strip_prefix(key)?.trim()))
}

/// The SSRC of a line's media, and of its retransmissions.
pub(super) fn streams(section: &str) -> Option<(u32, Option<u32>)> {
    let pair = values(section, "ssrc-group:FID ").next().and_then(|pair| {
        let (media, rtx) = pair.split_once(' ')?;
        Some((media.parse().ok()?, Some(rtx.parse().ok()?)))
    });
    let single = || {
        let text = values(section, "ssrc:").next()?;
        Some((text.split(' ').next()?.parse().ok()?, None))
    };
    pair.or_else(single)
}

/// The address of a UDP candidate (RFC 8839, section 5.1).
fn candidate(line: &str) -> Option<SocketAddr> {
    let words = line.strip_prefix("a=candidate:")?;
    let words: Vec<&str> = words.split_ascii_whitespace().collect();
    let [_, _, transport, _, address, port, ..] = words.as_slice() else {
        return None;
    };
    let is_udp = transport.eq_ignore_ascii_case("udp");
    let address = SocketAddr::new(address.parse().ok()?, port.parse().ok()?);
    is_udp.then_some(address)
}

/// The media lines of an offer.
#[derive(Default)]
struct Body {
    text: String,
    lines: usize,
}

impl Body {
    fn add(&mut self, attribute: &str) {
        // Writing to a string cannot fail.
        let _ = write!(self.text, "a={attribute}\r\n");
    }

    /// Begins a line; returns its mid.
    fn line(&mut self, kind: Kind, direction: &str) -> String {
        let mid = self.lines.to_string();
        self.lines += 1;
        let (media, formats) = match kind {
            Kind::Sound => ("audio", OPUS.to_string()),
            Kind::Picture => ("video", format!("{VP8} {RTX}")),
        };
        let _ = write!(
            self.text,
            "m={media} 9 UDP/TLS/RTP/SAVPF {formats}\r\nc=IN IP4 0.0.0.0\r\n"
        );
        for attribute in [&format!("mid:{mid}"), direction, "rtcp-mux", "rtcp-rsize"] {
            self.add(attribute);
        }
        match kind {
            Kind::Sound => {
                self.add(&format!("rtpmap:{OPUS} opus/48000/2"));
                self.add(&format!("rtcp-fb:{OPUS} transport-cc"));
            }
            Kind::Picture => {
                self.add(&format!("rtpmap:{VP8} VP8/90000"));
                for feedback in ["transport-cc", "ccm fir", "nack", "nack pli"] {
                    self.add(&format!("rtcp-fb:{VP8} {feedback}"));
                }
                self.add(&format!("rtpmap:{RTX} rtx/90000"));
                self.add(&format!("fmtp:{RTX} apt={VP8}"));
            }
        }
        self.add(&format!("extmap:{TRANSPORT_CC} {URI_TRANSPORT_CC}"));
        mid
    }

    fn camera(&mut self, publisher: &Publisher) {
        let rids: Vec<&str> = publisher.layers.iter().filter_map(|it| it.rid).collect();
        if rids.is_empty() {
            for layer in &publisher.layers {
                self.add(&format!("ssrc:{} cname:load", layer.stream.ssrc));
            }
            return;
        }
        self.add(&format!("extmap:{MID} {URI_MID}"));
        self.add(&format!("extmap:{RID} {URI_RID}"));
        for rid in &rids {
            self.add(&format!("rid:{rid} send"));
        }
        self.add(&format!("simulcast:send {}", rids.join(";")));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use plenary_transport::{
        ice,
        sdp::{self, AnswerParams, Codec, Limits, SlotAnswer},
    };

    use super::*;
    use crate::media::publisher::{CameraSettings, Mix};

    const SLOTS: Slots = Slots {
        voices: 1,
        stage: true,
        tiles: 1,
    };

    fn fingerprint() -> Fingerprint {
        Fingerprint::of(b"certificate")
    }

    fn publisher(simulcast: bool) -> Publisher {
        let camera = CameraSettings {
            bitrate: 1_200_000,
            frames_a_second: 30,
            packet_bytes: 1_160,
            simulcast,
        };
        let mix = Mix {
            sound: true,
            camera: Some(camera),
        };
        Publisher::new(0, &mix)
    }

    #[test]
    fn the_server_reads_the_offer_with_its_sources_first_and_its_layers() {
        for simulcast in [false, true] {
            let publisher = publisher(simulcast);
            let offer = Offer::new(Some(&publisher), SLOTS, fingerprint());
            let read = sdp::Offer::parse(&offer.text, &Limits::default()).unwrap();
            let lines: Vec<_> = read.lines().collect();
            let sources = lines.iter().filter(|line| line.is_source()).count();
            assert_eq!((lines.len(), sources), (5, 2));
            let camera = read.line(&offer.camera_mid).unwrap();
            let rids = if simulcast { 3 } else { 0 };
            assert_eq!(camera.rids.len(), rids);
            assert_eq!(camera.ssrcs.is_empty(), simulcast);
            assert!(
                lines
                    .iter()
                    .all(|line| line.extensions.transport_cc == Some(TRANSPORT_CC))
            );
        }
    }

    #[test]
    fn the_answer_gives_each_slot_its_streams_and_the_reached_address_comes_first() {
        let offer = Offer::new(None, SLOTS, fingerprint());
        let read = sdp::Offer::parse(&offer.text, &Limits::default()).unwrap();
        let slot = |ssrc| SlotAnswer {
            ssrc,
            rtx_ssrc: Some(ssrc + 1),
            cname: "c".to_owned(),
            stream: "s".to_owned(),
            track: "t".to_owned(),
        };
        let mids = || read.lines().map(|line| line.mid.clone());
        let addresses = ["192.0.2.1:9", "127.0.0.1:9"];
        let params = AnswerParams {
            session_id: 1,
            version: 1,
            ice: ice::Credentials::random(),
            fingerprint: fingerprint(),
            candidates: addresses.map(|address| address.parse().unwrap()).into(),
            codecs: mids().map(|mid| (mid, Codec::ALL.to_vec())).collect(),
            slots: mids()
                .zip([10, 20, 30].map(slot))
                .collect::<HashMap<_, _>>(),
        };
        let text = sdp::answer(&read, &params);
        let reached = "127.0.0.1".parse().unwrap();
        let answer = offer.read_answer(&text, reached).unwrap();
        let slots: Vec<_> = answer
            .slots
            .iter()
            .map(|slot| (slot.kind, slot.is_stage, slot.ssrc, slot.rtx))
            .collect();
        assert_eq!(
            slots,
            [
                (Kind::Sound, true, 10, None),
                (Kind::Picture, true, 20, Some(21)),
                (Kind::Picture, false, 30, Some(31)),
            ]
        );
        let ports: Vec<String> = answer.candidates.iter().map(ToString::to_string).collect();
        assert_eq!(ports, ["127.0.0.1:9", "192.0.2.1:9"]);
        assert_eq!(answer.credentials.remote_fragment, params.ice.ufrag);
    }

    #[test]
    fn an_answer_that_lacks_something_is_refused_and_says_what() {
        let offer = Offer::new(None, SLOTS, fingerprint());
        let reached = "127.0.0.1".parse().unwrap();
        assert!(offer.read_answer("", reached).is_err());
        assert!(
            offer
                .read_answer("v=0\r\na=ice-ufrag:x\r\n", reached)
                .is_err()
        );
    }
}
