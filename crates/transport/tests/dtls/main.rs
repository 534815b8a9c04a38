//! The handshake with the client of another implementation, over a network of two queues.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "what helps a test fails it by panicking"
)]

mod alerts;
mod handshake;

use std::time::Duration;

use handshake::{Handshake, Way, intact, split_hello};
use plenary_transport::dtls::{DtlsError, DtlsEvent, SrtpKeys, SrtpProfile};
use plenary_transport::fingerprint::Fingerprint;
use proptest::prelude::*;
use rtc_dtls::extension::extension_use_srtp::SrtpProtectionProfile::{
    Srtp_Aead_Aes_128_Gcm, Srtp_Aes128_Cm_Hmac_Sha1_80,
};

/// The client's view of the keys, in the order of RFC 5764, 4.2.
fn exported(keys: &SrtpKeys) -> Vec<u8> {
    [
        &keys.client.key,
        &keys.server.key,
        &keys.client.salt,
        &keys.server.salt,
    ]
    .into_iter()
    .flatten()
    .copied()
    .collect()
}

fn assert_connected(handshake: &Handshake) {
    let keys = handshake.server_keys().expect("the server is connected");
    let length = exported(keys).len();
    assert_eq!(handshake.client_keys(length), Some(exported(keys)));
}

#[test]
fn both_ends_of_a_handshake_hold_the_same_keys() {
    let mut handshake = Handshake::new();
    handshake.run(intact);
    assert_connected(&handshake);
}

#[test]
fn the_cheaper_cipher_is_chosen_though_the_client_names_it_last() {
    let mut handshake =
        Handshake::offering(vec![Srtp_Aes128_Cm_Hmac_Sha1_80, Srtp_Aead_Aes_128_Gcm]);
    handshake.run(intact);
    assert_connected(&handshake);
    let keys = handshake.server_keys().expect("the server is connected");
    assert_eq!(keys.profile, SrtpProfile::Aes128Gcm);
    assert_eq!((keys.client.key.len(), keys.client.salt.len()), (16, 12));
}

#[test]
fn a_client_that_knows_only_the_older_cipher_is_served_with_it() {
    let mut handshake = Handshake::offering(vec![Srtp_Aes128_Cm_Hmac_Sha1_80]);
    handshake.run(intact);
    assert_connected(&handshake);
    let keys = handshake.server_keys().expect("the server is connected");
    assert_eq!(keys.profile, SrtpProfile::Aes128CmSha1_80);
    assert_eq!((keys.client.key.len(), keys.client.salt.len()), (16, 14));
}

#[test]
fn a_client_with_another_certificate_than_in_the_offer_is_refused_with_an_alert() {
    let mut handshake = Handshake::expecting(Fingerprint::of(b"someone else's certificate"));
    handshake.run(intact);
    assert!(matches!(
        handshake.server_events(),
        [DtlsEvent::Failed(DtlsError::Library(_))]
    ));
    let told = handshake.client_error().expect("the client hears an alert");
    assert!(told.contains("Alert is Fatal"), "{told}");
}

#[test]
fn a_client_without_a_certificate_is_refused() {
    let mut handshake = Handshake::anonymous();
    handshake.run(intact);
    assert!(matches!(
        handshake.server_events(),
        [DtlsEvent::Failed(DtlsError::Library(_))]
    ));
}

#[test]
fn a_hello_that_comes_in_two_datagrams_is_put_together() {
    let mut handshake = Handshake::new();
    handshake.run(|way, _, datagram| split_hello(way, datagram));
    assert_connected(&handshake);
}

#[test]
fn the_halves_of_a_hello_may_arrive_in_the_wrong_order() {
    let mut handshake = Handshake::new();
    handshake.run(|way, _, datagram| {
        let mut halves = split_hello(way, datagram);
        halves.reverse();
        halves
    });
    assert_connected(&handshake);
}

#[test]
fn datagrams_delivered_twice_change_nothing() {
    let mut handshake = Handshake::new();
    handshake.run(|way, _, datagram| {
        let halves = split_hello(way, datagram);
        [halves.clone(), halves].concat()
    });
    assert_connected(&handshake);
    assert_eq!(handshake.server_events().len(), 1);
}

#[test]
fn a_repeated_hello_is_answered_with_the_same_flight() {
    let mut handshake = Handshake::new();
    let hello = handshake.client_datagram().expect("a client speaks first");
    handshake.give_server(&hello);
    let first = handshake.server_datagram();
    assert!(first.is_some());
    handshake.give_server(&hello);
    assert_eq!(handshake.server_datagram(), first);
    assert_eq!(handshake.server_datagram(), None);
}

#[test]
fn hellos_repeated_without_end_are_no_longer_answered() {
    let mut handshake = Handshake::new();
    let hello = handshake.client_datagram().expect("a client speaks first");
    let mut answers = 0;
    for _ in 0..1_000 {
        handshake.give_server(&hello);
        while handshake.server_datagram().is_some() {
            answers += 1;
        }
    }
    assert!(answers < 50, "{answers} answers");
}

#[test]
fn the_handshake_completes_after_the_loss_of_any_one_datagram() {
    for way in [Way::ToServer, Way::ToClient] {
        for lost in 0..8 {
            let mut handshake = Handshake::new();
            handshake.run(|at, index, datagram| {
                if at == way && index == lost {
                    Vec::new()
                } else {
                    split_hello(at, datagram)
                }
            });
            assert_connected(&handshake);
        }
    }
}

#[test]
fn a_lost_certificate_flight_is_repeated_before_the_client_times_out() {
    let mut handshake = Handshake::new();
    // The client's second hello is answered with the certificate; the first such answer is lost.
    handshake.run(|way, index, datagram| match (way, index) {
        (Way::ToClient, 1) => Vec::new(),
        _ => vec![datagram],
    });
    assert_connected(&handshake);
    assert!(handshake.elapsed() <= Duration::from_secs(2));
}

#[test]
fn a_connection_survives_malformed_and_forged_records() {
    let mut handshake = Handshake::new();
    handshake.run(intact);
    for content in 0..=255_u8 {
        for epoch in 0..3_u8 {
            let forged = [
                content, 0xfe, 0xfd, 0, epoch, 0, 0, 0, 0, 1, content, 0, 2, 2, 40,
            ];
            handshake.give_server(&forged);
            handshake.give_server(&forged[..14]);
            handshake.give_server(&[&forged[..12], &[0]].concat());
        }
    }
    assert_connected(&handshake);
    assert_eq!(
        handshake.server_events().len(),
        1,
        "{:?}",
        handshake.server_events()
    );
}

#[test]
fn a_close_notify_of_the_client_closes_the_connection() {
    let mut handshake = Handshake::new();
    handshake.run(intact);
    handshake.client_closes();
    handshake.run(intact);
    assert!(matches!(
        handshake.server_events(),
        [DtlsEvent::Connected(_), DtlsEvent::Closed]
    ));
}

#[test]
fn nothing_is_due_after_the_end() {
    let mut handshake = Handshake::new();
    handshake.run(intact);
    handshake.client_closes();
    handshake.run(intact);
    assert_eq!(handshake.server_deadline(), None);
    handshake.time_out_server();
    assert_eq!(handshake.server_events().len(), 2);
}

#[test]
fn a_handshake_with_a_silent_client_times_out() {
    let mut handshake = Handshake::new();
    // The client requests the certificate and then sends nothing more.
    handshake.run(|way, index, datagram| match (way, index) {
        (Way::ToServer, 2..) => Vec::new(),
        _ => vec![datagram],
    });
    assert!(matches!(
        handshake.server_events(),
        [DtlsEvent::Failed(DtlsError::Library(_))]
    ));
}

#[test]
fn the_client_is_told_when_the_server_closes() {
    let mut handshake = Handshake::new();
    handshake.run(intact);
    handshake.server_closes();
    handshake.run(intact);
    assert!(handshake.client_was_closed());
}

#[test]
fn a_flood_of_handshake_records_ends_the_handshake() {
    let mut handshake = Handshake::new();
    let hello = handshake.client_datagram().expect("a client speaks first");
    handshake.give_server(&hello);
    // A handshake would buffer the fragments of messages that are never completed.
    let mut record = vec![22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0];
    record.extend([11, 0, 16, 0, 0, 5, 0, 0, 0, 0, 3, 244]);
    record.resize(13 + 1024, 0);
    for sequence in 0..100 {
        record[10] = sequence;
        handshake.give_server(&record);
    }
    assert!(matches!(
        handshake.server_events(),
        [DtlsEvent::Failed(DtlsError::TooLarge)]
    ));
}

/// Bytes that pass the first checks for DTLS.
fn rubbish() -> impl Strategy<Value = Vec<u8>> {
    let tail = || proptest::collection::vec(any::<u8>(), 0..200);
    prop_oneof![
        tail(),
        (20..26_u8, 0..2_u8, any::<u8>(), tail()).prop_map(|(content, epoch, sequence, body)| {
            let length = u8::try_from(body.len()).unwrap_or(u8::MAX);
            let header = [
                content, 0xfe, 0xfd, 0, epoch, 0, 0, 0, 0, 0, sequence, 0, length,
            ];
            [header.as_slice(), &body].concat()
        }),
        // Handshake records whose fragments are well-formed.
        (0..22_u8, 0..6_u8, 0..3_u8, 0..4_u8, tail()).prop_map(
            |(kind, message, offset, more, body)| {
                let length = u8::try_from(body.len()).unwrap_or(u8::MAX);
                let total = length.saturating_add(offset).saturating_add(more);
                let record = [22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, message, 0, length + 12];
                let header = [kind, 0, 0, total, 0, message, 0, 0, offset, 0, 0, length];
                [record.as_slice(), &header, &body].concat()
            }
        ),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_handshake_completes_over_a_bad_network(
        lost in proptest::collection::btree_set(0..40_usize, 0..10),
        twice in proptest::collection::btree_set(0..40_usize, 0..10),
    ) {
        let mut handshake = Handshake::new();
        let mut sent = 0..;
        handshake.run(|way, _, datagram| {
            split_hello(way, datagram)
                .into_iter()
                .zip(&mut sent)
                .filter(|(_, number)| !lost.contains(number))
                .flat_map(|(datagram, number)| {
                    std::iter::repeat_n(datagram, 1 + usize::from(twice.contains(&number)))
                })
                .collect()
        });
        assert_connected(&handshake);
    }

    #[test]
    fn malformed_input_never_panics(datagrams in proptest::collection::vec(rubbish(), 0..40)) {
        let mut handshake = Handshake::new();
        let hello = handshake.client_datagram().expect("a client speaks first");
        for (index, datagram) in datagrams.iter().enumerate() {
            if index == 10 {
                handshake.give_server(&hello);
            }
            handshake.give_server(datagram);
        }
    }

    #[test]
    fn a_damaged_datagram_never_panics(
        damage in proptest::collection::vec((0..12_usize, 0..1_500_usize, any::<u8>()), 1..6),
    ) {
        let mut handshake = Handshake::new();
        handshake.run(|way, index, datagram| {
            let mut bytes = datagram.to_vec();
            for (at, byte, value) in &damage {
                if *at == index && way == Way::ToServer && !bytes.is_empty() {
                    let byte = byte % bytes.len();
                    bytes[byte] = *value;
                }
            }
            vec![bytes.into()]
        });
    }
}
