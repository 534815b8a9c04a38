//! The codecs that a recording may have, and what has to be read in their frames.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The kind of a track.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Pictures, in one of their sizes.
    Video,
    /// Sound, in one language.
    Audio,
    /// Subtitles, in one language.
    Text,
}

impl Kind {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Text => "text",
        }
    }
}

/// The codec of a track.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Codec {
    /// VP8 (RFC 6386).
    Vp8,
    /// VP9, profile 0.
    Vp9,
    /// H.264, constrained baseline profile.
    H264,
    /// Opus (RFC 6716).
    Opus,
    /// WebVTT.
    WebVtt,
}

impl Codec {
    /// The codec's name for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Vp8 => "VP8",
            Self::Vp9 => "VP9",
            Self::H264 => "H.264",
            Self::Opus => "Opus",
            Self::WebVtt => "WebVTT",
        }
    }

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Vp8 => "vp8",
            Self::Vp9 => "vp9",
            Self::H264 => "h264",
            Self::Opus => "opus",
            Self::WebVtt => "webvtt",
        }
    }

    /// Whether it codes pictures, sound or subtitles.
    pub const fn kind(self) -> Kind {
        match self {
            Self::Vp8 | Self::Vp9 | Self::H264 => Kind::Video,
            Self::Opus => Kind::Audio,
            Self::WebVtt => Kind::Text,
        }
    }

    /// The codec of a Matroska codec id.
    pub(crate) fn of_id(id: &str) -> Option<Self> {
        match id {
            "V_VP8" => Some(Self::Vp8),
            "V_VP9" => Some(Self::Vp9),
            "V_MPEG4/ISO/AVC" => Some(Self::H264),
            "A_OPUS" => Some(Self::Opus),
            "S_TEXT/WEBVTT" | "D_WEBVTT/SUBTITLES" => Some(Self::WebVtt),
            _ => None,
        }
    }
}

/// A name for people of what a codec id means, if it is a common one.
pub(crate) fn name_of_id(id: &str) -> String {
    let known = [
        ("V_AV1", "AV1"),
        ("V_MPEGH/ISO/HEVC", "H.265"),
        ("V_MPEG4/ISO/ASP", "MPEG-4"),
        ("V_MPEG2", "MPEG-2"),
        ("V_MJPEG", "Motion JPEG"),
        ("V_PRORES", "ProRes"),
        ("V_MS/VFW/FOURCC", "an old Windows codec"),
        ("A_AAC", "AAC"),
        ("A_VORBIS", "Vorbis"),
        ("A_MPEG/L3", "MP3"),
        ("A_FLAC", "FLAC"),
        ("A_AC3", "AC-3"),
        ("A_EAC3", "E-AC-3"),
        ("A_PCM", "uncompressed sound"),
        ("S_TEXT/UTF8", "SubRip"),
        ("S_TEXT/ASS", "ASS subtitles"),
        ("S_HDMV/PGS", "Blu-ray subtitles"),
        ("S_VOBSUB", "DVD subtitles"),
    ];
    let found = known.iter().find(|(prefix, _)| id.starts_with(prefix));
    found.map_or_else(
        || {
            format!(
                "\"{}\"",
                id.chars().take(40).collect::<String>().escape_debug()
            )
        },
        |(_, name)| (*name).to_owned(),
    )
}

/// Whether a frame of VP8 is a keyframe (RFC 6386, section 9.1); none if it is no frame.
pub(crate) fn vp8_keyframe(frame: &[u8]) -> Option<bool> {
    let (tag, rest) = frame.split_at_checked(3)?;
    let inter = tag.first()? & 1 == 1;
    if inter {
        return Some(false);
    }
    rest.starts_with(&[0x9d, 0x01, 0x2a]).then_some(true)
}

/// Whether a frame of VP9 is a keyframe; none if it is no frame of profile 0 (VP9 bitstream specification, section 6.2).
pub(crate) fn vp9_keyframe(frame: &[u8]) -> Option<bool> {
    let first = *frame.first()?;
    // The marker is 0b10; the two bits of the profile are 0.
    if first & 0b1111_0000 != 0b1000_0000 {
        return None;
    }
    let shows_existing = first & 0b1000 != 0;
    if shows_existing || first & 0b100 != 0 {
        return Some(false);
    }
    frame
        .get(1..4)
        .is_some_and(|code| code == [0x49, 0x83, 0x42])
        .then_some(true)
}

/// The length of a packet of Opus (RFC 6716, section 3.1); none if it is no packet, or longer than one can be.
pub fn opus_duration(packet: &[u8]) -> Option<Duration> {
    const LONGEST: Duration = Duration::from_millis(120);
    let toc = *packet.first()?;
    let config = toc >> 3;
    let frame = match config {
        0..12 => [10_000, 20_000, 40_000, 60_000].get(usize::from(config % 4)),
        12..16 => [10_000, 20_000].get(usize::from(config % 2)),
        _ => [2_500, 5_000, 10_000, 20_000].get(usize::from(config % 4)),
    };
    let frames = match toc & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => u32::from(packet.get(1)? & 0x3f),
    };
    let length = Duration::from_micros(*frame?) * frames;
    (frames > 0 && length <= LONGEST).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keyframes_are_known_by_their_own_bytes() {
        assert_eq!(vp8_keyframe(&[0x10, 2, 0, 0x9d, 1, 0x2a, 0]), Some(true));
        assert_eq!(vp8_keyframe(&[0x11, 2, 0]), Some(false));
        assert_eq!(vp8_keyframe(&[0x10, 2, 0, 1, 2, 3]), None);
        assert_eq!(vp9_keyframe(&[0x82, 0x49, 0x83, 0x42]), Some(true));
        assert_eq!(vp9_keyframe(&[0x86, 0]), Some(false));
        assert_eq!(vp9_keyframe(&[0x92, 0x49, 0x83, 0x42]), None, "profile 2");
    }

    #[test]
    fn the_length_of_a_packet_of_opus_is_in_its_first_bytes() {
        let millis = |packet: &[u8]| opus_duration(packet).map(|it| it.as_micros());
        assert_eq!(millis(&[0xfc]), Some(20_000));
        assert_eq!(millis(&[0x0b, 2]), Some(40_000));
        assert_eq!(millis(&[0x61]), Some(20_000));
        assert_eq!(millis(&[0x1b, 0x3f]), None, "longer than 120 ms");
        assert_eq!(millis(&[]), None);
    }
}
