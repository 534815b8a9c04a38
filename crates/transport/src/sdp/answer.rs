//! Writing the answer, in the form that Chromium, Firefox and aiortc accept.

use std::collections::HashMap;
use std::net::SocketAddr;

use rtc_sdp::description::common::{Address, ConnectionInformation};
use rtc_sdp::description::media::{MediaDescription, MediaName, RangedPort};
use rtc_sdp::description::session::{Origin, SessionDescription, TimeDescription, Timing};

use super::codec::{Codec, Format, Kind};
use super::feedback::Feedback;
use super::offer::{Direction, Line, Offer, Section};
use crate::fingerprint::Fingerprint;
use crate::ice::Credentials;

/// The stream that fills a slot for as long as the session lasts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotAnswer {
    /// The SSRC of what is sent.
    pub ssrc: u32,
    /// The SSRC of its retransmissions, used when the line's codec offers them.
    pub rtx_ssrc: Option<u32>,
    /// The canonical name: the same for lines that the client is to play in step.
    pub cname: String,
    /// The media stream's identification, first word of `a=msid`.
    pub stream: String,
    /// The track's identification, second word of `a=msid`.
    pub track: String,
}

/// The server's part of an answer.
#[derive(Debug, Clone)]
pub struct AnswerParams {
    /// The session's number in the `o=` line: the same in every answer of a session.
    pub session_id: u64,
    /// Greater by one in each further answer.
    pub version: u64,
    /// The ICE credentials of this session: new ones when the client restarts ICE.
    pub ice: Credentials,
    /// The fingerprint of the server's certificate.
    pub fingerprint: Fingerprint,
    /// The addresses at which the server receives media, best first: by UDP, and by TCP connections on the same port.
    pub candidates: Vec<SocketAddr>,
    /// The codecs kept on each line, by the line's identification and by preference; what else it offers is left out.
    pub codecs: HashMap<String, Vec<Codec>>,
    /// The streams of the slots, by the line's identification.
    pub slots: HashMap<String, SlotAnswer>,
}

/// Writes the answer to an offer.
///
/// A line that offers none of its `codecs`, and a slot that `slots` does not name, is rejected with port 0, as are data
/// channels and unknown lines. A line on which nothing flows stays, inactive.
pub fn answer(offer: &Offer, params: &AnswerParams) -> String {
    let lines: Vec<_> = offer
        .sections
        .iter()
        .map(|section| match section {
            Section::Accepted {
                line,
                protocol,
                directed,
            } => answer_line(line, protocol, directed, params)
                .ok_or_else(|| rejected_line(line, protocol)),
            Section::Rejected {
                mid,
                media,
                protocol,
                format,
                ..
            } => Err(Rejected {
                mid: mid.as_deref(),
                media,
                protocol,
                format: format.clone(),
            }),
        })
        .collect();
    let bundle = offer
        .sections
        .iter()
        .zip(&lines)
        .filter_map(|(section, line)| match section {
            Section::Accepted { line: accepted, .. } if line.is_ok() => Some(accepted.mid.as_str()),
            _ => None,
        })
        .collect::<Vec<_>>()
        .join(" ");

    let mut description = SessionDescription {
        version: 0,
        origin: Origin {
            username: "-".to_owned(),
            session_id: params.session_id,
            session_version: params.version,
            network_type: "IN".to_owned(),
            address_type: "IP4".to_owned(),
            unicast_address: "127.0.0.1".to_owned(),
        },
        session_name: "-".to_owned(),
        time_descriptions: vec![TimeDescription {
            timing: Timing {
                start_time: 0,
                stop_time: 0,
            },
            repeat_times: Vec::new(),
        }],
        ..SessionDescription::default()
    }
    .with_property_attribute("ice-lite".to_owned())
    .with_value_attribute("group".to_owned(), format!("BUNDLE {bundle}"))
    .with_property_attribute("extmap-allow-mixed".to_owned())
    .with_value_attribute("msid-semantic".to_owned(), "WMS *".to_owned());
    for line in lines {
        description = description.with_media(line.unwrap_or_else(|it| reject(it, params)));
    }
    description.marshal()
}

/// What the answer repeats of a line that it refuses.
struct Rejected<'a> {
    mid: Option<&'a str>,
    media: &'a str,
    protocol: &'a str,
    format: String,
}

fn rejected_line<'a>(line: &'a Line, protocol: &'a str) -> Rejected<'a> {
    let format = line
        .formats
        .first()
        .map_or_else(|| "0".to_owned(), |format| format.payload_type.to_string());
    Rejected {
        mid: Some(&line.mid),
        media: media_name(line.kind),
        protocol,
        format,
    }
}

const fn media_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Audio => "audio",
        Kind::Video => "video",
    }
}

/// A line refused: port 0, outside the BUNDLE group (RFC 3264, section 6; RFC 9143, section 7.3.3).
///
/// It has a transport all the same, though nothing needs one there: GStreamer gives up on an answer in which any line
/// lacks the fingerprint, the ICE credentials or the role in DTLS.
fn reject(line: Rejected<'_>, params: &AnswerParams) -> MediaDescription {
    let description = media_line(line.media, 0, line.protocol, vec![line.format])
        .with_property_attribute("inactive".to_owned());
    let description = match line.mid {
        Some(mid) => description.with_value_attribute("mid".to_owned(), mid.to_owned()),
        None => description,
    };
    transport(description, params)
}

fn media_line(media: &str, port: isize, protocol: &str, formats: Vec<String>) -> MediaDescription {
    MediaDescription {
        media_name: MediaName {
            media: media.to_owned(),
            port: RangedPort {
                value: port,
                range: None,
            },
            protos: protocol.split('/').map(str::to_owned).collect(),
            formats,
        },
        connection_information: Some(ConnectionInformation {
            network_type: "IN".to_owned(),
            address_type: "IP4".to_owned(),
            address: Some(Address {
                address: "0.0.0.0".to_owned(),
                ttl: None,
                range: None,
            }),
        }),
        ..MediaDescription::default()
    }
}

/// The accepted line, or `None` if it has to be rejected.
fn answer_line(
    line: &Line,
    protocol: &str,
    directed: &[(u8, Direction)],
    params: &AnswerParams,
) -> Option<MediaDescription> {
    let formats: Vec<&Format> = params
        .codecs
        .get(&line.mid)
        .into_iter()
        .flatten()
        .filter_map(|codec| line.format(*codec))
        .collect();
    let slot = params.slots.get(&line.mid);
    if formats.is_empty() || (line.is_slot() && slot.is_none()) {
        return None;
    }
    let payload_types = formats
        .iter()
        .flat_map(|format| [Some(format.payload_type), format.rtx])
        .flatten()
        .map(|payload_type| payload_type.to_string())
        .collect();

    let description = media_line(media_name(line.kind), 9, protocol, payload_types)
        .with_value_attribute("mid".to_owned(), line.mid.clone());
    let description = transport(description, params)
        .with_property_attribute("rtcp-mux".to_owned())
        .with_property_attribute("rtcp-rsize".to_owned());
    let description = codecs(description, &formats, line);
    let description = extensions(description, line, directed);
    let description = match line.direction {
        Direction::SendOnly | Direction::SendRecv => source(description, line),
        Direction::RecvOnly => match slot {
            Some(slot) => slot_stream(description, slot, &formats),
            None => description,
        },
        Direction::Inactive => description.with_property_attribute("inactive".to_owned()),
    };
    // aiortc reads the candidates of the last section only, so each has them all.
    let description = udp_candidates(description, &params.candidates);
    let description = tcp_candidates(description, &params.candidates);
    Some(description.with_property_attribute("end-of-candidates".to_owned()))
}

fn transport(description: MediaDescription, params: &AnswerParams) -> MediaDescription {
    description
        .with_ice_credentials(params.ice.ufrag.clone(), params.ice.pwd.clone())
        .with_fingerprint("sha-256".to_owned(), params.fingerprint.to_string())
        .with_value_attribute("setup".to_owned(), "passive".to_owned())
}

fn codecs(mut description: MediaDescription, formats: &[&Format], line: &Line) -> MediaDescription {
    let mut add = |key: &str, value: String| {
        description
            .attributes
            .push(rtc_sdp::description::common::Attribute::new(
                key.to_owned(),
                Some(value),
            ));
    };
    for format in formats {
        let payload_type = format.payload_type;
        add("rtpmap", format!("{payload_type} {}", format.encoding));
        if let Some(fmtp) = &format.fmtp {
            add("fmtp", format!("{payload_type} {fmtp}"));
        }
        for feedback in Feedback::ALL {
            if format.feedback.contains(&feedback) && is_served(feedback, line) {
                add("rtcp-fb", format!("{payload_type} {}", feedback.text()));
            }
        }
        if let Some(rtx) = format.rtx {
            add("rtpmap", format!("{rtx} rtx/90000"));
            add("fmtp", format!("{rtx} apt={payload_type}"));
        }
    }
    description
}

/// Whether that feedback has an effect on a line: an answer promises nothing else. A NACK is answered by RTX, or by the
/// packet as it was sent where the client has no RTX; sound is not kept for either.
fn is_served(feedback: Feedback, line: &Line) -> bool {
    match feedback {
        Feedback::TransportCc => line.extensions.transport_cc.is_some(),
        Feedback::Fir | Feedback::Nack | Feedback::Pli => line.kind == Kind::Video,
    }
}

fn extensions(
    mut description: MediaDescription,
    line: &Line,
    directed: &[(u8, Direction)],
) -> MediaDescription {
    let mut wanted = line.extensions;
    if !line.is_source() || line.kind == Kind::Audio {
        // Only a camera's layers are told apart by them.
        wanted.rid = None;
        wanted.repaired_rid = None;
    }
    if line.kind == Kind::Video {
        wanted.audio_level = None;
    }
    for (uri, id) in wanted.entries() {
        let Some(id) = *id else { continue };
        let direction = match directed.iter().find(|(directed, _)| *directed == id) {
            Some((_, Direction::SendOnly)) => "/recvonly",
            Some((_, Direction::RecvOnly)) => "/sendonly",
            Some((_, Direction::Inactive)) => "/inactive",
            Some((_, Direction::SendRecv)) | None => "",
        };
        description =
            description.with_value_attribute("extmap".to_owned(), format!("{id}{direction} {uri}"));
    }
    description
}

fn source(description: MediaDescription, line: &Line) -> MediaDescription {
    let mut description = description.with_property_attribute("recvonly".to_owned());
    // Without the rid extension Chromium throws on simulcast in an answer.
    if line.rids.is_empty() || line.extensions.rid.is_none() {
        return description;
    }
    for rid in &line.rids {
        description = description.with_value_attribute("rid".to_owned(), format!("{rid} recv"));
    }
    description.with_value_attribute(
        "simulcast".to_owned(),
        format!("recv {}", line.rids.join(";")),
    )
}

/// Always `sendonly`, also while nothing is shown: a line that became inactive would need a renegotiation to return.
fn slot_stream(
    description: MediaDescription,
    slot: &SlotAnswer,
    formats: &[&Format],
) -> MediaDescription {
    let SlotAnswer {
        ssrc,
        cname,
        stream,
        track,
        ..
    } = slot;
    let rtx = slot
        .rtx_ssrc
        .filter(|_| formats.iter().any(|format| format.rtx.is_some()));
    let description = description
        .with_property_attribute("sendonly".to_owned())
        .with_value_attribute("msid".to_owned(), format!("{stream} {track}"));
    let of = |ssrc: u32| format!("{ssrc} cname:{cname}");
    match rtx {
        Some(rtx) => description
            .with_value_attribute("ssrc-group".to_owned(), format!("FID {ssrc} {rtx}"))
            .with_value_attribute("ssrc".to_owned(), of(*ssrc))
            .with_value_attribute("ssrc".to_owned(), of(rtx)),
        None => description.with_value_attribute("ssrc".to_owned(), of(*ssrc)),
    }
}

fn udp_candidates(
    mut description: MediaDescription,
    candidates: &[SocketAddr],
) -> MediaDescription {
    for (index, address) in candidates.iter().enumerate() {
        // RFC 8445, 5.1.2.1: type preference 126 for host, local preference falling, component 1.
        let local = 65_535_u32.saturating_sub(u32::try_from(index).unwrap_or(u32::MAX));
        let priority = (126 << 24) | (local << 8) | 255;
        let (foundation, ip, port) = (index + 1, address.ip(), address.port());
        description = description.with_candidate(format!(
            "{foundation} 1 udp {priority} {ip} {port} typ host"
        ));
    }
    description
}

/// The same addresses for connections that the client opens.
fn tcp_candidates(
    mut description: MediaDescription,
    candidates: &[SocketAddr],
) -> MediaDescription {
    for (index, address) in candidates.iter().enumerate() {
        // RFC 6544, 4.2: a type preference below that of UDP, direction preference 4 for a passive host candidate.
        let other = 8_191_u32.saturating_sub(u32::try_from(index).unwrap_or(u32::MAX));
        let priority = (90 << 24) | (((4 << 13) | other) << 8) | 255;
        let foundation = candidates.len() + index + 1;
        let (ip, port) = (address.ip(), address.port());
        description = description.with_candidate(format!(
            "{foundation} 1 tcp {priority} {ip} {port} typ host tcptype passive"
        ));
    }
    description
}
