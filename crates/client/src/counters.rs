//! Counts what arrives in each slot, packet by packet, without decoding.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use rtc::rtp::Packet;
use rtc::rtp::codec::vp8::Vp8Packet;
use rtc::rtp::packetizer::Depacketizer;
use serde::{Serialize, Serializer};
use tokio::sync::Notify;

/// The kind of an m-line. Each kind has one codec here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the field names say it")]
pub enum Kind {
    Audio,
    Video,
}

/// Observes every frame that arrives.
pub trait FrameObserver: fmt::Debug + Send + Sync {
    /// Called for each frame of the slot `mid` with an Opus packet, or with the part of a VP8 frame that the first packet
    /// holds. It runs between two packets and must not block.
    fn on_frame(&self, mid: &str, start: &[u8]);
}

/// The counters of one slot since the participant joined.
#[derive(Debug, Clone, Serialize)]
pub struct Count {
    /// Each Opus packet is a frame; a VP8 frame may span packets.
    pub kind: Kind,
    /// The number of packets received, including duplicates.
    pub packets: u64,
    /// Bytes of payload received, without RTP headers.
    pub bytes: u64,
    /// Frames whose first packet arrived.
    pub frames: u64,
    /// VP8 keyframes among those frames.
    pub keyframes: u64,
    /// How often the RTP sequence number jumped ahead.
    pub gaps: u64,
    /// Lost packets: skipped by the sequence number, and not arrived late since.
    pub missing: u64,
    /// Every SSRC that was seen. The protocol promises one per slot.
    pub ssrcs: BTreeSet<u32>,
    /// When the first packet arrived, on the participant's own clock; serialized in seconds.
    #[serde(serialize_with = "seconds")]
    pub first: Option<Duration>,
    /// When the latest packet arrived, on the same clock.
    #[serde(serialize_with = "seconds")]
    pub last: Option<Duration>,
    #[serde(skip)]
    highest: Option<u16>,
}

impl Count {
    pub(crate) fn new(kind: Kind) -> Self {
        Self {
            kind,
            packets: 0,
            bytes: 0,
            frames: 0,
            keyframes: 0,
            gaps: 0,
            missing: 0,
            ssrcs: BTreeSet::new(),
            first: None,
            last: None,
            highest: None,
        }
    }

    /// Counts a packet, and returns its part of the frame if it begins one.
    pub(crate) fn record(&mut self, packet: &Packet, now: Duration) -> Option<Bytes> {
        self.packets += 1;
        self.bytes += packet.payload.len() as u64;
        self.ssrcs.insert(packet.header.ssrc);
        self.first.get_or_insert(now);
        self.last = Some(now);
        self.track_sequence(packet.header.sequence_number);
        match self.kind {
            Kind::Audio => {
                self.frames += 1;
                Some(packet.payload.clone())
            }
            Kind::Video => self.inspect_vp8(&packet.payload),
        }
    }

    /// Compares modulo 2^16 (RFC 1982): a number less than half the circle ahead is newer, any other arrived late.
    fn track_sequence(&mut self, sequence: u16) {
        let Some(highest) = self.highest else {
            self.highest = Some(sequence);
            return;
        };
        match sequence.wrapping_sub(highest) {
            0 => {}
            ahead @ 1..0x8000 => {
                self.highest = Some(sequence);
                self.gaps += u64::from(ahead > 1);
                self.missing += u64::from(ahead - 1);
            }
            _ => self.missing = self.missing.saturating_sub(1),
        }
    }

    fn inspect_vp8(&mut self, payload: &Bytes) -> Option<Bytes> {
        let mut descriptor = Vp8Packet::default();
        let body = descriptor.depacketize(payload).ok()?;
        if descriptor.s != 1 || descriptor.pid != 0 {
            return None;
        }
        self.frames += 1;
        self.keyframes += u64::from(is_keyframe(&body));
        Some(body)
    }
}

#[expect(clippy::ref_option, reason = "serde passes the field by reference")]
fn seconds<S: Serializer>(time: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    time.map(|time| time.as_secs_f64()).serialize(serializer)
}

/// The counters of all slots of one participant, and the participant's clock.
#[derive(Debug)]
pub(crate) struct Counters {
    started: Instant,
    counts: Mutex<BTreeMap<String, Count>>,
    observer: Option<Arc<dyn FrameObserver>>,
    changed: Notify,
}

impl Counters {
    pub(crate) fn new(observer: Option<Arc<dyn FrameObserver>>) -> Self {
        Self {
            started: Instant::now(),
            counts: Mutex::default(),
            observer,
            changed: Notify::new(),
        }
    }

    pub(crate) fn clock(&self) -> Duration {
        self.started.elapsed()
    }

    pub(crate) fn open(&self, mid: &str, kind: Kind) {
        self.lock().insert(mid.to_owned(), Count::new(kind));
    }

    pub(crate) fn record(&self, mid: &str, packet: &Packet) {
        let now = self.clock();
        let start = self
            .lock()
            .get_mut(mid)
            .and_then(|count| count.record(packet, now));
        if let (Some(observer), Some(start)) = (&self.observer, start) {
            observer.on_frame(mid, &start);
        }
        self.changed.notify_waiters();
    }

    pub(crate) fn snapshot(&self) -> BTreeMap<String, Count> {
        self.lock().clone()
    }

    /// Waits until the counters satisfy `done`, which is evaluated after every packet.
    pub(crate) async fn until(&self, mut done: impl FnMut(&BTreeMap<String, Count>) -> bool) {
        loop {
            let mut change = pin!(self.changed.notified());
            // Registered before the check, so that no packet is missed between check and wait.
            change.as_mut().enable();
            if done(&self.lock()) {
                return;
            }
            change.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Count>> {
        // The counts are consistent after every statement, so a poisoned lock is safe to use.
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// RFC 6386, section 9.1: the first bit of a frame is 0 in a key frame.
pub(crate) fn is_keyframe(frame: &[u8]) -> bool {
    frame.first().is_some_and(|byte| byte & 1 == 0)
}

#[cfg(test)]
mod tests {
    use rtc::rtp::Header;

    use super::*;

    fn packet(ssrc: u32, sequence_number: u16, payload: &'static [u8]) -> Packet {
        Packet {
            header: Header {
                ssrc,
                sequence_number,
                ..Header::default()
            },
            payload: Bytes::from_static(payload),
        }
    }

    fn count(kind: Kind, packets: &[Packet]) -> Count {
        let mut count = Count::new(kind);
        for (at, packet) in (0..).zip(packets) {
            count.record(packet, Duration::from_secs(at));
        }
        count
    }

    #[test]
    fn a_skipped_packet_is_missing_until_it_arrives_late() {
        let numbers = [65_533, 65_534, 1, 65_535, 0, 2];
        let packets = numbers.map(|number| packet(7, number, &[0; 10]));
        let before = count(Kind::Audio, &packets[..3]);
        assert_eq!((before.gaps, before.missing), (1, 2));
        let after = count(Kind::Audio, &packets);
        assert_eq!((after.gaps, after.missing), (1, 0));
        assert_eq!((after.packets, after.bytes, after.frames), (6, 60, 6));
    }

    #[test]
    fn first_and_last_are_on_the_participants_clock() {
        let count = count(
            Kind::Audio,
            &[1, 2, 3].map(|number| packet(7, number, &[0])),
        );
        assert_eq!(count.first, Some(Duration::ZERO));
        assert_eq!(count.last, Some(Duration::from_secs(2)));
    }

    #[test]
    fn every_ssrc_is_listed_once() {
        let count = count(Kind::Audio, &[8, 7, 8].map(|ssrc| packet(ssrc, 1, &[0])));
        assert_eq!(count.ssrcs, BTreeSet::from([7, 8]));
    }

    #[test]
    fn a_frame_is_counted_by_its_first_packet_and_a_keyframe_by_its_first_bit() {
        // Descriptors of RFC 7741, section 4.2: S set and partition 0, S clear, and one with a picture id.
        let key = packet(7, 1, &[0x10, 0b0000_0000, 0, 0]);
        let rest = packet(7, 2, &[0x00, 0b0000_0000, 0, 0]);
        let inter = packet(7, 3, &[0x90, 0x80, 0x05, 0b0000_0001, 0]);
        let count = count(Kind::Video, &[key, rest, inter]);
        assert_eq!((count.packets, count.frames, count.keyframes), (3, 2, 1));
    }

    #[test]
    fn a_payload_too_short_to_be_vp8_is_a_packet_and_no_frame() {
        let count = count(Kind::Video, &[packet(7, 1, &[]), packet(7, 2, &[0x90])]);
        assert_eq!((count.packets, count.frames), (2, 0));
    }
}
