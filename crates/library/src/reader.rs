//! The frames of a recording in the order of time, from any position on.

use std::{
    collections::BTreeMap,
    io::{self, Read, Seek},
    sync::Arc,
    time::Duration,
};

use crate::{
    Frame, Item, Kind,
    demux::{Demuxer, Packet},
    ebml::Fault,
    track::Track,
};

/// The most that is held to put frames in order; the check has seen to it that it is never needed.
const MAX_HELD_BYTES: usize = 32 << 20;

/// Why a recording cannot be read any further, as a clause.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file system cannot read it.
    #[error("its file cannot be read ({0})")]
    Io(#[from] io::Error),
    /// It is no longer in the library.
    #[error("{0}")]
    Gone(String),
    /// It is not the file that was checked.
    #[error("its file is not the one that was checked")]
    Changed,
    /// The file is damaged at some place.
    #[error("its file is damaged at byte {0}")]
    Damaged(u64),
}

/// Reads a recording. Every call may block for as long as the disk does.
#[derive(Debug)]
pub struct Reader<R> {
    demuxer: Demuxer<R>,
    item: Arc<Item>,
    tracks: Vec<Track>,
    /// Where each track begins after the last seek: pictures at a keyframe, the rest at the position itself.
    begins: Vec<Begin>,
    position: Duration,
    /// Frames by their time, and then as they were read.
    held: BTreeMap<(Duration, u64), Frame>,
    held_bytes: usize,
    read: u64,
    newest: Duration,
    at_end: bool,
}

/// The time from which the frames of a track are given.
#[derive(Debug, Clone, Copy, Default)]
struct Begin {
    at: Duration,
    /// Whether it has had a keyframe.
    has_begun: bool,
}

/// The times of the index are in whole milliseconds, rounded up.
const INDEX_GRAIN: Duration = Duration::from_millis(1);

impl<R: Read + Seek> Reader<R> {
    /// Opens a recording at a position.
    pub fn open(file: R, item: Arc<Item>, from: Duration) -> Result<Self, ReadError> {
        let demuxer = Demuxer::open(file).map_err(|_| ReadError::Changed)?;
        let tracks = demuxer.tracks().to_vec();
        let same = tracks.len() == item.tracks.len()
            && tracks
                .iter()
                .zip(&item.tracks)
                .all(|(found, known)| found.info.codec == known.codec);
        if !same {
            return Err(ReadError::Changed);
        }
        let mut reader = Self {
            demuxer,
            begins: vec![Begin::default(); tracks.len()],
            tracks,
            item,
            position: Duration::ZERO,
            held: BTreeMap::new(),
            held_bytes: 0,
            read: 0,
            newest: Duration::ZERO,
            at_end: false,
        };
        if !from.is_zero() {
            reader.seek(from)?;
        }
        Ok(reader)
    }

    /// The recording that is read, as it was found when it was added.
    pub fn item(&self) -> &Arc<Item> {
        &self.item
    }

    /// Goes to a position: the next frames are the pictures from the last keyframe at or before it, and the sound from the
    /// position itself.
    pub fn seek(&mut self, position: Duration) -> Result<(), ReadError> {
        let index = &self.item.index;
        if let Some(cluster) = index.cluster_before(position, self.tracks.len()) {
            self.demuxer
                .jump(cluster)
                .map_err(|fault| damaged(&fault))?;
        }
        self.position = position;
        for (track, begin) in self.begins.iter_mut().enumerate() {
            let keyframe = index.keyframe_before(position, track);
            *begin = Begin {
                at: keyframe.map_or(Duration::ZERO, |it| it.at.saturating_sub(INDEX_GRAIN)),
                has_begun: false,
            };
        }
        self.held.clear();
        self.held_bytes = 0;
        self.newest = Duration::ZERO;
        self.at_end = false;
        Ok(())
    }

    /// The next frame; none at the end of the file.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, ReadError> {
        loop {
            if let Some(entry) = self.held.first_entry() {
                let (at, _) = *entry.key();
                let ready = self.newest.saturating_sub(at) >= self.item.index.skew;
                if ready && self.newest > at || self.at_end || self.held_bytes > MAX_HELD_BYTES {
                    let frame = entry.remove();
                    self.held_bytes = self.held_bytes.saturating_sub(frame.memory());
                    return Ok(Some(frame));
                }
            } else if self.at_end {
                return Ok(None);
            }
            match self.demuxer.next() {
                Ok(Some(packet)) => self.hold(packet)?,
                // A file that was cut off was accepted as far as it goes.
                Ok(None) | Err(Fault::Truncated) => self.at_end = true,
                Err(fault) => return Err(damaged(&fault)),
            }
        }
    }

    fn hold(&mut self, packet: Packet) -> Result<(), ReadError> {
        let from_beginning = packet.at.saturating_sub(self.item.index.base);
        let at = Duration::from_nanos(u64::try_from(from_beginning).unwrap_or_default());
        let (Some(track), Some(begin)) = (
            self.tracks.get(packet.track),
            self.begins.get_mut(packet.track),
        ) else {
            return Ok(());
        };
        let kind = track.info.kind;
        if kind != Kind::Text {
            self.newest = self.newest.max(at);
        }
        let begins_at = match kind {
            Kind::Video => begin.at,
            Kind::Audio | Kind::Text => self.position,
        };
        if at < begins_at {
            return Ok(());
        }
        let (data, keyframe) = track.frame(packet.data).ok_or(ReadError::Changed)?;
        if !begin.has_begun && !keyframe {
            return Ok(());
        }
        begin.has_begun = true;
        let frame = Frame {
            track: packet.track,
            at,
            keyframe,
            data,
        };
        let is_too_much = self.held_bytes + frame.memory() > MAX_HELD_BYTES;
        // The recording ends with its sound and pictures, and subtitles never hold them up.
        if kind == Kind::Text && (at >= self.item.duration || is_too_much) {
            return Ok(());
        }
        self.read += 1;
        self.held_bytes += frame.memory();
        self.held.insert((at, self.read), frame);
        Ok(())
    }
}

fn damaged(fault: &Fault) -> ReadError {
    match fault {
        Fault::Io(error) => ReadError::Io(io::Error::new(error.kind(), error.to_string())),
        Fault::Malformed { at, .. } => ReadError::Damaged(*at),
        Fault::Truncated | Fault::AnotherBegins => ReadError::Changed,
    }
}
