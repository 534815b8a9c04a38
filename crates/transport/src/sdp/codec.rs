//! Codecs that can be forwarded, and which of them a line offers.

use rtc_sdp::description::media::MediaDescription;

use super::attributes::values;
use super::feedback::{Feedback, feedback};

/// The kind of media that a line carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Kind {
    Audio,
    Video,
}

/// A codec that can be forwarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Codec {
    /// Opus (RFC 7587), the one codec for sound.
    Opus,
    /// VP8 (RFC 7741), which every browser decodes.
    Vp8,
    /// H.264, constrained baseline profile in packetization mode 1 (RFC 6184).
    H264,
    /// VP9, profile 0 (RFC 9628).
    Vp9,
}

impl Codec {
    /// Every codec that can be forwarded.
    pub const ALL: [Self; 4] = [Self::Opus, Self::Vp8, Self::H264, Self::Vp9];

    /// The kind of media that the codec codes.
    pub const fn kind(self) -> Kind {
        match self {
            Self::Opus => Kind::Audio,
            Self::Vp8 | Self::H264 | Self::Vp9 => Kind::Video,
        }
    }

    /// The RTP clock, in hertz.
    pub const fn clock_rate(self) -> u32 {
        match self.kind() {
            Kind::Audio => 48_000,
            Kind::Video => 90_000,
        }
    }

    /// The codec's name for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Opus => "Opus",
            Self::Vp8 => "VP8",
            Self::H264 => "H.264",
            Self::Vp9 => "VP9",
        }
    }

    /// The encoding name and parameters of `a=rtpmap`.
    const fn rtpmap(self) -> &'static str {
        match self {
            Self::Opus => "opus/48000/2",
            Self::Vp8 => "VP8/90000",
            Self::H264 => "H264/90000",
            Self::Vp9 => "VP9/90000",
        }
    }

    fn of_rtpmap(encoding: &str) -> Option<Self> {
        // Opus has two channels whatever it carries (RFC 7587, section 7), and GStreamer may leave them out.
        let encoding = match encoding {
            short if short.eq_ignore_ascii_case("opus/48000") => Self::Opus.rtpmap(),
            whole => whole,
        };
        Self::ALL
            .into_iter()
            .find(|codec| codec.rtpmap().eq_ignore_ascii_case(encoding))
    }
}

/// A codec as one line offers it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Format {
    pub codec: Codec,
    pub payload_type: u8,
    /// The encoding of `a=rtpmap`, as offered.
    pub encoding: String,
    /// The payload type of its retransmissions (RFC 4588).
    pub rtx: Option<u8>,
    /// The format parameters, as offered.
    pub fmtp: Option<String>,
    /// The RTCP feedback that is offered.
    pub feedback: Vec<Feedback>,
}

/// The codecs of a line that can be forwarded, each once.
pub(super) fn formats(media: &MediaDescription, kind: Kind) -> Vec<Format> {
    let by_payload_type = |key, payload_type: u8| {
        values(&media.attributes, key).find_map(move |text| {
            let (number, rest) = text.split_once(' ')?;
            (number.parse() == Ok(payload_type)).then_some(rest.trim())
        })
    };
    let offered = || {
        media
            .media_name
            .formats
            .iter()
            .filter_map(|format| format.parse::<u8>().ok())
            .filter(|payload_type| *payload_type < 128)
    };
    let rtx = |of: u8| {
        offered().find(|candidate| {
            by_payload_type("rtpmap", *candidate)
                .is_some_and(|encoding| encoding.eq_ignore_ascii_case("rtx/90000"))
                && by_payload_type("fmtp", *candidate)
                    .and_then(|fmtp| parameter(fmtp, "apt"))
                    .is_some_and(|apt| apt.parse() == Ok(of))
        })
    };

    let mut formats: Vec<Format> = Vec::new();
    for payload_type in offered() {
        let encoding = by_payload_type("rtpmap", payload_type).unwrap_or_default();
        let Some(codec) = Codec::of_rtpmap(encoding) else {
            continue;
        };
        let fmtp = by_payload_type("fmtp", payload_type);
        let known = formats.iter().any(|format| format.codec == codec);
        if codec.kind() != kind || known || !forwardable(codec, fmtp.unwrap_or_default()) {
            continue;
        }
        formats.push(Format {
            codec,
            payload_type,
            encoding: encoding.to_owned(),
            rtx: rtx(payload_type),
            fmtp: fmtp.map(str::to_owned),
            feedback: feedback(media, payload_type),
        });
    }
    formats
}

/// The one flavour of a codec that every browser decodes, so that a slot may carry anyone's stream.
fn forwardable(codec: Codec, fmtp: &str) -> bool {
    match codec {
        Codec::Opus | Codec::Vp8 => true,
        Codec::H264 => {
            parameter(fmtp, "packetization-mode") == Some("1")
                && parameter(fmtp, "profile-level-id").is_some_and(is_constrained_baseline)
        }
        Codec::Vp9 => parameter(fmtp, "profile-id").is_none_or(|profile| profile == "0"),
    }
}

/// Whether a `profile-level-id`, of any level, is of H.264's constrained baseline profile, which has three spellings
/// (RFC 6184, section 8.1, table 5): 42 with the second constraint bit, 4D with the first, 58 with both.
fn is_constrained_baseline(profile_level_id: &str) -> bool {
    let byte = |at| {
        profile_level_id
            .get(at..at + 2)
            .and_then(|hex| u8::from_str_radix(hex, 16).ok())
    };
    match (profile_level_id.len(), byte(0), byte(2)) {
        (6, Some(0x42), Some(constraints)) => constraints & 0x4f == 0x40,
        (6, Some(0x4d), Some(constraints)) => constraints & 0x8f == 0x80,
        (6, Some(0x58), Some(constraints)) => constraints & 0xcf == 0xc0,
        _ => false,
    }
}

fn parameter<'a>(fmtp: &'a str, name: &str) -> Option<&'a str> {
    fmtp.split(';')
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
}
