//! The passive end of a DTLS 1.2 handshake, up to the SRTP keys (RFC 5764).
//!
//! The handshake itself is `rtc-dtls`; this front end keeps its 0.21.1 faults away: it
//! reassembles the `ClientHello` that browsers send in two datagrams and feeds it once,
//! answers a repeated one with the stored flight (a lost flight would otherwise hang for
//! good), offers the one SRTP profile wanted, and bounds what an unknown sender can make it store.

use std::collections::VecDeque;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use bytes::{Bytes, BytesMut};
use rtc_dtls::config::{ClientAuthType, ConfigBuilder, ExtendedMasterSecretType};
use rtc_dtls::crypto_provider::RTCCryptoProvider;
use rtc_dtls::crypto_provider::providers::RingProvider;
use rtc_dtls::endpoint::{Endpoint, EndpointEvent};
use rtc_dtls::extension::extension_use_srtp::SrtpProtectionProfile;
use rtc_shared::TransportProtocol;

use crate::fingerprint::Fingerprint;

mod hello;
mod record;

use hello::{Hello, Hellos};

/// The server's certificate, one for the whole process: ECDSA P-256, self-signed.
#[derive(Clone)]
pub struct Certificate {
    inner: rtc_dtls::crypto::Certificate,
    fingerprint: Fingerprint,
    provider: Arc<dyn RTCCryptoProvider>,
}

impl Certificate {
    /// Makes a key and signs a certificate with it.
    pub fn generate() -> Result<Self, DtlsError> {
        let provider: Arc<dyn RTCCryptoProvider> = Arc::new(RingProvider::new());
        let inner = rtc_dtls::crypto::Certificate::generate_self_signed(
            vec!["plenary".to_owned()],
            provider.crypto(),
        )
        .map_err(library)?;
        let der = inner.certificate.first().ok_or(DtlsError::Certificate)?;
        Ok(Self {
            fingerprint: Fingerprint::of(der),
            inner,
            provider,
        })
    }

    /// The fingerprint that an answer announces.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({})", self.fingerprint)
    }
}

/// Why a DTLS handshake failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DtlsError {
    /// The process's own certificate cannot be made.
    #[error("no certificate was made")]
    Certificate,
    /// The client speaks another version of DTLS only.
    #[error("the client does not offer DTLS 1.2")]
    Version,
    /// The client offers no SRTP profile known here.
    #[error(
        "the client offers no usable SRTP profile: SRTP_AEAD_AES_128_GCM or SRTP_AES128_CM_HMAC_SHA1_80"
    )]
    NoSrtpProfile,
    /// The client's first message cannot be read.
    #[error("the ClientHello cannot be read")]
    MalformedHello,
    /// More arrived before the end of the handshake than any handshake has.
    #[error("the handshake exceeds its size limit")]
    TooLarge,
    /// The library's word for it, a wrong certificate among them.
    #[error("DTLS: {0}")]
    Library(String),
}

impl DtlsError {
    /// The alert that tells the client (RFC 5246, section 7.2.2), where the library has sent none.
    const fn alert(&self) -> u8 {
        const HANDSHAKE_FAILURE: u8 = 40;
        const PROTOCOL_VERSION: u8 = 70;
        match self {
            Self::Version => PROTOCOL_VERSION,
            _ => HANDSHAKE_FAILURE,
        }
    }
}

/// How SRTP packets are protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SrtpProfile {
    /// `SRTP_AEAD_AES_128_GCM`: 12 bytes of salt.
    Aes128Gcm,
    /// `SRTP_AES128_CM_HMAC_SHA1_80`: 14 bytes of salt.
    Aes128CmSha1_80,
}

impl SrtpProfile {
    const KEY: usize = 16;

    const fn salt(self) -> usize {
        match self {
            Self::Aes128Gcm => 12,
            Self::Aes128CmSha1_80 => 14,
        }
    }

    const fn library(self) -> SrtpProtectionProfile {
        match self {
            Self::Aes128Gcm => SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm,
            Self::Aes128CmSha1_80 => SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80,
        }
    }
}

/// A master key and its salt. Secret.
#[derive(Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct KeyAndSalt {
    pub key: Vec<u8>,
    /// As long as the profile says.
    pub salt: Vec<u8>,
}

impl fmt::Debug for KeyAndSalt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyAndSalt(…)")
    }
}

/// The keys that SRTP starts from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct SrtpKeys {
    pub profile: SrtpProfile,
    /// The key with which the client encrypts.
    pub client: KeyAndSalt,
    /// The key with which the server encrypts.
    pub server: KeyAndSalt,
}

/// The outcome of a handshake, or the end of a connection.
#[derive(Debug)]
pub enum DtlsEvent {
    /// The handshake is complete, with the certificate that the offer announced.
    Connected(Box<SrtpKeys>),
    /// The handshake cannot be completed.
    Failed(DtlsError),
    /// The client closed the connection.
    Closed,
}

/// The DTLS of one media session.
pub struct Dtls {
    certificate: Certificate,
    peer: Fingerprint,
    endpoint: Option<(Endpoint, SrtpProfile)>,
    hellos: Hellos,
    /// The datagrams that answered the last `ClientHello`.
    flight: Vec<Bytes>,
    received: usize,
    repeats: usize,
    phase: Phase,
    transmits: VecDeque<Bytes>,
    events: VecDeque<DtlsEvent>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Handshaking,
    Connected,
    Over,
}

/// One peer per endpoint, so that the session may change its address without the endpoint knowing.
const PEER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 9);
/// The bytes of all datagrams but `ClientHello` that are read, repeats included: the library keeps fragments, also after
/// the handshake, which no data channel follows.
const MAX_BYTES: usize = 64 * 1024;
/// How often a repeated `ClientHello` is answered. A browser repeats it, ever more slowly, about ten times.
const MAX_REPEATS: usize = 32;

impl Dtls {
    /// Waits for the client whose certificate has the fingerprint `peer`.
    pub fn new(certificate: &Certificate, peer: Fingerprint) -> Self {
        Self {
            certificate: certificate.clone(),
            peer,
            endpoint: None,
            hellos: Hellos::default(),
            flight: Vec::new(),
            received: 0,
            repeats: 0,
            phase: Phase::Handshaking,
            transmits: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    /// Takes a datagram that [`crate::ice::classify`] called DTLS.
    pub fn handle(&mut self, now: Instant, datagram: &[u8]) {
        if self.phase == Phase::Over || !record::is_sound(datagram) {
            return;
        }
        if self.phase == Phase::Handshaking && hello::is_client_hello(datagram) {
            match self.hellos.push(datagram) {
                Hello::Repeated if self.repeats < MAX_REPEATS => {
                    self.repeats += 1;
                    self.transmits.extend(self.flight.iter().cloned());
                }
                Hello::Partial | Hello::Repeated => {}
                Hello::Whole(record) => self.hello(now, &record),
            }
        } else if self.endpoint.is_some() {
            self.received += datagram.len();
            match self.phase {
                _ if self.received <= MAX_BYTES => self.read(now, datagram),
                Phase::Handshaking => self.fail(DtlsError::TooLarge),
                // Datagrams of unknown senders do not end an established connection.
                Phase::Connected | Phase::Over => {}
            }
        }
    }

    /// The next datagram to send.
    pub fn poll_transmit(&mut self) -> Option<Bytes> {
        self.transmits.pop_front()
    }

    /// The next event, oldest first.
    pub fn poll_event(&mut self) -> Option<DtlsEvent> {
        self.events.pop_front()
    }

    /// The time when [`Self::handle_timeout`] is due.
    pub fn deadline(&self) -> Option<Instant> {
        let (endpoint, _) = self.endpoint.as_ref()?;
        endpoint.poll_timeout(&PEER)
    }

    /// Sends again what has not been answered.
    pub fn handle_timeout(&mut self, now: Instant) {
        let Some((endpoint, _)) = &mut self.endpoint else {
            return;
        };
        let result = endpoint.handle_timeout(PEER, now);
        self.collect();
        if let Err(error) = result {
            self.fail(library(error));
        }
    }

    /// Closes the connection by an alert, which is in [`Self::poll_transmit`]. Browsers do not show it: end sessions by
    /// signaling too.
    pub fn close(&mut self, now: Instant) {
        if let Some((endpoint, _)) = &mut self.endpoint {
            endpoint.stop(now, PEER);
        }
        self.collect();
        self.phase = Phase::Over;
        self.endpoint = None;
    }

    fn hello(&mut self, now: Instant, record: &[u8]) {
        if self.endpoint.is_none() {
            match self.endpoint_for(record) {
                Ok(endpoint) => self.endpoint = Some(endpoint),
                Err(error) => return self.fail(error),
            }
        }
        let before = self.transmits.len();
        self.read(now, record);
        self.flight = self.transmits.iter().skip(before).cloned().collect();
    }

    fn endpoint_for(&self, hello: &[u8]) -> Result<(Endpoint, SrtpProfile), DtlsError> {
        let offered = hello::offered(hello).ok_or(DtlsError::MalformedHello)?;
        if !offered.dtls_1_2 {
            return Err(DtlsError::Version);
        }
        // The library follows the client's order, and Chromium names AES-CM first, which costs five times as much.
        let profile = [SrtpProfile::Aes128Gcm, SrtpProfile::Aes128CmSha1_80]
            .into_iter()
            .find(|profile| offered.srtp_profiles.contains(&(profile.library() as u16)))
            .ok_or(DtlsError::NoSrtpProfile)?;
        let peer = self.peer;
        let config = ConfigBuilder::default()
            .with_crypto_provider(self.certificate.provider.clone())
            .with_certificates(vec![self.certificate.inner.clone()])
            .with_srtp_protection_profiles(vec![profile.library()])
            .with_extended_master_secret(ExtendedMasterSecretType::Require)
            .with_client_auth(ClientAuthType::RequireAnyClientCert)
            // The chain is not verified because there is none: the fingerprint below is the identity (RFC 8827, 6.5).
            .with_insecure_skip_verify(true)
            .with_verify_peer_certificate(Some(Arc::new(move |chain, _| match chain.first() {
                Some(der) if Fingerprint::of(der) == peer => Ok(()),
                _ => Err(rtc_shared::error::Error::Other(
                    "the certificate is not the one that the offer announced".to_owned(),
                )),
            })))
            .build(false, None)
            .map_err(library)?;
        let endpoint = Endpoint::new(PEER, TransportProtocol::UDP, Some(Arc::new(config)));
        Ok((endpoint, profile))
    }

    fn read(&mut self, now: Instant, datagram: &[u8]) {
        let Some((endpoint, _)) = &mut self.endpoint else {
            return;
        };
        let result = endpoint.read(now, PEER, None, BytesMut::from(datagram));
        self.collect();
        match result {
            Ok(events) => events.iter().for_each(|event| self.event(event)),
            Err(error) => self.fail(library(error)),
        }
    }

    fn event(&mut self, event: &EndpointEvent) {
        match event {
            EndpointEvent::HandshakeComplete => match self.keys() {
                Ok(keys) => {
                    self.phase = Phase::Connected;
                    // What a lost answer would need is not needed any more.
                    self.hellos = Hellos::default();
                    self.flight = Vec::new();
                    self.flight = Vec::new();
                    self.events.push_back(DtlsEvent::Connected(Box::new(keys)));
                }
                Err(error) => self.fail(error),
            },
            EndpointEvent::PeerClosed => {
                self.phase = Phase::Over;
                self.endpoint = None;
                self.events.push_back(DtlsEvent::Closed);
            }
            // Data channels are not offered, so nothing is expected inside.
            _ => {}
        }
    }

    /// The order of the exported bytes is RFC 5764, section 4.2.
    fn keys(&self) -> Result<SrtpKeys, DtlsError> {
        let (endpoint, profile) = self.endpoint.as_ref().ok_or(DtlsError::NoSrtpProfile)?;
        let state = endpoint
            .get_connection_state(PEER)
            .ok_or(DtlsError::NoSrtpProfile)?;
        if state.srtp_protection_profile() != profile.library() {
            return Err(DtlsError::NoSrtpProfile);
        }
        let length = 2 * (SrtpProfile::KEY + profile.salt());
        let material = state
            .export_keying_material("EXTRACTOR-dtls_srtp", &[], length)
            .map_err(library)?
            .into_bytes();
        let mut rest = material.into_iter();
        let mut take = |count| rest.by_ref().take(count).collect::<Vec<u8>>();
        let (client_key, server_key) = (take(SrtpProfile::KEY), take(SrtpProfile::KEY));
        let (client_salt, server_salt) = (take(profile.salt()), take(profile.salt()));
        Ok(SrtpKeys {
            profile: *profile,
            client: KeyAndSalt {
                key: client_key,
                salt: client_salt,
            },
            server: KeyAndSalt {
                key: server_key,
                salt: server_salt,
            },
        })
    }

    fn collect(&mut self) {
        if let Some((endpoint, _)) = &mut self.endpoint {
            while let Some(transmit) = endpoint.poll_transmit() {
                self.transmits.push_back(transmit.message.freeze());
            }
        }
    }

    fn fail(&mut self, error: DtlsError) {
        let told = self.transmits.iter().any(|it| record::is_alert(it));
        if self.phase == Phase::Handshaking && !told {
            self.transmits.push_back(record::fatal_alert(error.alert()));
        }
        self.phase = Phase::Over;
        self.endpoint = None;
        self.events.push_back(DtlsEvent::Failed(error));
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "it is what map_err hands over"
)]
fn library(error: rtc_shared::error::Error) -> DtlsError {
    DtlsError::Library(error.to_string())
}
