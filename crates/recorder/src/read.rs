//! Reads takes back: what the head of a file says, and its blocks one after another.

use std::io::{Read, Seek};

use plenary_library::ebml::{Elements, Fault, Scanner, float, text, unsigned, vint};
use plenary_transport::sdp::Codec;

use crate::{
    matroska::{LOST_PACKETS_TAG, Places, TAKE_TAG, Track, codec_id, id, ms_of_date},
    take::TakeInfo,
};

/// Larger than the head of any take.
const MAX_HEAD_BYTES: u64 = 1 << 20;
/// Larger than any picture that is written.
const MAX_BLOCK_BYTES: u64 = 16 << 20;

/// What the head of a take says.
#[derive(Debug, Clone)]
pub(crate) struct TakeHead {
    pub(crate) info: Option<TakeInfo>,
    pub(crate) track: Track,
    /// The wall-clock time of position 0.
    pub(crate) date_ms: u64,
    /// The duration, once the take is finished.
    pub(crate) duration_ms: Option<u64>,
    /// How many packets had not come when the file was last written to.
    pub(crate) lost_packets: u64,
    pub(crate) places: Places,
    /// Where its first cluster begins in the file.
    pub(crate) first_cluster: u64,
}

/// A frame of a take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TakeBlock {
    pub(crate) at_ms: u64,
    pub(crate) keyframe: bool,
    body: Vec<u8>,
}

const BLOCK_HEAD_BYTES: usize = 4;

impl TakeBlock {
    pub(crate) fn frame(&self) -> &[u8] {
        self.body.get(BLOCK_HEAD_BYTES..).unwrap_or_default()
    }
}

/// Reads the blocks of a take.
#[derive(Debug)]
pub(crate) struct TakeReader<R> {
    scanner: Scanner<R>,
    /// The time of the present cluster, and where it ends.
    cluster: Option<(u64, u64)>,
}

impl<R: Read + Seek> TakeReader<R> {
    /// Reads the head of a take.
    pub(crate) fn open(file: R) -> Result<(TakeHead, Self), Fault> {
        let mut scanner = Scanner::new(file)?;
        let not_a_take = |scanner: &Scanner<R>| scanner.malformed("this is no take");
        let ebml = scanner.head()?.ok_or(Fault::Truncated)?;
        if ebml.id != id::EBML {
            return Err(not_a_take(&scanner));
        }
        scanner.skip(&ebml)?;
        let segment = scanner.head()?.ok_or(Fault::Truncated)?;
        if segment.id != id::SEGMENT {
            return Err(not_a_take(&scanner));
        }
        let mut places = Places::new(segment.body);
        let (mut info, mut track) = (None, None);
        let mut lost_packets = 0;
        let mut times = None;
        let first_cluster = loop {
            let head = scanner.head()?.ok_or(Fault::Truncated)?;
            if head.id == id::CLUSTER {
                scanner.go_to(head.start)?;
                break head.start;
            }
            let body = scanner.body(&head, MAX_HEAD_BYTES)?;
            match head.id {
                id::INFO => {
                    places.add_part(head.id, head.start);
                    times = times_of(&body, head.body, &mut places);
                }
                id::TAGS => {
                    places.add_part(head.id, head.start);
                    for (name, at, value) in tags_of(&body, head.body) {
                        match name.as_str() {
                            TAKE_TAG => info = serde_json::from_str(&value).ok(),
                            LOST_PACKETS_TAG => {
                                places.set_lost_packets(at);
                                lost_packets = value.parse().unwrap_or_default();
                            }
                            _ => {}
                        }
                    }
                }
                id::TRACKS => {
                    places.add_part(head.id, head.start);
                    track = track_of(&body, head.body, &mut places);
                }
                _ => {}
            }
        };
        let Some((track, (date_ms, duration_ms))) = track.zip(times) else {
            return Err(not_a_take(&scanner));
        };
        let head = TakeHead {
            info,
            track,
            date_ms,
            duration_ms,
            lost_packets,
            places,
            first_cluster,
        };
        let cluster = None;
        Ok((head, Self { scanner, cluster }))
    }

    /// The next frame; none at the end of the last cluster.
    pub(crate) fn next(&mut self) -> Result<Option<TakeBlock>, Fault> {
        loop {
            if let Some((_, end)) = self.cluster
                && self.scanner.at() >= end
            {
                self.cluster = None;
            }
            let Some(head) = self.scanner.head()? else {
                return Ok(None);
            };
            match (head.id, self.cluster) {
                (id::CLUSTER, None) => {
                    // One that a crash cut off is read as far as it goes.
                    let end = head.end().unwrap_or(u64::MAX);
                    self.cluster = Some((0, end));
                }
                (id::TIMESTAMP, Some((_, end))) => {
                    let body = self.scanner.body(&head, 8)?;
                    self.cluster = Some((unsigned(&body).unwrap_or_default(), end));
                }
                (id::SIMPLE_BLOCK, Some((base_ms, _))) => {
                    let body = self.scanner.body(&head, MAX_BLOCK_BYTES)?;
                    let Some([_, high, low, flags]) = body.first_chunk::<BLOCK_HEAD_BYTES>() else {
                        return Err(self.scanner.malformed("a block is cut off"));
                    };
                    let relative = i64::from(i16::from_be_bytes([*high, *low]));
                    return Ok(Some(TakeBlock {
                        at_ms: base_ms.saturating_add_signed(relative),
                        keyframe: flags & 0x80 != 0,
                        body,
                    }));
                }
                // The index, which is behind the last cluster.
                (_, None) => return Ok(None),
                (_, Some(_)) => return Err(self.scanner.malformed("this is in no cluster")),
            }
        }
    }
}

/// The elements of a body that stands at an offset, each with the offsets at which it and its own body begin.
pub(crate) fn placed(
    body: &[u8],
    offset: u64,
) -> impl Iterator<Item = (u32, u64, u64, &[u8])> + use<'_> {
    let length = body.len();
    let mut elements = Elements(body);
    std::iter::from_fn(move || {
        let start = (length - elements.0.len()) as u64;
        let (id, inner) = elements.next()?.ok()?;
        let end = (length - elements.0.len()) as u64;
        Some((id, offset + start, offset + end - inner.len() as u64, inner))
    })
}

fn times_of(body: &[u8], offset: u64, places: &mut Places) -> Option<(u64, Option<u64>)> {
    let (mut date, mut duration) = (None, None);
    for (id, start, inner_start, inner) in placed(body, offset) {
        match id {
            id::DATE => {
                date = unsigned(inner).map(|it| ms_of_date(it.cast_signed()));
                // The duration stands behind it, or the place that is kept for it.
                places.set_times(inner_start, inner_start + inner.len() as u64);
            }
            id::DURATION if places.is_duration(start) => {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "`as` saturates"
                )]
                let millis = float(inner).map(|it| it as u64);
                duration = millis;
            }
            _ => {}
        }
    }
    Some((date?, duration))
}

/// The names and values of the tags, each with the offset at which its value stands.
fn tags_of(body: &[u8], offset: u64) -> Vec<(String, u64, String)> {
    let mut tags = Vec::new();
    for (_, _, at, tag) in placed(body, offset).filter(|(id, ..)| *id == id::TAG) {
        for (_, _, at, simple) in placed(tag, at).filter(|(id, ..)| *id == id::SIMPLE_TAG) {
            let (mut name, mut value) = (String::new(), (0, String::new()));
            for (id, _, at, inner) in placed(simple, at) {
                match id {
                    id::TAG_NAME => name = text(inner),
                    id::TAG_STRING => value = (at, text(inner)),
                    _ => {}
                }
            }
            tags.push((name, value.0, value.1));
        }
    }
    tags
}

fn track_of(body: &[u8], offset: u64, places: &mut Places) -> Option<Track> {
    let (_, _, at, entry) = placed(body, offset).find(|(id, ..)| *id == id::TRACK)?;
    let mut track = Track {
        codec: Codec::Opus,
        size: None,
        language: None,
        name: None,
        private: Vec::new(),
        is_default: true,
    };
    let mut codec = None;
    for (id, _, at, inner) in placed(entry, at) {
        match id {
            id::CODEC_ID => {
                let name = text(inner);
                codec = Codec::ALL.into_iter().find(|it| codec_id(*it) == name);
            }
            id::CODEC_PRIVATE => track.private = inner.to_vec(),
            id::VIDEO => {
                places.set_size(at);
                let (mut width, mut height) = (0, 0);
                for (id, _, _, inner) in placed(inner, at) {
                    let side = unsigned(inner).and_then(|it| u32::try_from(it).ok());
                    match id {
                        id::WIDTH => width = side?,
                        id::HEIGHT => height = side?,
                        _ => {}
                    }
                }
                track.size = Some((width, height));
            }
            _ => {}
        }
    }
    track.codec = codec?;
    if track.codec != Codec::H264 {
        // It is written by the codec alone.
        track.private.clear();
    }
    Some(track)
}

/// How many bytes of a cluster's body are whole blocks, and its time; none if it has no time.
pub(crate) fn whole_blocks(body: &[u8]) -> Option<WholeBlocks> {
    let mut found = WholeBlocks::default();
    let mut base_ms = None;
    let mut elements = Elements(body);
    while let Some(Ok((id, inner))) = elements.next() {
        match id {
            id::TIMESTAMP => base_ms = unsigned(inner),
            id::SIMPLE_BLOCK => {
                let Some([_, high, low, flags]) = inner.first_chunk::<BLOCK_HEAD_BYTES>() else {
                    break;
                };
                if inner.len() == BLOCK_HEAD_BYTES {
                    break;
                }
                let relative = i64::from(i16::from_be_bytes([*high, *low]));
                let at_ms = base_ms?.saturating_add_signed(relative);
                if flags & 0x80 != 0 {
                    found.keyframe_ms.get_or_insert(at_ms);
                }
                found.frames += 1;
                found.last_ms = at_ms;
                found.bytes = body.len() - elements.0.len();
            }
            _ => break,
        }
    }
    base_ms.map(|_| found)
}

/// What of a cluster is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct WholeBlocks {
    /// Bytes of the body up to the end of the last whole block.
    pub(crate) bytes: usize,
    pub(crate) frames: u64,
    pub(crate) last_ms: u64,
    /// The first frame that can be decoded by itself.
    pub(crate) keyframe_ms: Option<u64>,
}

/// The head of an element that may be cut off: its id, its size, and how long the head is.
pub(crate) fn element_head(bytes: &[u8]) -> Option<(u32, u64, usize)> {
    let (id, _, rest) = vint(bytes)?;
    let (size, width, behind) = vint(rest)?;
    let size = size & !(1 << (7 * width));
    Some((u32::try_from(id).ok()?, size, bytes.len() - behind.len()))
}
