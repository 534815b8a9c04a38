//! Connectivity checks of the controlling side towards an ICE-lite server (RFC 8445, section 7), also for consent
//! (RFC 7675); and replies to the checks of a server that is less lite than it says, as Janus is.

use std::{net::SocketAddr, sync::LazyLock};

use rand::Rng;
use rtc_stun::{
    attributes::{
        ATTR_ICE_CONTROLLING, ATTR_PRIORITY, ATTR_USE_CANDIDATE, ATTR_USERNAME, RawAttribute,
    },
    crypto::{RTCCryptoProvider, providers::RingProvider},
    fingerprint::FINGERPRINT,
    integrity::MessageIntegrity,
    message::{self, BINDING_REQUEST, Message, Setter, TransactionId},
    textattrs::TextAttribute,
    xoraddr::XorMappedAddress,
};

/// The types of a binding's request and of its success response (RFC 8489, section 5).
const BINDING: [u8; 2] = [0x00, 0x01];
const BINDING_SUCCESS: [u8; 2] = [0x01, 0x01];
/// The priority of a peer-reflexive candidate (RFC 8445, section 5.1.2).
const PRIORITY: u32 = (110 << 24) | (65_535 << 8) | 255;

static CRYPTO: LazyLock<RingProvider> = LazyLock::new(RingProvider::new);

/// This side's own name and password.
#[derive(Debug, Clone)]
pub struct Secret {
    pub fragment: String,
    pub password: String,
}

impl Secret {
    pub fn random() -> Self {
        let letters = |length| {
            let letters = (0..length).map(|_| char::from(rand::random_range(b'a'..=b'z')));
            letters.collect()
        };
        Self {
            fragment: letters(8),
            password: letters(24),
        }
    }
}

/// The ICE credentials of both sides.
#[derive(Debug, Clone)]
pub struct Credentials {
    pub remote_fragment: String,
    pub remote_password: String,
    pub own: Secret,
}

impl Credentials {
    /// A check that nominates its path; none if it cannot be encoded.
    pub fn check(&self) -> Option<Vec<u8>> {
        let attribute = |typ, value: Vec<u8>| RawAttribute {
            typ,
            length: u16::try_from(value.len()).unwrap_or(0),
            value,
        };
        let name = format!("{}:{}", self.remote_fragment, self.own.fragment);
        let integrity = MessageIntegrity::new_short_term_integrity_with_provider(
            self.remote_password.clone(),
            CRYPTO.crypto(),
        );
        let setters: [Box<dyn Setter>; 8] = [
            Box::new(BINDING_REQUEST),
            Box::new(TransactionId(rand::rng().random())),
            Box::new(TextAttribute::new(ATTR_USERNAME, name)),
            Box::new(attribute(ATTR_PRIORITY, PRIORITY.to_be_bytes().to_vec())),
            Box::new(attribute(ATTR_ICE_CONTROLLING, vec![7; 8])),
            Box::new(attribute(ATTR_USE_CANDIDATE, Vec::new())),
            Box::new(integrity),
            Box::new(FINGERPRINT),
        ];
        let mut message = Message::new();
        message.build(&setters).ok()?;
        Some(message.raw)
    }

    /// The reply to a check of the server; none if the message is no check.
    pub fn reply(&self, check: &[u8], from: SocketAddr) -> Option<Vec<u8>> {
        let transaction = check.strip_prefix(&BINDING)?.get(6..)?.first_chunk()?;
        let integrity = MessageIntegrity::new_short_term_integrity_with_provider(
            self.own.password.clone(),
            CRYPTO.crypto(),
        );
        let mapped = XorMappedAddress {
            ip: from.ip().to_canonical(),
            port: from.port(),
        };
        let setters: [Box<dyn Setter>; 5] = [
            Box::new(message::BINDING_SUCCESS),
            Box::new(TransactionId(*transaction)),
            Box::new(mapped),
            Box::new(integrity),
            Box::new(FINGERPRINT),
        ];
        let mut message = Message::new();
        message.build(&setters).ok()?;
        Some(message.raw)
    }
}

/// Whether a STUN message says that a check has arrived.
pub fn is_success(message: &[u8]) -> bool {
    message.starts_with(&BINDING_SUCCESS)
}

#[cfg(test)]
mod tests {
    use plenary_transport::ice::{BindingRequest, Credentials as Server, Outcome};

    use super::*;

    #[test]
    fn the_server_takes_a_check_as_a_nomination_and_its_answer_is_a_success() {
        let server = Server::random();
        let credentials = Credentials {
            remote_fragment: server.ufrag.clone(),
            remote_password: server.pwd.clone(),
            own: Secret {
                fragment: "load".to_owned(),
                password: "secret".to_owned(),
            },
        };
        let request = BindingRequest::parse(&credentials.check().unwrap()).unwrap();
        let answered = request
            .answer(&server, "load", "192.0.2.1:9".parse().unwrap())
            .unwrap();
        assert_eq!(answered.outcome, Outcome::Nominated);
        assert!(is_success(&answered.response));
    }

    #[test]
    fn a_check_of_the_server_is_answered_by_its_number_and_with_the_own_password() {
        let [ours, theirs] = [Secret::random(), Secret::random()];
        let side = |own: &Secret, remote: &Secret| Credentials {
            remote_fragment: remote.fragment.clone(),
            remote_password: remote.password.clone(),
            own: own.clone(),
        };
        let check = side(&theirs, &ours).check().unwrap();
        let from = "192.0.2.1:9".parse().unwrap();
        let own = side(&ours, &theirs);
        let reply = own.reply(&check, from).unwrap();
        assert!(is_success(&reply));
        assert_eq!(reply[8..20], check[8..20]);
        let mut message = Message {
            raw: reply.clone(),
            ..Message::default()
        };
        message.decode().unwrap();
        let password = ours.password.as_bytes();
        MessageIntegrity::check(&mut message, password, CRYPTO.crypto()).unwrap();
        assert_eq!(own.reply(&reply, from), None);
        assert_eq!(own.reply(&check[..19], from), None);
    }
}
