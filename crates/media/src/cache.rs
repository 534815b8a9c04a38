//! The RTX cache: the packets that a listener may ask for again by
//! NACK. Each layer of a source has one, which all its listeners share.

use plenary_transport::sdp::Codec;

use crate::{codec::Descriptor, packet::Packet};

/// The packets that a cache holds: over a second of the largest layer.
const CACHED_PACKETS: u16 = 1024;

/// A packet as its publisher sent it, decrypted.
#[derive(Debug, Clone)]
pub struct CachedPacket {
    index: u64,
    pub codec: Codec,
    pub marker: bool,
    pub timestamp: u32,
    pub descriptor: Descriptor,
    pub payload: Vec<u8>,
}

impl CachedPacket {
    /// Its index within the stream.
    pub fn index(&self) -> u64 {
        self.index
    }
}

/// The last packets of one layer, by their index. Buffers are reused.
#[derive(Debug, Default)]
pub struct RtxCache {
    ring: Vec<Option<CachedPacket>>,
}

impl RtxCache {
    /// Stores a packet where an older one was.
    pub fn store(&mut self, packet: &Packet<'_>) {
        if self.ring.is_empty() {
            self.ring.resize(usize::from(CACHED_PACKETS), None);
        }
        let Some(entry) = self.ring.get_mut(place(packet.index)) else {
            return;
        };
        let mut payload = entry.take().map(|old| old.payload).unwrap_or_default();
        payload.clear();
        payload.extend_from_slice(packet.payload);
        *entry = Some(CachedPacket {
            index: packet.index,
            codec: packet.codec,
            marker: packet.marker,
            timestamp: packet.timestamp,
            descriptor: packet.descriptor,
            payload,
        });
    }

    /// The packet with that index, if it is still here.
    pub fn find(&self, index: u64) -> Option<&CachedPacket> {
        let cached = self.ring.get(place(index))?.as_ref()?;
        (cached.index == index).then_some(cached)
    }

    /// Forgets everything: what is no longer allowed is not even there.
    pub fn clear(&mut self) {
        self.ring = Vec::new();
    }
}

fn place(index: u64) -> usize {
    usize::try_from(index % u64::from(CACHED_PACKETS)).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_is_found_until_another_takes_its_place() {
        let packet = |index, payload| Packet {
            codec: Codec::Vp8,
            generation: 1,
            marker: false,
            index,
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
