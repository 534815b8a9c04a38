//! A media packet on its way through the core.

use std::ops::Range;

use plenary_scene::Want;
use plenary_transport::sdp::Codec;

use crate::{cache::RtxCache, codec::Descriptor};

/// An RTP packet to be forwarded, decrypted, as its publisher's header has it.
#[derive(Debug, Clone, Copy)]
pub struct Packet<'a> {
    pub codec: Codec,
    /// Which of the streams of its layer it belongs to.
    pub generation: u64,
    pub marker: bool,
    /// Its index within the stream.
    pub index: u64,
    pub timestamp: u32,
    /// The descriptor of a picture; the default for sound.
    pub descriptor: Descriptor,
    /// The payload without padding; empty if the packet holds only padding.
    pub payload: &'a [u8],
}

/// The distance on a picture's clock between frames that are repeated at once: 1 ms.
const REPEATED_FRAME_TICKS: u32 = 90_000 / 1000;

impl<'a> Packet<'a> {
    /// The packets of a recording since a keyframe, as far as the cache has them, with times that lead up to the last: their
    /// order is clear, and they are over in a moment.
    pub fn leading_up(cache: &'a RtxCache, group: Range<u64>, generation: u64) -> Vec<Self> {
        let cached: Vec<_> = group.map_while(|index| cache.find(index)).collect();
        let last = cached.last().map_or(0, |packet| packet.timestamp);
        let frames = || cached.chunk_by(|a, b| a.timestamp == b.timestamp);
        let behind = (0..frames().count()).rev();
        let packets = frames().zip(behind).flat_map(|(frame, behind)| {
            let behind = u32::try_from(behind).unwrap_or(0);
            let timestamp = last.wrapping_sub(behind.wrapping_mul(REPEATED_FRAME_TICKS));
            frame.iter().map(move |cached| Self {
                codec: cached.codec,
                generation,
                marker: cached.marker,
                index: cached.index(),
                timestamp,
                descriptor: cached.descriptor,
                payload: &cached.payload,
            })
        });
        packets.collect()
    }
}

/// Packets of one stream that wait for the rest of their frame: what goes to a listener as one train costs the kernel
/// little more than a single packet.
#[derive(Debug, Default)]
pub struct HeldPackets {
    packets: Vec<HeldPacket>,
    payloads: Vec<u8>,
}

#[derive(Debug, Clone, Copy)]
struct HeldPacket {
    codec: Codec,
    generation: u64,
    marker: bool,
    index: u64,
    timestamp: u32,
    descriptor: Descriptor,
    payload_end: usize,
}

impl HeldPackets {
    /// Adds a packet.
    pub fn push(&mut self, packet: &Packet<'_>) {
        self.payloads.extend_from_slice(packet.payload);
        self.packets.push(HeldPacket {
            codec: packet.codec,
            generation: packet.generation,
            marker: packet.marker,
            index: packet.index,
            timestamp: packet.timestamp,
            descriptor: packet.descriptor,
            payload_end: self.payloads.len(),
        });
    }

    /// How many packets wait.
    pub fn len(&self) -> usize {
        self.packets.len()
    }

    /// Whether no packet waits.
    pub fn is_empty(&self) -> bool {
        self.packets.is_empty()
    }

    /// The packets, in the order in which they came.
    pub fn iter(&self) -> impl Iterator<Item = Packet<'_>> {
        let mut start = 0;
        self.packets.iter().map(move |held| {
            let payload = self.payloads.get(start..held.payload_end);
            start = held.payload_end;
            Packet {
                codec: held.codec,
                generation: held.generation,
                marker: held.marker,
                index: held.index,
                timestamp: held.timestamp,
                descriptor: held.descriptor,
                payload: payload.unwrap_or_default(),
            }
        })
    }

    /// Drops the packets and keeps the buffers.
    pub fn clear(&mut self) {
        self.packets.clear();
        self.payloads.clear();
    }
}

/// Packets that went out, by the purpose of the slots that they went into.
#[derive(Debug, Default)]
pub struct Forwarded(pub Vec<(Want, u64)>);

impl Forwarded {
    /// Counts packets into a slot of that purpose.
    pub fn count(&mut self, want: &Want, packets: u64) {
        match self.0.iter_mut().find(|(known, _)| known == want) {
            Some((_, known)) => *known += packets,
            None => self.0.push((want.clone(), packets)),
        }
    }
}
