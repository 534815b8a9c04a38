//! The ciphers: AES-128-GCM in place, and the library for the rest.

use plenary_transport::dtls::{KeyAndSalt, SrtpProfile};
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use rtc_srtp::{
    context::Context,
    crypto::{BlockCipherAlgorithm, default_provider},
    option::{srtcp_replay_protection, srtp_replay_protection},
    protection_profile::ProtectionProfile,
};

/// The most bytes that sealing adds to a packet.
pub const AUTH_TAG_BYTES: usize = 16;
const LABEL_ENCRYPTION: u8 = 0;
const LABEL_SALT: u8 = 2;

/// Keys that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the SRTP keys cannot be used: {0}")]
pub struct BadKeys(String);

pub(super) fn protection_profile(profile: SrtpProfile) -> ProtectionProfile {
    match profile {
        SrtpProfile::Aes128Gcm => ProtectionProfile::AeadAes128Gcm,
        SrtpProfile::Aes128CmSha1_80 => ProtectionProfile::Aes128CmHmacSha1_80,
    }
}

pub(super) fn context(
    profile: SrtpProfile,
    keys: &KeyAndSalt,
    opens: bool,
) -> Result<Context, BadKeys> {
    let profile = protection_profile(profile);
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

/// AES-128-GCM (RFC 7714).
pub(super) struct Gcm {
    key: LessSafeKey,
    salt: [u8; 12],
}

impl Gcm {
    pub(super) fn for_profile(
        profile: SrtpProfile,
        keys: &KeyAndSalt,
    ) -> Result<Option<Self>, BadKeys> {
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

    pub(super) fn open(
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

    pub(super) fn seal(
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
