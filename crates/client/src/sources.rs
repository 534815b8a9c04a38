//! Pictures and sounds made up on the spot, already encoded, so that nothing has to be installed or decoded.
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

/// What a line sends: encoded frames, made as they are due.
pub trait Play: fmt::Debug + Send + Sync {
    /// The frame of that number, counted from 0: an Opus packet or a VP8 frame, the first of which is a key frame.
    fn frame(&self, number: usize) -> Bytes;

    /// The time from one frame to the next; not zero.
    fn every(&self) -> Duration;
}

/// A loop of encoded frames: VP8 pictures for a camera, Opus packets for a microphone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clip {
    frames: Vec<Bytes>,
    every: Duration,
}

impl Clip {
    /// A clip of frames encoded elsewhere, one `every` so often. The first picture has to be a key frame.
    pub fn new(frames: Vec<Bytes>, every: Duration) -> Result<Self, SourceError> {
        if frames.is_empty() || every.is_zero() {
            return Err(SourceError::Empty);
        }
        Ok(Self { frames, every })
    }

    /// A moving picture of 320×180 at ten frames a second: a ground of `colour` (red, green, blue), `name` written on
    /// it and a bar that wanders across the lower edge. Every frame is a key frame.
    pub fn picture(name: &str, colour: [u8; 3]) -> Result<Self, SourceError> {
        picture::encode(name, colour)
    }

    /// A steady sine tone of `hertz` in Opus packets of 20 ms; whole seconds loop without a click.
    pub fn tone(hertz: u32) -> Result<Self, SourceError> {
        tone::encode(hertz)
    }

    /// The encoded frames of one round, in order.
    pub fn frames(&self) -> &[Bytes] {
        &self.frames
    }

    /// The time from one frame to the next.
    pub fn every(&self) -> Duration {
        self.every
    }
}

impl Play for Clip {
    fn frame(&self, number: usize) -> Bytes {
        let at = number % self.frames.len().max(1);
        self.frames.get(at).cloned().unwrap_or_default()
    }

    fn every(&self) -> Duration {
        self.every
    }
}

/// What a participant publishes. An absent one is a line that is offered and stays silent.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// Opus packets for the microphone line.
    pub microphone: Option<Arc<dyn Play>>,
    /// VP8 frames for the camera line.
    pub camera: Option<Arc<dyn Play>>,
}

impl Source {
    /// A city's picture and tone: its name on its colour, and its frequency.
    pub fn city(name: &str, colour: [u8; 3], hertz: u32) -> Result<Self, SourceError> {
        Ok(Self {
            microphone: Some(Arc::new(Clip::tone(hertz)?)),
            camera: Some(Arc::new(Clip::picture(name, colour)?)),
        })
    }
}

/// Why a source could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// A clip without frames or without a rhythm cannot be played.
    #[error("a clip needs at least one frame and a time between frames")]
    Empty,
    /// A tone above what Opus carries, or of no cycles at all.
    #[error("a tone of {0} Hz cannot be carried: choose one from 20 to 20000 Hz")]
    Frequency(u32),
    /// The picture encoder refused.
    #[error("the picture could not be encoded: {0}")]
    Picture(String),
    /// The sound encoder refused.
    #[error("the tone could not be encoded: {0}")]
    Tone(String),
}
