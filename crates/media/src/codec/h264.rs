//! H.264's payload (RFC 6184, section 5): where a stream may begin. There are no counters to rewrite.
//!
//! A stream begins with a sequence parameter set, not with the IDR picture behind it: browsers send parameter sets in
//! band (RFC 7742, section 6.2), and a slot's decoder may still hold those of whoever was shown before.

use super::Descriptor;

/// The NAL unit type of a sequence parameter set.
const SPS: u8 = 7;
/// Several small units in one packet.
const STAP_A: u8 = 24;
/// A fragment of a large unit.
const FU_A: u8 = 28;

/// Looks for the beginning of a coded video sequence; none if the payload is empty.
pub fn descriptor(payload: &[u8]) -> Option<Descriptor> {
    let (first, rest) = payload.split_first()?;
    let keyframe = match kind(*first) {
        SPS => true,
        STAP_A => units(rest).any(|unit| unit.first().is_some_and(|first| kind(*first) == SPS)),
        FU_A => rest
            .first()
            .is_some_and(|fragment| fragment & 0x80 != 0 && kind(*fragment) == SPS),
        _ => false,
    };
    Some(Descriptor {
        keyframe,
        ..Descriptor::default()
    })
}

const fn kind(header: u8) -> u8 {
    header & 0x1f
}

/// The units of a STAP-A, each behind its length (RFC 6184, section 5.7.1).
fn units(mut rest: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (length, behind) = rest.split_first_chunk::<2>()?;
        let (unit, behind) = behind.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        rest = behind;
        Some(unit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begins(payload: &[u8]) -> bool {
        descriptor(payload).unwrap().keyframe
    }

    #[test]
    fn a_parameter_set_begins_a_stream_alone_aggregated_or_in_fragments() {
        assert!(begins(&[0x67, 0x42, 0xe0, 0x1f]));
        assert!(begins(&[
            0x78, 0, 4, 0x67, 0x42, 0xe0, 0x1f, 0, 2, 0x68, 0xce
        ]));
        assert!(
            begins(&[0x78, 0, 2, 0x09, 0x10, 0, 4, 0x67, 0x42, 0xe0, 0x1f]),
            "behind an access unit delimiter"
        );
        assert!(begins(&[0x7c, 0x87, 0x42]));
    }

    #[test]
    fn slices_picture_parameters_and_later_fragments_do_not() {
        assert!(
            !begins(&[0x65, 0x88]),
            "an IDR slice without its parameter sets"
        );
        assert!(!begins(&[0x41, 0x9a]));
        assert!(!begins(&[0x68, 0xce]));
        assert!(
            !begins(&[0x7c, 0x85, 0x88]),
            "the first fragment of an IDR slice"
        );
        assert!(!begins(&[0x7c, 0x07, 0x42]), "a later fragment");
        assert!(!begins(&[0x78, 0, 2, 0x68, 0xce, 0, 2, 0x41, 0x9a]));
    }

    #[test]
    fn an_aggregate_whose_lengths_lie_is_read_as_far_as_it_goes() {
        assert!(!begins(&[0x78, 0, 200, 0x67]));
        assert!(!begins(&[0x78, 0, 0, 0, 0]));
        assert!(!begins(&[0x78, 0]));
        assert!(begins(&[0x78, 0, 1, 0x67, 0xff, 0xff, 0x68]));
        assert_eq!(descriptor(&[]), None);
    }
}
