//! Where packets leave the core to be recorded: the interface of whatever records them.

use std::time::Instant;

use plenary_ids::RoomId;
use plenary_scene::TakeKey;
use plenary_transport::sdp::Codec;

/// Takes the packets of one worker's takes. No call may wait: packets of the meeting are behind it.
pub trait Tap: Send {
    /// Begins a take, with its first packet.
    fn begin(&mut self, room: &RoomId, take: &TakeKey, now: Instant) -> TakeHandle;

    /// Takes a packet of a take, in the order of arrival: retransmissions come late. Packets of all layers come. Returns
    /// whether a keyframe of that layer is needed.
    fn packet(&mut self, take: TakeHandle, facts: &PacketFacts, payload: &[u8]) -> bool;

    /// Takes a sender report of a stream, by which the takes of one participant are aligned.
    fn sender_report(&mut self, take: TakeHandle, report: &SenderFacts, now: Instant);

    /// Ends a take.
    fn end(&mut self, take: TakeHandle, now: Instant);

    /// Called at every tick.
    fn flush(&mut self, now: Instant);
}

/// A take that runs, as its tap names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TakeHandle(pub u64);

/// What the header of a packet says, and what the core knows of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PacketFacts {
    /// The codec of its payload.
    pub codec: Codec,
    /// Its sequence number within its stream, counted on beyond 16 bits.
    pub index: u64,
    /// Its RTP timestamp.
    pub timestamp: u32,
    /// The marker bit of its header.
    pub marker: bool,
    /// Whether a keyframe begins with it.
    pub keyframe: bool,
    /// The place of its layer among those of the source, the best first.
    pub layer: u8,
    /// The number of the stream within its layer: another SSRC is another stream.
    pub generation: u64,
    /// When it arrived.
    pub arrival: Instant,
}

/// What a sender report says of the clock of a stream (RFC 3550, section 6.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SenderFacts {
    /// The place of the layer among those of the source.
    pub layer: u8,
    /// The number of the stream within its layer.
    pub generation: u64,
    /// The sender's clock in NTP's format.
    pub ntp: u64,
    /// The RTP time of the same moment.
    pub timestamp: u32,
}
