//! SRTP (RFC 3711, RFC 7714) for packets that are opened once and sealed for many.
//!
//! AES-128-GCM, which nearly every client takes, is done in place with `ring` in
//! the buffer that arrives or leaves; `rtc-srtp` does the older profile and all
//! RTCP, which is rare. Replayed packets are refused before they are opened.

use std::collections::HashMap;

use plenary_transport::dtls::{KeyAndSalt, SrtpProfile};
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use rtc_srtp::{
    context::Context,
    crypto::{BlockCipherAlgorithm, default_provider},
    option::{srtcp_replay_protection, srtp_replay_protection},
    protection_profile::ProtectionProfile,
};

use crate::rtp::Header;

/// What sealing adds to a packet, at most.
pub const AUTH_TAG_BYTES: usize = 16;
/// Streams that one client may open; browsers have two per layer and line.
const MAX_STREAMS: usize = 64;
const LABEL_ENCRYPTION: u8 = 0;
const LABEL_SALT: u8 = 2;

/// Keys that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the SRTP keys cannot be used: {0}")]
pub struct BadKeys(String);

/// Opens what one client sends.
pub struct Opener {
    gcm: Option<Gcm>,
    context: Context,
    streams: HashMap<u32, ReplayWindow>,
}

/// Seals what one client is sent.
pub struct Sealer {
    gcm: Option<Gcm>,
    context: Context,
}

impl Opener {
    /// From the client's half of the keys.
    pub fn new(profile: SrtpProfile, keys: &KeyAndSalt) -> Result<Self, BadKeys> {
        Ok(Self {
            gcm: Gcm::for_profile(profile, keys)?,
            context: context(profile, keys, true)?,
            streams: HashMap::new(),
        })
    }

    /// Opens a packet in place; answers its plain length, or none if it is forged, replayed or no RTP.
    pub fn open_rtp(&mut self, packet: &mut [u8]) -> Option<usize> {
        let header = Header::parse(packet)?;
        let Some(gcm) = &self.gcm else {
            let plain = self.context.decrypt_rtp(packet).ok()?;
            packet.get_mut(..plain.len())?.copy_from_slice(&plain);
            return Some(plain.len());
        };
        let known = self.streams.get(&header.ssrc).copied();
        if known.is_none() && self.streams.len() >= MAX_STREAMS {
            return None;
        }
        let mut stream = known.unwrap_or_default();
        let index = stream.guess(header.sequence);
        if !stream.is_new(index) {
            return None;
        }
        let length = gcm.open(header.ssrc, index, header.payload_start, packet)?;
        stream.accept(index);
        self.streams.insert(header.ssrc, stream);
        Some(length)
    }

    /// Opens a compound RTCP packet.
    pub fn open_rtcp(&mut self, packet: &[u8]) -> Option<bytes::BytesMut> {
        self.context.decrypt_rtcp(packet).ok()
    }
}

impl Sealer {
    /// From the server's half of the keys.
    pub fn new(profile: SrtpProfile, keys: &KeyAndSalt) -> Result<Self, BadKeys> {
        Ok(Self {
            gcm: Gcm::for_profile(profile, keys)?,
            context: context(profile, keys, false)?,
        })
    }

    /// Seals the packet of `length` bytes at the front of `buffer`, which has [`AUTH_TAG_BYTES`] bytes to spare. `index` is
    /// the 48-bit packet index, which never repeats within an SSRC: the nonce is made of it.
    pub fn seal_rtp(
        &mut self,
        ssrc: u32,
        index: u64,
        payload_start: usize,
        length: usize,
        buffer: &mut [u8],
    ) -> Option<usize> {
        let Some(gcm) = &self.gcm else {
            let sealed = self.context.encrypt_rtp(buffer.get(..length)?).ok()?;
            buffer.get_mut(..sealed.len())?.copy_from_slice(&sealed);
            return Some(sealed.len());
        };
        gcm.seal(ssrc, index, payload_start, length, buffer)
    }

    /// Seals a compound RTCP packet.
    pub fn seal_rtcp(&mut self, packet: &[u8]) -> Option<bytes::BytesMut> {
        self.context.encrypt_rtcp(packet).ok()
    }
}

fn context(profile: SrtpProfile, keys: &KeyAndSalt, opens: bool) -> Result<Context, BadKeys> {
    let profile = match profile {
        SrtpProfile::Aes128Gcm => ProtectionProfile::AeadAes128Gcm,
        SrtpProfile::Aes128CmSha1_80 => ProtectionProfile::Aes128CmHmacSha1_80,
    };
    let provider = default_provider().map_err(|error| BadKeys(error.to_string()))?;
    let (media, control) = if opens {
        (
            Some(srtp_replay_protection(128)),
            Some(srtcp_replay_protection(128)),
        )
    } else {
        (None, None)
    };
    Context::new(
        &keys.key,
        &keys.salt,
        profile,
        media,
        control,
        provider.crypto(),
    )
    .map_err(|error| BadKeys(error.to_string()))
}

struct Gcm {
    key: LessSafeKey,
    salt: [u8; 12],
}

impl Gcm {
    fn for_profile(profile: SrtpProfile, keys: &KeyAndSalt) -> Result<Option<Self>, BadKeys> {
        if profile != SrtpProfile::Aes128Gcm {
            return Ok(None);
        }
        let bad = || BadKeys("wrong length".to_owned());
        let key =
            UnboundKey::new(&AES_128_GCM, &derive(keys, LABEL_ENCRYPTION)?).map_err(|_| bad())?;
        let salt = derive(keys, LABEL_SALT)?
            .first_chunk()
            .copied()
            .ok_or_else(bad)?;
        Ok(Some(Self {
            key: LessSafeKey::new(key),
            salt,
        }))
    }

    /// RFC 7714, section 8.1.
    fn nonce(&self, ssrc: u32, index: u64) -> Nonce {
        let mut nonce = [0; 12];
        nonce[2..6].copy_from_slice(&ssrc.to_be_bytes());
        nonce[6..12].copy_from_slice(&index.to_be_bytes()[2..]);
        for (byte, salt) in nonce.iter_mut().zip(self.salt) {
            *byte ^= salt;
        }
        Nonce::assume_unique_for_key(nonce)
    }

    fn open(
        &self,
        ssrc: u32,
        index: u64,
        payload_start: usize,
        packet: &mut [u8],
    ) -> Option<usize> {
        let (header, sealed) = packet.split_at_mut_checked(payload_start)?;
        let plain = self
            .key
            .open_in_place(self.nonce(ssrc, index), Aad::from(&*header), sealed)
            .ok()?;
        Some(payload_start + plain.len())
    }

    fn seal(
        &self,
        ssrc: u32,
        index: u64,
        payload_start: usize,
        length: usize,
        buffer: &mut [u8],
    ) -> Option<usize> {
        let (packet, spare) = buffer.split_at_mut_checked(length)?;
        let (header, payload) = packet.split_at_mut_checked(payload_start)?;
        let nonce = self.nonce(ssrc, index);
        let tag = self
            .key
            .seal_in_place_separate_tag(nonce, Aad::from(&*header), payload)
            .ok()?;
        spare
            .get_mut(..AUTH_TAG_BYTES)?
            .copy_from_slice(tag.as_ref());
        Some(length + AUTH_TAG_BYTES)
    }
}

/// A session key of 16 bytes: one block of the AES-CM generator (RFC 3711, section 4.3.3).
fn derive(keys: &KeyAndSalt, label: u8) -> Result<[u8; 16], BadKeys> {
    let mut block = [0; 16];
    for (byte, salt) in block.iter_mut().zip(keys.salt.iter().take(14)) {
        *byte = *salt;
    }
    block[7] ^= label;
    let provider = default_provider().map_err(|error| BadKeys(error.to_string()))?;
    provider
        .crypto()
        .block_encrypt(BlockCipherAlgorithm::Aes128, &keys.key, &mut block)
        .map_err(|error| BadKeys(error.to_string()))?;
    Ok(block)
}

/// The highest packet index of a stream, and which of the 128 below it have been seen.
#[derive(Debug, Clone, Copy, Default)]
struct ReplayWindow {
    highest: Option<u64>,
    seen: u128,
}

impl ReplayWindow {
    /// RFC 3711, section 3.3.1: the index nearest to the highest one that has this sequence number.
    fn guess(&self, sequence: u16) -> u64 {
        self.highest.map_or(u64::from(sequence), |highest| {
            nearest_index(highest, sequence)
        })
    }

    fn is_new(&self, index: u64) -> bool {
        let Some(highest) = self.highest else {
            return true;
        };
        index > highest
            || u32::try_from(highest - index)
                .is_ok_and(|age| age < 128 && self.seen >> age & 1 == 0)
    }

    fn accept(&mut self, index: u64) {
        let highest = self.highest.unwrap_or(index);
        if index >= highest {
            let step = u32::try_from(index - highest).unwrap_or(u32::MAX);
            self.seen = self.seen.checked_shl(step).unwrap_or(0) | 1;
            self.highest = Some(index);
        } else {
            self.seen |= 1_u128
                .checked_shl(u32::try_from(highest - index).unwrap_or(u32::MAX))
                .unwrap_or(0);
        }
    }
}

/// The number nearest to `reference` whose low 16 bits are `sequence`.
pub(crate) fn nearest_index(reference: u64, sequence: u16) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the low 16 bits are what is compared"
    )]
    let step = sequence.wrapping_sub(reference as u16).cast_signed();
    reference
        .checked_add_signed(i64::from(step))
        .unwrap_or(u64::from(sequence))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(profile: SrtpProfile) -> KeyAndSalt {
        let salt = if profile == SrtpProfile::Aes128Gcm {
            12
        } else {
            14
        };
        KeyAndSalt {
            key: (1..=16).collect(),
            salt: (1..=salt).collect(),
        }
    }

    fn packet(sequence: u16) -> Vec<u8> {
        let mut packet = vec![0x80, 96];
        packet.extend(sequence.to_be_bytes());
        packet.extend([0, 0, 0, 1, 0, 0, 0, 7]);
        packet.extend(b"picture");
        packet
    }

    fn seal(sealer: &mut Sealer, index: u64) -> Vec<u8> {
        let mut buffer = packet((index & 0xffff) as u16);
        let length = buffer.len();
        buffer.resize(length + AUTH_TAG_BYTES, 0);
        let whole = sealer.seal_rtp(7, index, 12, length, &mut buffer).unwrap();
        buffer.truncate(whole);
        buffer
    }

    #[test]
    fn a_packet_sealed_by_either_profile_opens_as_it_was_and_opens_for_the_library_too() {
        for profile in [SrtpProfile::Aes128Gcm, SrtpProfile::Aes128CmSha1_80] {
            let mut sealer = Sealer::new(profile, &keys(profile)).unwrap();
            let mut packed = seal(&mut sealer, 5);
            let by_library = context(profile, &keys(profile), true)
                .unwrap()
                .decrypt_rtp(&packed)
                .unwrap();
            assert_eq!(by_library, packet(5));
            let length = Opener::new(profile, &keys(profile))
                .unwrap()
                .open_rtp(&mut packed)
                .unwrap();
            assert_eq!(&packed[..length], packet(5));
        }
    }

    #[test]
    fn a_replayed_packet_is_refused_and_a_late_one_is_not() {
        let profile = SrtpProfile::Aes128Gcm;
        let mut sealer = Sealer::new(profile, &keys(profile)).unwrap();
        let mut opener = Opener::new(profile, &keys(profile)).unwrap();
        let [first, late, last] = [10, 11, 12].map(|index| seal(&mut sealer, index));
        assert!(opener.open_rtp(&mut first.clone()).is_some());
        assert!(opener.open_rtp(&mut last.clone()).is_some());
        assert!(opener.open_rtp(&mut late.clone()).is_some());
        assert!(opener.open_rtp(&mut first.clone()).is_none());
        assert!(opener.open_rtp(&mut late.clone()).is_none());
    }

    #[test]
    fn packets_open_across_the_rollover_of_the_sequence_number() {
        let profile = SrtpProfile::Aes128Gcm;
        let mut sealer = Sealer::new(profile, &keys(profile)).unwrap();
        let mut opener = Opener::new(profile, &keys(profile)).unwrap();
        for index in 65_530..65_550 {
            assert!(
                opener.open_rtp(&mut seal(&mut sealer, index)).is_some(),
                "{index}"
            );
        }
    }
}
