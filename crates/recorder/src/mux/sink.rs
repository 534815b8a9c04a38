//! The file that is written: clusters in large pieces, and its index.

use std::io::{self, Seek, Write};

use plenary_transport::sdp::Kind;

use crate::matroska::{Cluster, Cue, Places, Track};

/// What is written at once.
const WRITE_BYTES: usize = 4 << 20;
const CLUSTER_MS: u64 = 2000;
const CLUSTER_BYTES: usize = 4 << 20;
/// How far apart the entries of the index are where no pictures are.
const SOUND_CUE_MS: u64 = 5000;

pub(super) struct Sink<'a, W> {
    out: &'a mut W,
    buffer: Vec<u8>,
    flushed: u64,
    cluster: Cluster,
    cues: Vec<Cue>,
    /// The first frame of the cluster at which a player can begin.
    cue: Option<(u64, u8)>,
    /// For each track whether it has pictures.
    pictures: Vec<bool>,
}

impl<'a, W: Write + Seek> Sink<'a, W> {
    /// A file that begins with its head.
    pub(super) fn new(out: &'a mut W, head: Vec<u8>, tracks: &[Track]) -> Self {
        Self {
            out,
            buffer: head,
            flushed: 0,
            cluster: Cluster::default(),
            cues: Vec::new(),
            cue: None,
            pictures: tracks
                .iter()
                .map(|it| it.codec.kind() == Kind::Video)
                .collect(),
        }
    }

    fn position(&self) -> u64 {
        self.flushed + self.buffer.len() as u64
    }

    /// Writes a frame, which is no earlier than the one before it, in one or more pieces.
    pub(super) fn write(
        &mut self,
        track: u8,
        at_ms: u64,
        keyframe: bool,
        frame: &[&[u8]],
    ) -> io::Result<()> {
        let is_picture = self
            .pictures
            .get(usize::from(track).saturating_sub(1))
            .copied()
            .unwrap_or_default();
        let is_long = at_ms.saturating_sub(self.cluster.start_ms) >= CLUSTER_MS;
        let begins = is_picture && keyframe && at_ms > self.cluster.start_ms;
        if !self.cluster.is_empty()
            && (is_long || begins || self.cluster.bytes.len() >= CLUSTER_BYTES)
        {
            self.close_cluster()?;
        }
        if self.cluster.is_empty() {
            self.cluster.restart(at_ms);
        }
        let is_far = self
            .cues
            .last()
            .is_none_or(|last| at_ms >= last.at_ms + SOUND_CUE_MS);
        if is_picture && keyframe || is_far {
            self.cue.get_or_insert((at_ms, track));
        }
        self.cluster.begin_block(track, at_ms);
        for piece in frame {
            self.cluster.bytes.extend_from_slice(piece);
        }
        self.cluster.end_block(keyframe);
        Ok(())
    }

    fn close_cluster(&mut self) -> io::Result<()> {
        if self.cluster.is_empty() {
            return Ok(());
        }
        self.cluster.close();
        let cluster = self.position();
        let cue = self.cue.take().map(|(at_ms, track)| Cue {
            at_ms,
            track,
            cluster,
        });
        self.cues.extend(cue);
        self.buffer.extend_from_slice(&self.cluster.bytes);
        self.cluster.restart(0);
        if self.buffer.len() >= WRITE_BYTES {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.write_all(&self.buffer)?;
        self.flushed += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    /// Writes what is left and the index; returns where the index stands, and where the file ends.
    pub(super) fn finish(mut self, places: &Places) -> io::Result<(u64, u64)> {
        self.close_cluster()?;
        let cues_at = self.position();
        let cues = places.cues(&self.cues);
        self.buffer.extend_from_slice(&cues);
        self.flush()?;
        Ok((cues_at, self.flushed))
    }
}
