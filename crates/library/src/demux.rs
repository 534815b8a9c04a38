//! Matroska (RFC 9559): the blocks of a file, one after another, with what is needed to understand them.
//!
//! Only one block is in memory at a time, and every size is bounded before anything is read.

use std::{
    collections::VecDeque,
    io::{Read, Seek},
    time::Duration,
};

use bytes::Bytes;

use crate::{
    Kind, Refused,
    ebml::{Elements, Fault, Head, Scanner, float, number, text, unsigned},
    track::{self, Track},
};

/// Larger than any list of tracks.
const MAX_HEADER_BYTES: u64 = 4 << 20;
/// Larger than any picture that can be sent to many in time.
const MAX_BLOCK_BYTES: u64 = 8 << 20;
/// Longer than any time of a block, in nanoseconds, so that no sum of two overflows.
const MAX_NANOS: u64 = 1 << 60;

mod id {
    pub(super) const EBML: u32 = 0x1a45_dfa3;
    pub(super) const DOC_TYPE: u32 = 0x4282;
    pub(super) const SEGMENT: u32 = 0x1853_8067;
    pub(super) const SEEK_HEAD: u32 = 0x114d_9b74;
    pub(super) const INFO: u32 = 0x1549_a966;
    pub(super) const TIMESTAMP_SCALE: u32 = 0x002a_d7b1;
    pub(super) const DURATION: u32 = 0x4489;
    pub(super) const TRACKS: u32 = 0x1654_ae6b;
    pub(super) const CLUSTER: u32 = 0x1f43_b675;
    pub(super) const CUES: u32 = 0x1c53_bb6b;
    pub(super) const CHAPTERS: u32 = 0x1043_a770;
    pub(super) const TAGS: u32 = 0x1254_c367;
    pub(super) const ATTACHMENTS: u32 = 0x1941_a469;
    pub(super) const TIMESTAMP: u32 = 0xe7;
    pub(super) const SIMPLE_BLOCK: u32 = 0xa3;
    pub(super) const BLOCK_GROUP: u32 = 0xa0;
    pub(super) const BLOCK: u32 = 0xa1;
    pub(super) const BLOCK_DURATION: u32 = 0x9b;
}

/// A frame as the file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Packet {
    /// The track, by its place among the tracks.
    pub(crate) track: usize,
    /// Its time in the file, in nanoseconds.
    pub(crate) at: i64,
    /// How long it is, if the file or its bytes say so.
    pub(crate) duration: Option<Duration>,
    /// Where its cluster begins in the file.
    pub(crate) cluster: u64,
    pub(crate) data: Bytes,
}

#[derive(Debug, Clone, Copy)]
struct Cluster {
    start: u64,
    /// None while its size is unknown; it then ends where an element begins that cannot be in it.
    end: Option<u64>,
    timestamp: u64,
}

/// Reads the packets of a file.
#[derive(Debug)]
pub(crate) struct Demuxer<R> {
    scanner: Scanner<R>,
    segment_end: u64,
    segment_is_cut: bool,
    /// The unit of times in the file, in nanoseconds.
    scale: u64,
    /// The duration that the file claims.
    claimed: Option<Duration>,
    tracks: Vec<Track>,
    cluster: Option<Cluster>,
    packets: VecDeque<Packet>,
}

impl<R: Read + Seek> Demuxer<R> {
    /// Reads the head of a file, up to its first cluster.
    pub(crate) fn open(reader: R) -> Result<Self, Refused> {
        let mut scanner = Scanner::new(reader)?;
        if scanner.length() == 0 {
            return Err(Refused::Empty);
        }
        let head = match scanner.head() {
            Ok(Some(head)) if head.id == id::EBML => head,
            Err(Fault::Io(error)) => return Err(error.into()),
            _ => {
                scanner.go_to(0).map_err(refused)?;
                return Err(other_format(scanner.first_bytes()?));
            }
        };
        let body = scanner.body(&head, MAX_HEADER_BYTES).map_err(refused)?;
        for (id, body) in Elements(&body).flatten() {
            let kind = text(body);
            if id == id::DOC_TYPE && kind != "matroska" && kind != "webm" {
                return Err(Refused::UnknownFormat);
            }
        }
        let head = loop {
            let head = scanner
                .head()
                .map_err(refused)?
                .ok_or(Refused::NothingInIt)?;
            if head.id == id::SEGMENT {
                break head;
            }
            scanner.skip(&head).map_err(refused)?;
        };
        let length = scanner.length();
        let end = head.end();
        let mut demuxer = Self {
            scanner,
            segment_end: end.map_or(length, |end| end.min(length)),
            segment_is_cut: end.is_some_and(|end| end > length),
            scale: 1_000_000,
            claimed: None,
            tracks: Vec::new(),
            cluster: None,
            packets: VecDeque::new(),
        };
        demuxer.read_head()?;
        Ok(demuxer)
    }

    /// The tracks, in the order that a packet names them by.
    pub(crate) fn tracks(&self) -> &[Track] {
        &self.tracks
    }

    /// The duration that the file claims, which may be wrong.
    pub(crate) fn claimed(&self) -> Option<Duration> {
        self.claimed
    }

    /// The next packet, in the order of the file; none at its end.
    pub(crate) fn next(&mut self) -> Result<Option<Packet>, Fault> {
        loop {
            if let Some(packet) = self.packets.pop_front() {
                return Ok(Some(packet));
            }
            let ends = self.cluster.and_then(|cluster| cluster.end);
            if ends.is_some_and(|end| self.scanner.at() >= end) {
                self.cluster = None;
            }
            if self.scanner.at() >= self.segment_end {
                return if self.segment_is_cut {
                    Err(Fault::Truncated)
                } else {
                    Ok(None)
                };
            }
            let Some(head) = self.scanner.head()? else {
                return Ok(None);
            };
            match self.cluster {
                Some(_) if is_top_level(head.id) => {
                    self.cluster = None;
                    self.top_level(&head)?;
                }
                Some(cluster) => self.in_cluster(&head, cluster)?,
                None => self.top_level(&head)?,
            }
        }
    }

    /// Goes on at the beginning of a cluster.
    pub(crate) fn jump(&mut self, cluster: u64) -> Result<(), Fault> {
        self.packets.clear();
        self.cluster = None;
        self.scanner.go_to(cluster)
    }

    /// Everything before the first cluster.
    fn read_head(&mut self) -> Result<(), Refused> {
        let mut has_tracks = false;
        loop {
            let head = match self.scanner.head() {
                Ok(Some(head)) => head,
                Ok(None) | Err(Fault::Truncated) => return Err(Refused::NothingInIt),
                Err(fault) => return Err(refused(fault)),
            };
            match head.id {
                id::INFO => {
                    let body = self
                        .scanner
                        .body(&head, MAX_HEADER_BYTES)
                        .map_err(refused)?;
                    self.info(&body);
                }
                id::TRACKS => {
                    let body = self
                        .scanner
                        .body(&head, MAX_HEADER_BYTES)
                        .map_err(refused)?;
                    self.tracks = track::tracks(&body, head.start)?;
                    has_tracks = true;
                }
                id::CLUSTER if !has_tracks => return Err(Refused::NoTracks),
                id::CLUSTER => {
                    self.enter(&head);
                    return Ok(());
                }
                id::SEGMENT => return Err(Refused::SeveralSegments),
                _ => self.scanner.skip(&head).map_err(|fault| match fault {
                    Fault::Truncated => Refused::NothingInIt,
                    fault => refused(fault),
                })?,
            }
        }
    }

    fn info(&mut self, body: &[u8]) {
        let mut claimed = None;
        for (id, body) in Elements(body).flatten() {
            match id {
                id::TIMESTAMP_SCALE => {
                    self.scale = unsigned(body).filter(|it| *it > 0).unwrap_or(self.scale);
                }
                id::DURATION => claimed = float(body),
                _ => {}
            }
        }
        let seconds = claimed.map(|it| it * Duration::from_nanos(self.scale).as_secs_f64());
        self.claimed = seconds.and_then(|it| Duration::try_from_secs_f64(it).ok());
    }

    fn enter(&mut self, head: &Head) {
        self.cluster = Some(Cluster {
            start: head.start,
            end: head.end(),
            timestamp: 0,
        });
    }

    fn top_level(&mut self, head: &Head) -> Result<(), Fault> {
        match head.id {
            id::CLUSTER => self.enter(head),
            id::SEGMENT | id::EBML => {
                return Err(Fault::AnotherBegins);
            }
            _ => self.scanner.skip(head)?,
        }
        Ok(())
    }

    fn in_cluster(&mut self, head: &Head, cluster: Cluster) -> Result<(), Fault> {
        let end = cluster.end.unwrap_or(u64::MAX);
        if head.end().is_none_or(|it| it > end) {
            return Err(self
                .scanner
                .malformed("an element is larger than its cluster"));
        }
        match head.id {
            id::TIMESTAMP => {
                let body = self.scanner.body(head, 8)?;
                let timestamp = unsigned(&body).unwrap_or_default();
                self.cluster = Some(Cluster {
                    timestamp,
                    ..cluster
                });
            }
            id::SIMPLE_BLOCK => {
                let body = self.scanner.body(head, MAX_BLOCK_BYTES)?;
                self.block(&Bytes::from(body), None, cluster)?;
            }
            id::BLOCK_GROUP => {
                let body = Bytes::from(self.scanner.body(head, MAX_BLOCK_BYTES)?);
                let mut block = None;
                let mut duration = None;
                for element in Elements(&body) {
                    let Ok((id, part)) = element else {
                        return Err(self.scanner.malformed("a block is cut off"));
                    };
                    match id {
                        id::BLOCK => block = Some(body.slice_ref(part)),
                        id::BLOCK_DURATION => duration = unsigned(part),
                        _ => {}
                    }
                }
                if let Some(block) = block {
                    self.block(&block, duration, cluster)?;
                }
            }
            _ => self.scanner.skip(head)?,
        }
        Ok(())
    }

    /// The frames of a block (RFC 9559, section 10).
    fn block(
        &mut self,
        block: &Bytes,
        duration: Option<u64>,
        cluster: Cluster,
    ) -> Result<(), Fault> {
        let cut_off = || self.scanner.malformed("a block is cut off");
        let (track_number, _, rest) = number(block).ok_or_else(cut_off)?;
        let (head, rest) = rest.split_at_checked(3).ok_or_else(cut_off)?;
        let [high, low, flags] = *head else {
            return Err(cut_off());
        };
        // A block of a track that is in no list is skipped, as RFC 9559, section 10.1, has it.
        let Some(index) = self.tracks.iter().position(|it| it.number == track_number) else {
            return Ok(());
        };
        let Some(track) = self.tracks.get(index) else {
            return Ok(());
        };
        let relative = i64::from(i16::from_be_bytes([high, low]));
        let too_late = || self.scanner.malformed("a time is beyond any recording");
        let nanos = |units: u64| units.checked_mul(self.scale).filter(|it| *it < MAX_NANOS);
        let base = nanos(cluster.timestamp).and_then(|it| i64::try_from(it).ok());
        let offset = i64::try_from(self.scale)
            .ok()
            .and_then(|it| it.checked_mul(relative));
        let at = base
            .zip(offset)
            .and_then(|(base, offset)| base.checked_add(offset)?.checked_sub(track.delay))
            .ok_or_else(too_late)?;
        let frames = match flags >> 1 & 3 {
            0 => vec![rest],
            _ if track.info.kind != Kind::Audio => {
                return Err(self.scanner.malformed("several pictures are in one block"));
            }
            lacing => laced(rest, lacing)
                .ok_or_else(|| self.scanner.malformed("the frames of a block are cut off"))?,
        };
        let whole = duration.and_then(nanos).map(Duration::from_nanos);
        let mut at = at;
        for frame in frames {
            let own = track.duration(frame);
            self.packets.push_back(Packet {
                track: index,
                at,
                duration: own.or(whole),
                cluster: cluster.start,
                data: block.slice_ref(frame),
            });
            let length = own.map_or(0, |it| i64::try_from(it.as_nanos()).unwrap_or_default());
            at = at.saturating_add(length);
        }
        Ok(())
    }
}

/// The frames of a block with lacing (RFC 9559, section 10.3).
fn laced(body: &[u8], lacing: u8) -> Option<Vec<&[u8]>> {
    let (count, mut rest) = body.split_first()?;
    let last = usize::from(*count);
    let mut sizes: Vec<usize> = Vec::new();
    match lacing {
        1 => {
            for _ in 0..last {
                let mut size = 0;
                loop {
                    let (byte, following) = rest.split_first()?;
                    rest = following;
                    size += usize::from(*byte);
                    if *byte < 255 {
                        break;
                    }
                }
                sizes.push(size);
            }
        }
        3 => {
            let mut size: i64 = 0;
            for at in 0..last {
                let (value, width, following) = number(rest)?;
                rest = following;
                let value = i64::try_from(value).ok()?;
                size = if at == 0 {
                    value
                } else {
                    size.checked_add(value - ((1 << (7 * width - 1)) - 1))?
                };
                sizes.push(usize::try_from(size).ok()?);
            }
        }
        _ => {
            let each = rest.len() / (last + 1);
            if each * (last + 1) != rest.len() {
                return None;
            }
            sizes = vec![each; last];
        }
    }
    let mut frames = Vec::new();
    for size in sizes {
        let (frame, following) = rest.split_at_checked(size)?;
        frames.push(frame);
        rest = following;
    }
    frames.push(rest);
    Some(frames)
}

/// Whether an element is never in a cluster, so that it ends one of unknown size (RFC 8794, section 6.2).
fn is_top_level(id: u32) -> bool {
    matches!(
        id,
        id::CLUSTER
            | id::CUES
            | id::CHAPTERS
            | id::TAGS
            | id::ATTACHMENTS
            | id::SEEK_HEAD
            | id::INFO
            | id::TRACKS
            | id::SEGMENT
            | id::EBML
    )
}

/// The refusal of a file whose head cannot be read.
pub(crate) fn refused(fault: Fault) -> Refused {
    match fault {
        Fault::Io(error) => Refused::Io(error),
        Fault::Truncated => Refused::NothingInIt,
        Fault::AnotherBegins => Refused::SeveralSegments,
        Fault::Malformed { at, what } => Refused::Damaged { at, what },
    }
}

/// The refusal of a file of another format, by its first bytes.
fn other_format(first: &[u8]) -> Refused {
    let at = |from: usize, what: &[u8]| first.get(from..from + what.len()) == Some(what);
    if at(4, b"ftyp") || at(4, b"moov") || at(4, b"mdat") {
        return Refused::OtherFormat("an MP4 or QuickTime file");
    }
    let known: [(&[u8], &str); 6] = [
        (b"OggS", "an Ogg file"),
        (b"RIFF", "an AVI or WAV file"),
        (b"FLV", "a Flash video"),
        (b"ID3", "an MP3 file"),
        (&[0x30, 0x26, 0xb2, 0x75], "a Windows Media file"),
        (&[0, 0, 1, 0xba], "an MPEG file"),
    ];
    known
        .iter()
        .find(|(bytes, _)| first.starts_with(bytes))
        .map_or(Refused::UnknownFormat, |(_, name)| {
            Refused::OtherFormat(name)
        })
}
