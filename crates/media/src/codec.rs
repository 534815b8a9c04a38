//! The few facts about a payload that forwarding needs: where a stream may begin, which frames may be left out, and
//! which counters a slot must move so that several sources make one stream.

pub mod h264;
pub mod vp8;
pub mod vp9;

use plenary_transport::sdp::{Codec, Format};

/// The codecs for pictures, in the order in which answers name them: VP8 first, because everybody decodes it.
pub const PICTURES: [Codec; 3] = [Codec::Vp8, Codec::Vp9, Codec::H264];

/// The payload types under which one line carries a codec.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PayloadTypes {
    pub codec: Codec,
    pub media: u8,
    /// The payload type of its retransmissions (RFC 4588), if the line has them.
    pub rtx: Option<u8>,
}

impl From<&Format> for PayloadTypes {
    fn from(format: &Format) -> Self {
        Self {
            codec: format.codec,
            media: format.payload_type,
            rtx: format.rtx,
        }
    }
}

/// The place of a payload in the stream of pictures, as its descriptor gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Descriptor {
    /// Whether a decoder can begin with this packet, without any earlier one.
    pub keyframe: bool,
    /// The picture id, and where it stands.
    pub picture: Option<PictureId>,
    /// TL0PICIDX, and where it stands.
    pub base_layer: Option<(usize, u8)>,
    /// The temporal layer. No frame needs one of a higher layer than its own.
    pub temporal: u8,
    /// Whether the frame needs only the base layer, so that its own layer may be taken up with it.
    pub enters_layer: bool,
    /// Whether the layers above its own need no frame before this one, so that they may be taken up after it.
    pub opens_layers: bool,
}

/// A picture id, of 7 or 15 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PictureId {
    at: usize,
    wide: bool,
    pub number: u16,
}

impl Descriptor {
    /// Reads a payload. One that makes no sense counts as no keyframe, without counters.
    pub fn of(codec: Codec, payload: &[u8]) -> Self {
        match codec {
            Codec::Opus => None,
            Codec::Vp8 => vp8::descriptor(payload),
            Codec::Vp9 => vp9::descriptor(payload),
            Codec::H264 => h264::descriptor(payload),
        }
        .unwrap_or_default()
    }

    /// Moves both counters in a copy of the payload that the descriptor was read from.
    pub fn shift(&self, payload: &mut [u8], picture: u16, base_layer: u8) {
        if let Some(id) = self.picture {
            let number = id.number.wrapping_add(picture);
            if let (true, Some(place)) = (id.wide, payload.get_mut(id.at..id.at + 2)) {
                place.copy_from_slice(&(number | 0x8000).to_be_bytes());
            } else if let Some(place) = payload.get_mut(id.at) {
                *place = number.to_be_bytes()[1] & 0x7f;
            }
        }
        if let Some((at, number)) = self.base_layer
            && let Some(place) = payload.get_mut(at)
        {
            *place = number.wrapping_add(base_layer);
        }
    }
}

impl PictureId {
    /// Reads one of 7 or 15 bits, as VP8 (RFC 7741, section 4.2) and VP9
    /// (RFC 9628, section 4.2) write it; with it, its length in bytes.
    fn read(payload: &[u8], at: usize) -> Option<(Self, usize)> {
        let high = *payload.get(at)?;
        let wide = high & 0x80 != 0;
        let number = if wide {
            u16::from_be_bytes([high & 0x7f, *payload.get(at + 1)?])
        } else {
            u16::from(high)
        };
        Some((Self { at, wide, number }, if wide { 2 } else { 1 }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn arbitrary_payloads_are_read_and_their_counters_moved_without_a_panic(
            codec in proptest::sample::select(Codec::ALL.to_vec()),
            mut payload in proptest::collection::vec(any::<u8>(), 0..40),
            (picture, base_layer) in any::<(u16, u8)>(),
        ) {
            let before = payload.clone();
            let descriptor = Descriptor::of(codec, &payload);
            descriptor.shift(&mut payload, picture, base_layer);
            prop_assert_eq!(Descriptor::of(codec, &payload).keyframe, descriptor.keyframe);
            descriptor_of_moved(codec, &before, &payload, picture)?;
        }
    }

    /// A payload whose counters were moved reads as before, except for its numbers.
    fn descriptor_of_moved(
        codec: Codec,
        before: &[u8],
        after: &[u8],
        picture: u16,
    ) -> Result<(), TestCaseError> {
        let (old, new) = (Descriptor::of(codec, before), Descriptor::of(codec, after));
        if let (Some(old), Some(new)) = (old.picture, new.picture) {
            let mask = if old.wide { 0x7fff } else { 0x7f };
            prop_assert_eq!(new.number, old.number.wrapping_add(picture) & mask);
            prop_assert_eq!((new.at, new.wide), (old.at, old.wide));
        }
        prop_assert_eq!(
            old.base_layer.map(|(at, _)| at),
            new.base_layer.map(|(at, _)| at)
        );
        Ok(())
    }
}
