//! VP8's payload descriptor (RFC 7741, section 4.2): where a keyframe begins, and the two counters that a slot rewrites.

/// What the descriptor says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Descriptor {
    /// The first packet of a frame that needs no other.
    pub keyframe: bool,
    /// The picture id, and where it stands.
    pub picture: Option<PictureId>,
    /// TL0PICIDX, and where it stands.
    pub base_layer: Option<(usize, u8)>,
}

/// A picture id, of 7 or 15 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PictureId {
    at: usize,
    wide: bool,
    /// The number.
    pub number: u16,
}

impl Descriptor {
    /// Reads the descriptor; none if it does not fit into the payload.
    pub fn parse(payload: &[u8]) -> Option<Self> {
        let first = *payload.first()?;
        let mut at = 1;
        let mut picture = None;
        let mut base_layer = None;
        if first & 0x80 != 0 {
            let present = *payload.get(1)?;
            at = 2;
            if present & 0x80 != 0 {
                let high = *payload.get(at)?;
                let wide = high & 0x80 != 0;
                let number = if wide {
                    u16::from_be_bytes([high & 0x7f, *payload.get(at + 1)?])
                } else {
                    u16::from(high)
                };
                picture = Some(PictureId { at, wide, number });
                at += if wide { 2 } else { 1 };
            }
            if present & 0x40 != 0 {
                base_layer = Some((at, *payload.get(at)?));
                at += 1;
            }
            // TID, Y and KEYIDX share one byte.
            if present & 0x30 != 0 {
                at += 1;
            }
        }
        let begins_frame = first & 0x17 == 0x10;
        let keyframe = begins_frame && payload.get(at)? & 1 == 0;
        Some(Self {
            keyframe,
            picture,
            base_layer,
        })
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KEYFRAME: [u8; 7] = [0x90, 0xe0, 0xff, 0xfe, 200, 0x20, 0x10];

    #[test]
    fn a_keyframe_is_seen_and_an_interframe_or_a_later_packet_is_not() {
        assert!(Descriptor::parse(&KEYFRAME).unwrap().keyframe);
        assert!(
            !Descriptor::parse(&[0x90, 0xe0, 0xff, 0xfe, 200, 0x20, 0x11])
                .unwrap()
                .keyframe
        );
        assert!(
            !Descriptor::parse(&[0x80, 0xe0, 0xff, 0xfe, 200, 0x20, 0x10])
                .unwrap()
                .keyframe
        );
    }

    #[test]
    fn both_counters_move_and_wrap_at_their_own_width() {
        let mut payload = KEYFRAME;
        Descriptor::parse(&KEYFRAME)
            .unwrap()
            .shift(&mut payload, 3, 100);
        let moved = Descriptor::parse(&payload).unwrap();
        assert_eq!(moved.picture.unwrap().number, 1);
        assert_eq!(moved.base_layer.unwrap().1, 44);
    }

    proptest! {
        #[test]
        fn rubbish_is_read_and_moved_without_a_panic(mut payload in proptest::collection::vec(any::<u8>(), 0..12)) {
            if let Some(descriptor) = Descriptor::parse(&payload) {
                descriptor.shift(&mut payload, 7, 7);
            }
        }
    }
}
