//! Payloads of RTP packets become frames: VP8 (RFC 7741), VP9 (RFC 9628), H.264 (RFC 6184). A packet of Opus (RFC 7587) is
//! a frame as it is.
//!
//! The bytes of a frame are appended to a buffer, packet by packet, so that no frame is copied on its way to the file.

use plenary_transport::sdp::Codec;

use crate::avc::{self, ParameterSets};

/// A payload that makes no sense in its codec or at its place; its frame is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

/// Whether a frame can begin with a payload.
pub(crate) fn begins_frame(codec: Codec, payload: &[u8]) -> bool {
    match codec {
        Codec::Opus => !payload.is_empty(),
        Codec::Vp8 => vp8(payload).is_some_and(|(begins, _)| begins),
        Codec::Vp9 => vp9(payload).is_some_and(|it| it.begins),
        Codec::H264 => match payload {
            [first, second, ..] if avc::kind(*first) == FU_A => second & FU_START != 0,
            [first, ..] => matches!(avc::kind(*first), 1..=23 | STAP_A),
            [] => false,
        },
    }
}

/// Several small units in one packet.
const STAP_A: u8 = 24;
/// A fragment of a large unit.
const FU_A: u8 = 28;
const FU_START: u8 = 0x80;
const FU_END: u8 = 0x40;
/// Spatial layers of one picture.
const MAX_VP9_LAYERS: usize = 8;

/// The frame that is being put together.
#[derive(Debug, Default)]
pub(crate) struct Assembly {
    /// Of H.264: where the length of the fragmented unit stands that has no end yet.
    fragmented: Option<usize>,
    /// Of VP9: the sizes of the spatial layers so far, the last of which still grows.
    layers: Vec<usize>,
    /// The size of a picture, as a keyframe says it.
    pub(crate) size: Option<(u32, u32)>,
}

impl Assembly {
    pub(crate) fn reset(&mut self) {
        self.fragmented = None;
        self.layers.clear();
        self.size = None;
    }

    /// Appends a payload, in the order of the packets. `sets` takes the parameter sets of H.264.
    pub(crate) fn append(
        &mut self,
        codec: Codec,
        payload: &[u8],
        sets: &mut ParameterSets,
        out: &mut Vec<u8>,
    ) -> Result<(), Malformed> {
        match codec {
            Codec::Opus => out.extend_from_slice(payload),
            Codec::Vp8 => {
                let (_, data) = vp8(payload).ok_or(Malformed)?;
                out.extend_from_slice(data);
            }
            Codec::Vp9 => {
                let it = vp9(payload).ok_or(Malformed)?;
                if it.begins && self.layers.len() < MAX_VP9_LAYERS {
                    self.layers.push(0);
                }
                *self.layers.last_mut().ok_or(Malformed)? += it.data.len();
                out.extend_from_slice(it.data);
            }
            Codec::H264 => self.h264(payload, sets, out)?,
        }
        Ok(())
    }

    /// Ends the frame, which begins at `start` of the buffer.
    pub(crate) fn complete(
        &mut self,
        codec: Codec,
        start: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), Malformed> {
        if self.fragmented.is_some() || out.len() <= start {
            return Err(Malformed);
        }
        match codec {
            Codec::Vp8 => self.size = out.get(start..).and_then(vp8_size),
            Codec::Vp9 => {
                self.size = out.get(start..).and_then(vp9_size);
                superframe_index(&self.layers, out);
            }
            Codec::Opus | Codec::H264 => {}
        }
        Ok(())
    }

    fn h264(
        &mut self,
        payload: &[u8],
        sets: &mut ParameterSets,
        out: &mut Vec<u8>,
    ) -> Result<(), Malformed> {
        let (first, rest) = payload.split_first().ok_or(Malformed)?;
        let kind = avc::kind(*first);
        if self.fragmented.is_some() && kind != FU_A {
            return Err(Malformed);
        }
        match kind {
            1..=23 => sets.unit(payload, out),
            STAP_A => {
                let mut rest = rest;
                while !rest.is_empty() {
                    let (length, behind) = rest.split_first_chunk::<2>().ok_or(Malformed)?;
                    let length = usize::from(u16::from_be_bytes(*length));
                    let (unit, behind) = behind.split_at_checked(length).ok_or(Malformed)?;
                    sets.unit(unit, out);
                    rest = behind;
                }
            }
            FU_A => {
                let (head, data) = rest.split_first().ok_or(Malformed)?;
                if head & FU_START != 0 {
                    if self.fragmented.is_some() {
                        return Err(Malformed);
                    }
                    self.fragmented = Some(out.len());
                    out.extend_from_slice(&[0; 4]);
                    // The head of the unit is divided between both bytes (RFC 6184, section 5.8).
                    out.push(first & 0xe0 | head & 0x1f);
                }
                let place = self.fragmented.ok_or(Malformed)?;
                out.extend_from_slice(data);
                if head & FU_END != 0 {
                    self.fragmented = None;
                    sets.fragmented_unit(place, out).ok_or(Malformed)?;
                }
            }
            _ => return Err(Malformed),
        }
        Ok(())
    }
}

/// Whether a payload of VP8 begins a frame, and what follows its descriptor (RFC 7741, section 4.2).
fn vp8(payload: &[u8]) -> Option<(bool, &[u8])> {
    let (first, mut rest) = payload.split_first()?;
    if first & 0x80 != 0 {
        let (extension, behind) = rest.split_first()?;
        rest = behind;
        if extension & 0x80 != 0 {
            let wide = rest.first()? & 0x80 != 0;
            rest = rest.get(if wide { 2 } else { 1 }..)?;
        }
        if extension & 0x40 != 0 {
            rest = rest.get(1..)?;
        }
        if extension & 0x30 != 0 {
            rest = rest.get(1..)?;
        }
    }
    let begins = first & 0x10 != 0 && first.trailing_zeros() >= 3;
    (!rest.is_empty()).then_some((begins, rest))
}

struct Vp9<'a> {
    begins: bool,
    data: &'a [u8],
}

/// A payload of VP9 without its descriptor (RFC 9628, section 4.2).
fn vp9(payload: &[u8]) -> Option<Vp9<'_>> {
    let (first, mut rest) = payload.split_first()?;
    let has = |bit: u8| first & bit != 0;
    let (flexible, inter) = (has(0x10), has(0x40));
    if has(0x80) {
        let wide = rest.first()? & 0x80 != 0;
        rest = rest.get(if wide { 2 } else { 1 }..)?;
    }
    if has(0x20) {
        rest = rest.get(if flexible { 1 } else { 2 }..)?;
    }
    if flexible && inter {
        for _ in 0..3 {
            let (reference, behind) = rest.split_first()?;
            rest = behind;
            if reference & 1 == 0 {
                break;
            }
        }
    }
    if has(0x02) {
        rest = after_scalability_structure(rest)?;
    }
    (!rest.is_empty()).then_some(Vp9 {
        begins: has(0x08),
        data: rest,
    })
}

fn after_scalability_structure(rest: &[u8]) -> Option<&[u8]> {
    let (first, mut rest) = rest.split_first()?;
    let layers = usize::from(first >> 5) + 1;
    if first & 0x10 != 0 {
        rest = rest.get(layers * 4..)?;
    }
    if first & 0x08 != 0 {
        let (pictures, behind) = rest.split_first()?;
        rest = behind;
        for _ in 0..*pictures {
            let (picture, behind) = rest.split_first()?;
            rest = behind.get(usize::from(picture >> 2 & 3)..)?;
        }
    }
    Some(rest)
}

/// The index without which a decoder takes several layers for one frame (VP9 bitstream specification, annex B).
fn superframe_index(layers: &[usize], out: &mut Vec<u8>) {
    let Some(more) = layers.len().checked_sub(1).filter(|more| *more > 0) else {
        return;
    };
    let Ok(more) = u8::try_from(more) else {
        return;
    };
    // Four bytes for each size.
    let marker = 0b1100_0000 | 3 << 3 | more & 7;
    out.push(marker);
    for size in layers {
        out.extend_from_slice(&u32::try_from(*size).unwrap_or_default().to_le_bytes());
    }
    out.push(marker);
}

/// The size of the picture, if a frame of VP8 is a keyframe (RFC 6386, section 9.1).
pub(crate) fn vp8_size(frame: &[u8]) -> Option<(u32, u32)> {
    let [first, _, _, 0x9d, 0x01, 0x2a, w0, w1, h0, h1] = *frame.first_chunk::<10>()? else {
        return None;
    };
    let side = |low, high| u32::from(u16::from_le_bytes([low, high]) & 0x3fff);
    (first & 1 == 0).then_some((side(w0, w1), side(h0, h1)))
}

/// The colour space of VP9 that profile 0 cannot have.
const SRGB: u32 = 7;

/// The size of the picture, if a frame of VP9 is a keyframe of profile 0 (VP9 bitstream specification, section 6.2).
pub(crate) fn vp9_size(frame: &[u8]) -> Option<(u32, u32)> {
    let first = *frame.first()?;
    // Marker 0b10, profile 0, no existing frame shown, frame type 0.
    if first & 0b1111_1100 != 0b1000_0000 || frame.get(1..4)? != [0x49, 0x83, 0x42] {
        return None;
    }
    let mut bits = avc::Bits::new(frame.get(4..)?);
    if bits.take(3)? == SRGB {
        return None;
    }
    bits.take(1)?;
    Some((bits.take(16)? + 1, bits.take(16)? + 1))
}

#[cfg(test)]
mod tests;
