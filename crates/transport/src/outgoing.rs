//! Packets on their way out, by all kinds of paths.

use crate::{peer::PeerAddress, udp::SendBatch};

/// Bytes left free before each packet for a stream or relay: the longest header of a frame is that of channel data.
pub const HEADROOM_BYTES: usize = 4;

/// Packets on their way out: those by UDP in a batch of their own, which costs what it would cost without the others.
#[derive(Debug, Default)]
pub struct PacketBatch {
    /// The packets that leave by UDP as they are.
    pub udp: SendBatch,
    /// The packets for connections and for clients of the relay, in order.
    pub linked: Vec<LinkedPacket>,
}

/// What a packet is to the path that carries it, where not everything fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PacketClass {
    /// Connectivity checks, handshakes and reports: few, and the session depends on them.
    Control,
    /// Small, and heard at once when it is missing.
    Sound,
    /// Most of the bytes; a keyframe repairs what is missing.
    Picture,
}

/// A packet for a connection or for a client of the relay.
#[derive(Debug)]
pub struct LinkedPacket {
    /// Where it goes, by whatever path.
    pub to: PeerAddress,
    /// What it is, which says how long it may wait.
    pub class: PacketClass,
    /// [`HEADROOM_BYTES`] that are free, and the packet.
    pub bytes: Vec<u8>,
}

impl PacketBatch {
    /// Adds a packet for `to`: `write` gets `capacity` bytes and returns how many it used, or none for no packet.
    /// Returns whether there is one. An empty packet is none.
    pub fn push(
        &mut self,
        to: PeerAddress,
        class: PacketClass,
        capacity: usize,
        write: impl FnOnce(&mut [u8]) -> Option<usize>,
    ) -> bool {
        if let PeerAddress::Udp(to) = to {
            return self.udp.push(to, capacity, write);
        }
        let mut bytes = vec![0; HEADROOM_BYTES + capacity];
        let written = bytes.get_mut(HEADROOM_BYTES..).and_then(write);
        match written {
            Some(length) if (1..=capacity).contains(&length) => {
                bytes.truncate(HEADROOM_BYTES + length);
                self.linked.push(LinkedPacket { to, class, bytes });
                true
            }
            _ => false,
        }
    }

    /// Whether no packet waits in it.
    pub fn is_empty(&self) -> bool {
        self.udp.is_empty() && self.linked.is_empty()
    }

    /// Drops what waits and keeps the buffers.
    pub fn clear(&mut self) {
        self.udp.clear();
        self.linked.clear();
    }
}
