//! H.264 as Matroska has it (ISO/IEC 14496-15): units after their lengths, and the parameter sets in the head of the track.

/// The types of NAL units that matter here (ITU-T H.264, table 7-1).
const SPS: u8 = 7;
const PPS: u8 = 8;
const DELIMITER: u8 = 9;
const FILLER: u8 = 12;

/// The type of a NAL unit, by its first byte.
pub(crate) const fn kind(head: u8) -> u8 {
    head & 0x1f
}

/// The parameter sets of a stream: those in the head of the track, and what has changed since.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct ParameterSets {
    sps: Vec<u8>,
    pps: Vec<u8>,
    /// Whether the head of the track has them, so that only others are written among the pictures.
    in_head: bool,
    /// Whether they have changed since, so that all are written among the pictures from then on.
    changed: bool,
}

impl ParameterSets {
    /// Takes a unit: a parameter set is noted, what RTP does not need is left out, and all else is written.
    pub(crate) fn unit(&mut self, unit: &[u8], out: &mut Vec<u8>) {
        let Some(kind) = unit.first().map(|first| kind(*first)) else {
            return;
        };
        let known = match kind {
            DELIMITER | FILLER => return,
            SPS => &mut self.sps,
            PPS => &mut self.pps,
            _ => {
                put(unit, out);
                return;
            }
        };
        if known != unit {
            self.changed |= self.in_head;
            known.clear();
            known.extend_from_slice(unit);
        }
        if self.changed {
            put(unit, out);
        }
    }

    /// Takes a unit that came in fragments and stands at the end of the buffer, after a place for its length.
    pub(crate) fn fragmented_unit(&mut self, place: usize, out: &mut Vec<u8>) -> Option<()> {
        let (length, unit) = out.get_mut(place..)?.split_first_chunk_mut::<4>()?;
        *length = u32::try_from(unit.len()).ok()?.to_be_bytes();
        if matches!(
            unit.first().map(|first| kind(*first)),
            Some(SPS | PPS | DELIMITER | FILLER)
        ) {
            let unit = unit.to_vec();
            out.truncate(place);
            self.unit(&unit, out);
        }
        Some(())
    }

    /// The `AVCDecoderConfigurationRecord` for the head of the track, once both sets are known. From then on only changes
    /// are written among the pictures.
    pub(crate) fn configuration(&mut self) -> Option<Vec<u8>> {
        let [_, profile, constraints, level] = *self.sps.first_chunk::<4>()?;
        if self.pps.is_empty() {
            return None;
        }
        let mut record = vec![1, profile, constraints, level, 0xff, 0xe1];
        for (set, count) in [(&self.sps, None), (&self.pps, Some(1))] {
            record.extend(count);
            record.extend(u16::try_from(set.len()).ok()?.to_be_bytes());
            record.extend_from_slice(set);
        }
        self.in_head = true;
        Some(record)
    }

    /// Whether both sets have come.
    pub(crate) fn are_known(&self) -> bool {
        self.sps.len() > 3 && !self.pps.is_empty()
    }

    /// The size of the pictures.
    pub(crate) fn size(&self) -> Option<(u32, u32)> {
        size(&self.sps)
    }
}

/// Writes a unit after its length.
fn put(unit: &[u8], out: &mut Vec<u8>) {
    if let Ok(length) = u32::try_from(unit.len()) {
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(unit);
    }
}

/// The parameter sets of an `AVCDecoderConfigurationRecord`, each after its length in four bytes; none if it is broken.
pub(crate) fn units_of_configuration(record: &[u8]) -> Option<Vec<u8>> {
    let (head, mut rest) = record.split_at_checked(5)?;
    if head.first() != Some(&1) {
        return None;
    }
    let mut out = Vec::new();
    for mask in [0x1f, 0xff] {
        let (count, behind) = rest.split_first()?;
        rest = behind;
        for _ in 0..count & mask {
            let (length, behind) = rest.split_first_chunk::<2>()?;
            let length = usize::from(u16::from_be_bytes(*length));
            let (unit, behind) = behind.split_at_checked(length)?;
            put(unit, &mut out);
            rest = behind;
        }
    }
    Some(out)
}

/// The size of the pictures, as a sequence parameter set says it (ITU-T H.264, section 7.3.2.1.1).
fn size(sps: &[u8]) -> Option<(u32, u32)> {
    let mut bytes = Vec::with_capacity(sps.len());
    for byte in sps.get(1..)? {
        // Two zeros and a three hide what would be a start code (section 7.4.1.1).
        if *byte == 3 && bytes.ends_with(&[0, 0]) {
            continue;
        }
        bytes.push(*byte);
    }
    let profile = *bytes.first()?;
    let mut bits = Bits::new(bytes.get(3..)?);
    bits.golomb()?;
    let mut chroma = 1;
    if matches!(
        profile,
        100 | 110 | 122 | 244 | 44 | 83 | 86 | 118 | 128 | 138 | 139 | 134 | 135
    ) {
        chroma = bits.golomb()?;
        if chroma == 3 {
            bits.take(1)?;
        }
        bits.golomb()?;
        bits.golomb()?;
        bits.take(1)?;
        if bits.take(1)? == 1 {
            // Scaling matrices are not sent in WebRTC.
            return None;
        }
    }
    bits.golomb()?;
    match bits.golomb()? {
        0 => {
            bits.golomb()?;
        }
        1 => {
            bits.take(1)?;
            bits.golomb()?;
            bits.golomb()?;
            for _ in 0..bits.golomb()?.min(255) {
                bits.golomb()?;
            }
        }
        _ => {}
    }
    bits.golomb()?;
    bits.take(1)?;
    let width = bits.golomb()?.checked_add(1)?.checked_mul(16)?;
    let map = bits.golomb()?.checked_add(1)?;
    let frames_only = bits.take(1)?;
    let fields = 2 - frames_only;
    let height = map.checked_mul(16)?.checked_mul(fields)?;
    if frames_only == 0 {
        bits.take(1)?;
    }
    bits.take(1)?;
    if bits.take(1)? == 0 {
        return Some((width, height));
    }
    let (unit_x, unit_y) = match chroma {
        1 => (2, 2 * fields),
        2 => (2, fields),
        _ => (1, fields),
    };
    let (left, right) = (bits.golomb()?, bits.golomb()?);
    let (top, bottom) = (bits.golomb()?, bits.golomb()?);
    let cut = |whole: u32, one: u32, other: u32, unit: u32| {
        whole.checked_sub(one.checked_add(other)?.checked_mul(unit)?)
    };
    Some((
        cut(width, left, right, unit_x)?,
        cut(height, top, bottom, unit_y)?,
    ))
}

/// Reads bits, the most significant first.
#[derive(Debug)]
pub(crate) struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Bits<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// A number of so many bits, at most 32.
    pub(crate) fn take(&mut self, bits: u32) -> Option<u32> {
        let mut value = 0;
        for _ in 0..bits {
            let byte = *self.bytes.get(self.at / 8)?;
            value = value << 1 | u32::from(byte >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Some(value)
    }

    /// A number in Exp-Golomb code (ITU-T H.264, section 9.1).
    fn golomb(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while self.take(1)? == 0 {
            zeros += 1;
            if zeros > 30 {
                return None;
            }
        }
        Some((1 << zeros) - 1 + self.take(zeros)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Constrained baseline, 640 by 360, as x264 writes it.
    const SPS_640X360: &[u8] = &[
        0x67, 0x42, 0xc0, 0x1e, 0xd9, 0x00, 0xa0, 0x2f, 0xf9, 0x61, 0x00, 0x00, 0x03, 0x00, 0x01,
        0x00, 0x00, 0x03, 0x00, 0x3c, 0x8f, 0x16, 0x2e, 0x48,
    ];

    #[test]
    fn a_parameter_set_says_the_size_and_whatever_is_cut_off_is_no_size() {
        assert_eq!(size(SPS_640X360), Some((640, 360)));
        for length in 0..8 {
            assert_eq!(size(&SPS_640X360[..length]), None);
        }
    }

    #[test]
    fn parameter_sets_are_written_among_the_pictures_only_once_they_have_changed() {
        let mut sets = ParameterSets::default();
        let mut out = Vec::new();
        sets.unit(&[0x67, 0x42, 0xc0, 0x1e], &mut out);
        assert_eq!(sets.configuration(), None);
        sets.unit(&[0x68, 1], &mut out);
        let record = sets.configuration().unwrap();
        assert_eq!(
            units_of_configuration(&record).unwrap(),
            [0, 0, 0, 4, 0x67, 0x42, 0xc0, 0x1e, 0, 0, 0, 2, 0x68, 1]
        );
        sets.unit(&[0x67, 0x42, 0xc0, 0x1e], &mut out);
        sets.unit(&[9, 0xf0], &mut out);
        assert!(out.is_empty());
        sets.unit(&[0x67, 0x42, 0xc0, 0x1f], &mut out);
        sets.unit(&[0x68, 1], &mut out);
        assert_eq!(
            out,
            [0, 0, 0, 4, 0x67, 0x42, 0xc0, 0x1f, 0, 0, 0, 2, 0x68, 1]
        );
    }
}
