//! What a slot has sent to a client without RTX: kept as it was sealed, because a packet that is sealed again with any
//! other byte would use the nonce of its index twice (RFC 7714, section 8.1).

/// Packets kept for one slot: about a second of the largest layer.
const KEPT_PACKETS: usize = 256;

/// The last packets of a slot, by packet index. Buffers are reused.
#[derive(Debug, Default)]
pub struct SentPackets {
    ring: Vec<Option<Sent>>,
}

#[derive(Debug, Clone)]
struct Sent {
    index: u64,
    sealed: Vec<u8>,
}

impl SentPackets {
    /// Keeps a sealed packet where an older one was.
    pub fn store(&mut self, index: u64, sealed: &[u8]) {
        if self.ring.is_empty() {
            self.ring.resize(KEPT_PACKETS, None);
        }
        let Some(entry) = self.ring.get_mut(place(index)) else {
            return;
        };
        let mut bytes = entry.take().map(|old| old.sealed).unwrap_or_default();
        bytes.clear();
        bytes.extend_from_slice(sealed);
        *entry = Some(Sent {
            index,
            sealed: bytes,
        });
    }

    /// The sealed packet with that index, if it is still here.
    pub fn find(&self, index: u64) -> Option<&[u8]> {
        let sent = self.ring.get(place(index))?.as_ref()?;
        (sent.index == index).then_some(&sent.sealed)
    }

    /// Forgets everything: what is no longer allowed is not even there.
    pub fn clear(&mut self) {
        self.ring = Vec::new();
    }
}

fn place(index: u64) -> usize {
    usize::try_from(index % KEPT_PACKETS as u64).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sent_packet_is_found_until_another_takes_its_place() {
        let mut sent = SentPackets::default();
        assert_eq!(sent.find(5), None);
        sent.store(5, b"first");
        assert_eq!(sent.find(5), Some(&b"first"[..]));
        assert_eq!(sent.find(5 + KEPT_PACKETS as u64), None);
        sent.store(5 + KEPT_PACKETS as u64, b"next");
        assert_eq!(sent.find(5), None);
        sent.clear();
        assert_eq!(sent.find(5 + KEPT_PACKETS as u64), None);
    }
}
