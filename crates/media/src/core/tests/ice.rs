//! Paths: how a session is reached, and how that changes while media flows.

use std::net::{SocketAddr, UdpSocket};

use plenary_transport::ice::{Datagram, classify};
use rtc_stun::{
    attributes::{ATTR_ICE_CONTROLLING, ATTR_USE_CANDIDATE, ATTR_USERNAME, RawAttribute},
    crypto::{RTCCryptoProvider, providers::RingProvider},
    fingerprint::FINGERPRINT,
    integrity::MessageIntegrity,
    message::{BINDING_REQUEST, Message, Setter, TransactionId},
    textattrs::TextAttribute,
};

use super::test_core::*;
use crate::api::JoinError;

/// A nominating check (RFC 8445, section 7.1) with the credentials of an answer.
fn check(answer: &str, own_fragment: &str) -> Vec<u8> {
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
    let setters: Vec<Box<dyn Setter>> = vec![
        Box::new(BINDING_REQUEST),
        Box::new(TransactionId([9; 12])),
        Box::new(TextAttribute::new(
            ATTR_USERNAME,
            format!("{fragment}:{own_fragment}"),
        )),
        Box::new(attribute(ATTR_ICE_CONTROLLING, vec![7; 8])),
        Box::new(attribute(ATTR_USE_CANDIDATE, Vec::new())),
        Box::new(MessageIntegrity::new_short_term_integrity_with_provider(
            password.to_owned(),
            provider.crypto(),
        )),
        Box::new(FINGERPRINT),
    ];
    let mut message = Message::new();
    message.build(&setters).unwrap();
    message.raw
}

fn socket() -> (UdpSocket, SocketAddr) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_nonblocking(true).unwrap();
    let address = socket.local_addr().unwrap();
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
    assert_eq!(test.figures(&seoul).path, Some(format!("udp {address}")));
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
