//! Synthetic pictures and tones, already encoded, so that no codec has to be installed.
//!
//! A [`Clip`] is a short loop of encoded frames. [`Clip::picture`] and [`Clip::tone`] make them from a colour and a
//! frequency, which a test can look for at the far end by pixel and by analyser. A clip is encoded once and shared: a
//! thousand publishers of one [`Source`] cost one encoding.

mod picture;
mod tone;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

pub use picture::{PICTURE_HEIGHT, PICTURE_WIDTH};

/// A published track's encoded frames, produced when they are due.
pub trait FrameSource: fmt::Debug + Send + Sync {
    /// The frame of that number, counted from 0: an Opus packet or a VP8 frame. The first VP8 frame is a keyframe.
    fn frame(&self, number: usize) -> Bytes;

    /// The time from one frame to the next; never zero.
    fn frame_interval(&self) -> Duration;
}

/// A loop of encoded frames: VP8 pictures for a camera, Opus packets for a microphone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clip {
    frames: Vec<Bytes>,
    frame_interval: Duration,
}

impl Clip {
    /// A clip of frames encoded elsewhere. The first VP8 frame has to be a keyframe.
    pub fn new(frames: Vec<Bytes>, frame_interval: Duration) -> Result<Self, SourceError> {
        if frames.is_empty() || frame_interval.is_zero() {
            return Err(SourceError::Empty);
        }
        Ok(Self {
            frames,
            frame_interval,
        })
    }

    /// A moving picture of 320×180 at ten frames a second: `name` on a background of `colour` (red, green, blue), with a
    /// bar that moves along the lower edge. Every frame is a keyframe.
    pub fn picture(name: &str, colour: [u8; 3]) -> Result<Self, SourceError> {
        picture::encode(name, colour)
    }

    /// A steady sine tone of `hertz` in Opus packets of 20 ms; whole seconds loop without a click.
    pub fn tone(hertz: u32) -> Result<Self, SourceError> {
        tone::encode(hertz)
    }

    /// The encoded frames of one loop, in order.
    pub fn frames(&self) -> &[Bytes] {
        &self.frames
    }

    /// The time from one frame to the next.
    pub fn frame_interval(&self) -> Duration {
        self.frame_interval
    }
}

impl FrameSource for Clip {
    fn frame(&self, number: usize) -> Bytes {
        let at = number % self.frames.len().max(1);
        self.frames.get(at).cloned().unwrap_or_default()
    }

    fn frame_interval(&self) -> Duration {
        self.frame_interval
    }
}

/// The media that a participant publishes. Without a source, the m-line is offered and stays silent.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// Opus packets for the microphone's track.
    pub microphone: Option<Arc<dyn FrameSource>>,
    /// VP8 frames for the camera's track.
    pub camera: Option<Arc<dyn FrameSource>>,
}

impl Source {
    /// A city's picture, its name on a background colour, and a tone of that frequency.
    pub fn city(name: &str, colour: [u8; 3], hertz: u32) -> Result<Self, SourceError> {
        Ok(Self {
            microphone: Some(Arc::new(Clip::tone(hertz)?)),
            camera: Some(Arc::new(Clip::picture(name, colour)?)),
        })
    }
}

/// Why a source could not be created.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// A clip without frames or with a zero interval cannot be played.
    #[error("a clip needs at least one frame and a time between frames")]
    Empty,
    /// The frequency is outside the range that Opus carries.
    #[error("a tone of {0} Hz cannot be carried: choose one from 20 to 20000 Hz")]
    Frequency(u32),
    /// The VP8 encoder returned an error.
    #[error("the picture could not be encoded: {0}")]
    Picture(String),
    /// The Opus encoder returned an error.
    #[error("the tone could not be encoded: {0}")]
    Tone(String),
}
