//! The active end of the DTLS handshake, up to the SRTP keys (RFC 5764).

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Instant,
};

use bytes::BytesMut;
use plenary_transport::fingerprint::Fingerprint;
use rtc_dtls::{
    config::{ConfigBuilder, ExtendedMasterSecretType},
    crypto::Certificate,
    crypto_provider::{RTCCryptoProvider, providers::RingProvider},
    endpoint::{Endpoint, EndpointEvent},
    extension::extension_use_srtp::SrtpProtectionProfile,
};
use rtc_shared::{TransportProtocol, error::Error};
use rtc_srtp::{context::Context, crypto::default_provider, protection_profile::ProtectionProfile};

/// One peer for each endpoint, so that the address may change without the endpoint knowing.
const PEER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9);
const KEY_BYTES: usize = 16;
const SALT_BYTES: usize = 12;

/// The certificate of all participants of this process.
#[derive(Clone)]
pub struct Identity {
    certificate: Certificate,
    provider: Arc<dyn RTCCryptoProvider>,
    pub fingerprint: Fingerprint,
}

impl Identity {
    /// Makes a key and signs a certificate with it.
    pub fn generate() -> Result<Self, Error> {
        let provider: Arc<dyn RTCCryptoProvider> = Arc::new(RingProvider::new());
        let names = vec!["plenary-load".to_owned()];
        let certificate = Certificate::generate_self_signed(names, provider.crypto())?;
        let der = certificate.certificate.first();
        let fingerprint = der.map_or_else(|| Fingerprint::of(&[]), |der| Fingerprint::of(der));
        Ok(Self {
            certificate,
            provider,
            fingerprint,
        })
    }
}

/// A handshake that is under way.
pub struct Handshake {
    endpoint: Endpoint,
}

/// The two halves of the SRTP keys: what this side seals with, and what it opens with.
pub struct Keys {
    pub sealer: Context,
    pub opener: Context,
}

impl Handshake {
    /// Begins a handshake with the server whose certificate has that fingerprint.
    pub fn begin(identity: &Identity, server: Fingerprint, now: Instant) -> Result<Self, Error> {
        let config = ConfigBuilder::default()
            .with_crypto_provider(Arc::clone(&identity.provider))
            .with_certificates(vec![identity.certificate.clone()])
            .with_srtp_protection_profiles(vec![SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm])
            .with_extended_master_secret(ExtendedMasterSecretType::Require)
            // The chain is not verified because there is none: the fingerprint is the identity (RFC 8827, 6.5).
            .with_insecure_skip_verify(true)
            .with_verify_peer_certificate(Some(Arc::new(move |chain, _| match chain.first() {
                Some(der) if Fingerprint::of(der) == server => Ok(()),
                _ => Err(Error::Other(
                    "the certificate is not the one that the answer announced".to_owned(),
                )),
            })))
            .build(true, Some(PEER))?;
        let mut endpoint = Endpoint::new(PEER, TransportProtocol::UDP, None);
        endpoint.connect(now, PEER, Arc::new(config), None)?;
        Ok(Self { endpoint })
    }

    /// The next datagram to send.
    pub fn poll_transmit(&mut self) -> Option<BytesMut> {
        Some(self.endpoint.poll_transmit()?.message)
    }

    pub fn deadline(&self) -> Option<Instant> {
        self.endpoint.poll_timeout(&PEER)
    }

    /// Sends again what has not been answered.
    pub fn handle_timeout(&mut self, now: Instant) -> Result<(), Error> {
        self.endpoint.handle_timeout(PEER, now)
    }

    /// Takes a datagram of the server; returns the keys once the handshake is complete.
    pub fn read(&mut self, datagram: &[u8], now: Instant) -> Result<Option<Keys>, Error> {
        let events = self
            .endpoint
            .read(now, PEER, None, BytesMut::from(datagram))?;
        let is_complete = |event: &EndpointEvent| matches!(event, EndpointEvent::HandshakeComplete);
        if events.iter().any(is_complete) {
            return self.keys().map(Some);
        }
        Ok(None)
    }

    /// The order of the exported bytes is RFC 5764, section 4.2.
    fn keys(&self) -> Result<Keys, Error> {
        let state = self.endpoint.get_connection_state(PEER);
        let state = state.ok_or_else(|| Error::Other("no handshake".to_owned()))?;
        let length = 2 * (KEY_BYTES + SALT_BYTES);
        let material = state
            .export_keying_material("EXTRACTOR-dtls_srtp", &[], length)?
            .into_bytes();
        let mut rest = material.into_iter();
        let mut take = |count| rest.by_ref().take(count).collect::<Vec<u8>>();
        let (own_key, server_key) = (take(KEY_BYTES), take(KEY_BYTES));
        let (own_salt, server_salt) = (take(SALT_BYTES), take(SALT_BYTES));
        let provider = default_provider().map_err(|error| Error::Other(error.to_string()))?;
        let context = |key: &[u8], salt: &[u8]| {
            let profile = ProtectionProfile::AeadAes128Gcm;
            Context::new(key, salt, profile, None, None, provider.crypto())
        };
        Ok(Keys {
            sealer: context(&own_key, &own_salt)?,
            opener: context(&server_key, &server_salt)?,
        })
    }
}
