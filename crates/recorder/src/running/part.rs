//! What of a take becomes one file: frames that grow in the cluster which will be written.

use std::time::{Duration, Instant};

use plenary_library::opus_duration;
use plenary_transport::sdp::{Codec, Kind};

use super::{CLUSTER_MS, NANOS_PER_MS, OpenFile};
use crate::{
    avc::ParameterSets,
    depacketize::Assembly,
    matroska::{Cluster, Cue},
    take::PacketFacts,
    timeline::{Timeline, usual_length},
};

const CLUSTER_BYTES: usize = 1 << 20;
/// Larger than any picture of a meeting.
const MAX_FRAME_BYTES: usize = 8 << 20;
/// How far apart the entries of the index are in sound.
const SOUND_CUE_MS: u64 = 5000;

/// What becomes one file.
pub(super) struct Part {
    pub(super) codec: Option<Codec>,
    pub(super) timeline: Timeline,
    pub(super) assembly: Assembly,
    pub(super) sets: ParameterSets,
    pub(super) cluster: Cluster,
    pub(super) frame: Option<OpenFrame>,
    pub(super) waits_for_keyframe: bool,
    pub(super) file: Option<OpenFile>,
    pub(super) cues: Vec<Cue>,
    /// The first keyframe of the cluster that is not in the index yet.
    pub(super) cue_ms: Option<u64>,
    pub(super) size: Option<(u32, u32)>,
    pub(super) frames: u64,
    pub(super) lost_packets: u64,
    pub(super) last_ms: u64,
    pub(super) last_length_ms: u64,
    /// What of it is in the file: how many frames, and where they end.
    pub(super) written: (u64, u64),
}

#[derive(Debug, Clone, Copy)]
pub(super) struct OpenFrame {
    pub(super) timestamp: u32,
    pub(super) at_ms: u64,
    pub(super) keyframe: bool,
}

impl Part {
    pub(super) fn new(began: Instant) -> Self {
        Self {
            codec: None,
            timeline: Timeline::new(began),
            assembly: Assembly::default(),
            sets: ParameterSets::default(),
            cluster: Cluster::default(),
            frame: None,
            waits_for_keyframe: true,
            file: None,
            cues: Vec::new(),
            cue_ms: None,
            size: None,
            frames: 0,
            lost_packets: 0,
            last_ms: 0,
            last_length_ms: 0,
            written: (0, 0),
        }
    }

    pub(super) fn cluster_is_due(&self, at_ms: u64, keyframe: bool) -> bool {
        let is_long = at_ms.saturating_sub(self.cluster.start_ms) >= CLUSTER_MS;
        let is_picture = self.codec.is_some_and(|it| it.kind() == Kind::Video);
        !self.cluster.is_empty()
            && (is_long
                || self.cluster.bytes.len() >= CLUSTER_BYTES
                // A player that seeks begins at a cluster, which then begins with a keyframe.
                || is_picture && keyframe && at_ms > self.cluster.start_ms)
    }

    pub(super) fn begin_frame(&mut self, facts: &PacketFacts, at_ms: u64) {
        if self.cluster.is_empty() {
            self.cluster.restart(at_ms);
        }
        self.cluster.begin_block(1, at_ms);
        self.assembly.reset();
        self.frame = Some(OpenFrame {
            timestamp: facts.timestamp,
            at_ms,
            keyframe: facts.keyframe,
        });
    }

    /// Appends a payload to the frame; returns whether it makes sense.
    pub(super) fn append(&mut self, facts: &PacketFacts, payload: &[u8]) -> bool {
        let start = self.cluster.frame_start();
        let bytes = &mut self.cluster.bytes;
        let appended = self
            .assembly
            .append(facts.codec, payload, &mut self.sets, bytes);
        if facts.codec == Codec::Opus {
            let length = opus_duration(payload).unwrap_or(Duration::from_millis(20));
            self.last_length_ms = u64::try_from(length.as_millis()).unwrap_or_default();
        }
        appended.is_ok() && bytes.len().saturating_sub(start) <= MAX_FRAME_BYTES
    }

    /// Ends the frame; returns whether it can be decoded.
    pub(super) fn complete_frame(&mut self) -> bool {
        let (Some(frame), Some(codec)) = (self.frame, self.codec) else {
            return true;
        };
        let start = self.cluster.frame_start();
        let completed = self
            .assembly
            .complete(codec, start, &mut self.cluster.bytes);
        let size = match codec {
            Codec::H264 if frame.keyframe => self.sets.size(),
            _ => self.assembly.size,
        };
        if let Some((width, height)) = size {
            let (wide, high) = self.size.unwrap_or_default();
            self.size = Some((wide.max(width), high.max(height)));
        }
        // Without these there is no head of the file.
        let is_described = match codec {
            Codec::Opus => true,
            Codec::Vp8 | Codec::Vp9 => self.size.is_some(),
            Codec::H264 => self.size.is_some() && self.sets.are_known(),
        };
        if completed.is_err() || !is_described {
            self.abort_frame();
            return false;
        }
        let is_picture = codec.kind() == Kind::Video;
        self.cluster.end_block(frame.keyframe || !is_picture);
        self.frame = None;
        self.waits_for_keyframe = false;
        self.frames += 1;
        self.last_ms = frame.at_ms;
        if is_picture {
            let length = usual_length(codec) / NANOS_PER_MS;
            self.last_length_ms = u64::try_from(length).unwrap_or_default();
        }
        let is_far = self
            .cues
            .last()
            .is_none_or(|last| frame.at_ms >= last.at_ms + SOUND_CUE_MS);
        if (is_picture && frame.keyframe) || (!is_picture && is_far) {
            self.cue_ms.get_or_insert(frame.at_ms);
        }
        true
    }

    /// Where the frames end that it has now.
    pub(super) fn end_ms(&self) -> u64 {
        self.last_ms + self.last_length_ms
    }

    pub(super) fn abort_frame(&mut self) {
        if self.frame.take().is_some() {
            self.cluster.abort_block();
            if self.frames == 0 {
                // Position 0 is the first frame that is kept.
                self.timeline.restart();
            }
        }
    }
}
