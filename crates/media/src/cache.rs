//! The RTX cache: the packets that a listener may ask for again by
//! NACK. Each layer of a source has one, which all its listeners share.

use plenary_transport::sdp::Codec;

use crate::{codec::Descriptor, packet::Packet};

/// The packets that a cache holds: over a second of the largest layer.
const CACHED_PACKETS: usize = 1024;

/// A packet as its publisher sent it, decrypted.
#[derive(Debug, Clone)]
pub struct CachedPacket {
    sequence: u16,
    pub codec: Codec,
    pub marker: bool,
    pub timestamp: u32,
    pub descriptor: Descriptor,
    pub payload: Vec<u8>,
}

/// The last packets of one layer, by sequence number. Buffers are reused.
#[derive(Debug, Default)]
pub struct RtxCache {
    ring: Vec<Option<CachedPacket>>,
}

impl RtxCache {
    /// Stores a packet where an older one was.
    pub fn store(&mut self, packet: &Packet<'_>) {
        if self.ring.is_empty() {
            self.ring.resize(CACHED_PACKETS, None);
        }
        let at = usize::from(packet.sequence) % CACHED_PACKETS;
        let Some(entry) = self.ring.get_mut(at) else {
            return;
        };
        let mut payload = entry.take().map(|old| old.payload).unwrap_or_default();
        payload.clear();
        payload.extend_from_slice(packet.payload);
        *entry = Some(CachedPacket {
            sequence: packet.sequence,
            codec: packet.codec,
            marker: packet.marker,
            timestamp: packet.timestamp,
            descriptor: packet.descriptor,
            payload,
        });
    }

    /// The packet with that sequence number, if it is still here.
    pub fn find(&self, sequence: u16) -> Option<&CachedPacket> {
        let at = usize::from(sequence) % CACHED_PACKETS;
        let cached = self.ring.get(at)?.as_ref()?;
        (cached.sequence == sequence).then_some(cached)
    }

    /// Forgets everything: what is no longer allowed is not even there.
    pub fn clear(&mut self) {
        self.ring = Vec::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_is_found_until_another_takes_its_place() {
        let packet = |sequence, payload| Packet {
            codec: Codec::Vp8,
            marker: false,
            sequence,
            timestamp: 0,
            descriptor: Descriptor::default(),
            payload,
        };
        let mut cache = RtxCache::default();
        cache.store(&packet(5, b"old"));
        assert_eq!(cache.find(5).unwrap().payload, b"old");
        cache.store(&packet(5 + 1024, b"new"));
        assert!(cache.find(5).is_none());
        cache.clear();
        assert!(cache.find(5 + 1024).is_none());
    }
}
