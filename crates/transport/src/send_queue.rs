//! The packets that wait for a stream: bounded, and never old.
//!
//! TCP delivers everything, however late; a voice that is late is worse than one that misses a syllable. So while a
//! connection stalls, media that has waited for too long is dropped here, whole packets at a time, and what the client
//! gets when the connection moves again is current. Sound overtakes pictures, because it is a fraction of the bytes.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use crate::{
    framing::LENGTH_BYTES,
    outgoing::{HEADROOM_BYTES, PacketClass},
};

/// Media that has waited for so long is dropped.
pub const MAX_AGE: Duration = Duration::from_millis(200);
/// Pictures that may wait: two keyframes of a large layer.
const MAX_PICTURE_BYTES: usize = 512 << 10;
/// Sound that may wait: far more than a room's voices send in the time above.
const MAX_SOUND_PACKETS: usize = 128;
/// Checks, handshakes and reports that may wait.
const MAX_CONTROL_PACKETS: usize = 64;

/// A packet in its frame, which begins somewhere in these bytes.
#[derive(Debug)]
pub struct Frame {
    bytes: Vec<u8>,
    start: usize,
}

impl Frame {
    /// The whole of these bytes.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self { bytes, start: 0 }
    }

    /// A packet behind its length, as ICE-TCP frames it (RFC 4571). The packet has [`HEADROOM_BYTES`] before it. None if it
    /// is too long for that.
    pub fn of_ice(mut packet: Vec<u8>) -> Option<Self> {
        let length = packet.len().checked_sub(HEADROOM_BYTES)?;
        let length = u16::try_from(length).ok()?.to_be_bytes();
        let start = HEADROOM_BYTES - LENGTH_BYTES;
        packet
            .get_mut(start..HEADROOM_BYTES)?
            .copy_from_slice(&length);
        Some(Self {
            bytes: packet,
            start,
        })
    }

    /// What goes onto the wire.
    pub fn as_slice(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }
}

/// What waits for one stream.
#[derive(Debug, Default)]
pub struct SendQueue {
    control: VecDeque<Frame>,
    sound: VecDeque<(Instant, Frame)>,
    pictures: VecDeque<(Instant, Frame)>,
    picture_bytes: usize,
}

impl SendQueue {
    /// Adds a frame; returns how many older ones were dropped for it.
    pub fn push(&mut self, class: PacketClass, frame: Frame, now: Instant) -> usize {
        let mut dropped = self.drop_late(now);
        match class {
            PacketClass::Control => {
                self.control.push_back(frame);
                if self.control.len() > MAX_CONTROL_PACKETS {
                    self.control.pop_front();
                    dropped += 1;
                }
            }
            PacketClass::Sound => {
                self.sound.push_back((now, frame));
                if self.sound.len() > MAX_SOUND_PACKETS {
                    self.sound.pop_front();
                    dropped += 1;
                }
            }
            PacketClass::Picture => {
                self.picture_bytes += frame.as_slice().len();
                self.pictures.push_back((now, frame));
                while self.picture_bytes > MAX_PICTURE_BYTES && self.pop_picture().is_some() {
                    dropped += 1;
                }
            }
        }
        dropped
    }

    /// Drops media that has waited for too long; returns how many packets.
    pub fn drop_late(&mut self, now: Instant) -> usize {
        let late = |entry: Option<&(Instant, Frame)>| {
            entry.is_some_and(|(since, _)| now.saturating_duration_since(*since) >= MAX_AGE)
        };
        let mut dropped = 0;
        while late(self.sound.front()) {
            self.sound.pop_front();
            dropped += 1;
        }
        while late(self.pictures.front()) {
            self.pop_picture();
            dropped += 1;
        }
        dropped
    }

    /// The frame that goes next.
    pub fn pop(&mut self) -> Option<Frame> {
        let first = self.control.pop_front();
        let first = first.or_else(|| self.sound.pop_front().map(|(_, frame)| frame));
        first.or_else(|| self.pop_picture())
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.control.is_empty() && self.sound.is_empty() && self.pictures.is_empty()
    }

    /// Drops all media. What a scene has taken away is then not here either.
    pub fn drop_media(&mut self) {
        self.sound.clear();
        self.pictures.clear();
        self.picture_bytes = 0;
    }

    fn pop_picture(&mut self) -> Option<Frame> {
        let (_, frame) = self.pictures.pop_front()?;
        self.picture_bytes -= frame.as_slice().len();
        Some(frame)
    }
}
