//! A media packet on its way through the core.

use plenary_scene::Want;
use plenary_transport::sdp::Codec;

use crate::codec::Descriptor;

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
