//! A client of the relay: it allocates, binds a channel, and sends by it.

use std::net::SocketAddr;

use plenary_transport::{framing::Protocol, turn::TurnCredentials};
use rtc_stun::{
    attributes::{
        ATTR_CHANNEL_NUMBER, ATTR_NONCE, ATTR_REALM, ATTR_REQUESTED_TRANSPORT, ATTR_USERNAME,
        ATTR_XOR_PEER_ADDRESS, AttrType,
    },
    crypto::{RTCCryptoProvider, providers::RingProvider},
    integrity::MessageIntegrity,
    message::{
        CLASS_REQUEST, CLASS_SUCCESS_RESPONSE, METHOD_ALLOCATE, METHOD_CHANNEL_BIND, Message,
        MessageType, Method, Setter, TransactionId,
    },
    xoraddr::XorMappedAddress,
};
use tokio::{
    io::{AsyncWriteExt, DuplexStream, duplex},
    net::{TcpStream, UdpSocket},
};

use super::client::Framed;
use crate::{core::tests::test_core::person, engine::Media};

pub use plenary_transport::peer::RelayAccess;

const CHANNEL: u16 = 0x4007;

enum Link {
    Udp(UdpSocket),
    Tcp(Framed<TcpStream>),
    /// As the listener for HTTPS serves it, after its handshake.
    Tls(Framed<DuplexStream>),
}

/// An allocation with a channel to the engine's own address.
pub struct RelayPath(Link);

impl RelayPath {
    pub async fn open(media: &Media, access: RelayAccess) -> Self {
        let at = media.local_addr();
        let link = match access {
            RelayAccess::Udp => {
                let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
                socket.connect(at).await.unwrap();
                Link::Udp(socket)
            }
            RelayAccess::Tcp => {
                let stream = TcpStream::connect(at).await.unwrap();
                Link::Tcp(Framed::new(stream, Protocol::Turn))
            }
            RelayAccess::Tls => {
                let (ours, theirs) = duplex(16 << 10);
                let media = media.clone();
                tokio::spawn(async move {
                    let peer = "192.0.2.7:50000".parse().unwrap();
                    media.serve_relay_stream(theirs, peer).await;
                });
                Link::Tls(Framed::new(ours, Protocol::Turn))
            }
        };
        let mut path = Self(link);
        let lifetime = std::time::Duration::from_mins(1);
        let credentials = media
            .relay_credentials(&person("tokyo-1"), lifetime)
            .unwrap();
        let transport = (ATTR_REQUESTED_TRANSPORT, vec![17, 0, 0, 0]);
        let nonce = path.challenge(&transport).await;
        let sign = |method, attributes: &[(AttrType, Vec<u8>)]| {
            signed(method, attributes, &credentials, &nonce)
        };
        path.succeed(&sign(METHOD_ALLOCATE, &[transport])).await;
        let number = (
            ATTR_CHANNEL_NUMBER,
            [CHANNEL.to_be_bytes(), [0, 0]].concat(),
        );
        let bind = sign(METHOD_CHANNEL_BIND, &[number, peer_address(at)]);
        path.succeed(&bind).await;
        path
    }

    /// Asks without credentials until there is a nonce: by UDP a request is answered when it has been repeated.
    async fn challenge(&mut self, transport: &(AttrType, Vec<u8>)) -> Vec<u8> {
        let bare = message(METHOD_ALLOCATE, std::slice::from_ref(transport));
        for _ in 0..3 {
            self.write(&bare.raw).await;
        }
        read(self.read().await).get(ATTR_NONCE).unwrap()
    }

    async fn succeed(&mut self, request: &Message) {
        self.write(&request.raw).await;
        loop {
            let response = read(self.read().await);
            // By a stream each of the requests without credentials was answered.
            if response.typ.method == request.typ.method
                && response.typ.class == CLASS_SUCCESS_RESPONSE
            {
                return;
            }
            assert!(!response.contains(ATTR_USERNAME));
        }
    }

    pub async fn send(&mut self, datagram: &[u8]) {
        let length = u16::try_from(datagram.len()).unwrap().to_be_bytes();
        let mut frame = [&CHANNEL.to_be_bytes()[..], &length, datagram].concat();
        frame.resize(frame.len().next_multiple_of(4), 0);
        self.write(&frame).await;
    }

    pub async fn receive(&mut self) -> Vec<u8> {
        loop {
            let frame = self.read().await;
            if frame[..2] == CHANNEL.to_be_bytes() {
                let length = usize::from(u16::from_be_bytes([frame[2], frame[3]]));
                return frame[4..4 + length].to_vec();
            }
        }
    }

    async fn write(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            Link::Udp(socket) => {
                socket.send(bytes).await.unwrap();
            }
            Link::Tcp(framed) => framed.stream.write_all(bytes).await.unwrap(),
            Link::Tls(framed) => framed.stream.write_all(bytes).await.unwrap(),
        }
    }

    async fn read(&mut self) -> Vec<u8> {
        match &mut self.0 {
            Link::Udp(socket) => {
                let mut buffer = vec![0; 2048];
                let length = socket.recv(&mut buffer).await.unwrap();
                buffer.truncate(length);
                buffer
            }
            Link::Tcp(framed) => framed.receive().await,
            Link::Tls(framed) => framed.receive().await,
        }
    }
}

fn message(method: Method, attributes: &[(AttrType, Vec<u8>)]) -> Message {
    let mut message = Message::new();
    message.typ = MessageType::new(method, CLASS_REQUEST);
    message.transaction_id = TransactionId::new();
    message.write_header();
    for (attribute, value) in attributes {
        message.add(*attribute, value);
    }
    message
}

fn signed(
    method: Method,
    attributes: &[(AttrType, Vec<u8>)],
    credentials: &TurnCredentials,
    nonce: &[u8],
) -> Message {
    let mut message = message(method, &[]);
    for (attribute, value) in attributes {
        if *attribute == ATTR_XOR_PEER_ADDRESS {
            let peer = String::from_utf8(value.clone()).unwrap();
            let peer: SocketAddr = peer.parse().unwrap();
            let written = XorMappedAddress {
                ip: peer.ip(),
                port: peer.port(),
            };
            written
                .add_to_as(&mut message, ATTR_XOR_PEER_ADDRESS)
                .unwrap();
        } else {
            message.add(*attribute, value);
        }
    }
    message.add(ATTR_USERNAME, credentials.username.as_bytes());
    message.add(ATTR_REALM, b"plenary");
    message.add(ATTR_NONCE, nonce);
    MessageIntegrity::new_long_term_integrity_with_provider(
        credentials.username.clone(),
        "plenary".to_owned(),
        credentials.password.clone(),
        RingProvider::new().crypto(),
    )
    .unwrap()
    .add_to(&mut message)
    .unwrap();
    message
}

/// As text: it is written with the transaction of its message.
fn peer_address(peer: SocketAddr) -> (AttrType, Vec<u8>) {
    (ATTR_XOR_PEER_ADDRESS, peer.to_string().into_bytes())
}

fn read(bytes: Vec<u8>) -> Message {
    let mut message = Message {
        raw: bytes,
        ..Message::default()
    };
    message.decode().unwrap();
    message
}
