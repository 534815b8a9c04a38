//! The RTP header (RFC 3550, section 5.1; extensions RFC 8285), viewed in place and written in place.

/// The length of the fixed header.
pub const HEADER_BYTES: usize = 12;
/// The bytes that a [`TwccSequence`] adds to the header.
pub const TWCC_EXTENSION_BYTES: usize = 8;

/// The fields of a packet's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Whether it is the last packet of a frame, or the first of a talk spurt.
    pub marker: bool,
    pub payload_type: u8,
    pub sequence: u16,
    pub timestamp: u32,
    pub ssrc: u32,
    pub payload_start: usize,
    /// Whether padding follows the payload.
    padded: bool,
    extension: Option<(u16, usize)>,
}

impl Header {
    /// Reads the header; none if it does not fit into the packet.
    pub fn parse(packet: &[u8]) -> Option<Self> {
        let (fixed, _) = packet.split_first_chunk::<HEADER_BYTES>()?;
        let [first, second, s0, s1, t0, t1, t2, t3, i0, i1, i2, i3] = *fixed;
        if first >> 6 != 2 {
            return None;
        }
        let mut payload_start = HEADER_BYTES + usize::from(first & 0x0f) * 4;
        let mut extension = None;
        if first & 0x10 != 0 {
            let [p0, p1, l0, l1] = *packet.get(payload_start..)?.first_chunk()?;
            extension = Some((u16::from_be_bytes([p0, p1]), payload_start + 4));
            payload_start += 4 + usize::from(u16::from_be_bytes([l0, l1])) * 4;
        }
        (payload_start <= packet.len()).then_some(Self {
            marker: second & 0x80 != 0,
            payload_type: second & 0x7f,
            sequence: u16::from_be_bytes([s0, s1]),
            timestamp: u32::from_be_bytes([t0, t1, t2, t3]),
            ssrc: u32::from_be_bytes([i0, i1, i2, i3]),
            payload_start,
            padded: first & 0x20 != 0,
            extension,
        })
    }

    /// The payload of the packet that this header was read from, without padding. Empty if it is nothing but padding.
    pub fn payload<'a>(&self, packet: &'a [u8]) -> &'a [u8] {
        let payload = packet.get(self.payload_start..).unwrap_or_default();
        let padding = match payload.last() {
            Some(&count) if self.padded => usize::from(count),
            _ => 0,
        };
        payload
            .get(..payload.len().saturating_sub(padding))
            .unwrap_or_default()
    }

    /// The header extensions of the packet that this header was read from.
    pub fn extensions<'a>(&self, packet: &'a [u8]) -> Extensions<'a> {
        let (wide, rest) = match self.extension {
            Some((0xbede, start)) => (false, packet.get(start..self.payload_start)),
            Some((profile, start)) if profile & 0xfff0 == 0x1000 => {
                (true, packet.get(start..self.payload_start))
            }
            _ => (false, None),
        };
        Extensions {
            wide,
            rest: rest.unwrap_or_default(),
        }
    }
}

/// Each extension's identifier and value, in one-byte or two-byte form (RFC 8285, section 4).
#[derive(Debug, Clone)]
pub struct Extensions<'a> {
    wide: bool,
    rest: &'a [u8],
}

impl<'a> Iterator for Extensions<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (&first, rest) = self.rest.split_first()?;
            self.rest = rest;
            if first == 0 {
                continue;
            }
            let (id, length) = if self.wide {
                let (&length, rest) = rest.split_first()?;
                self.rest = rest;
                (first, usize::from(length))
            } else {
                (first >> 4, usize::from(first & 0x0f) + 1)
            };
            if !self.wide && id == 15 {
                return None;
            }
            let (value, rest) = self.rest.split_at_checked(length)?;
            self.rest = rest;
            return Some((id, value));
        }
    }
}

/// The header of a packet to be sent.
#[derive(Debug, Clone, Copy)]
pub struct Outgoing {
    pub payload_type: u8,
    /// Whether it is the last packet of a frame, or the first of a talk spurt.
    pub marker: bool,
    /// Whether padding follows the payload.
    pub padded: bool,
    pub sequence: u16,
    pub timestamp: u32,
    pub ssrc: u32,
    /// The transport-wide sequence number, if the listener wants one.
    pub twcc: Option<TwccSequence>,
}

/// A transport-wide sequence number, and the extension that carries it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TwccSequence {
    /// The extension's identifier, 1 to 14.
    pub extension: u8,
    pub sequence: u16,
}

impl Outgoing {
    /// Writes the header to the front of `packet`; returns its length, none if there is no room.
    pub fn write(&self, packet: &mut [u8]) -> Option<usize> {
        let header = packet.first_chunk_mut::<HEADER_BYTES>()?;
        header[0] = 0x80 | u8::from(self.padded) << 5 | u8::from(self.twcc.is_some()) << 4;
        header[1] = self.payload_type & 0x7f | u8::from(self.marker) << 7;
        header[2..4].copy_from_slice(&self.sequence.to_be_bytes());
        header[4..8].copy_from_slice(&self.timestamp.to_be_bytes());
        header[8..12].copy_from_slice(&self.ssrc.to_be_bytes());
        let Some(twcc) = self.twcc else {
            return Some(HEADER_BYTES);
        };
        // The one-byte form (RFC 8285, section 4.2): two bytes of value and one of padding.
        let [high, low] = twcc.sequence.to_be_bytes();
        let extension = [0xbe, 0xde, 0, 1, twcc.extension << 4 | 1, high, low, 0];
        packet
            .get_mut(HEADER_BYTES..HEADER_BYTES + TWCC_EXTENSION_BYTES)?
            .copy_from_slice(&extension);
        Some(HEADER_BYTES + TWCC_EXTENSION_BYTES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_written_header_reads_back() {
        let twcc = TwccSequence {
            extension: 5,
            sequence: 0x1234,
        };
        let outgoing = Outgoing {
            payload_type: 96,
            marker: true,
            padded: false,
            sequence: 65_535,
            timestamp: 9,
            ssrc: 7,
            twcc: None,
        };
        let mut packet = [0; HEADER_BYTES + TWCC_EXTENSION_BYTES];
        assert_eq!(outgoing.write(&mut packet), Some(HEADER_BYTES));
        let header = Header::parse(&packet).unwrap();
        assert_eq!(header.payload_start, HEADER_BYTES);
        let marked = Outgoing {
            twcc: Some(twcc),
            ..outgoing
        };
        assert_eq!(
            marked.write(&mut packet),
            Some(HEADER_BYTES + TWCC_EXTENSION_BYTES)
        );
        let header = Header::parse(&packet).unwrap();
        let extensions: Vec<_> = header.extensions(&packet).collect();
        assert_eq!(extensions, [(5, &[0x12, 0x34][..])]);
        assert_eq!(
            (header.payload_type, header.marker, header.sequence),
            (96, true, 65_535)
        );
        assert_eq!(
            (header.timestamp, header.ssrc, header.payload_start),
            (9, 7, HEADER_BYTES + TWCC_EXTENSION_BYTES)
        );
    }

    #[test]
    fn extensions_of_both_forms_are_found_behind_padding() {
        let narrow = [
            0x90, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7, 0xbe, 0xde, 0, 1, 0, 0x31, b'4', b'2',
        ];
        let wide = [
            0x90, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7, 0x10, 0, 0, 1, 3, 2, b'4', b'2',
        ];
        for packet in [narrow, wide] {
            let header = Header::parse(&packet).unwrap();
            assert_eq!(
                header.extensions(&packet).collect::<Vec<_>>(),
                [(3, &b"42"[..])]
            );
            assert!(header.payload(&packet).is_empty());
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_are_read_without_a_panic(packet in proptest::collection::vec(any::<u8>(), 0..64)) {
            if let Some(header) = Header::parse(&packet) {
                let _ = (header.payload(&packet), header.extensions(&packet).count());
            }
        }
    }
}
