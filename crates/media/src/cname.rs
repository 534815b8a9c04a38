//! The canonical name of what a session is sent: in the answer's
//! `a=ssrc` lines, and in RTCP with every sender report.
//!
//! Its length is chosen. A chunk of a source description ends with at least one null octet, and with as many more as
//! fill its last 32-bit word (RFC 3550, section 6.5); `rtc-rtcp` 0.21.1 writes the number of those further octets into
//! the last of them, as padding of a whole packet has it (section 6.4.1). A receiver that reads by the rules finds an
//! item of type 1, 2 or 3 there, cut short, and drops the whole compound: the sender report with it, so that it never
//! says what round trip it has. A chunk needs no further octet if its source (4), the item's head (2), the name and the
//! one null octet fill whole words: the name is then one octet longer than a multiple of four.

use rtc_rtcp::source_description::{
    SdesType, SourceDescription, SourceDescriptionChunk, SourceDescriptionItem,
};

use crate::api::SessionId;

/// The name of a session, which all its slots have in common: of the same length for every one.
pub(crate) fn cname(session: SessionId) -> String {
    format!("plenary-{:017x}", session.0)
}

/// Says that a stream goes by that name.
pub(crate) fn description(ssrc: u32, cname: &str) -> SourceDescription {
    let text = bytes::Bytes::copy_from_slice(cname.as_bytes());
    let items = vec![SourceDescriptionItem {
        sdes_type: SdesType::SdesCname,
        text,
    }];
    SourceDescription {
        chunks: vec![SourceDescriptionChunk {
            source: ssrc,
            items,
        }],
    }
}

#[cfg(test)]
mod tests {
    use rtc_rtcp::packet::{Packet, marshal};

    use super::*;

    /// The items of a source description of one chunk, read by RFC 3550 alone.
    fn read(packet: &[u8], ssrc: u32) -> Vec<(u8, Vec<u8>)> {
        assert_eq!(packet[0], 0b1000_0001, "version 2, no padding, one chunk");
        assert_eq!(packet[1], 202, "a source description");
        let words = usize::from(u16::from_be_bytes([packet[2], packet[3]]));
        assert_eq!(packet.len(), (words + 1) * 4, "the length is the packet's");
        assert_eq!(packet[4..8], ssrc.to_be_bytes());
        let (mut items, mut at) = (Vec::new(), 8);
        while packet[at] != 0 {
            let length = usize::from(packet[at + 1]);
            items.push((packet[at], packet[at + 2..at + 2 + length].to_vec()));
            at += 2 + length;
        }
        assert!(packet.len() - at <= 4, "up to the end of the word");
        assert!(packet[at..].iter().all(|octet| *octet == 0), "null octets");
        items
    }

    #[test]
    fn the_description_that_is_sent_ends_in_null_octets_up_to_a_whole_word() {
        for session in [0, 1, 0x0100_0000_0000_0001, u64::MAX] {
            let name = cname(SessionId(session));
            let packets: Vec<Box<dyn Packet>> = vec![Box::new(description(7, &name))];
            let bytes = marshal(&packets).unwrap();
            assert_eq!(read(&bytes, 7), [(1, name.into_bytes())]);
        }
    }
}
