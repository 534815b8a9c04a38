//! A client of `rtc-dtls`, our server, and a network between them. Time passes only when both wait.

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use plenary_transport::dtls::{Certificate, Dtls, DtlsEvent, SrtpKeys};
use plenary_transport::fingerprint::Fingerprint;
use rtc_dtls::config::{ConfigBuilder, ExtendedMasterSecretType, HandshakeConfig};
use rtc_dtls::crypto_provider::RTCCryptoProvider;
use rtc_dtls::crypto_provider::providers::RingProvider;
use rtc_dtls::endpoint::{Endpoint, EndpointEvent};
use rtc_dtls::extension::extension_use_srtp::SrtpProtectionProfile::{
    self, Srtp_Aead_Aes_128_Gcm, Srtp_Aes128_Cm_Hmac_Sha1_80,
};
use rtc_shared::TransportProtocol;

/// The direction of a datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    ToServer,
    ToClient,
}

/// Both ends, and their results.
pub struct Handshake {
    client: Endpoint,
    server: Dtls,
    from_client: VecDeque<Bytes>,
    began: Instant,
    now: Instant,
    server_events: Vec<DtlsEvent>,
    /// The client's last flight. A browser repeats it until it is answered; `rtc-dtls` stops once it has
    /// received anything, so the harness repeats it.
    client_flight: Vec<Bytes>,
    client_connected: bool,
    client_closed: bool,
    client_error: Option<String>,
}

const SERVER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 4445);

impl Handshake {
    /// In the order of Chromium, which names AES-CM before GCM.
    pub fn new() -> Self {
        Self::offering(vec![Srtp_Aes128_Cm_Hmac_Sha1_80, Srtp_Aead_Aes_128_Gcm])
    }

    pub fn offering(profiles: Vec<SrtpProtectionProfile>) -> Self {
        let (config, fingerprint) = client_config(profiles, true);
        Self::between(config, fingerprint)
    }

    /// The client has no certificate.
    pub fn anonymous() -> Self {
        let (config, fingerprint) = client_config(vec![Srtp_Aead_Aes_128_Gcm], false);
        Self::between(config, fingerprint)
    }

    /// The server expects a certificate with another fingerprint than the client's.
    pub fn expecting(fingerprint: Fingerprint) -> Self {
        let (config, _) = client_config(vec![Srtp_Aead_Aes_128_Gcm], true);
        Self::between(config, fingerprint)
    }

    fn between(config: HandshakeConfig, expected: Fingerprint) -> Self {
        let now = Instant::now();
        let mut client = Endpoint::new(SERVER, TransportProtocol::UDP, None);
        client
            .connect(now, SERVER, Arc::new(config), None)
            .expect("a client can begin");
        let certificate = Certificate::generate().expect("a certificate can be made");
        let mut handshake = Self {
            client,
            server: Dtls::new(&certificate, expected),
            from_client: VecDeque::new(),
            began: now,
            now,
            server_events: Vec::new(),
            client_flight: Vec::new(),
            client_connected: false,
            client_closed: false,
            client_error: None,
        };
        handshake.collect();
        handshake
    }

    /// Carries datagrams until both ends are silent and no timer runs. `network` returns what arrives of the `n`th
    /// datagram in each direction.
    pub fn run(&mut self, mut network: impl FnMut(Way, usize, Bytes) -> Vec<Bytes>) {
        let (mut to_server, mut to_client) = (0, 0);
        for _ in 0..1_000 {
            if let Some(datagram) = self.client_datagram() {
                for arrived in network(Way::ToServer, to_server, datagram) {
                    self.give_server(&arrived);
                }
                to_server += 1;
            } else if let Some(datagram) = self.server_datagram() {
                for arrived in network(Way::ToClient, to_client, datagram) {
                    self.give_client(&arrived);
                }
                to_client += 1;
            } else if !self.wait() {
                return;
            }
        }
        panic!("the ends never fall silent");
    }

    /// Advances the time to the next timer of either end.
    fn wait(&mut self) -> bool {
        let waits = !self.client_connected && self.client_error.is_none();
        let repeat = self.now + Duration::from_secs(1);
        let forgets = waits && self.client.poll_timeout(&SERVER).is_none();
        let client = self
            .client
            .poll_timeout(&SERVER)
            .or(forgets.then_some(repeat));
        let Some(next) = client.into_iter().chain(self.server.deadline()).min() else {
            return false;
        };
        if next > self.began + Duration::from_mins(1) {
            return false;
        }
        self.now = self.now.max(next);
        if forgets && next == repeat {
            self.from_client.extend(self.client_flight.iter().cloned());
        }
        if let Err(error) = self.client.handle_timeout(SERVER, self.now) {
            self.client_error.get_or_insert(error.to_string());
        }
        self.server.handle_timeout(self.now);
        self.collect();
        true
    }

    pub fn client_datagram(&mut self) -> Option<Bytes> {
        self.from_client.pop_front()
    }

    pub fn server_datagram(&mut self) -> Option<Bytes> {
        self.server.poll_transmit()
    }

    pub fn give_server(&mut self, datagram: &[u8]) {
        self.server.handle(self.now, datagram);
        self.collect();
    }

    fn give_client(&mut self, datagram: &[u8]) {
        match self
            .client
            .read(self.now, SERVER, None, BytesMut::from(datagram))
        {
            Ok(events) => {
                for event in events {
                    self.client_closed |= matches!(event, EndpointEvent::PeerClosed);
                    self.client_connected |= matches!(event, EndpointEvent::HandshakeComplete);
                }
            }
            Err(error) => {
                self.client_error.get_or_insert(error.to_string());
            }
        }
        self.collect();
    }

    pub fn client_closes(&mut self) {
        self.client.close(self.now).expect("a client can close");
        self.collect();
    }

    pub fn server_closes(&mut self) {
        self.server.close(self.now);
        self.collect();
    }

    fn collect(&mut self) {
        let mut said = Vec::new();
        while let Some(transmit) = self.client.poll_transmit() {
            said.push(spread(&transmit.message));
        }
        if !said.is_empty() {
            self.from_client.extend(said.iter().cloned());
            self.client_flight = said;
        }
        while let Some(event) = self.server.poll_event() {
            self.server_events.push(event);
        }
    }

    pub fn server_deadline(&self) -> Option<Instant> {
        self.server.deadline()
    }

    pub fn time_out_server(&mut self) {
        self.server.handle_timeout(self.now);
        self.collect();
    }

    pub fn server_events(&self) -> &[DtlsEvent] {
        &self.server_events
    }

    pub fn server_keys(&self) -> Option<&SrtpKeys> {
        match self.server_events.first() {
            Some(DtlsEvent::Connected(keys)) => Some(keys),
            _ => None,
        }
    }

    pub fn client_keys(&self, length: usize) -> Option<Vec<u8>> {
        let state = self.client.get_connection_state(SERVER)?;
        let keys = state.export_keying_material("EXTRACTOR-dtls_srtp", &[], length);
        Some(keys.ok()?.into_bytes())
    }

    pub fn client_error(&self) -> Option<&str> {
        self.client_error.as_deref()
    }

    pub fn client_was_closed(&self) -> bool {
        self.client_closed
    }

    pub fn elapsed(&self) -> Duration {
        self.now - self.began
    }
}

fn client_config(
    profiles: Vec<SrtpProtectionProfile>,
    has_certificate: bool,
) -> (HandshakeConfig, Fingerprint) {
    let provider: Arc<dyn RTCCryptoProvider> = Arc::new(RingProvider::new());
    let certificate = rtc_dtls::crypto::Certificate::generate_self_signed(
        vec!["client".to_owned()],
        provider.crypto(),
    )
    .expect("a certificate can be made");
    let fingerprint = Fingerprint::of(&certificate.certificate[0]);
    let config = ConfigBuilder::default()
        .with_crypto_provider(provider)
        .with_certificates(if has_certificate {
            vec![certificate]
        } else {
            Vec::new()
        })
        .with_srtp_protection_profiles(profiles)
        .with_extended_master_secret(ExtendedMasterSecretType::Require)
        .with_insecure_skip_verify(true)
        .build(true, Some(SERVER))
        .expect("the client's configuration is valid");
    (config, fingerprint)
}

/// A network that delivers every datagram once.
pub fn intact(_: Way, _: usize, datagram: Bytes) -> Vec<Bytes> {
    vec![datagram]
}

const RECORD_HEADER: usize = 13;
const HANDSHAKE_HEADER: usize = 12;

/// Doubles the sequence numbers of the plaintext records, so that a hello may become two records.
fn spread(datagram: &[u8]) -> Bytes {
    let mut bytes = datagram.to_vec();
    let mut at = 0;
    while let Some(header) = bytes.get_mut(at..at + RECORD_HEADER) {
        if header[3..5] == [0, 0] {
            header[10] *= 2;
        }
        at += RECORD_HEADER + usize::from(u16::from_be_bytes([header[11], header[12]]));
    }
    bytes.into()
}

/// Splits the client's hello into two datagrams, as browsers do; everything else is unchanged.
pub fn split_hello(way: Way, datagram: Bytes) -> Vec<Bytes> {
    const CLIENT_HELLO: u8 = 1;
    let is_hello = datagram.first() == Some(&22)
        && datagram.get(3..5) == Some(&[0, 0])
        && datagram.get(RECORD_HEADER) == Some(&CLIENT_HELLO);
    if way == Way::ToClient || !is_hello {
        return vec![datagram];
    }
    let (header, body) = datagram[RECORD_HEADER..].split_at(HANDSHAKE_HEADER);
    let half = body.len() / 2;
    [(0, 0, &body[..half]), (1, half, &body[half..])]
        .into_iter()
        .map(|(record, offset, part)| {
            let number = |number: usize| u8::try_from(number).expect("a short hello");
            let mut bytes = datagram[..RECORD_HEADER].to_vec();
            bytes[10] += record;
            bytes[11..13].copy_from_slice(&[0, number(part.len() + HANDSHAKE_HEADER)]);
            bytes.extend_from_slice(&header[..6]);
            bytes.extend_from_slice(&[0, 0, number(offset), 0, 0, number(part.len())]);
            bytes.extend_from_slice(part);
            Bytes::from(bytes)
        })
        .collect()
}
