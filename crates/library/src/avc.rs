//! H.264 as Matroska has it (ISO/IEC 14496-15): NAL units after their lengths, and parameter sets in the header.

use bytes::{BufMut, Bytes, BytesMut};

const START_CODE: [u8; 4] = [0, 0, 0, 1];
/// More parameter sets than any encoder writes.
const MAX_PARAMETER_SETS: usize = 8;

/// The types of NAL units that matter here (ITU-T H.264, table 7-1).
mod nal {
    pub(super) const IDR: u8 = 5;
    pub(super) const SPS: u8 = 7;
    pub(super) const PPS: u8 = 8;
    pub(super) const DELIMITER: u8 = 9;
    pub(super) const FILLER: u8 = 12;
}

/// The configuration of an H.264 track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Avc {
    /// The profile, its constraints and the level, as in `profile-level-id`.
    pub(crate) profile: [u8; 3],
    length_bytes: usize,
    /// The parameter sets, each after a start code.
    parameter_sets: Bytes,
}

impl Avc {
    /// Reads the `AVCDecoderConfigurationRecord` of a track's private data.
    pub(crate) fn read(private: &[u8]) -> Option<Self> {
        let (head, mut rest) = private.split_at_checked(6)?;
        let [1, profile, constraints, level, lengths, sps] = *head else {
            return None;
        };
        let mut sets = BytesMut::new();
        let sps = usize::from(sps & 0x1f);
        rest = parameter_sets(rest, sps, nal::SPS, &mut sets)?;
        let (pps, rest) = rest.split_first()?;
        parameter_sets(rest, usize::from(*pps), nal::PPS, &mut sets)?;
        Some(Self {
            profile: [profile, constraints, level],
            length_bytes: usize::from(lengths & 3) + 1,
            parameter_sets: sets.freeze(),
        })
    }

    /// Whether every browser decodes it: the constrained baseline profile, which has three spellings (RFC 6184, section
    /// 8.1, table 5).
    pub(crate) fn is_constrained_baseline(&self) -> bool {
        let [profile, constraints, _] = self.profile;
        match profile {
            0x42 => constraints & 0x4f == 0x40,
            0x4d => constraints & 0x8f == 0x80,
            0x58 => constraints & 0xcf == 0xc0,
            _ => false,
        }
    }

    /// The NAL units of a block, each after a start code, and whether they are a keyframe; none if they are broken.
    pub(crate) fn access_unit(&self, block: &[u8]) -> Option<(Bytes, bool)> {
        let units = self.units(block)?;
        let keyframe = units.iter().any(|unit| kind(unit) == Some(nal::IDR));
        let mut out = BytesMut::with_capacity(block.len() + self.parameter_sets.len());
        if keyframe {
            out.put_slice(&self.parameter_sets);
        }
        for unit in units {
            // Neither is sent by RTP, which marks the end of an access unit itself.
            if !matches!(kind(unit), Some(nal::DELIMITER | nal::FILLER)) {
                out.put_slice(&START_CODE);
                out.put_slice(unit);
            }
        }
        Some((out.freeze(), keyframe))
    }

    fn units<'a>(&self, mut block: &'a [u8]) -> Option<Vec<&'a [u8]>> {
        let mut units = Vec::new();
        while !block.is_empty() {
            let (length, rest) = block.split_at_checked(self.length_bytes)?;
            let length = length
                .iter()
                .fold(0, |value: usize, byte| value << 8 | usize::from(*byte));
            let (unit, rest) = rest.split_at_checked(length)?;
            if !unit.is_empty() {
                units.push(unit);
            }
            block = rest;
        }
        Some(units)
    }
}

fn parameter_sets<'a>(
    mut from: &'a [u8],
    count: usize,
    wanted: u8,
    sets: &mut BytesMut,
) -> Option<&'a [u8]> {
    if count > MAX_PARAMETER_SETS {
        return None;
    }
    for _ in 0..count {
        let (length, rest) = from.split_at_checked(2)?;
        let length = usize::from(u16::from_be_bytes(length.try_into().ok()?));
        let (set, rest) = rest.split_at_checked(length)?;
        if kind(set) != Some(wanted) {
            return None;
        }
        sets.put_slice(&START_CODE);
        sets.put_slice(set);
        from = rest;
    }
    Some(from)
}

fn kind(unit: &[u8]) -> Option<u8> {
    unit.first().map(|first| first & 0x1f)
}

/// The NAL units of an H.264 frame, without their start codes. No unit has a start code within (ITU-T H.264, section
/// 7.4.1.1).
///
/// ```
/// let frame = [0, 0, 0, 1, 0x67, 1, 0, 0, 0, 1, 0x65, 2, 3];
/// let units: Vec<&[u8]> = plenary_library::nal_units(&frame).collect();
/// assert_eq!(units, [&[0x67, 1][..], &[0x65, 2, 3]]);
/// ```
pub fn nal_units(frame: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = frame;
    std::iter::from_fn(move || {
        rest = rest.strip_prefix(&START_CODE)?;
        let end = rest
            .windows(START_CODE.len())
            .position(|window| window == START_CODE)
            .unwrap_or(rest.len());
        let (unit, following) = rest.split_at(end);
        rest = following;
        Some(unit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRIVATE: [u8; 17] = [
        1, 0x42, 0xe0, 0x1f, 0xff, 0xe1, 0, 3, 0x67, 0x42, 0xe0, 1, 0, 3, 0x68, 0xce, 0x3c,
    ];

    #[test]
    fn a_keyframe_has_its_parameter_sets_before_it() {
        let avc = Avc::read(&PRIVATE).unwrap();
        assert!(avc.is_constrained_baseline());
        let block = [0, 0, 0, 2, 9, 0xf0, 0, 0, 0, 3, 0x65, 0x88, 0x84];
        let (frame, keyframe) = avc.access_unit(&block).unwrap();
        assert!(keyframe);
        let units: Vec<&[u8]> = nal_units(&frame).collect();
        assert_eq!(
            units,
            [
                &[0x67, 0x42, 0xe0][..],
                &[0x68, 0xce, 0x3c],
                &[0x65, 0x88, 0x84]
            ]
        );
    }

    #[test]
    fn other_pictures_are_sent_as_they_are() {
        let avc = Avc::read(&PRIVATE).unwrap();
        let (frame, keyframe) = avc.access_unit(&[0, 0, 0, 2, 0x41, 0x9a]).unwrap();
        assert!(!keyframe);
        assert_eq!(&frame[..], [0, 0, 0, 1, 0x41, 0x9a]);
    }

    #[test]
    fn what_is_cut_off_is_refused() {
        let avc = Avc::read(&PRIVATE).unwrap();
        assert_eq!(avc.access_unit(&[0, 0, 0, 9, 0x41]), None);
        for length in 0..PRIVATE.len() {
            assert_eq!(Avc::read(&PRIVATE[..length]), None, "{length}");
        }
    }
}
