//! The relay, as a client of RFC 8656 sees it.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "what helps a test fails it by panicking"
)]

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use plenary_transport::{
    outgoing::HEADROOM_BYTES,
    peer::{LinkId, PathKind, PeerAddress, RelayAccess},
    turn::{
        RelayClient, RelayLimits, RelayOutput, RelayServer, RelayTransport, ReplyCredit,
        TurnCredentials, TurnSecret, is_relay_message,
    },
};
use proptest::prelude::*;
use rtc_stun::{
    attributes::{
        ATTR_CHANNEL_NUMBER, ATTR_DATA, ATTR_ERROR_CODE, ATTR_LIFETIME, ATTR_NONCE, ATTR_REALM,
        ATTR_REQUESTED_ADDRESS_FAMILY, ATTR_REQUESTED_TRANSPORT, ATTR_USERNAME,
        ATTR_XOR_PEER_ADDRESS, ATTR_XOR_RELAYED_ADDRESS, ATTR_XORMAPPED_ADDRESS, AttrType,
    },
    crypto::{RTCCryptoProvider, providers::RingProvider},
    integrity::MessageIntegrity,
    message::{
        CLASS_ERROR_RESPONSE, CLASS_INDICATION, CLASS_REQUEST, CLASS_SUCCESS_RESPONSE,
        METHOD_ALLOCATE, METHOD_CHANNEL_BIND, METHOD_CREATE_PERMISSION, METHOD_DATA,
        METHOD_REFRESH, METHOD_SEND, Message, MessageType, Method, Setter, TransactionId,
    },
    xoraddr::XorMappedAddress,
};

const OWN: &str = "192.0.2.1:8081";
const OWN_V6: &str = "[2001:db8::1]:8081";
const FOREIGN: &str = "198.51.100.9:53";

fn address(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

/// A client with its credentials and its nonce, and the relay.
struct Client {
    relay: RelayClient,
    credentials: TurnCredentials,
    nonce: Option<String>,
    now: Instant,
    clock: SystemTime,
}

fn server(limits: RelayLimits) -> (Arc<RelayServer>, TurnSecret) {
    let secret = TurnSecret::new("the secret");
    let peers = vec![address(OWN), address(OWN_V6)];
    let server = RelayServer::new(secret.clone(), peers, limits).expect("randomness");
    (Arc::new(server), secret)
}

impl Client {
    fn new() -> Self {
        let (server, secret) = server(RelayLimits::default());
        Self::of(server, &secret, "tokyo-1", RelayAccess::Tcp)
    }

    fn of(
        server: Arc<RelayServer>,
        secret: &TurnSecret,
        person: &str,
        access: RelayAccess,
    ) -> Self {
        let clock = SystemTime::now();
        let client = address("203.0.113.5:50000");
        Self {
            relay: RelayClient::new(server, LinkId(7), RelayTransport { access, client }),
            credentials: secret.credentials(person, clock, Duration::from_hours(1)),
            nonce: None,
            now: Instant::now(),
            clock,
        }
    }

    fn wait(&mut self, time: Duration) {
        self.now += time;
        self.clock += time;
    }

    fn handle(&mut self, bytes: &[u8]) -> RelayOutput {
        assert!(is_relay_message(bytes));
        self.relay.handle(bytes, self.now, self.clock)
    }

    /// Sends a request without credentials; returns the response.
    fn bare(&mut self, method: Method, attributes: &[(AttrType, Vec<u8>)]) -> Message {
        let request = message(method, CLASS_REQUEST, attributes);
        let (bytes, authenticated) = self.respond(&request.raw);
        assert!(!authenticated);
        read(bytes)
    }

    fn respond(&mut self, bytes: &[u8]) -> (Vec<u8>, bool) {
        match self.handle(bytes) {
            RelayOutput::Respond {
                bytes,
                authenticated,
            } => (bytes, authenticated),
            other => panic!("{other:?}"),
        }
    }

    /// Sends a request with credentials, and gets a nonce first if there is none; returns the response.
    fn request(&mut self, method: Method, attributes: &[(AttrType, Vec<u8>)]) -> Message {
        if self.nonce.is_none() {
            let challenge = self.bare(METHOD_ALLOCATE, &[]);
            assert_eq!(code(&challenge), Some(401));
            self.nonce = Some(text(&challenge, ATTR_NONCE));
        }
        let request = self.signed(method, attributes);
        read(self.respond(&request.raw).0)
    }

    fn signed(&self, method: Method, attributes: &[(AttrType, Vec<u8>)]) -> Message {
        let nonce = self.nonce.clone().expect("a nonce");
        let mut all = attributes.to_vec();
        all.push((
            ATTR_USERNAME,
            self.credentials.username.clone().into_bytes(),
        ));
        all.push((ATTR_REALM, b"plenary".to_vec()));
        all.push((ATTR_NONCE, nonce.into_bytes()));
        let mut request = message(method, CLASS_REQUEST, &all);
        let crypto = RingProvider::new();
        MessageIntegrity::new_long_term_integrity_with_provider(
            self.credentials.username.clone(),
            "plenary".to_owned(),
            self.credentials.password.clone(),
            crypto.crypto(),
        )
        .expect("a key")
        .add_to(&mut request)
        .expect("integrity");
        request
    }

    fn allocate(&mut self) -> Message {
        self.request(METHOD_ALLOCATE, &[udp()])
    }

    fn permit(&mut self, peer: &str) -> Message {
        self.request(METHOD_CREATE_PERMISSION, &[peer_address(peer)])
    }

    fn bind(&mut self, peer: &str, channel: u16) -> Message {
        let number = (
            ATTR_CHANNEL_NUMBER,
            [channel.to_be_bytes(), [0, 0]].concat(),
        );
        self.request(METHOD_CHANNEL_BIND, &[number, peer_address(peer)])
    }

    fn send(&mut self, peer: &str, data: &[u8]) -> RelayOutput {
        let attributes = [peer_address(peer), (ATTR_DATA, data.to_vec())];
        let indication = message(METHOD_SEND, CLASS_INDICATION, &attributes);
        self.handle(&indication.raw)
    }

    /// What the client gets when the media sends from one of the server's own addresses.
    fn back(&self, candidate: u8, data: &[u8]) -> Option<Vec<u8>> {
        let packet = [&[0; HEADROOM_BYTES], data].concat();
        self.relay.routes().frame(candidate, packet)
    }
}

/// The transaction of every message: what is combined with it can then be compared.
const TRANSACTION: TransactionId = TransactionId([5; 12]);

fn message(
    method: Method,
    class: rtc_stun::message::MessageClass,
    attributes: &[(AttrType, Vec<u8>)],
) -> Message {
    let mut message = Message::new();
    message.typ = MessageType::new(method, class);
    message.transaction_id = TRANSACTION;
    message.write_header();
    for (attribute, value) in attributes {
        message.add(*attribute, value);
    }
    message
}

fn read(bytes: Vec<u8>) -> Message {
    let mut message = Message {
        raw: bytes,
        ..Message::default()
    };
    message.decode().expect("a message");
    message
}

fn udp() -> (AttrType, Vec<u8>) {
    (ATTR_REQUESTED_TRANSPORT, vec![17, 0, 0, 0])
}

fn peer_address(peer: &str) -> (AttrType, Vec<u8>) {
    let mut alone = message(METHOD_SEND, CLASS_INDICATION, &[]);
    let peer = address(peer);
    let written = XorMappedAddress {
        ip: peer.ip(),
        port: peer.port(),
    };
    written
        .add_to_as(&mut alone, ATTR_XOR_PEER_ADDRESS)
        .expect("an address");
    (
        ATTR_XOR_PEER_ADDRESS,
        alone.get(ATTR_XOR_PEER_ADDRESS).expect("just added"),
    )
}

fn lifetime(seconds: u32) -> (AttrType, Vec<u8>) {
    (ATTR_LIFETIME, seconds.to_be_bytes().to_vec())
}

fn text(message: &Message, attribute: AttrType) -> String {
    String::from_utf8(message.get(attribute).expect("the attribute")).expect("text")
}

fn address_in(message: &Message, attribute: AttrType) -> SocketAddr {
    let mut read = XorMappedAddress::default();
    read.get_from_as(message, attribute).expect("an address");
    SocketAddr::new(read.ip, read.port)
}

/// The code of a refusal; none of a success.
fn code(message: &Message) -> Option<u16> {
    if message.typ.class == CLASS_SUCCESS_RESPONSE {
        return None;
    }
    assert_eq!(message.typ.class, CLASS_ERROR_RESPONSE);
    let value = message.get(ATTR_ERROR_CODE).expect("a code");
    Some(u16::from(value[2]) * 100 + u16::from(value[3]))
}

#[test]
fn a_client_with_credentials_gets_an_address_that_leads_to_the_media_and_back() {
    let mut client = Client::new();
    let allocated = client.allocate();
    assert_eq!(code(&allocated), None);
    assert_eq!(
        allocated.get(ATTR_LIFETIME).expect("a lifetime"),
        600_u32.to_be_bytes()
    );
    let relayed = address_in(&allocated, ATTR_XOR_RELAYED_ADDRESS);
    assert_eq!(relayed.ip(), address(OWN).ip());
    assert_eq!(
        address_in(&allocated, ATTR_XORMAPPED_ADDRESS),
        address("203.0.113.5:50000")
    );
    assert_eq!(
        client.send(OWN, b"early"),
        RelayOutput::Nothing,
        "no permission yet"
    );
    assert_eq!(client.back(0, b"early"), None);

    assert_eq!(
        code(&client.permit("192.0.2.1:1")),
        None,
        "the port does not matter"
    );
    let request = message(
        METHOD_SEND,
        CLASS_INDICATION,
        &[peer_address(OWN), (ATTR_DATA, b"check".to_vec())],
    );
    let RelayOutput::Deliver { from, range } = client.handle(&request.raw) else {
        panic!("nothing is delivered");
    };
    assert_eq!(&request.raw[range], b"check");
    assert_eq!(
        (from.kind(), from.reflexive()),
        (PathKind::TurnTcp, relayed)
    );
    let indication = read(client.back(0, b"answer").expect("it may go"));
    assert_eq!(
        indication.typ,
        MessageType::new(METHOD_DATA, CLASS_INDICATION)
    );
    assert_eq!(address_in(&indication, ATTR_XOR_PEER_ADDRESS), address(OWN));
    assert_eq!(indication.get(ATTR_DATA).expect("data"), b"answer");

    assert_eq!(code(&client.bind(OWN, 0x4001)), None);
    let data = [&[0x40, 0x01, 0, 5], &b"mediaxx"[..]].concat();
    let RelayOutput::Deliver { from: same, range } = client.handle(&data) else {
        panic!("nothing is delivered");
    };
    assert_eq!((same, &data[range]), (from, &b"media"[..]));
    let framed = client.back(0, b"media").expect("it may go");
    assert_eq!(framed, b"\x40\x01\0\x05media\0\0\0", "padded over a stream");
    assert_eq!(
        client.back(1, b"media"),
        None,
        "its other address has no permission"
    );
}

#[test]
fn a_channel_has_a_number_of_rfc_5766_and_no_other() {
    for (number, refused) in [
        (0x4000, None),
        (0x7fff, None),
        (0x3fff, Some(400)),
        (0x8000, Some(400)),
    ] {
        let mut client = Client::new();
        client.allocate();
        assert_eq!(code(&client.bind(OWN, number)), refused, "{number:#x}");
    }
    let mut client = Client::new();
    client.allocate();
    client.bind(OWN, 0x7fff);
    let data = b"\x7f\xff\0\x05media";
    let RelayOutput::Deliver { range, .. } = client.handle(data) else {
        panic!("nothing is delivered");
    };
    assert_eq!(&data[range], b"media");
}

#[test]
fn only_this_servers_own_addresses_are_peers() {
    let mut client = Client::new();
    client.allocate();
    assert_eq!(code(&client.permit(FOREIGN)), Some(403));
    assert_eq!(code(&client.permit("127.0.0.1:8082")), Some(403));
    assert_eq!(code(&client.bind(FOREIGN, 0x4001)), Some(403));
    assert_eq!(
        code(&client.bind("192.0.2.1:22", 0x4001)),
        Some(403),
        "another port"
    );
    let both = [peer_address(OWN), peer_address(FOREIGN)];
    assert_eq!(
        code(&client.request(METHOD_CREATE_PERMISSION, &both)),
        Some(403)
    );
    assert_eq!(
        client.send(OWN, b"x"),
        RelayOutput::Nothing,
        "none got a permission"
    );
    assert_eq!(code(&client.permit(OWN)), None);
    assert_eq!(client.send(FOREIGN, b"x"), RelayOutput::Nothing);
    assert_eq!(client.send("192.0.2.1:22", b"x"), RelayOutput::Nothing);
    assert_eq!(
        code(&client.permit(OWN_V6)),
        Some(443),
        "another family than the allocation"
    );
}

#[test]
fn an_allocation_of_ipv6_leads_to_the_ipv6_address() {
    let mut client = Client::new();
    let family = (ATTR_REQUESTED_ADDRESS_FAMILY, vec![2, 0, 0, 0]);
    let allocated = client.request(METHOD_ALLOCATE, &[udp(), family]);
    assert!(address_in(&allocated, ATTR_XOR_RELAYED_ADDRESS).is_ipv6());
    assert_eq!(code(&client.permit(OWN)), Some(443));
    assert_eq!(code(&client.bind(OWN_V6, 0x4002)), None);
    assert!(client.back(1, b"x").is_some());
    let mut other = Client::new();
    let family = (ATTR_REQUESTED_ADDRESS_FAMILY, vec![9, 0, 0, 0]);
    assert_eq!(
        code(&other.request(METHOD_ALLOCATE, &[udp(), family])),
        Some(440)
    );
}

#[test]
fn nobody_gets_anything_without_credentials() {
    let mut client = Client::new();
    for method in [
        METHOD_ALLOCATE,
        METHOD_REFRESH,
        METHOD_CREATE_PERMISSION,
        METHOD_CHANNEL_BIND,
    ] {
        let refused = client.bare(method, &[udp(), peer_address(OWN)]);
        assert_eq!(code(&refused), Some(401));
        assert_eq!(text(&refused, ATTR_REALM), "plenary");
    }
    assert!(!client.relay.is_allocated());
    let mut wrong = Client::new();
    wrong.credentials.password.push('x');
    assert_eq!(code(&wrong.allocate()), Some(401));
    let mut other = Client::new();
    other.credentials.username = other.credentials.username.replace("tokyo", "seoul");
    assert_eq!(code(&other.allocate()), Some(401));
    assert!(!wrong.relay.is_allocated() && !other.relay.is_allocated());
}

#[test]
fn a_user_name_that_expired_allocates_nothing_and_keeps_what_it_has() {
    let mut late = Client::new();
    late.wait(Duration::from_secs(3601));
    assert_eq!(code(&late.allocate()), Some(401));
    let mut client = Client::new();
    client.allocate();
    for _ in 0..9 {
        client.wait(Duration::from_mins(7));
        client.nonce = None;
        assert_eq!(code(&client.request(METHOD_REFRESH, &[])), None);
    }
    assert!(
        client.relay.is_allocated(),
        "though its name expired meanwhile"
    );
}

#[test]
fn a_nonce_is_for_one_client_and_one_hour() {
    let (server, secret) = server(RelayLimits::default());
    let mut client = Client::of(Arc::clone(&server), &secret, "tokyo-1", RelayAccess::Tcp);
    client.allocate();
    client.wait(Duration::from_secs(3700));
    let stale = client.request(METHOD_REFRESH, &[]);
    assert_eq!(code(&stale), Some(438));
    client.nonce = Some(text(&stale, ATTR_NONCE));
    assert_ne!(
        code(&client.request(METHOD_REFRESH, &[])),
        Some(438),
        "the new one holds"
    );
    let mut other = Client::of(server, &secret, "tokyo-1", RelayAccess::Tls);
    other.nonce = client.nonce.clone();
    assert_eq!(
        code(&other.allocate()),
        Some(438),
        "it was given over another transport"
    );
    other.nonce = Some("rubbish".to_owned());
    assert_eq!(code(&other.allocate()), Some(438));
}

#[test]
fn what_is_not_refreshed_expires() {
    let mut client = Client::new();
    client.allocate();
    client.bind(OWN, 0x4001);
    client.wait(Duration::from_secs(290));
    assert!(client.back(0, b"x").is_some());
    client.wait(Duration::from_secs(20));
    client.relay.expire(client.now);
    assert_eq!(client.back(0, b"x"), None, "the permission is over");
    assert_eq!(client.handle(b"\x40\x01\0\x01x"), RelayOutput::Nothing);
    assert_eq!(code(&client.permit(OWN)), None);
    assert_eq!(
        client.back(0, b"x"),
        Some(b"\x40\x01\0\x01x\0\0\0".to_vec()),
        "the channel is not"
    );
    client.wait(Duration::from_mins(5));
    client.relay.expire(client.now);
    assert!(!client.relay.is_allocated());
    assert_eq!(code(&client.permit(OWN)), Some(437));
    assert_eq!(client.relay.deadline(), None);
}

#[test]
fn a_refresh_with_no_lifetime_ends_the_allocation_and_a_long_one_is_cut() {
    let mut client = Client::new();
    client.allocate();
    client.permit(OWN);
    let refreshed = client.request(METHOD_REFRESH, &[lifetime(86_400)]);
    assert_eq!(
        refreshed.get(ATTR_LIFETIME).expect("a lifetime"),
        600_u32.to_be_bytes()
    );
    assert_eq!(code(&client.request(METHOD_REFRESH, &[lifetime(0)])), None);
    assert!(!client.relay.is_allocated());
    assert_eq!(client.back(0, b"x"), None);
    assert_eq!(code(&client.request(METHOD_REFRESH, &[])), Some(437));
}

#[test]
fn a_request_that_is_repeated_gets_the_same_answer_and_another_one_does_not() {
    let mut client = Client::new();
    let first = client.allocate();
    assert_eq!(client.allocate().raw, first.raw, "the same transaction");
    let mut again = client.signed(METHOD_ALLOCATE, &[]);
    again = {
        let mut other = message(METHOD_ALLOCATE, CLASS_REQUEST, &[]);
        other.transaction_id = TransactionId([6; 12]);
        other.write_header();
        for attribute in &again.attributes.0 {
            if attribute.typ.value() != 0x0008 {
                other.add(attribute.typ, &attribute.value);
            }
        }
        let crypto = RingProvider::new();
        MessageIntegrity::new_long_term_integrity_with_provider(
            client.credentials.username.clone(),
            "plenary".to_owned(),
            client.credentials.password.clone(),
            crypto.crypto(),
        )
        .expect("a key")
        .add_to(&mut other)
        .expect("integrity");
        other
    };
    assert_eq!(code(&read(client.respond(&again.raw).0)), Some(437));
}

#[test]
fn another_user_cannot_touch_an_allocation() {
    let (server, secret) = server(RelayLimits::default());
    let mut client = Client::of(server, &secret, "tokyo-1", RelayAccess::Tcp);
    client.allocate();
    client.credentials = secret.credentials("seoul-1", client.clock, Duration::from_mins(1));
    assert_eq!(code(&client.permit(OWN)), Some(441));
    assert_eq!(
        code(&client.request(METHOD_REFRESH, &[lifetime(0)])),
        Some(441)
    );
    assert!(client.relay.is_allocated());
}

#[test]
fn requests_that_make_no_sense_are_refused_as_the_standard_says() {
    let mut client = Client::new();
    assert_eq!(
        code(&client.request(METHOD_ALLOCATE, &[])),
        Some(400),
        "no transport"
    );
    let tcp = (ATTR_REQUESTED_TRANSPORT, vec![6, 0, 0, 0]);
    assert_eq!(code(&client.request(METHOD_ALLOCATE, &[tcp])), Some(442));
    assert_eq!(code(&client.permit(OWN)), Some(437), "no allocation");
    client.allocate();
    assert_eq!(
        code(&client.request(METHOD_CREATE_PERMISSION, &[])),
        Some(400)
    );
    assert_eq!(code(&client.bind(OWN, 0x4001)), None);
    assert_eq!(
        code(&client.bind(OWN, 0x4002)),
        Some(400),
        "it has a channel"
    );
    let unknown = (AttrType(0x0033), vec![1, 2, 3, 4]);
    assert_eq!(code(&client.request(METHOD_REFRESH, &[unknown])), Some(420));
    let short = (ATTR_XOR_PEER_ADDRESS, vec![0, 1, 2]);
    assert_eq!(
        code(&client.request(METHOD_CREATE_PERMISSION, &[short])),
        Some(400)
    );
}

#[test]
fn a_person_and_everybody_together_have_so_many_allocations_and_no_more() {
    let limits = RelayLimits {
        per_person: 2,
        total: 3,
        ..RelayLimits::default()
    };
    let (server, secret) = server(limits);
    let client = |person: &str| Client::of(Arc::clone(&server), &secret, person, RelayAccess::Tcp);
    let (mut one, mut two, mut three) = (client("tokyo-1"), client("tokyo-1"), client("tokyo-1"));
    assert_eq!(code(&one.allocate()), None);
    assert_eq!(code(&two.allocate()), None);
    assert_eq!(code(&three.allocate()), Some(486));
    let (mut other, mut last) = (client("seoul-1"), client("delhi-1"));
    assert_eq!(code(&other.allocate()), None);
    assert_eq!(code(&last.allocate()), Some(486));
    drop(one);
    two.request(METHOD_REFRESH, &[lifetime(0)]);
    assert_eq!(server.allocations(), 1);
    assert_eq!(code(&three.allocate()), None);
    assert_eq!(code(&last.allocate()), None);
}

/// A client of the relay with the credentials of a guest at that network.
fn guest(server: &Arc<RelayServer>, secret: &TurnSecret, network: &str) -> Client {
    let mut client = Client::of(Arc::clone(server), secret, "nobody", RelayAccess::Tcp);
    let network: IpAddr = network.parse().expect("an address");
    let minutes = Duration::from_mins(5);
    client.credentials = secret.guest_credentials(network, client.clock, minutes);
    client
}

#[test]
fn the_guests_of_a_network_and_all_guests_together_have_so_many_allocations_and_leave_the_rest() {
    let (server, secret) = server(RelayLimits {
        per_person: 2,
        guests: 3,
        ..RelayLimits::default()
    });
    let mut guests: Vec<Client> = [
        "192.0.2.7",
        "192.0.2.7",
        "192.0.2.7",
        "2001:db8::",
        "198.51.100.1",
    ]
    .map(|network| guest(&server, &secret, network))
    .into();
    let codes: Vec<_> = guests.iter_mut().map(|it| code(&it.allocate())).collect();
    assert_eq!(codes, [None, None, Some(486), None, Some(486)]);
    let mut tokyo = Client::of(Arc::clone(&server), &secret, "tokyo-1", RelayAccess::Tcp);
    assert_eq!(code(&tokyo.allocate()), None);
}

#[test]
fn an_allocation_of_a_guest_is_not_refreshed_after_its_user_name_has_expired_and_may_be_ended() {
    let (server, secret) = server(RelayLimits::default());
    let mut client = guest(&server, &secret, "192.0.2.7");
    client.allocate();
    client.wait(Duration::from_mins(4));
    assert_eq!(code(&client.request(METHOD_REFRESH, &[])), None);
    client.wait(Duration::from_mins(2));
    assert_eq!(code(&client.request(METHOD_REFRESH, &[])), Some(401));
    assert!(client.relay.is_allocated());
    assert_eq!(code(&client.request(METHOD_REFRESH, &[lifetime(0)])), None);
    assert!(!client.relay.is_allocated());
}

#[test]
fn an_address_that_has_proved_nothing_never_gets_more_bytes_than_came_from_it() {
    let mut client = Client::new();
    let request = message(METHOD_ALLOCATE, CLASS_REQUEST, &[udp()]);
    let (reply, _) = client.respond(&request.raw);
    assert!(
        reply.len() > request.raw.len(),
        "so it cannot be answered at once"
    );
    let (mut credit, now) = (ReplyCredit::default(), Instant::now());
    let victim = IpAddr::from([198, 51, 100, 1]);
    let (mut came, mut went, mut first) = (0, 0, None);
    for number in 1..1000 {
        came += request.raw.len();
        if credit.allows(victim, request.raw.len(), reply.len(), now) {
            went += reply.len();
            first.get_or_insert(number);
        }
        assert!(went <= came);
    }
    assert!(went > came / 2, "a client that repeats itself is answered");
    assert!(first.is_some_and(|it| it <= 3), "{first:?}");
}

#[test]
fn passwords_are_those_of_coturn() {
    // turnutils and every server with `use-auth-secret` make the same of these.
    let secret = TurnSecret::new("north");
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let credentials = secret.credentials("tokyo-1", at, Duration::from_hours(24));
    assert_eq!(credentials.username, "1700086400:tokyo-1");
    assert_eq!(credentials.password, "aqab7dVH/UVBl5ZP3boiKtLbNAs=");
    assert!(!format!("{credentials:?} {secret:?}").contains(&credentials.password));
}

proptest! {
    #[test]
    fn any_bytes_at_all_are_taken_without_harm(
        messages in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..20),
        channel in any::<bool>(),
    ) {
        let mut client = Client::new();
        client.allocate();
        client.bind(OWN, 0x4001);
        for mut bytes in messages {
            if channel && bytes.len() > 4 {
                bytes[..2].copy_from_slice(&[0x40, 0x01]);
            } else if bytes.len() >= 20 {
                bytes[0] = 0;
                bytes[1] = [3, 4, 8, 9, 0x16][usize::from(bytes[1]) % 5];
                let length = u16::try_from(bytes.len() - 20).expect("short");
                bytes[2..4].copy_from_slice(&length.to_be_bytes());
                bytes[4..8].copy_from_slice(&[0x21, 0x12, 0xa4, 0x42]);
            }
            if let RelayOutput::Deliver { from, range } = client.relay.handle(&bytes, client.now, client.clock) {
                prop_assert!(matches!(from, PeerAddress::Relayed(_)));
                prop_assert!(bytes.get(range).is_some());
            }
        }
        prop_assert!(client.relay.is_allocated());
    }
}
