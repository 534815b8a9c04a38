//! ICE connectivity checks as a browser sends them, and their answers.

#![expect(
    clippy::expect_used,
    reason = "what helps a test fails it by panicking"
)]

use std::net::SocketAddr;

use plenary_transport::ice::{
    Answered, BindingRequest, CheckError, Credentials, Datagram, Outcome, classify,
};
use proptest::prelude::*;
use rtc_stun::attributes::{
    ATTR_ICE_CONTROLLED, ATTR_ICE_CONTROLLING, ATTR_PRIORITY, ATTR_USE_CANDIDATE, ATTR_USERNAME,
    RawAttribute,
};
use rtc_stun::crypto::RTCCryptoProvider;
use rtc_stun::crypto::providers::RingProvider;
use rtc_stun::error_code::{CODE_ROLE_CONFLICT, ErrorCodeAttribute};
use rtc_stun::fingerprint::FINGERPRINT;
use rtc_stun::integrity::MessageIntegrity;
use rtc_stun::message::{
    BINDING_ERROR, BINDING_REQUEST, BINDING_SUCCESS, Getter, Message, Setter, TransactionId,
};
use rtc_stun::textattrs::TextAttribute;
use rtc_stun::xoraddr::XorMappedAddress;

const BROWSER: &str = "iR/c";

fn server() -> Credentials {
    Credentials {
        ufrag: "0123456789ab".to_owned(),
        pwd: "0123456789abcdef0123456789abcdef".to_owned(),
    }
}

fn from() -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 7], 50_000))
}

/// The fields of a browser's check.
struct Check {
    username: String,
    pwd: String,
    attributes: Vec<RawAttribute>,
}

impl Check {
    fn new() -> Self {
        Self {
            username: format!("{}:{BROWSER}", server().ufrag),
            pwd: server().pwd,
            attributes: vec![
                attribute(ATTR_ICE_CONTROLLING, vec![7; 8]),
                attribute(ATTR_PRIORITY, vec![110, 127, 30, 255]),
            ],
        }
    }

    fn nominating() -> Self {
        let mut check = Self::new();
        check
            .attributes
            .push(attribute(ATTR_USE_CANDIDATE, Vec::new()));
        check
    }

    fn encode(self) -> Vec<u8> {
        let provider = RingProvider::new();
        let mut setters: Vec<Box<dyn Setter>> = vec![
            Box::new(BINDING_REQUEST),
            Box::new(TransactionId([9; 12])),
            Box::new(TextAttribute::new(ATTR_USERNAME, self.username)),
        ];
        for attribute in self.attributes {
            setters.push(Box::new(attribute));
        }
        setters.push(Box::new(
            MessageIntegrity::new_short_term_integrity_with_provider(self.pwd, provider.crypto()),
        ));
        setters.push(Box::new(FINGERPRINT));
        let mut message = Message::new();
        message.build(&setters).expect("a check can be encoded");
        message.raw
    }
}

fn attribute(typ: rtc_stun::attributes::AttrType, value: Vec<u8>) -> RawAttribute {
    let length = u16::try_from(value.len()).expect("attributes are short");
    RawAttribute { typ, length, value }
}

fn answered(check: Check) -> Result<Answered, CheckError> {
    BindingRequest::parse(&check.encode())
        .expect("the check is a binding request")
        .answer(&server(), BROWSER, from())
}

/// Parses a response as a browser does, and checks its integrity and fingerprint.
fn authentic(response: &[u8]) -> Message {
    let mut message = Message {
        raw: response.to_vec(),
        ..Message::default()
    };
    message.decode().expect("the response is STUN");
    FINGERPRINT
        .check(&message)
        .expect("the response's checksum holds");
    let provider = RingProvider::new();
    MessageIntegrity::check(&mut message, server().pwd.as_bytes(), provider.crypto())
        .expect("the response's integrity holds");
    message
}

#[test]
fn a_check_is_answered_with_the_address_it_came_from() {
    let answered = answered(Check::new()).expect("the check is authentic");
    assert_eq!(answered.outcome, Outcome::Checked);
    let response = authentic(&answered.response);
    assert_eq!(response.typ, BINDING_SUCCESS);
    assert_eq!(response.transaction_id, TransactionId([9; 12]));
    let mut mapped = XorMappedAddress::default();
    mapped
        .get_from(&response)
        .expect("the response says the address");
    assert_eq!(SocketAddr::new(mapped.ip, mapped.port), from());
}

#[test]
fn an_address_mapped_into_ipv6_is_answered_as_the_ipv4_it_is() {
    let mapped: SocketAddr = "[::ffff:192.0.2.7]:50000".parse().expect("an address");
    let answered = BindingRequest::parse(&Check::new().encode())
        .expect("the check is a binding request")
        .answer(&server(), BROWSER, mapped)
        .expect("the check is authentic");
    let mut said = XorMappedAddress::default();
    said.get_from(&authentic(&answered.response))
        .expect("the response says the address");
    assert_eq!(SocketAddr::new(said.ip, said.port), from());
}

#[test]
fn a_check_names_the_user_fragments_of_both_ends() {
    let request = BindingRequest::parse(&Check::new().encode()).expect("a binding request");
    assert_eq!(request.local_ufrag(), server().ufrag);
    assert_eq!(request.remote_ufrag(), BROWSER);
}

#[test]
fn a_nomination_is_recognized() {
    let answered = answered(Check::nominating()).expect("the check is authentic");
    assert_eq!(answered.outcome, Outcome::Nominated);
    assert_eq!(authentic(&answered.response).typ, BINDING_SUCCESS);
}

#[test]
fn a_client_in_the_controlled_role_is_told_to_switch() {
    let mut check = Check::nominating();
    check.attributes[0].typ = ATTR_ICE_CONTROLLED;
    let answered = answered(check).expect("the check is authentic");
    assert_eq!(answered.outcome, Outcome::RoleConflict);
    let response = authentic(&answered.response);
    assert_eq!(response.typ, BINDING_ERROR);
    let mut error = ErrorCodeAttribute::default();
    error.get_from(&response).expect("the response says why");
    assert!(error.code == CODE_ROLE_CONFLICT);
}

#[test]
fn a_check_with_another_password_is_not_answered() {
    let mut check = Check::new();
    check.pwd = "another".to_owned();
    assert_eq!(answered(check).err(), Some(CheckError::Integrity));
}

#[test]
fn a_check_for_another_session_is_not_answered() {
    let mut check = Check::new();
    check.username = format!("another:{BROWSER}");
    assert_eq!(answered(check).err(), Some(CheckError::Username));
}

#[test]
fn a_check_from_another_client_is_not_answered() {
    let mut check = Check::new();
    check.username = format!("{}:another", server().ufrag);
    assert_eq!(answered(check).err(), Some(CheckError::Username));
}

#[test]
fn a_check_without_integrity_is_not_answered() {
    let mut message = Message::new();
    let setters: [Box<dyn Setter>; 4] = [
        Box::new(BINDING_REQUEST),
        Box::new(TransactionId([9; 12])),
        Box::new(TextAttribute::new(ATTR_USERNAME, Check::new().username)),
        Box::new(FINGERPRINT),
    ];
    message.build(&setters).expect("a check can be encoded");
    let answered = BindingRequest::parse(&message.raw)
        .expect("the check is a binding request")
        .answer(&server(), BROWSER, from());
    assert_eq!(answered.err(), Some(CheckError::Integrity));
}

#[test]
fn attributes_after_message_integrity_are_ignored() {
    // An attacker copies a check and appends a nomination after the authenticated part (RFC 8489, section 14.5).
    let mut message = Message::new();
    let provider = RingProvider::new();
    let check = Check::new();
    let setters: [Box<dyn Setter>; 6] = [
        Box::new(BINDING_REQUEST),
        Box::new(TransactionId([9; 12])),
        Box::new(TextAttribute::new(ATTR_USERNAME, check.username)),
        Box::new(MessageIntegrity::new_short_term_integrity_with_provider(
            check.pwd,
            provider.crypto(),
        )),
        Box::new(attribute(ATTR_USE_CANDIDATE, Vec::new())),
        Box::new(FINGERPRINT),
    ];
    message.build(&setters).expect("a check can be encoded");
    let answered = BindingRequest::parse(&message.raw)
        .and_then(|request| request.answer(&server(), BROWSER, from()).ok());
    assert!(answered.is_none_or(|answered| answered.outcome == Outcome::Checked));
}

#[test]
fn a_check_with_a_wrong_checksum_is_none() {
    let mut check = Check::new().encode();
    let last = check.len() - 1;
    check[last] ^= 1;
    assert!(BindingRequest::parse(&check).is_none());
}

#[test]
fn a_response_is_not_a_request() {
    let answered = answered(Check::new()).expect("the check is authentic");
    assert!(BindingRequest::parse(&answered.response).is_none());
}

#[test]
fn the_protocols_on_one_port_are_distinguished() {
    assert_eq!(classify(&Check::new().encode()), Some(Datagram::Stun));
    assert_eq!(classify(&[22; 60]), Some(Datagram::Dtls));
    let rtp = |second| [[0x90, second].as_slice(), &[0; 30]].concat();
    assert_eq!(classify(&rtp(111)), Some(Datagram::Rtp));
    // The marker bit set, which video packets have: 96 becomes 224.
    assert_eq!(classify(&rtp(224)), Some(Datagram::Rtp));
    for feedback in 200..=207 {
        assert_eq!(classify(&rtp(feedback)), Some(Datagram::Rtcp));
    }
    assert_eq!(classify(&[]), None);
    assert_eq!(classify(&[0; 40]), None);
    assert_eq!(classify(&[0x80]), None);
}

#[test]
fn credentials_are_never_the_same() {
    let (one, other) = (Credentials::random(), Credentials::random());
    assert_ne!(one.ufrag, other.ufrag);
    assert_ne!(one.pwd, other.pwd);
    assert!(one.pwd.len() >= 22 && one.ufrag.len() >= 4);
}

proptest! {
    #[test]
    fn malformed_input_never_panics(datagram in proptest::collection::vec(any::<u8>(), 0..1_200)) {
        let _ = classify(&datagram);
        prop_assert!(BindingRequest::parse(&datagram).is_none());
    }

    #[test]
    fn a_damaged_check_is_never_answered(at in 0..200_usize, bit in 0..8_u8) {
        let mut check = Check::nominating().encode();
        let at = at % check.len();
        check[at] ^= 1 << bit;
        let answered = BindingRequest::parse(&check)
            .and_then(|request| request.answer(&server(), BROWSER, from()).ok());
        prop_assert!(answered.is_none());
    }

    #[test]
    fn attributes_of_any_form_never_panic(
        kind in any::<u16>(),
        length in any::<u16>(),
        value in proptest::collection::vec(any::<u8>(), 0..60),
    ) {
        let mut check = Check::new();
        check.attributes.push(RawAttribute {
            typ: rtc_stun::attributes::AttrType(kind),
            length,
            value,
        });
        if let Some(request) = BindingRequest::parse(&check.encode()) {
            let _ = request.answer(&server(), BROWSER, from());
        }
    }
}
