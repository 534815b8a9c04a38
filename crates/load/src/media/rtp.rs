//! The RTP header (RFC 3550, section 5.1), which SRTP leaves in clear: all that counting needs.

/// The length of the header without contributors and extensions.
pub const HEADER_BYTES: usize = 12;
const ONE_BYTE_PROFILE: u16 = 0xbede;

/// The fields by which a packet is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    pub sequence: u16,
    pub timestamp: u32,
    pub ssrc: u32,
    pub twcc: Option<u16>,
    pub payload_start: usize,
    /// Whether padding follows the payload.
    pub is_padded: bool,
}

impl Header {
    /// Reads the header; none if it does not fit into the packet. `twcc` is the extension's negotiated number.
    pub fn parse(packet: &[u8], twcc: u8) -> Option<Self> {
        let (fixed, _) = packet.split_first_chunk::<HEADER_BYTES>()?;
        let [first, _, s0, s1, t0, t1, t2, t3, i0, i1, i2, i3] = *fixed;
        let mut header = Self {
            sequence: u16::from_be_bytes([s0, s1]),
            timestamp: u32::from_be_bytes([t0, t1, t2, t3]),
            ssrc: u32::from_be_bytes([i0, i1, i2, i3]),
            twcc: None,
            payload_start: HEADER_BYTES + usize::from(first & 0x0f) * 4,
            is_padded: first & 0x20 != 0,
        };
        if first & 0x10 != 0 {
            let extension = packet.get(header.payload_start..)?;
            let [p0, p1, l0, l1] = *extension.first_chunk()?;
            let length = usize::from(u16::from_be_bytes([l0, l1])) * 4;
            let elements = extension.get(4..4 + length)?;
            if u16::from_be_bytes([p0, p1]) == ONE_BYTE_PROFILE {
                header.twcc = element(elements, twcc)
                    .and_then(|value| Some(u16::from_be_bytes(*value.first_chunk()?)));
            }
            header.payload_start += 4 + length;
        }
        Some(header)
    }
}

/// The element of that number among those of one-byte headers (RFC 8285, section 4.2).
fn element(mut elements: &[u8], number: u8) -> Option<&[u8]> {
    while let Some((&first, rest)) = elements.split_first() {
        if first == 0 {
            elements = rest;
            continue;
        }
        let (value, rest) = rest.split_at_checked(usize::from(first & 0x0f) + 1)?;
        if first >> 4 == number {
            return Some(value);
        }
        elements = rest;
    }
    None
}

/// Writes a packet that is sent: the header with its extensions, and room for `payload` bytes behind it.
pub fn write(
    (payload_type, marker): (u8, bool),
    (sequence, timestamp, ssrc): (u16, u32, u32),
    extensions: &[(u8, &[u8])],
    payload: usize,
) -> Vec<u8> {
    let mut packet = Vec::with_capacity(payload + 48);
    packet.push(0x90);
    packet.push(payload_type | if marker { 0x80 } else { 0 });
    packet.extend(sequence.to_be_bytes());
    packet.extend(timestamp.to_be_bytes());
    packet.extend(ssrc.to_be_bytes());
    packet.extend(ONE_BYTE_PROFILE.to_be_bytes());
    let length: usize = extensions.iter().map(|(_, value)| value.len() + 1).sum();
    let words = length.div_ceil(4);
    packet.extend(u16::try_from(words).unwrap_or(0).to_be_bytes());
    for (number, value) in extensions {
        let length = u8::try_from(value.len().saturating_sub(1)).unwrap_or(0) & 0x0f;
        packet.push(number << 4 | length);
        packet.extend(*value);
    }
    packet.resize(HEADER_BYTES + 4 + words * 4 + payload, 0);
    packet
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_header_is_read_with_its_transport_wide_number() {
        let extensions: [(u8, &[u8]); 2] = [(1, &[30]), (3, &[1, 2])];
        let packet = write((96, true), (7, 90_000, 5), &extensions, 10);
        let header = Header::parse(&packet, 3).unwrap();
        assert_eq!((header.sequence, header.ssrc), (7, 5));
        assert_eq!(header.twcc, Some(0x0102));
        assert_eq!(packet.len() - header.payload_start, 10);
        assert_eq!(Header::parse(&packet, 4).unwrap().twcc, None);
    }

    #[test]
    fn no_packet_that_is_cut_is_read_beyond_its_end() {
        let packet = write((96, true), (7, 90_000, 5), &[(3, &[1, 2])], 0);
        for length in 0..packet.len() {
            assert_eq!(Header::parse(&packet[..length], 3), None);
        }
    }
}
