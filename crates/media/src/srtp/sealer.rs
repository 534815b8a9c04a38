//! Sealing: what one client is sent.

use std::{
    collections::HashMap,
    sync::{Arc, atomic::Ordering::Relaxed},
};

use nohash_hasher::IntMap;
use plenary_transport::dtls::{KeyAndSalt, SrtpProfile};
use rtc_srtp::context::Context;

use super::cipher::{BadKeys, Gcm, context};
use crate::{counters::Counters, packet_index::IndexWindow};

/// How far a packet may be ahead of the highest one. A receiver derives the rollover from the last packet that it took,
/// which may have been a late one, and is right within half the range of sequence numbers (RFC 3711, section 3.3.1).
pub(super) const MAX_STEP: u64 = (1 << 15) - SealedIndices::INDICES;
/// Packet indices have 48 bits.
const MAX_INDEX: u64 = (1 << 48) - 1;
/// SRTCP indices have 31 bits (RFC 3711, section 3.4).
pub(super) const MAX_RTCP_INDEX: u32 = (1 << 31) - 1;

/// Late packets are sealed too, up to as many behind the newest as browsers accept.
type SealedIndices = IndexWindow<16>;

/// Seals what one client is sent, and nothing twice under one index.
pub struct Sealer {
    gcm: Option<Gcm>,
    context: Context,
    /// The indices used, by SSRC. An entry is never removed: the key lasts as long as the sealer.
    sealed: IntMap<u32, SealedIndices>,
    /// RTCP packets sealed, by SSRC.
    pub(super) reports: HashMap<u32, u32>,
    counters: Arc<Counters>,
}

impl Sealer {
    /// A sealer with the server's half of the keys. Keys must not go into a second sealer, which would not know the indices
    /// that were used.
    pub fn new(
        profile: SrtpProfile,
        keys: &KeyAndSalt,
        counters: Arc<Counters>,
    ) -> Result<Self, BadKeys> {
        Ok(Self {
            gcm: Gcm::for_profile(profile, keys)?,
            context: context(profile, keys, false)?,
            sealed: IntMap::default(),
            reports: HashMap::new(),
            counters,
        })
    }

    /// Whether anything was sealed for this SSRC.
    pub fn knows(&self, ssrc: u32) -> bool {
        self.sealed.contains_key(&ssrc)
    }

    /// Seals the packet of `length` bytes at the front of `buffer`, which has [`AUTH_TAG_BYTES`] bytes to spare. `index` is
    /// the 48-bit packet index; if it was used before, or no receiver could follow it, nothing is sealed.
    pub fn seal_rtp(
        &mut self,
        ssrc: u32,
        index: u64,
        payload_start: usize,
        length: usize,
        buffer: &mut [u8],
    ) -> Option<usize> {
        // The index counts as used even if the packet cannot be sealed.
        if !self.use_index(ssrc, index) {
            self.counters.indices_refused.fetch_add(1, Relaxed);
            return None;
        }
        let Some(gcm) = &self.gcm else {
            let sealed = self.context.encrypt_rtp(buffer.get(..length)?).ok()?;
            buffer.get_mut(..sealed.len())?.copy_from_slice(&sealed);
            return Some(sealed.len());
        };
        gcm.seal(ssrc, index, payload_start, length, buffer)
    }

    fn use_index(&mut self, ssrc: u32, index: u64) -> bool {
        let sealed = self.sealed.entry(ssrc).or_default();
        // A receiver takes the first packet's sequence number for its index.
        let limit = sealed
            .highest()
            .map_or(1 << 16, |highest| highest + MAX_STEP);
        index < limit.min(MAX_INDEX) && sealed.insert(index)
    }

    /// Seals a compound RTCP packet, unless all indices of its SSRC are used up.
    pub fn seal_rtcp(&mut self, packet: &[u8]) -> Option<bytes::BytesMut> {
        let ssrc = u32::from_be_bytes(*packet.get(4..)?.first_chunk()?);
        // The library counts likewise, and would begin again at 0.
        let sealed = self.reports.entry(ssrc).or_default();
        if *sealed == MAX_RTCP_INDEX {
            self.counters.indices_refused.fetch_add(1, Relaxed);
            return None;
        }
        *sealed += 1;
        self.context.encrypt_rtcp(packet).ok()
    }
}
