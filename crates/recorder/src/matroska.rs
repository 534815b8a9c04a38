//! The layout of the files that are written (RFC 9559): the head with its places to be filled in later, and the index.

use plenary_ids::Language;
use plenary_transport::sdp::{Codec, Kind};

use crate::ebml::{
    SIZE_BYTES, UNKNOWN_SIZE, begin, eight_byte_size, end, master, put_binary, put_float, put_id,
    put_signed, put_text, put_unsigned, put_void,
};

/// The ids of the elements that are written or read.
pub(crate) mod id {
    pub(crate) const EBML: u32 = 0x1a45_dfa3;
    pub(crate) const SEGMENT: u32 = 0x1853_8067;
    pub(crate) const SEEK_HEAD: u32 = 0x114d_9b74;
    pub(crate) const INFO: u32 = 0x1549_a966;
    pub(crate) const TRACKS: u32 = 0x1654_ae6b;
    pub(crate) const TRACK: u32 = 0xae;
    pub(crate) const TAGS: u32 = 0x1254_c367;
    pub(crate) const TAG: u32 = 0x7373;
    pub(crate) const SIMPLE_TAG: u32 = 0x67c8;
    pub(crate) const TAG_NAME: u32 = 0x45a3;
    pub(crate) const TAG_STRING: u32 = 0x4487;
    pub(crate) const CHAPTERS: u32 = 0x1043_a770;
    pub(crate) const CLUSTER: u32 = 0x1f43_b675;
    pub(crate) const TIMESTAMP: u32 = 0xe7;
    pub(crate) const SIMPLE_BLOCK: u32 = 0xa3;
    pub(crate) const CUES: u32 = 0x1c53_bb6b;
    pub(crate) const DATE: u32 = 0x4461;
    pub(crate) const DURATION: u32 = 0x4489;
    pub(crate) const CODEC_ID: u32 = 0x86;
    pub(crate) const CODEC_PRIVATE: u32 = 0x63a2;
    pub(crate) const VIDEO: u32 = 0xe0;
    pub(crate) const WIDTH: u32 = 0xb0;
    pub(crate) const HEIGHT: u32 = 0xba;
}

/// The unit of times in the files, in nanoseconds.
pub(crate) const TIMESTAMP_SCALE: u64 = 1_000_000;
/// The tag that has everything about a take, as JSON.
pub(crate) const TAKE_TAG: &str = "PLENARY_TAKE";
/// The tag that counts the packets which never came. Its digits have a fixed number, so that another count can be written
/// over them while the take runs.
pub(crate) const LOST_PACKETS_TAG: &str = "LOST_PACKETS";
/// 2001-01-01T00:00:00Z in milliseconds, which `DateUTC` counts from.
const MILLENNIUM_MS: i64 = 978_307_200_000;
/// What a table of contents of the head takes, with all its entries.
const SEEK_HEAD_BYTES: usize = 160;
/// A cluster's head and its timestamp.
pub(crate) const CLUSTER_HEAD_BYTES: usize = 4 + SIZE_BYTES + 2 + 8;
const APPLICATION: &str = concat!("Plenary ", env!("CARGO_PKG_VERSION"));

/// A track of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Track {
    pub(crate) codec: Codec,
    /// The size of pictures.
    pub(crate) size: Option<(u32, u32)>,
    pub(crate) language: Option<Language>,
    pub(crate) name: Option<String>,
    /// The configuration of H.264; for Opus its own is written.
    pub(crate) private: Vec<u8>,
    /// Whether players choose it by themselves.
    pub(crate) is_default: bool,
}

/// A place in the time of a file that has a title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chapter {
    /// Where it begins in the file, in milliseconds.
    pub start_ms: u64,
    /// Where it ends.
    pub end_ms: u64,
    /// Its title.
    pub title: String,
    /// The language of the title.
    pub language: Option<Language>,
}

/// What the head of a file says.
#[derive(Debug, Clone)]
pub(crate) struct HeadSpec<'a> {
    pub(crate) date_ms: u64,
    /// The duration, if it is known already.
    pub(crate) duration_ms: Option<u64>,
    pub(crate) title: Option<&'a str>,
    pub(crate) tags: &'a [(&'a str, String)],
    pub(crate) tracks: &'a [Track],
    pub(crate) chapters: &'a [Chapter],
}

/// The head of a file, and the places in it that are filled in at the end.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    pub(crate) bytes: Vec<u8>,
    pub(crate) places: Places,
}

/// Places in a file, each by its offset.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Places {
    /// The size of the segment, which begins behind it.
    segment_size: u64,
    seek_head: u64,
    date: u64,
    duration: u64,
    /// Those elements of the segment that the table of contents names, each with its offset.
    parts: Vec<(u32, u64)>,
    /// The width and height of the first track, if it has pictures.
    size: Option<u64>,
    /// The digits of the tag that counts lost packets.
    lost_packets: Option<u64>,
}

/// A count of lost packets, as the tag has it.
pub(crate) fn lost_packets_digits(count: u64) -> String {
    format!("{count:020}")
}

/// The codec's name in Matroska.
pub(crate) const fn codec_id(codec: Codec) -> &'static str {
    match codec {
        Codec::Opus => "A_OPUS",
        Codec::Vp8 => "V_VP8",
        Codec::Vp9 => "V_VP9",
        Codec::H264 => "V_MPEG4/ISO/AVC",
    }
}

/// Whether a codec may be in WebM; otherwise the file is Matroska.
pub(crate) const fn is_webm(codec: Codec) -> bool {
    !matches!(codec, Codec::H264)
}

/// The media type of a file of such tracks.
pub(crate) fn media_type(tracks: &[Track]) -> String {
    let mut codecs: Vec<String> = Vec::new();
    for track in tracks {
        let codec = match (track.codec, track.private.get(1..4)) {
            (Codec::Opus, _) => "opus".to_owned(),
            (Codec::Vp8, _) => "vp8".to_owned(),
            (Codec::Vp9, _) => "vp9".to_owned(),
            (Codec::H264, Some([profile, constraints, level])) => {
                format!("avc1.{profile:02X}{constraints:02X}{level:02X}")
            }
            (Codec::H264, _) => "avc1".to_owned(),
        };
        if !codecs.contains(&codec) {
            codecs.push(codec);
        }
    }
    let has_pictures = tracks.iter().any(|it| it.codec.kind() == Kind::Video);
    let kind = if has_pictures { "video" } else { "audio" };
    let form = if tracks.iter().all(|it| is_webm(it.codec)) {
        "webm"
    } else {
        "x-matroska"
    };
    let quote = if codecs.len() > 1 { "\"" } else { "" };
    format!("{kind}/{form};codecs={quote}{}{quote}", codecs.join(","))
}

/// Everything before the first cluster.
pub(crate) fn head(spec: &HeadSpec<'_>) -> Head {
    let mut out = Vec::with_capacity(2048);
    let mut places = Places::default();
    let is_webm = spec.tracks.iter().all(|it| is_webm(it.codec));
    master(&mut out, id::EBML, |out| {
        put_unsigned(out, 0x4286, 1);
        put_unsigned(out, 0x42f7, 1);
        put_unsigned(out, 0x42f2, 4);
        put_unsigned(out, 0x42f3, 8);
        put_text(out, 0x4282, if is_webm { "webm" } else { "matroska" });
        put_unsigned(out, 0x4287, 4);
        put_unsigned(out, 0x4285, 2);
    });
    put_id(&mut out, id::SEGMENT);
    places.segment_size = out.len() as u64;
    out.extend_from_slice(&UNKNOWN_SIZE);
    places.seek_head = out.len() as u64;
    put_void(&mut out, SEEK_HEAD_BYTES);

    let part = |out: &Vec<u8>, places: &mut Places, id: u32| {
        places.parts.push((id, out.len() as u64));
    };
    part(&out, &mut places, id::INFO);
    let open = begin(&mut out, id::INFO);
    put_unsigned(&mut out, 0x002a_d7b1, TIMESTAMP_SCALE);
    put_text(&mut out, 0x4d80, APPLICATION);
    put_text(&mut out, 0x5741, APPLICATION);
    if let Some(title) = spec.title {
        put_text(&mut out, 0x7ba9, title);
    }
    put_signed(&mut out, id::DATE, date(spec.date_ms));
    places.date = out.len() as u64 - 8;
    places.duration = out.len() as u64;
    match spec.duration_ms {
        Some(duration) => put_float(&mut out, id::DURATION, float(duration)),
        None => put_void(&mut out, DURATION_BYTES),
    }
    end(&mut out, open);

    if !spec.tags.is_empty() {
        part(&out, &mut places, id::TAGS);
        master(&mut out, id::TAGS, |out| {
            master(out, id::TAG, |out| {
                master(out, 0x63c0, |_| {});
                for (name, text) in spec.tags {
                    master(out, id::SIMPLE_TAG, |out| {
                        put_text(out, id::TAG_NAME, name);
                        put_text(out, id::TAG_STRING, text);
                        if *name == LOST_PACKETS_TAG {
                            places.lost_packets = Some((out.len() - text.len()) as u64);
                        }
                    });
                }
            });
        });
    }
    part(&out, &mut places, id::TRACKS);
    let open = begin(&mut out, id::TRACKS);
    for (number, track) in (1..).zip(spec.tracks) {
        let at = put_track(&mut out, number, track);
        if number == 1 {
            places.size = at;
        }
    }
    end(&mut out, open);
    if !spec.chapters.is_empty() {
        part(&out, &mut places, id::CHAPTERS);
        put_chapters(&mut out, spec.chapters);
    }
    Head { bytes: out, places }
}

const DURATION_BYTES: usize = 2 + 1 + 8;

fn float(ms: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52 milliseconds")]
    let float = ms as f64;
    float
}

fn date(ms: u64) -> i64 {
    let since = i64::try_from(ms).unwrap_or(i64::MAX) - MILLENNIUM_MS;
    since.saturating_mul(1_000_000)
}

/// The wall-clock time, in milliseconds since 1970, of what `DateUTC` has.
pub(crate) fn ms_of_date(nanos: i64) -> u64 {
    u64::try_from(nanos / 1_000_000 + MILLENNIUM_MS).unwrap_or_default()
}

/// Writes an entry; returns the offset of the size of its pictures.
fn put_track(out: &mut Vec<u8>, number: u64, track: &Track) -> Option<u64> {
    let mut place = None;
    let open = begin(out, id::TRACK);
    put_unsigned(out, 0xd7, number);
    put_unsigned(out, 0x73c5, number);
    let kind = track.codec.kind();
    put_unsigned(out, 0x83, if kind == Kind::Video { 1 } else { 2 });
    put_unsigned(out, 0x9c, 0);
    put_unsigned(out, 0x88, u64::from(track.is_default));
    if let Some(name) = &track.name {
        put_text(out, 0x536e, name);
    }
    let letters = track.language.as_ref().and_then(plenary_library::iso639_2);
    put_text(out, 0x0022_b59c, letters.unwrap_or("und"));
    if let Some(language) = &track.language {
        put_text(out, 0x0022_b59d, language.as_str());
    }
    put_text(out, id::CODEC_ID, codec_id(track.codec));
    match track.codec {
        Codec::Opus => {
            // RFC 7845, section 5.1: two channels, nothing to skip, 48 kHz, no gain.
            let head = b"OpusHead\x01\x02\x00\x00\x80\xbb\x00\x00\x00\x00\x00";
            put_binary(out, id::CODEC_PRIVATE, head);
            put_unsigned(out, 0x56aa, 0);
            put_unsigned(out, 0x56bb, 80_000_000);
            master(out, 0xe1, |out| {
                put_float(out, 0xb5, 48_000.0);
                put_unsigned(out, 0x9f, 2);
            });
        }
        Codec::Vp8 | Codec::Vp9 | Codec::H264 => {
            if !track.private.is_empty() {
                put_binary(out, id::CODEC_PRIVATE, &track.private);
            }
            let (width, height) = track.size.unwrap_or((2, 2));
            let open = begin(out, id::VIDEO);
            place = Some(out.len() as u64);
            put_unsigned(out, id::WIDTH, width.into());
            put_unsigned(out, id::HEIGHT, height.into());
            end(out, open);
        }
    }
    end(out, open);
    place
}

fn put_chapters(out: &mut Vec<u8>, chapters: &[Chapter]) {
    master(out, id::CHAPTERS, |out| {
        master(out, 0x45b9, |out| {
            for (number, chapter) in (1..).zip(chapters) {
                master(out, 0xb6, |out| {
                    put_unsigned(out, 0x73c4, number);
                    put_unsigned(out, 0x91, chapter.start_ms.saturating_mul(1_000_000));
                    put_unsigned(out, 0x92, chapter.end_ms.saturating_mul(1_000_000));
                    master(out, 0x80, |out| {
                        put_text(out, 0x85, &chapter.title);
                        let language = chapter.language.as_ref();
                        let letters = language.and_then(plenary_library::iso639_2);
                        put_text(out, 0x437c, letters.unwrap_or("und"));
                    });
                });
            }
        });
    });
}

/// An entry of the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cue {
    pub(crate) at_ms: u64,
    /// The track, by its number in the file.
    pub(crate) track: u8,
    /// Where its cluster begins in the file.
    pub(crate) cluster: u64,
}

impl Places {
    /// The places of a file whose segment begins there, as far as they follow from that.
    pub(crate) fn new(segment: u64) -> Self {
        Self {
            segment_size: segment.saturating_sub(SIZE_BYTES as u64),
            seek_head: segment,
            ..Self::default()
        }
    }

    pub(crate) fn add_part(&mut self, id: u32, at: u64) {
        self.parts.push((id, at));
    }

    pub(crate) fn set_times(&mut self, date: u64, duration: u64) {
        (self.date, self.duration) = (date, duration);
    }

    pub(crate) fn is_duration(&self, at: u64) -> bool {
        self.duration == at
    }

    pub(crate) fn set_size(&mut self, at: u64) {
        self.size = Some(at);
    }

    pub(crate) fn set_lost_packets(&mut self, at: u64) {
        self.lost_packets = Some(at);
    }

    /// A count of lost packets and the offset where it is written; none in a file without that tag.
    pub(crate) fn lost_packets(&self, count: u64) -> Option<(u64, Vec<u8>)> {
        let at = self.lost_packets?;
        Some((at, lost_packets_digits(count).into_bytes()))
    }

    /// Where the segment begins, which positions count from.
    fn segment(&self) -> u64 {
        self.segment_size + SIZE_BYTES as u64
    }

    /// The index of a file.
    pub(crate) fn cues(&self, cues: &[Cue]) -> Vec<u8> {
        let mut out = Vec::with_capacity(64 + cues.len() * 64);
        master(&mut out, id::CUES, |out| {
            for cue in cues {
                master(out, 0xbb, |out| {
                    put_unsigned(out, 0xb3, cue.at_ms);
                    master(out, 0xb7, |out| {
                        put_unsigned(out, 0xf7, cue.track.into());
                        put_unsigned(out, 0xf1, cue.cluster.saturating_sub(self.segment()));
                    });
                });
            }
        });
        out
    }

    /// What is filled in at the end, each with its offset: `index` is where the index stands, if the file has one, and
    /// `end` is the length of the file.
    pub(crate) fn filled(&self, ending: &Ending) -> Vec<(u64, Vec<u8>)> {
        let mut filled = Vec::new();
        let mut contents = Vec::with_capacity(SEEK_HEAD_BYTES);
        master(&mut contents, id::SEEK_HEAD, |out| {
            let cues = ending.cues.map(|at| (id::CUES, at));
            for (id, at) in self.parts.iter().copied().chain(cues) {
                let open = begin(out, 0x4dbb);
                put_binary(out, 0x53ab, &id.to_be_bytes());
                put_unsigned(out, 0x53ac, at.saturating_sub(self.segment()));
                end(out, open);
            }
        });
        if let Some(rest) = SEEK_HEAD_BYTES
            .checked_sub(contents.len())
            .filter(|it| *it > 1)
        {
            put_void(&mut contents, rest);
            filled.push((self.seek_head, contents));
        }
        let mut duration = Vec::with_capacity(DURATION_BYTES);
        put_float(&mut duration, id::DURATION, float(ending.duration_ms));
        filled.push((self.duration, duration));
        if let Some(ms) = ending.date_ms {
            filled.push((self.date, date(ms).to_be_bytes().to_vec()));
        }
        if let Some((at, (width, height))) = self.size.zip(ending.size) {
            let mut size = Vec::new();
            put_unsigned(&mut size, id::WIDTH, width.into());
            put_unsigned(&mut size, id::HEIGHT, height.into());
            filled.push((at, size));
        }
        filled.extend(ending.lost_packets.and_then(|it| self.lost_packets(it)));
        let size = ending.bytes.saturating_sub(self.segment());
        filled.push((self.segment_size, eight_byte_size(size).to_vec()));
        filled
    }
}

/// What is known at the end of a file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ending {
    /// The length of the file.
    pub(crate) bytes: u64,
    /// Where the index stands.
    pub(crate) cues: Option<u64>,
    pub(crate) duration_ms: u64,
    /// The wall-clock time of position 0, if it is known better now.
    pub(crate) date_ms: Option<u64>,
    /// The largest size of the pictures of the first track.
    pub(crate) size: Option<(u32, u32)>,
    pub(crate) lost_packets: Option<u64>,
}

/// The clusters of a file in the making. A cluster is in memory until it is complete, so that its size is known and a file
/// that a crash leaves ends with a complete one.
#[derive(Debug, Default)]
pub(crate) struct Cluster {
    pub(crate) bytes: Vec<u8>,
    /// The time of its first block.
    pub(crate) start_ms: u64,
    /// Where the block stands that is not complete.
    block: Option<usize>,
}

const BLOCK_HEAD_BYTES: usize = 1 + 4 + 4;

impl Cluster {
    /// Whether it has no block.
    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.len() <= CLUSTER_HEAD_BYTES
    }

    /// Begins anew, without a block.
    pub(crate) fn restart(&mut self, start_ms: u64) {
        self.bytes.clear();
        put_id(&mut self.bytes, id::CLUSTER);
        self.bytes.extend_from_slice(&UNKNOWN_SIZE);
        put_unsigned(&mut self.bytes, id::TIMESTAMP, start_ms);
        self.start_ms = start_ms;
        self.block = None;
    }

    /// Begins a block, whose frame is then appended to `bytes`. The time is at most 32 s after the cluster's.
    pub(crate) fn begin_block(&mut self, track: u8, at_ms: u64) {
        self.block = Some(self.bytes.len());
        let relative = i16::try_from(at_ms.saturating_sub(self.start_ms)).unwrap_or(i16::MAX);
        let [high, low] = relative.to_be_bytes();
        self.bytes
            .extend_from_slice(&[0xa3, 0x10, 0, 0, 0, 0x80 | track, high, low, 0]);
    }

    /// Where the frame of the block begins.
    pub(crate) fn frame_start(&self) -> usize {
        self.block
            .map_or(self.bytes.len(), |at| at + BLOCK_HEAD_BYTES)
    }

    /// Ends the block.
    pub(crate) fn end_block(&mut self, keyframe: bool) {
        let Some(at) = self.block.take() else {
            return;
        };
        let size = self.bytes.len().saturating_sub(at + 5);
        let size = u32::try_from(size).unwrap_or_default() | 0x1000_0000;
        if let Some(place) = self.bytes.get_mut(at + 1..at + 5) {
            place.copy_from_slice(&size.to_be_bytes());
        }
        if let Some(flags) = self.bytes.get_mut(at + 8) {
            *flags = if keyframe { 0x80 } else { 0 };
        }
    }

    /// Takes back the block that is not complete.
    pub(crate) fn abort_block(&mut self) {
        if let Some(at) = self.block.take() {
            self.bytes.truncate(at);
        }
    }

    /// Ends the cluster, so that its bytes can be written.
    pub(crate) fn close(&mut self) {
        let size = self.bytes.len().saturating_sub(4 + SIZE_BYTES) as u64;
        if let Some(place) = self.bytes.get_mut(4..4 + SIZE_BYTES) {
            place.copy_from_slice(&eight_byte_size(size));
        }
    }
}
