//! A media packet on its way through the core.

use plenary_transport::sdp::Codec;

use crate::codec::Descriptor;

/// An RTP packet to be forwarded, decrypted, as its publisher's header has it.
#[derive(Debug, Clone, Copy)]
pub struct Packet<'a> {
    pub codec: Codec,
    pub marker: bool,
    pub sequence: u16,
    pub timestamp: u32,
    /// Of a picture; default for sound.
    pub descriptor: Descriptor,
    /// Without padding; empty if there was nothing else.
    pub payload: &'a [u8],
}
