//! VP9's payload descriptor (RFC 9628, section 4.2): where a picture
//! begins that needs no other, its temporal layer, and the two counters that a slot rewrites.
//!
//! Spatial layers of one stream are forwarded together: the picture id is the same in all of them.

use super::{Descriptor, PictureId};

/// A picture id is present.
const I: u8 = 0x80;
/// The picture is predicted from earlier ones.
const P: u8 = 0x40;
/// The flag that says that layer indices are present.
const L: u8 = 0x20;
/// Flexible mode, in which there is no TL0PICIDX.
const F: u8 = 0x10;
/// The switching up point, in the byte of layer indices.
const U: u8 = 0x10;
/// The first packet of a frame of one layer.
const B: u8 = 0x08;

/// Reads the descriptor; none if it does not fit into the payload.
pub fn descriptor(payload: &[u8]) -> Option<Descriptor> {
    let first = *payload.first()?;
    let mut at = 1;
    let mut picture = None;
    if first & I != 0 {
        let (id, length) = PictureId::read(payload, at)?;
        picture = Some(id);
        at += length;
    }
    let (mut spatial, mut base_layer) = (0, None);
    let (mut temporal, mut opens_layers) = (0, false);
    if first & L != 0 {
        let layer = *payload.get(at)?;
        spatial = layer >> 1 & 7;
        temporal = layer >> 5;
        opens_layers = layer & U != 0;
        at += 1;
        if first & F == 0 {
            base_layer = Some((at, *payload.get(at)?));
        }
    }
    // A higher spatial layer of a key picture is not predicted from earlier pictures either, but needs the lowest one.
    let keyframe = first & (P | B) == B && spatial == 0;
    Some(Descriptor {
        keyframe,
        picture,
        base_layer,
        temporal,
        enters_layer: false,
        opens_layers,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Non-flexible mode, 15 bits of picture id 0x7ffe, layer byte, TL0PICIDX 200.
    const fn packet(flags: u8, layer: u8) -> [u8; 6] {
        [I | L | flags, 0xff, 0xfe, layer, 200, 0x82]
    }

    #[test]
    fn a_key_picture_begins_in_the_first_packet_of_its_lowest_layer() {
        let is_keyframe = |payload: &[u8]| descriptor(payload).unwrap().keyframe;
        assert!(is_keyframe(&packet(B, 0)));
        assert!(!is_keyframe(&packet(P | B, 0)), "predicted");
        assert!(!is_keyframe(&packet(0, 0)), "a later packet of the frame");
        assert!(!is_keyframe(&packet(B, 1 << 1)), "the second spatial layer");
        assert!(
            is_keyframe(&[B, 0x82]),
            "without any of the optional fields"
        );
    }

    #[test]
    fn the_temporal_layer_and_the_switching_up_point_are_read() {
        let layer = |byte| {
            let descriptor = descriptor(&packet(P | B, byte)).unwrap();
            (descriptor.temporal, descriptor.opens_layers)
        };
        assert_eq!(layer(2 << 5), (2, false));
        assert_eq!(layer(U), (0, true));
    }

    #[test]
    fn both_counters_move_and_wrap_at_their_own_width() {
        let mut payload = packet(P | B, 0);
        descriptor(&payload).unwrap().shift(&mut payload, 3, 100);
        let moved = descriptor(&payload).unwrap();
        assert_eq!(moved.picture.unwrap().number, 1);
        assert_eq!(moved.base_layer.unwrap().1, 44);
        assert_eq!(
            (payload[0], payload[3], payload[5]),
            (I | L | P | B, 0, 0x82)
        );
    }

    #[test]
    fn a_short_picture_id_stays_short() {
        let mut payload = [I | B, 0x7f, 0x82];
        descriptor(&payload).unwrap().shift(&mut payload, 2, 9);
        assert_eq!(payload, [I | B, 1, 0x82]);
    }

    #[test]
    fn flexible_mode_has_no_base_layer_index() {
        // Layer byte, then one reference (P_DIFF 1, N=0), then the frame.
        let payload = [I | P | L | F | B, 5, 0, 1 << 1, 0x82];
        assert_eq!(descriptor(&payload).unwrap().base_layer, None);
    }

    #[test]
    fn a_descriptor_that_is_cut_off_is_none() {
        let whole = packet(B, 0);
        for length in 0..5 {
            assert_eq!(descriptor(&whole[..length]), None);
        }
    }
}
