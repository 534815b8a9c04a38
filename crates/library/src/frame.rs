//! A picture, a piece of sound or a subtitle.

use std::time::Duration;

use bytes::Bytes;

/// One frame of a track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The track, by its place among the tracks of its recording.
    pub track: usize,
    /// Its time from the beginning of the recording.
    pub at: Duration,
    /// Whether it can be decoded by itself. Sound and subtitles always can.
    pub keyframe: bool,
    /// What is decoded: a frame of VP8 or VP9, a packet of Opus, the text of a WebVTT cue, or the NAL units of an H.264
    /// access unit, each after a start code (Annex B), with the parameter sets before those of a keyframe.
    pub data: Bytes,
}

impl Frame {
    /// The memory that a frame takes: its bytes, and what is around them, which is more for many small frames.
    pub(crate) fn memory(&self) -> usize {
        const AROUND: usize = 256;
        self.data.len() + AROUND
    }
}
