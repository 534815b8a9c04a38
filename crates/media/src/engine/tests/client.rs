//! A client of the engine: checks, a DTLS handshake by `rtc-dtls`, and SRTP, over any kind of path.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::BytesMut;
use plenary_transport::{
    dtls::{KeyAndSalt, SrtpProfile},
    framing::{FrameReader, Protocol},
    ice::{Datagram, classify},
};
use rtc_dtls::{
    config::{ConfigBuilder, ExtendedMasterSecretType},
    crypto_provider::{RTCCryptoProvider, providers::RingProvider},
    endpoint::{Endpoint, EndpointEvent},
    extension::extension_use_srtp::SrtpProtectionProfile,
};
use rtc_shared::TransportProtocol;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpStream, UdpSocket},
    time::timeout,
};

use super::relay_client::{RelayAccess, RelayPath};
use crate::{
    api::SessionId,
    core::tests::{
        ice::check,
        test_core::{VP8, offer, person, room},
    },
    engine::Media,
    rtp::{self, Header, Outgoing},
    srtp::{AUTH_TAG_BYTES, Opener, Sealer},
};

/// The way in which a client reaches the engine.
#[derive(Debug, Clone, Copy)]
pub enum Way {
    Udp,
    IceTcp,
    Relay(RelayAccess),
}

/// A path that is open.
pub enum Path {
    Udp(UdpSocket),
    IceTcp(Framed<TcpStream>),
    Relay(Box<RelayPath>),
}

/// A stream of frames.
pub struct Framed<S> {
    pub stream: S,
    pub reader: FrameReader,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Framed<S> {
    pub fn new(stream: S, protocol: Protocol) -> Self {
        Self {
            stream,
            reader: FrameReader::new(protocol, Vec::new()),
        }
    }

    pub async fn receive(&mut self) -> Vec<u8> {
        loop {
            if let Some(frame) = self.reader.next_frame().unwrap() {
                return frame.to_vec();
            }
            let read = self.stream.read_buf(self.reader.buffer()).await.unwrap();
            assert!(read > 0, "the engine hung up");
        }
    }
}

impl Path {
    async fn open(media: &Media, way: Way) -> Self {
        let at = media.local_addr();
        match way {
            Way::Udp => {
                let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
                socket.connect(at).await.unwrap();
                Self::Udp(socket)
            }
            Way::IceTcp => {
                let stream = TcpStream::connect(at).await.unwrap();
                Self::IceTcp(Framed::new(stream, Protocol::Ice))
            }
            Way::Relay(access) => Self::Relay(Box::new(RelayPath::open(media, access).await)),
        }
    }

    async fn send(&mut self, datagram: &[u8]) {
        match self {
            Self::Udp(socket) => {
                socket.send(datagram).await.unwrap();
            }
            Self::IceTcp(framed) => {
                let length = u16::try_from(datagram.len()).unwrap().to_be_bytes();
                let frame = [&length[..], datagram].concat();
                framed.stream.write_all(&frame).await.unwrap();
            }
            Self::Relay(relay) => relay.send(datagram).await,
        }
    }

    async fn receive(&mut self) -> Vec<u8> {
        match self {
            Self::Udp(socket) => {
                let mut buffer = vec![0; 2048];
                let length = socket.recv(&mut buffer).await.unwrap();
                buffer.truncate(length);
                buffer
            }
            Self::IceTcp(framed) => framed.receive().await,
            Self::Relay(relay) => relay.receive().await,
        }
    }
}

const SERVER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 4445);
const PROFILE: SrtpProfile = SrtpProfile::Aes128Gcm;
/// A datagram that was lost is sent again after this time.
const REPEAT: Duration = Duration::from_millis(200);

/// A client whose session is connected.
pub struct Client {
    pub session: SessionId,
    _events: crate::SessionEvents,
    answer: String,
    path: Path,
    sealer: Sealer,
    opener: Opener,
    ssrc: u32,
    sequence: u64,
}

impl Client {
    pub async fn join(media: &Media, name: &str, ssrc: u32, way: Way) -> Self {
        let provider: Arc<dyn RTCCryptoProvider> = Arc::new(RingProvider::new());
        let certificate = rtc_dtls::crypto::Certificate::generate_self_signed(
            vec!["client".to_owned()],
            provider.crypto(),
        )
        .unwrap();
        let fingerprint =
            plenary_transport::fingerprint::Fingerprint::of(&certificate.certificate[0]);
        let config = ConfigBuilder::default()
            .with_crypto_provider(provider)
            .with_certificates(vec![certificate])
            .with_srtp_protection_profiles(vec![SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm])
            .with_extended_master_secret(ExtendedMasterSecretType::Require)
            .with_insecure_skip_verify(true)
            .build(true, Some(SERVER))
            .unwrap();
        let of_client =
            offer(ssrc, &[VP8], &[VP8]).replace(&["AA"; 32].join(":"), &fingerprint.to_string());
        let joined = media
            .join(room(), person(name), of_client, Vec::new(), true)
            .await
            .unwrap();
        let mut path = Path::open(media, way).await;
        nominate(&mut path, &joined.answer).await;
        let mut dtls = Endpoint::new(SERVER, TransportProtocol::UDP, None);
        dtls.connect(Instant::now(), SERVER, Arc::new(config), None)
            .unwrap();
        handshake(&mut dtls, &mut path).await;
        let state = dtls.get_connection_state(SERVER).unwrap();
        let keys = state
            .export_keying_material("EXTRACTOR-dtls_srtp", &[], 2 * (16 + 12))
            .unwrap()
            .into_bytes();
        let of = |key: usize, salt: usize| KeyAndSalt {
            key: keys[key..key + 16].to_vec(),
            salt: keys[salt..salt + 12].to_vec(),
        };
        Self {
            session: joined.session,
            _events: joined.events,
            answer: joined.answer,
            path,
            sealer: Sealer::new(PROFILE, &of(0, 32), Arc::default()).unwrap(),
            opener: Opener::new(PROFILE, &of(16, 44)).unwrap(),
            ssrc,
            sequence: 0,
        }
    }

    /// Opens another path and nominates it; returns the one before.
    pub async fn move_to(&mut self, media: &Media, way: Way) -> Path {
        let mut path = Path::open(media, way).await;
        nominate(&mut path, &self.answer).await;
        self.replace_path(path)
    }

    pub fn replace_path(&mut self, path: Path) -> Path {
        std::mem::replace(&mut self.path, path)
    }

    /// Sends a packet of its microphone.
    pub async fn say(&mut self, payload: &[u8]) {
        self.sequence += 1;
        let header = Outgoing {
            payload_type: 111,
            marker: false,
            padded: false,
            sequence: u16::try_from(self.sequence & 0xffff).unwrap(),
            timestamp: u32::try_from(self.sequence * 960).unwrap(),
            ssrc: self.ssrc,
            twcc: None,
        };
        let mut datagram = vec![0; rtp::HEADER_BYTES];
        header.write(&mut datagram).unwrap();
        datagram.extend_from_slice(payload);
        let length = datagram.len();
        datagram.resize(length + AUTH_TAG_BYTES, 0);
        self.sealer
            .seal_rtp(
                self.ssrc,
                self.sequence,
                rtp::HEADER_BYTES,
                length,
                &mut datagram,
            )
            .unwrap();
        self.path.send(&datagram).await;
    }

    pub async fn say_numbered(&mut self, number: u32, length: usize) {
        let mut payload = number.to_be_bytes().to_vec();
        payload.resize(length, 0);
        self.say(&payload).await;
    }

    /// The payload of the next packet of sound.
    pub async fn next_payload(&mut self) -> Vec<u8> {
        loop {
            let mut datagram = self.path.receive().await;
            if classify(&datagram) != Some(Datagram::Rtp) {
                continue;
            }
            let opened = self.opener.open_rtp(&mut datagram).expect("sealed for it");
            let plain = &datagram[..opened.length];
            let header = Header::parse(plain).unwrap();
            return header.payload(plain).to_vec();
        }
    }

    /// Returns when it hears what the speaker says now.
    pub async fn hears(&mut self, speaker: &mut Client) {
        let now = speaker.sequence.to_be_bytes();
        let words = [&b"now "[..], &now].concat();
        loop {
            speaker.say(&words).await;
            let heard = async { while self.next_payload().await != words {} };
            if timeout(REPEAT, heard).await.is_ok() {
                return;
            }
        }
    }

    /// The numbers of the packets that it receives, up to one that was sent after it began to read.
    pub async fn numbers_until(&mut self, last: u32, speaker: &mut Client) -> Vec<u32> {
        let mut numbers = Vec::new();
        let end = last + 1;
        loop {
            speaker.say_numbered(end, 100).await;
            let reading = async {
                loop {
                    let payload = self.next_payload().await;
                    let number = payload.first_chunk().map(|it| u32::from_be_bytes(*it));
                    numbers.extend(number.filter(|number| *number <= end));
                    if number == Some(end) {
                        return;
                    }
                }
            };
            if timeout(REPEAT, reading).await.is_ok() {
                return numbers;
            }
        }
    }
}

/// Sends nominating checks until one is answered.
async fn nominate(path: &mut Path, answer: &str) {
    let check = check(answer, "abcd");
    loop {
        path.send(&check).await;
        let answered = async { while classify(&path.receive().await) != Some(Datagram::Stun) {} };
        if timeout(REPEAT, answered).await.is_ok() {
            return;
        }
    }
}

async fn handshake(dtls: &mut Endpoint, path: &mut Path) {
    loop {
        while let Some(transmit) = dtls.poll_transmit() {
            path.send(&transmit.message).await;
        }
        let Ok(datagram) = timeout(REPEAT, path.receive()).await else {
            dtls.handle_timeout(SERVER, Instant::now()).unwrap();
            continue;
        };
        if classify(&datagram) != Some(Datagram::Dtls) {
            continue;
        }
        let datagram = BytesMut::from(&datagram[..]);
        let events = dtls.read(Instant::now(), SERVER, None, datagram).unwrap();
        let is_complete = |event: &EndpointEvent| matches!(event, EndpointEvent::HandshakeComplete);
        if events.iter().any(is_complete) {
            while let Some(transmit) = dtls.poll_transmit() {
                path.send(&transmit.message).await;
            }
            return;
        }
    }
}
