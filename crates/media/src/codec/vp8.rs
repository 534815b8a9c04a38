//! VP8's payload descriptor (RFC 7741, section 4.2): where a keyframe begins, its temporal layer, and the two
//! counters that a slot rewrites.

use super::{Descriptor, PictureId};

/// Reads the descriptor; none if it does not fit into the payload.
pub fn descriptor(payload: &[u8]) -> Option<Descriptor> {
    let first = *payload.first()?;
    let mut at = 1;
    let mut picture = None;
    let mut base_layer = None;
    let (mut temporal, mut enters_layer) = (0, false);
    if first & 0x80 != 0 {
        let present = *payload.get(1)?;
        at = 2;
        if present & 0x80 != 0 {
            let (id, length) = PictureId::read(payload, at)?;
            picture = Some(id);
            at += length;
        }
        if present & 0x40 != 0 {
            base_layer = Some((at, *payload.get(at)?));
            at += 1;
        }
        // TID, Y and KEYIDX share one byte.
        if present & 0x30 != 0 {
            if present & 0x20 != 0 {
                let layer = *payload.get(at)?;
                temporal = layer >> 6;
                enters_layer = layer & 0x20 != 0;
            }
            at += 1;
        }
    }
    let begins_frame = first & 0x17 == 0x10;
    let keyframe = begins_frame && payload.get(at)? & 1 == 0;
    Some(Descriptor {
        keyframe,
        picture,
        base_layer,
        temporal,
        enters_layer,
        opens_layers: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYFRAME: [u8; 7] = [0x90, 0xe0, 0xff, 0xfe, 200, 0x20, 0x10];

    #[test]
    fn a_keyframe_is_seen_and_an_interframe_or_a_later_packet_is_not() {
        let is_keyframe = |payload: &[u8]| descriptor(payload).unwrap().keyframe;
        assert!(is_keyframe(&KEYFRAME));
        assert!(!is_keyframe(&[0x90, 0xe0, 0xff, 0xfe, 200, 0x20, 0x11]));
        assert!(!is_keyframe(&[0x80, 0xe0, 0xff, 0xfe, 200, 0x20, 0x10]));
    }

    #[test]
    fn the_temporal_layer_is_read_where_it_is_present() {
        let layer = |payload: &[u8]| {
            let descriptor = descriptor(payload).unwrap();
            (descriptor.temporal, descriptor.enters_layer)
        };
        let with_layer = |byte| [0x90, 0xe0, 0xff, 0xfe, 200, byte, 0x11];
        assert_eq!(layer(&with_layer(0x80)), (2, false));
        assert_eq!(layer(&with_layer(0x60)), (1, true));
        assert_eq!(
            layer(&[0x90, 0xd0, 0xff, 0xfe, 200, 0xe0, 0x11]),
            (0, false),
            "only the index of the key is there"
        );
    }

    #[test]
    fn both_counters_move_and_wrap_at_their_own_width() {
        let mut payload = KEYFRAME;
        descriptor(&KEYFRAME).unwrap().shift(&mut payload, 3, 100);
        let moved = descriptor(&payload).unwrap();
        assert_eq!(moved.picture.unwrap().number, 1);
        assert_eq!(moved.base_layer.unwrap().1, 44);
    }
}
