//! What a client is told of a handshake that cannot be: an alert (RFC 5246, section 7.2), where silence would have it
//! wait for its own timeout.

use plenary_transport::dtls::{DtlsError, DtlsEvent};

use crate::handshake::Handshake;

const FATAL: u8 = 2;
const HANDSHAKE_FAILURE: u8 = 40;
const PROTOCOL_VERSION: u8 = 70;

/// The offset of the body of a `ClientHello` that is alone in its datagram.
const BODY: usize = 13 + 12;

/// Gives the server a hello; returns its answer's content type and the content.
fn answer(handshake: &mut Handshake, hello: &[u8]) -> (u8, Vec<u8>) {
    handshake.give_server(hello);
    let datagram = handshake.server_datagram().expect("the server answers");
    assert_eq!(handshake.server_datagram(), None, "with one datagram");
    (datagram[0], datagram[13..].to_vec())
}

fn hello(handshake: &mut Handshake) -> Vec<u8> {
    let hello = handshake.client_datagram().expect("a client speaks first");
    hello.to_vec()
}

/// Adds an extension at the end of a hello, and makes every length around it right.
fn extended(mut hello: Vec<u8>, kind: u8, value: &[u8]) -> Vec<u8> {
    let mut at = BODY + 34;
    for width in [1, 1, 2, 1] {
        let length = hello[at..at + width].iter();
        at += width + length.fold(0, |length, byte| length << 8 | usize::from(*byte));
    }
    let length = u8::try_from(value.len()).expect("a short value");
    hello.extend([0, kind, 0, length]);
    hello.extend(value);
    let lengths = [
        (11..13, hello.len() - 13),
        (14..17, hello.len() - BODY),
        (22..25, hello.len() - BODY),
        (at..at + 2, hello.len() - at - 2),
    ];
    for (place, length) in lengths {
        let bytes = length.to_be_bytes();
        hello[place.clone()].copy_from_slice(&bytes[bytes.len() - place.len()..]);
    }
    hello
}

/// `supported_versions` (RFC 8446, section 4.2.1).
fn supporting(versions: &[u8], handshake: &mut Handshake) -> Vec<u8> {
    let length = u8::try_from(versions.len()).expect("a short list");
    let value = [&[length], versions].concat();
    extended(hello(handshake), 43, &value)
}

#[test]
fn a_client_without_a_usable_srtp_profile_is_told_that_the_handshake_fails() {
    let mut handshake = Handshake::offering(Vec::new());
    let hello = hello(&mut handshake);
    let told = answer(&mut handshake, &hello);
    assert_eq!(told, (21, vec![FATAL, HANDSHAKE_FAILURE]));
    let events = handshake.server_events();
    assert!(matches!(
        events,
        [DtlsEvent::Failed(DtlsError::NoSrtpProfile)]
    ));
}

#[test]
fn a_client_that_speaks_only_dtls_1_0_or_only_dtls_1_3_is_told_that_the_version_is_wrong() {
    let mut old = Handshake::new();
    let mut hello = hello(&mut old);
    hello[BODY + 1] = 0xff;
    let mut new = Handshake::new();
    let only_1_3 = supporting(&[0xfe, 0xfc], &mut new);
    for (mut handshake, hello) in [(old, hello), (new, only_1_3)] {
        let told = answer(&mut handshake, &hello);
        assert_eq!(told, (21, vec![FATAL, PROTOCOL_VERSION]));
        let events = handshake.server_events();
        assert!(matches!(events, [DtlsEvent::Failed(DtlsError::Version)]));
    }
}

#[test]
fn a_client_that_speaks_dtls_1_3_and_1_2_is_served_with_1_2() {
    let mut handshake = Handshake::new();
    let both = supporting(&[0xfe, 0xfc, 0xfe, 0xfd], &mut handshake);
    let (content, message) = answer(&mut handshake, &both);
    assert_eq!((content, message[0]), (22, 3), "a HelloVerifyRequest");
    assert!(handshake.server_events().is_empty());
}

#[test]
fn a_client_whose_hello_cannot_be_read_is_told_that_the_handshake_fails() {
    let mut handshake = Handshake::new();
    let mut hello = hello(&mut handshake);
    // The length of the session's name reaches beyond the end.
    hello[BODY + 34] = 0xff;
    let told = answer(&mut handshake, &hello);
    assert_eq!(told, (21, vec![FATAL, HANDSHAKE_FAILURE]));
    let events = handshake.server_events();
    assert!(matches!(
        events,
        [DtlsEvent::Failed(DtlsError::MalformedHello)]
    ));
}
