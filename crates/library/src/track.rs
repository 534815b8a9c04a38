//! The tracks of a file: which of them there are, and whether they can be played.

use std::time::Duration;

use bytes::Bytes;
use plenary_ids::Language;
use serde::{Deserialize, Serialize};

use crate::{
    Codec, Kind, Refused,
    avc::Avc,
    codec::{name_of_id, opus_duration, vp8_keyframe, vp9_keyframe},
    ebml::{Broken, Elements, text, unsigned},
    language::language,
};

/// The most tracks of a recording: three sizes of pictures, and sound and subtitles in many languages.
const MAX_TRACKS: usize = 32;
/// As many simulcast layers as the server forwards.
const MAX_PICTURES: usize = 3;
const MAX_PICTURE_SIDE: u64 = 4096;

/// A track of a recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackInfo {
    /// Whether it carries pictures, sound or subtitles.
    pub kind: Kind,
    /// The codec of every one of its frames.
    pub codec: Codec,
    /// The language of sound or subtitles, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// The width of the pictures in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// The height of the pictures in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// What it takes on average, as measured.
    #[serde(default)]
    pub bits_per_second: u64,
}

/// A track with what is needed to read its blocks.
#[derive(Debug, Clone)]
pub(crate) struct Track {
    pub(crate) number: u64,
    pub(crate) info: TrackInfo,
    /// What the times of its blocks are ahead, in nanoseconds.
    pub(crate) delay: i64,
    avc: Option<Avc>,
    /// Whether a subtitle has two lines before its text, for its name and its settings (WebM, "WebVTT in WebM").
    has_cue_head: bool,
}

mod id {
    pub(super) const ENTRY: u32 = 0xae;
    pub(super) const NUMBER: u32 = 0xd7;
    pub(super) const TYPE: u32 = 0x83;
    pub(super) const CODEC: u32 = 0x86;
    pub(super) const PRIVATE: u32 = 0x63a2;
    pub(super) const LANGUAGE: u32 = 0x0022_b59c;
    pub(super) const LANGUAGE_BCP47: u32 = 0x0022_b59d;
    pub(super) const DELAY: u32 = 0x56aa;
    pub(super) const ENCODINGS: u32 = 0x6d80;
    pub(super) const VIDEO: u32 = 0xe0;
    pub(super) const WIDTH: u32 = 0xb0;
    pub(super) const HEIGHT: u32 = 0xba;
    pub(super) const AUDIO: u32 = 0xe1;
    pub(super) const CHANNELS: u32 = 0x9f;
}

/// What a `TrackEntry` says, before it is judged.
#[derive(Debug, Default)]
struct Entry<'a> {
    number: u64,
    kind: u64,
    codec: String,
    private: &'a [u8],
    language: Option<String>,
    bcp47: Option<String>,
    delay: u64,
    encoded: bool,
    width: u64,
    height: u64,
    channels: u64,
}

/// The tracks of a `Tracks` element: pictures first, the largest first of all, then sound, then subtitles.
pub(crate) fn tracks(body: &[u8], at: u64) -> Result<Vec<Track>, Refused> {
    let broken = |Broken| Refused::Damaged {
        at,
        what: "the list of tracks is cut off",
    };
    let mut tracks = Vec::new();
    let mut found = 0;
    for element in Elements(body) {
        let (id, body) = element.map_err(broken)?;
        if id == id::ENTRY {
            found += 1;
            if found > MAX_TRACKS {
                continue;
            }
            tracks.push(track(&entry(body).map_err(broken)?)?);
        }
    }
    if found > MAX_TRACKS {
        let max = MAX_TRACKS;
        return Err(Refused::TooManyTracks { found, max });
    }
    arrange(tracks)
}

fn arrange(mut tracks: Vec<Track>) -> Result<Vec<Track>, Refused> {
    if !tracks.iter().any(|it| it.info.kind != Kind::Text) {
        return Err(Refused::NoTracks);
    }
    for (at, track) in tracks.iter().enumerate() {
        if tracks
            .iter()
            .skip(at + 1)
            .any(|it| it.number == track.number)
        {
            let why = "has the same number as another".to_owned();
            let track = track.number;
            return Err(Refused::Track { track, why });
        }
    }
    let pictures: Vec<&Track> = tracks
        .iter()
        .filter(|it| it.info.kind == Kind::Video)
        .collect();
    if pictures.len() > MAX_PICTURES {
        return Err(Refused::TooManyPictures(pictures.len()));
    }
    if let [first, others @ ..] = pictures.as_slice()
        && let Some(other) = others.iter().find(|it| it.info.codec != first.info.codec)
    {
        return Err(Refused::MixedCodecs(
            first.info.codec.name(),
            other.info.codec.name(),
        ));
    }
    tracks.sort_by_key(|it| {
        let kind = match it.info.kind {
            Kind::Video => 0,
            Kind::Audio => 1,
            Kind::Text => 2,
        };
        (kind, std::cmp::Reverse(it.info.height))
    });
    Ok(tracks)
}

fn entry(body: &[u8]) -> Result<Entry<'_>, Broken> {
    let mut entry = Entry::default();
    for element in Elements(body) {
        let (id, body) = element?;
        let whole = || unsigned(body).ok_or(Broken);
        match id {
            id::NUMBER => entry.number = whole()?,
            id::TYPE => entry.kind = whole()?,
            id::CODEC => entry.codec = text(body),
            id::PRIVATE => entry.private = body,
            id::LANGUAGE => entry.language = Some(text(body)),
            id::LANGUAGE_BCP47 => entry.bcp47 = Some(text(body)),
            id::DELAY => entry.delay = whole()?,
            id::ENCODINGS => entry.encoded = true,
            id::VIDEO => {
                for element in Elements(body) {
                    match element? {
                        (id::WIDTH, body) => entry.width = unsigned(body).ok_or(Broken)?,
                        (id::HEIGHT, body) => entry.height = unsigned(body).ok_or(Broken)?,
                        _ => {}
                    }
                }
            }
            id::AUDIO => {
                for element in Elements(body) {
                    if let (id::CHANNELS, body) = element? {
                        entry.channels = unsigned(body).ok_or(Broken)?;
                    }
                }
            }
            _ => {}
        }
    }
    Ok(entry)
}

fn track(entry: &Entry<'_>) -> Result<Track, Refused> {
    let number = entry.number;
    let refused = |why: &str| Refused::Track {
        track: number,
        why: why.to_owned(),
    };
    // RFC 9559, section 5.1.4.1.3.
    let kind = match entry.kind {
        1 => Kind::Video,
        2 => Kind::Audio,
        0x11 => Kind::Text,
        other => {
            let kind = match other {
                3 => "pictures and sound in one",
                0x10 => "a logo",
                0x12 => "a menu of a DVD",
                0x20 => "for a control program",
                0x21 => "data",
                _ => "of an unknown kind",
            };
            let track = number;
            return Err(Refused::TrackKind { track, kind });
        }
    };
    let Some(codec) = Codec::of_id(&entry.codec).filter(|codec| codec.kind() == kind) else {
        return Err(Refused::Codec {
            track: number,
            codec: name_of_id(&entry.codec),
        });
    };
    if entry.encoded {
        return Err(Refused::Encoded(number));
    }
    let side = |pixels: u64| {
        (1..=MAX_PICTURE_SIDE)
            .contains(&pixels)
            .then(|| u32::try_from(pixels).unwrap_or_default())
            .ok_or_else(|| refused("has pictures without a size, or larger than 4096 pixels"))
    };
    let (width, height) = match kind {
        Kind::Video => (Some(side(entry.width)?), Some(side(entry.height)?)),
        Kind::Audio | Kind::Text => (None, None),
    };
    if codec == Codec::Opus && entry.channels > 2 {
        return Err(refused("has more than two channels of sound"));
    }
    let avc = match codec {
        Codec::H264 => {
            let avc = Avc::read(entry.private)
                .ok_or_else(|| refused("is H.264 without its parameter sets"))?;
            if !avc.is_constrained_baseline() {
                return Err(refused(
                    "is H.264 in a profile that not every browser shows (constrained baseline is shown by all)",
                ));
            }
            Some(avc)
        }
        _ => None,
    };
    let named = entry.bcp47.as_ref().or(entry.language.as_ref());
    let named = named.filter(|_| kind != Kind::Video);
    Ok(Track {
        number,
        info: TrackInfo {
            kind,
            codec,
            language: named.and_then(|named| language(named)),
            width,
            height,
            bits_per_second: 0,
        },
        delay: i64::try_from(entry.delay).unwrap_or_default(),
        avc,
        has_cue_head: entry.codec.starts_with("D_WEBVTT"),
    })
}

impl Track {
    /// A block of the file as it is sent, and whether it is a keyframe; none if it is not of the track's codec. The bytes
    /// say it and not the file's flags, which are wrong in many files.
    pub(crate) fn frame(&self, block: Bytes) -> Option<(Bytes, bool)> {
        let keyframe = match self.info.codec {
            Codec::Vp8 => vp8_keyframe(&block)?,
            Codec::Vp9 => vp9_keyframe(&block)?,
            Codec::H264 => return self.avc.as_ref()?.access_unit(&block),
            Codec::Opus => opus_duration(&block).map(|_| true)?,
            Codec::WebVtt if self.has_cue_head => {
                let mut ends = block.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
                let text = ends.nth(1).map_or(block.len(), |(at, _)| at + 1);
                return Some((block.slice(text..), true));
            }
            Codec::WebVtt => true,
        };
        Some((block, keyframe))
    }

    /// How long a frame is, if its own bytes say it.
    pub(crate) fn duration(&self, frame: &[u8]) -> Option<Duration> {
        match self.info.codec {
            Codec::Opus => opus_duration(frame),
            _ => None,
        }
    }
}
