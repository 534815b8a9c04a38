//! Reading an offer: only what the answer and the media engine need, bounded in every dimension.

use std::io::Cursor;

use rtc_sdp::description::media::MediaDescription;
use rtc_sdp::description::session::SessionDescription;

use super::attributes::{value, values};
use super::codec::{Codec, Format, Kind, formats};
use super::limits::{Limits, SdpError, at_most, cut, invalid};
use super::unusable::Unusable;
use crate::fingerprint::Fingerprint;

/// The direction of media on a line, as seen by the client that offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Direction {
    /// The client sends and receives.
    SendRecv,
    /// The client only sends: a source.
    SendOnly,
    /// The client only receives: a slot.
    RecvOnly,
    Inactive,
}

/// The header extension identifiers of a line (RFC 8285): `None` for what is not offered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Extensions {
    pub mid: Option<u8>,
    pub rid: Option<u8>,
    pub repaired_rid: Option<u8>,
    /// Transport-wide sequence numbers for congestion control.
    pub transport_cc: Option<u8>,
    pub abs_send_time: Option<u8>,
    pub audio_level: Option<u8>,
}

impl Extensions {
    /// The URIs and the field of each, in the order in which an answer lists them.
    pub(super) fn entries(&mut self) -> [(&'static str, &mut Option<u8>); 6] {
        [
            (URI_MID, &mut self.mid),
            (URI_RID, &mut self.rid),
            (URI_REPAIRED_RID, &mut self.repaired_rid),
            (URI_TRANSPORT_CC, &mut self.transport_cc),
            (URI_ABS_SEND_TIME, &mut self.abs_send_time),
            (URI_AUDIO_LEVEL, &mut self.audio_level),
        ]
    }
}

const URI_MID: &str = "urn:ietf:params:rtp-hdrext:sdes:mid";
const URI_RID: &str = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";
const URI_REPAIRED_RID: &str = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";
const URI_TRANSPORT_CC: &str =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
const URI_ABS_SEND_TIME: &str = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";
const URI_AUDIO_LEVEL: &str = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";

/// One media line that can be accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Line {
    pub mid: String,
    pub kind: Kind,
    /// The direction, as seen by the client.
    pub direction: Direction,
    /// The codecs offered, at most one format of each, in the offer's order.
    pub formats: Vec<Format>,
    pub extensions: Extensions,
    /// The restriction identifiers of the simulcast layers that the client sends, best first as offered.
    pub rids: Vec<String>,
    /// The SSRCs announced, if any.
    pub ssrcs: Vec<u32>,
    /// The announced pairs of a stream's SSRC and that of its retransmissions.
    pub rtx_of: Vec<(u32, u32)>,
}

impl Line {
    /// The format of a codec, if it is offered.
    pub fn format(&self, codec: Codec) -> Option<&Format> {
        self.formats.iter().find(|format| format.codec == codec)
    }

    /// Whether the client sends on this line.
    pub fn is_source(&self) -> bool {
        matches!(self.direction, Direction::SendOnly | Direction::SendRecv)
    }

    /// Whether the client only receives on this line.
    pub fn is_slot(&self) -> bool {
        self.direction == Direction::RecvOnly
    }
}

/// A media line as the answer must repeat it: every line of the offer has one in the answer, in the same order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Section {
    Accepted {
        line: Line,
        /// The answer repeats it (RFC 9429, section 5.1.2).
        protocol: String,
        /// The extensions offered for one direction only: the answer must give the other (RFC 8285, 6).
        directed: Vec<(u8, Direction)>,
    },
    Rejected {
        mid: Option<String>,
        media: String,
        protocol: String,
        format: String,
        why: Unusable,
    },
}

/// An offer, reduced to what a session needs.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Offer {
    /// The client's ICE user name fragment.
    pub ufrag: String,
    pub pwd: String,
    /// The fingerprint of the certificate that the client will show.
    pub fingerprint: Fingerprint,
    pub(super) sections: Vec<Section>,
}

impl Offer {
    /// An offer without a line, of a publisher that has no client.
    pub fn empty(fingerprint: Fingerprint) -> Self {
        Self {
            ufrag: String::new(),
            pwd: String::new(),
            fingerprint,
            sections: Vec::new(),
        }
    }

    /// Reads the text of an offer.
    ///
    /// Lines of a kind or with codecs unknown here (data channels among them) are kept as rejected ones.
    pub fn parse(text: &str, limits: &Limits) -> Result<Self, SdpError> {
        at_most("bytes", text.len(), limits.bytes)?;
        // The parser ends some lines there and others not (RFC 8866, section 5, allows it nowhere).
        if text.split("\r\n").any(|line| line.contains('\r')) {
            return Err(SdpError::Syntax("a stray carriage return".to_owned()));
        }
        // Refused before the parser runs: it builds a description for every line it is given.
        let media_lines = text.lines().filter(|line| line.starts_with("m="));
        at_most("media lines", media_lines.count(), limits.lines)?;
        let description = SessionDescription::unmarshal(&mut Cursor::new(text.as_bytes()))
            .map_err(|error| SdpError::Syntax(cut(&error.to_string())))?;
        at_most(
            "attributes",
            description.attributes.len(),
            limits.attributes,
        )?;
        for media in &description.media_descriptions {
            at_most("attributes", media.attributes.len(), limits.attributes)?;
        }
        Self::of(&description)
    }

    /// The lines that can be accepted, in order.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.sections.iter().filter_map(|section| match section {
            Section::Accepted { line, .. } => Some(line),
            Section::Rejected { .. } => None,
        })
    }

    /// The line with that identification, if it can be accepted.
    pub fn line(&self, mid: &str) -> Option<&Line> {
        self.lines().find(|line| line.mid == mid)
    }

    /// Whether this offer restarts the ICE of an earlier one of the same session.
    pub fn is_restart_of(&self, earlier: &Self) -> bool {
        self.ufrag != earlier.ufrag || self.pwd != earlier.pwd
    }

    fn of(description: &SessionDescription) -> Result<Self, SdpError> {
        let bundle = bundled(description)?;
        // With BUNDLE one transport serves all lines: the first live line's values are everyone's (RFC 8843, 7.2).
        let transport = description
            .media_descriptions
            .iter()
            .find(|media| mid_of(media).is_some_and(|mid| bundle.contains(&mid)))
            .ok_or(SdpError::Missing("bundled media line"))?;
        let shared = |key, what| {
            value(transport, key)
                .or_else(|| description.attribute(key).map(String::as_str))
                .ok_or(SdpError::Missing(what))
        };

        let ufrag = ice_chars("ice-ufrag", shared("ice-ufrag", "ice-ufrag")?, 4)?;
        let pwd = ice_chars("ice-pwd", shared("ice-pwd", "ice-pwd")?, 22)?;
        let setup = shared("setup", "setup")?;
        if !matches!(setup, "actpass" | "active") {
            return Err(invalid("setup", setup));
        }
        let fingerprint = values(&transport.attributes, "fingerprint")
            .chain(values(&description.attributes, "fingerprint"))
            .filter_map(|fingerprint| fingerprint.split_once(' '))
            .find(|(algorithm, _)| algorithm.eq_ignore_ascii_case("sha-256"))
            .ok_or(SdpError::Missing("sha-256 fingerprint"))?
            .1;
        let fingerprint = fingerprint
            .parse()
            .map_err(|_| invalid("fingerprint", fingerprint))?;

        let mut sections: Vec<Section> = Vec::with_capacity(description.media_descriptions.len());
        for media in &description.media_descriptions {
            let section = section(media, &bundle);
            if let Section::Accepted { line, .. } = &section {
                let repeated = sections.iter().any(|other| {
                    matches!(other, Section::Accepted { line: other, .. } if other.mid == line.mid)
                });
                if repeated {
                    return Err(invalid("mid", &line.mid));
                }
            }
            sections.push(section);
        }
        nothing_usable(&sections).map_or(Ok(()), |why| Err(SdpError::NoUsableLine(why)))?;
        Ok(Self {
            ufrag,
            pwd,
            fingerprint,
            sections,
        })
    }
}

fn bundled(description: &SessionDescription) -> Result<Vec<&str>, SdpError> {
    values(&description.attributes, "group")
        .find_map(|group| group.strip_prefix("BUNDLE"))
        .map(|mids| mids.split_ascii_whitespace().collect())
        .ok_or(SdpError::Missing("BUNDLE group"))
}

/// Why an answer would reject every line, if it would: the reason of the line that came nearest.
fn nothing_usable(sections: &[Section]) -> Option<Unusable> {
    let mut nearest = None;
    for section in sections {
        match section {
            Section::Accepted { .. } => return None,
            Section::Rejected { why, .. } => nearest = nearest.max(Some(*why)),
        }
    }
    nearest
}

fn section(media: &MediaDescription, bundle: &[&str]) -> Section {
    let protocol = media.media_name.protos.join("/");
    match accepted(media, &protocol, bundle) {
        Ok(line) => Section::Accepted {
            line,
            protocol,
            directed: directed(media),
        },
        Err(why) => Section::Rejected {
            why,
            mid: mid_of(media).map(str::to_owned),
            media: media.media_name.media.clone(),
            protocol,
            format: media
                .media_name
                .formats
                .first()
                .map_or_else(|| "0".to_owned(), Clone::clone),
        },
    }
}

/// The protocols under which DTLS-SRTP is offered, some by habit: the fingerprint decides (RFC 9429, section 5.1.2).
const PROTOCOLS: [&str; 8] = [
    "UDP/TLS/RTP/SAVPF",
    "UDP/TLS/RTP/SAVP",
    "TCP/DTLS/RTP/SAVPF",
    "TCP/DTLS/RTP/SAVP",
    "RTP/SAVPF",
    "RTP/SAVP",
    "RTP/AVPF",
    "RTP/AVP",
];

/// The line, if it is one that can be served: bundled, live, over rtcp-mux, in a known codec.
fn accepted(media: &MediaDescription, protocol: &str, bundle: &[&str]) -> Result<Line, Unusable> {
    let kind = match media.media_name.media.as_str() {
        "audio" => Kind::Audio,
        "video" => Kind::Video,
        _ => return Err(Unusable::NotMedia),
    };
    // Port 0 is a stopped line, unless it only rides on another's transport (RFC 8843, 6).
    if media.media_name.port.value == 0 && !media.has_attribute("bundle-only") {
        return Err(Unusable::Stopped);
    }
    let mid = mid_of(media).filter(|mid| bundle.contains(mid));
    let mid = mid.ok_or(Unusable::Unbundled)?;
    if !PROTOCOLS.contains(&protocol) {
        return Err(Unusable::Protocol);
    }
    if !media.has_attribute("rtcp-mux") {
        return Err(Unusable::NoRtcpMux);
    }
    let formats = formats(media, kind);
    if formats.is_empty() {
        return Err(Unusable::NoCodec);
    }
    let (rtx_of, ssrcs) = ssrcs(media);
    Ok(Line {
        mid: mid.to_owned(),
        kind,
        direction: direction(media),
        formats,
        extensions: extensions(media),
        rids: sent_rids(media),
        ssrcs,
        rtx_of,
    })
}

fn direction(media: &MediaDescription) -> Direction {
    if media.has_attribute("sendonly") {
        Direction::SendOnly
    } else if media.has_attribute("recvonly") {
        Direction::RecvOnly
    } else if media.has_attribute("inactive") {
        Direction::Inactive
    } else {
        Direction::SendRecv
    }
}

fn extensions(media: &MediaDescription) -> Extensions {
    let mut extensions = Extensions::default();
    for (id, _, uri) in extmaps(media) {
        for (known, field) in extensions.entries() {
            if known == uri {
                *field = Some(id);
            }
        }
    }
    extensions
}

fn directed(media: &MediaDescription) -> Vec<(u8, Direction)> {
    extmaps(media)
        .filter_map(|(id, direction, _)| Some((id, direction?)))
        .collect()
}

/// The identifiers, directions and URIs of the header extensions, as in "3/recvonly urn:…" (RFC 8285, 8).
fn extmaps(media: &MediaDescription) -> impl Iterator<Item = (u8, Option<Direction>, &str)> {
    values(&media.attributes, "extmap").filter_map(|text| {
        let mut words = text.split_ascii_whitespace();
        let (id, uri) = (words.next()?, words.next()?);
        let (id, direction) = id.split_once('/').unwrap_or((id, ""));
        let id = id.parse::<u8>().ok().filter(|id| *id != 0 && *id != 15)?;
        let direction = match direction {
            "sendonly" => Some(Direction::SendOnly),
            "recvonly" => Some(Direction::RecvOnly),
            "inactive" => Some(Direction::Inactive),
            _ => None,
        };
        Some((id, direction, uri))
    })
}

fn sent_rids(media: &MediaDescription) -> Vec<String> {
    values(&media.attributes, "rid")
        .filter_map(|text| {
            let mut words = text.split_ascii_whitespace();
            let (id, direction) = (words.next()?, words.next()?);
            let plain = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
            (direction == "send" && plain && id.len() <= 16).then(|| id.to_owned())
        })
        .take(4)
        .collect()
}

/// The pairs of SSRC and retransmission SSRC, and every SSRC named, each once.
fn ssrcs(media: &MediaDescription) -> (Vec<(u32, u32)>, Vec<u32>) {
    let pairs = values(&media.attributes, "ssrc-group")
        .filter_map(|text| {
            let (primary, rtx) = text.strip_prefix("FID ")?.split_once(' ')?;
            Some((primary.parse().ok()?, rtx.trim().parse().ok()?))
        })
        .take(8)
        .collect();
    let mut ssrcs = Vec::new();
    for ssrc in values(&media.attributes, "ssrc") {
        let ssrc = ssrc.split(' ').next().and_then(|text| text.parse().ok());
        if let Some(ssrc) = ssrc
            && !ssrcs.contains(&ssrc)
            && ssrcs.len() < 16
        {
            ssrcs.push(ssrc);
        }
    }
    (pairs, ssrcs)
}

fn mid_of(media: &MediaDescription) -> Option<&str> {
    // It is repeated in the answer, so it must be a token (RFC 5888, 4) and short.
    value(media, "mid").filter(|mid| {
        (1..=32).contains(&mid.len()) && mid.bytes().all(|byte| byte.is_ascii_graphic())
    })
}

/// An ICE user name fragment or password (RFC 8839, 5.4): bounded, and of characters that need no escaping.
pub(super) fn ice_chars(what: &'static str, text: &str, least: usize) -> Result<String, SdpError> {
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_'));
    if plain && (least..=256).contains(&text.len()) {
        Ok(text.to_owned())
    } else {
        Err(invalid(what, text))
    }
}
