//! What may have to be sent again: one cache per layer of a source, shared by all its listeners.

use plenary_transport::sdp::Codec;

use crate::{codec::Descriptor, slot::Packet};

/// Packets kept: over a second of the largest layer.
const KEPT: usize = 1024;

/// A packet as it came, opened.
#[derive(Debug, Clone)]
pub struct Kept {
    sequence: u16,
    /// What it is coded in.
    pub codec: Codec,
    /// The end of a frame.
    pub marker: bool,
    /// The source's timestamp.
    pub timestamp: u32,
    /// What its payload's descriptor said.
    pub descriptor: Descriptor,
    /// The payload.
    pub payload: Vec<u8>,
}

/// The last packets of one layer, by sequence number. Buffers are reused.
#[derive(Debug, Default)]
pub struct Cache {
    ring: Vec<Option<Kept>>,
}

impl Cache {
    /// Keeps a packet in the place of an older one.
    pub fn keep(&mut self, packet: &Packet<'_>) {
        if self.ring.is_empty() {
            self.ring.resize(KEPT, None);
        }
        let Some(place) = self.ring.get_mut(usize::from(packet.sequence) % KEPT) else {
            return;
        };
        let mut payload = place.take().map(|old| old.payload).unwrap_or_default();
        payload.clear();
        payload.extend_from_slice(packet.payload);
        *place = Some(Kept {
            sequence: packet.sequence,
            codec: packet.codec,
            marker: packet.marker,
            timestamp: packet.timestamp,
            descriptor: packet.descriptor,
            payload,
        });
    }

    /// The packet with that sequence number, if it is still here.
    pub fn find(&self, sequence: u16) -> Option<&Kept> {
        let kept = self.ring.get(usize::from(sequence) % KEPT)?.as_ref()?;
        (kept.sequence == sequence).then_some(kept)
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
        let mut cache = Cache::default();
        cache.keep(&packet(5, b"old"));
        assert_eq!(cache.find(5).unwrap().payload, b"old");
        cache.keep(&packet(5 + 1024, b"new"));
        assert!(cache.find(5).is_none());
        cache.clear();
        assert!(cache.find(5 + 1024).is_none());
    }
}
