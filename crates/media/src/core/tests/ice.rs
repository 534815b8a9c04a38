//! Paths: how a session is reached, and how that changes while media flows.

use std::{net::UdpSocket, time::Duration};

use plenary_transport::{
    ice::{Datagram, classify},
    peer::PeerAddress,
};
use rtc_stun::{
    attributes::{ATTR_ICE_CONTROLLING, ATTR_USE_CANDIDATE, ATTR_USERNAME, RawAttribute},
    crypto::{RTCCryptoProvider, providers::RingProvider},
    fingerprint::FINGERPRINT,
    integrity::MessageIntegrity,
    message::{BINDING_REQUEST, Message, Setter, TransactionId},
    textattrs::TextAttribute,
};

use super::test_core::*;
use crate::{api::JoinError, core::TICK_INTERVAL};

/// A nominating check (RFC 8445, section 7.1) with the credentials of an answer.
pub fn check(answer: &str, own_fragment: &str) -> Vec<u8> {
    encode(answer, own_fragment, true)
}

/// A check that nominates nothing, as Firefox sends to keep its consent fresh (RFC 7675).
fn consent(answer: &str) -> Vec<u8> {
    encode(answer, "abcd", false)
}

fn encode(answer: &str, own_fragment: &str, nominates: bool) -> Vec<u8> {
    let value = |key: &str| {
        answer
            .lines()
            .find_map(|line| line.strip_prefix(key))
            .unwrap()
    };
    let (fragment, password) = (value("a=ice-ufrag:"), value("a=ice-pwd:"));
    let provider = RingProvider::new();
    let attribute = |typ, value: Vec<u8>| RawAttribute {
        typ,
        length: u16::try_from(value.len()).unwrap(),
        value,
    };
    let mut setters: Vec<Box<dyn Setter>> = vec![
        Box::new(BINDING_REQUEST),
        Box::new(TransactionId([9; 12])),
        Box::new(TextAttribute::new(
            ATTR_USERNAME,
            format!("{fragment}:{own_fragment}"),
        )),
        Box::new(attribute(ATTR_ICE_CONTROLLING, vec![7; 8])),
    ];
    if nominates {
        setters.push(Box::new(attribute(ATTR_USE_CANDIDATE, Vec::new())));
    }
    setters.push(Box::new(
        MessageIntegrity::new_short_term_integrity_with_provider(
            password.to_owned(),
            provider.crypto(),
        ),
    ));
    setters.push(Box::new(FINGERPRINT));
    let mut message = Message::new();
    message.build(&setters).unwrap();
    message.raw
}

fn socket() -> (UdpSocket, PeerAddress) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_nonblocking(true).unwrap();
    let address = PeerAddress::Udp(socket.local_addr().unwrap());
    (socket, address)
}

/// How many datagrams of that kind have reached a socket.
fn arrived(test: &mut TestCore, socket: &UdpSocket, kind: Datagram) -> usize {
    test.flush();
    let mut buffer = [0; 2048];
    let datagrams = std::iter::from_fn(|| {
        socket
            .recv(&mut buffer)
            .ok()
            .map(|length| classify(&buffer[..length]))
    });
    datagrams.filter(|arrived| *arrived == Some(kind)).count()
}

const AGAIN: &str = "a=ice-ufrag:efgh";

#[test]
fn an_ice_restart_gives_new_credentials_and_moves_the_flow_when_the_new_path_is_nominated() {
    let mut test = TestCore::new();
    let mut tokyo = test.join("tokyo-1", 100);
    let mut seoul = test.join("seoul-1", 200);
    test.show(on_stage(&["tokyo-1"]));
    test.send_video(&mut tokyo, 1, true);
    let before = test.received(&mut seoul);
    assert_eq!(before.len(), 1);

    let restart = offer(200, &[VP8], &[VP8]).replace("a=ice-ufrag:abcd", AGAIN);
    let answer = test.renegotiate(&seoul, &restart).unwrap();
    let lines = |text: &str, key: &str| -> Vec<String> {
        text.lines()
            .filter(|line| line.starts_with(key))
            .map(str::to_owned)
            .collect()
    };
    for key in ["a=ice-ufrag", "a=ice-pwd"] {
        assert_ne!(lines(&answer, key), lines(&seoul.answer, key));
    }
    for key in ["a=fingerprint", "a=ssrc", "a=mid", "a=setup"] {
        assert_eq!(
            lines(&answer, key),
            lines(&seoul.answer, key),
            "what flows goes on"
        );
    }
    test.send_video(&mut tokyo, 2, false);
    assert_eq!(
        test.received(&mut seoul).len(),
        1,
        "on the old path as long as there is no other"
    );

    let (new_path, address) = socket();
    let stale = check(&seoul.answer, "abcd");
    test.core
        .datagram(address, &mut stale.clone(), test.now, &mut test.out);
    assert_eq!(
        arrived(&mut test, &new_path, Datagram::Stun),
        0,
        "the old credentials are worthless"
    );
    let fresh = check(&answer, "efgh");
    test.core
        .datagram(address, &mut fresh.clone(), test.now, &mut test.out);
    assert_eq!(arrived(&mut test, &new_path, Datagram::Stun), 1);
    test.send_video(&mut tokyo, 3, false);
    test.flush();
    seoul.socket = new_path;
    seoul.address = address;
    let after = test.received(&mut seoul);
    assert_eq!(after.len(), 1, "under the same keys");
    assert_eq!(
        after[0].sequence,
        before[0].sequence.wrapping_add(2),
        "in the same stream"
    );
    test.send_packet(&mut seoul, 111, 200, 1, b"voice");
    assert_eq!(test.figures(&seoul).path, Some(address.to_string()));
}

#[test]
fn an_offer_without_new_credentials_keeps_the_old_ones() {
    let mut test = TestCore::new();
    let seoul = test.join("seoul-1", 200);
    let answer = test
        .renegotiate(&seoul, &offer(200, &[VP8], &[VP8]))
        .unwrap();
    let fragment = |text: &str| {
        text.lines()
            .find(|line| line.starts_with("a=ice-ufrag"))
            .map(str::to_owned)
    };
    assert_eq!(fragment(&answer), fragment(&seoul.answer));
}

#[test]
fn an_offer_of_another_connection_is_not_an_ice_restart() {
    let mut test = TestCore::new();
    let seoul = test.join("seoul-1", 200);
    let other = offer(200, &[VP8], &[VP8])
        .replace("AA:AA", "BB:BB")
        .replace("a=ice-ufrag:abcd", AGAIN);
    assert!(matches!(
        test.renegotiate(&seoul, &other),
        Err(JoinError::CertificateChanged)
    ));
}

/// Longer than a path in use is silent, and longer than an address belongs to a session that is silent.
const SILENT: Duration = Duration::from_secs(4);
const GONE: Duration = Duration::from_secs(11);

impl TestCore {
    /// A check arrives from an address.
    fn check_from(&mut self, from: PeerAddress, check: &[u8]) {
        self.core
            .datagram(from, &mut check.to_vec(), self.now, &mut self.out);
    }

    fn path(&self, client: &Client) -> Option<PeerAddress> {
        let path = self.figures(client).path?;
        let address = path.strip_prefix("udp ")?.parse().unwrap();
        Some(PeerAddress::Udp(address))
    }

    /// Tokyo's next picture, and whether the listener receives it.
    fn reaches(&mut self, tokyo: &mut Client, listener: &mut Client, sequence: u16) -> bool {
        self.send_video(tokyo, sequence, true);
        !self.received(listener).is_empty()
    }

    fn addresses_of(&self, client: &Client) -> usize {
        let key = self.core.by_id[&client.id];
        let owners = self.core.by_address.values();
        owners.filter(|owner| **owner == key).count()
    }
}

/// An address that nobody listens on.
fn address(host: u8, port: u16) -> PeerAddress {
    PeerAddress::Udp(([127, 0, 1, host], port).into())
}

#[test]
fn a_check_from_a_new_address_moves_the_path_when_the_old_one_is_silent_though_it_nominates_nothing()
 {
    let mut test = TestCore::new();
    let mut tokyo = test.join("tokyo-1", 100);
    let mut seoul = test.join("seoul-1", 200);
    test.show(on_stage(&["tokyo-1"]));
    assert!(test.reaches(&mut tokyo, &mut seoul, 1));
    test.now += SILENT;
    let (new_path, address) = socket();
    test.check_from(address, &consent(&seoul.answer));
    assert_eq!(test.path(&seoul), Some(address));
    assert_eq!(arrived(&mut test, &new_path, Datagram::Stun), 1);
    (seoul.socket, seoul.address) = (new_path, address);
    assert!(test.reaches(&mut tokyo, &mut seoul, 2));
    test.send_packet(&mut seoul, 111, 200, 1, b"voice");
    assert_eq!(
        test.figures(&seoul).sources.len(),
        1,
        "it is heard there too"
    );
}

#[test]
fn a_check_from_another_address_leaves_the_path_where_it_is_while_that_is_alive() {
    let mut test = TestCore::new();
    let mut seoul = test.join("seoul-1", 200);
    let first = seoul.address;
    let (_second, other) = socket();
    test.check_from(other, &consent(&seoul.answer));
    assert_eq!(test.path(&seoul), Some(first));
    test.now += SILENT;
    test.send_packet(&mut seoul, 111, 200, 1, b"voice");
    test.check_from(other, &consent(&seoul.answer));
    assert_eq!(
        test.path(&seoul),
        Some(first),
        "it has just been heard there"
    );
    test.check_from(other, &check(&seoul.answer, "abcd"));
    assert_eq!(
        test.path(&seoul),
        Some(other),
        "a nomination moves it at once"
    );
}

#[test]
fn media_from_a_checked_address_moves_the_path_when_the_old_one_falls_silent_between_two_checks() {
    let mut test = TestCore::new();
    let mut seoul = test.join("seoul-1", 200);
    let first = seoul.address;
    let (_second, other) = socket();
    test.check_from(other, &consent(&seoul.answer));
    assert_eq!(
        test.path(&seoul),
        Some(first),
        "the old path was heard a moment ago"
    );
    seoul.address = other;
    test.now += SILENT;
    test.send_packet(&mut seoul, 111, 200, 1, b"voice");
    assert_eq!(test.path(&seoul), Some(other));
}

#[test]
fn a_forged_datagram_does_not_keep_a_path_alive() {
    let mut test = TestCore::new();
    let seoul = test.join("seoul-1", 200);
    let first = seoul.address;
    test.now += SILENT;
    let report = [[0x80, 201].as_slice(), &[0; 60]].concat();
    for forged in [&[0x80; 60][..], &report, &[22; 60]] {
        test.check_from(first, forged);
    }
    let (_second, other) = socket();
    test.check_from(other, &consent(&seoul.answer));
    assert_eq!(test.path(&seoul), Some(other));
}

#[test]
fn an_address_that_was_lately_heard_is_not_taken_over_by_the_check_of_another_session() {
    let mut test = TestCore::new();
    let mut tokyo = test.join("tokyo-1", 100);
    let mut seoul = test.join("seoul-1", 200);
    let mallory = test.join("delhi-1", 300);
    test.show(on_stage(&["tokyo-1"]));
    let refused = test.core.counters.snapshot().datagrams_refused;
    for forged in [check(&mallory.answer, "abcd"), consent(&mallory.answer)] {
        test.check_from(tokyo.address, &forged);
    }
    assert_eq!(test.core.counters.snapshot().datagrams_refused, refused + 2);
    assert_eq!(arrived(&mut test, &tokyo.socket, Datagram::Stun), 0);
    assert!(
        test.reaches(&mut tokyo, &mut seoul, 1),
        "Tokyo is still heard"
    );
    assert_eq!(test.path(&mallory), Some(mallory.address));
}

#[test]
fn an_address_whose_session_fell_silent_may_be_given_to_another() {
    let mut test = TestCore::new();
    let tokyo = test.join("tokyo-1", 100);
    let mut seoul = test.join("seoul-1", 200);
    test.now += GONE;
    test.check_from(tokyo.address, &check(&seoul.answer, "abcd"));
    assert_eq!(test.path(&seoul), Some(tokyo.address));
    assert_eq!(test.path(&tokyo), None, "nothing of Tokyo's goes there");
    seoul.address = tokyo.address;
    test.send_packet(&mut seoul, 111, 200, 1, b"voice");
    assert_eq!(test.figures(&seoul).sources.len(), 1);
}

#[test]
fn a_session_follows_a_few_addresses_only_and_keeps_the_one_in_use() {
    let mut test = TestCore::new();
    let seoul = test.join("seoul-1", 200);
    let (first, valid) = (seoul.address, consent(&seoul.answer));
    for port in 1..2_000 {
        test.check_from(address(1, port), &valid);
    }
    assert_eq!(test.addresses_of(&seoul), 16);
    assert!(test.core.by_address.contains_key(&first));
    assert!(
        test.core.by_address.contains_key(&address(1, 1_999)),
        "and the latest"
    );
    let gained = test.out.addresses.iter().filter(|(_, ours)| *ours).count();
    assert_eq!(
        test.out.addresses.len() - gained,
        gained - 16,
        "the others are given up"
    );
}

#[test]
fn addresses_that_fell_silent_are_forgotten() {
    let mut test = TestCore::new();
    let mut seoul = test.join("seoul-1", 200);
    let valid = consent(&seoul.answer);
    for port in 1..10 {
        test.check_from(address(1, port), &valid);
    }
    assert_eq!(test.addresses_of(&seoul), 10);
    test.now += GONE;
    test.send_packet(&mut seoul, 111, 200, 1, b"voice");
    test.now += TICK_INTERVAL;
    test.core.tick(test.now, &mut test.out);
    assert_eq!(test.addresses_of(&seoul), 1, "the one in use is left");
}
