//! Connectivity checks of the controlling side towards an ICE-lite server (RFC 8445, section 7), also for consent
//! (RFC 7675).

use std::sync::LazyLock;

use rand::Rng;
use rtc_stun::{
    attributes::{
        ATTR_ICE_CONTROLLING, ATTR_PRIORITY, ATTR_USE_CANDIDATE, ATTR_USERNAME, RawAttribute,
    },
    crypto::{RTCCryptoProvider, providers::RingProvider},
    fingerprint::FINGERPRINT,
    integrity::MessageIntegrity,
    message::{BINDING_REQUEST, Message, Setter, TransactionId},
    textattrs::TextAttribute,
};

/// The type of a binding's success response (RFC 8489, section 5).
const BINDING_SUCCESS: [u8; 2] = [0x01, 0x01];
/// The priority of a peer-reflexive candidate (RFC 8445, section 5.1.2).
const PRIORITY: u32 = (110 << 24) | (65_535 << 8) | 255;

static CRYPTO: LazyLock<RingProvider> = LazyLock::new(RingProvider::new);

/// The server's ICE credentials, and this side's name.
#[derive(Debug, Clone)]
pub struct Credentials {
    pub remote_fragment: String,
    pub remote_password: String,
    pub own_fragment: String,
}

impl Credentials {
    /// A check that nominates its path; none if it cannot be encoded.
    pub fn check(&self) -> Option<Vec<u8>> {
        let attribute = |typ, value: Vec<u8>| RawAttribute {
            typ,
            length: u16::try_from(value.len()).unwrap_or(0),
            value,
        };
        let name = format!("{}:{}", self.remote_fragment, self.own_fragment);
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
            own_fragment: "load".to_owned(),
        };
        let request = BindingRequest::parse(&credentials.check().unwrap()).unwrap();
        let answered = request
            .answer(&server, "load", "192.0.2.1:9".parse().unwrap())
            .unwrap();
        assert_eq!(answered.outcome, Outcome::Nominated);
        assert!(is_success(&answered.response));
    }
}
