//! An ICE-lite responder (RFC 8445, section 2.5): it answers connectivity checks and sends none.
//!
//! Answering is all that a browser needs, for consent freshness too (RFC 7675). The caller finds the session by
//! [`BindingRequest::local_ufrag`], lets it answer, and from then on knows the session by the address. A nomination may
//! come again for another address: the caller follows it.

use std::fmt;
use std::net::SocketAddr;
use std::sync::LazyLock;

use rand::Rng;
use rand::distr::Alphanumeric;
use rtc_stun::attributes::{
    ATTR_ICE_CONTROLLED, ATTR_MESSAGE_INTEGRITY, ATTR_USE_CANDIDATE, ATTR_USERNAME, AttrType,
};
use rtc_stun::crypto::RTCCryptoProvider;
use rtc_stun::crypto::providers::RingProvider;
use rtc_stun::error_code::{CODE_ROLE_CONFLICT, ErrorCodeAttribute};
use rtc_stun::fingerprint::{FINGERPRINT, fingerprint_value};
use rtc_stun::integrity::MessageIntegrity;
use rtc_stun::message::{
    BINDING_ERROR, BINDING_REQUEST, BINDING_SUCCESS, MESSAGE_HEADER_SIZE, Message, Setter,
    is_stun_message,
};
use rtc_stun::xoraddr::XorMappedAddress;

static CRYPTO: LazyLock<RingProvider> = LazyLock::new(RingProvider::new);

/// The protocol to which a datagram belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Datagram {
    /// A connectivity check, to be read by [`BindingRequest::parse`].
    Stun,
    /// A DTLS record, to be taken by [`crate::dtls::Dtls::handle`].
    Dtls,
    Rtp,
    Rtcp,
}

/// Tells the protocols on one port apart by the first bytes (RFC 7983; RFC 5761, section 4). `None` is rubbish.
pub fn classify(datagram: &[u8]) -> Option<Datagram> {
    match *datagram {
        [0..=3, ..] if is_stun_message(datagram) => Some(Datagram::Stun),
        [20..=63, ..] if datagram.len() >= 13 => Some(Datagram::Dtls),
        [128..=191, 192..=223, ..] if datagram.len() >= 8 => Some(Datagram::Rtcp),
        [128..=191, _, ..] if datagram.len() >= 12 => Some(Datagram::Rtp),
        _ => None,
    }
}

/// The server's half of a session's ICE credentials.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The user name fragment, by which the session is found.
    pub ufrag: String,
    /// The password, by which checks are authenticated. Secret.
    pub pwd: String,
}

impl Credentials {
    /// New credentials: 71 bits in the fragment, so that it names a session alone, and 190 in the password.
    pub fn random() -> Self {
        let text = |length| {
            rand::rng()
                .sample_iter(Alphanumeric)
                .take(length)
                .map(char::from)
                .collect()
        };
        Self {
            ufrag: text(12),
            pwd: text(32),
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("ufrag", &self.ufrag)
            .finish_non_exhaustive()
    }
}

/// A binding request whose form and checksum hold, not yet authenticated.
#[derive(Debug)]
pub struct BindingRequest {
    message: Message,
    username: String,
}

/// Why a check is not answered. Nothing is sent: an answer to an unknown sender would reflect traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CheckError {
    /// The user name is not that of this session.
    #[error("the check names another session")]
    Username,
    /// The integrity does not match the password.
    #[error("the check's integrity does not match")]
    Integrity,
    /// The answer could not be written.
    #[error("the answer cannot be encoded")]
    Encoding,
}

/// An authenticated check and what to send back to where it came from.
#[derive(Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Answered {
    pub response: Vec<u8>,
    /// What the check asks for.
    pub outcome: Outcome,
}

/// What an authenticated check asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The path works, or consent is renewed.
    Checked,
    /// As `Checked`, and the client chooses this path: send here from now on.
    Nominated,
    /// The client believes to be controlled as well; the response tells it to take the other role.
    RoleConflict,
}

impl BindingRequest {
    /// Reads a binding request. Everything else is `None`, and costs neither allocation nor cryptography.
    pub fn parse(datagram: &[u8]) -> Option<Self> {
        if !is_intact_request(datagram) {
            return None;
        }
        let mut message = Message {
            raw: datagram.to_vec(),
            ..Message::default()
        };
        message.decode().ok()?;
        let username = String::from_utf8(message.get(ATTR_USERNAME).ok()?).ok()?;
        username.contains(':').then_some(Self { message, username })
    }

    /// The user name fragment of the session that is meant.
    pub fn local_ufrag(&self) -> &str {
        self.username.split(':').next().unwrap_or_default()
    }

    /// The client's own user name fragment.
    pub fn remote_ufrag(&self) -> &str {
        self.username
            .split_once(':')
            .map_or("", |(_, remote)| remote)
    }

    /// Authenticates the check against the session's credentials and answers it.
    pub fn answer(
        mut self,
        local: &Credentials,
        remote_ufrag: &str,
        from: SocketAddr,
    ) -> Result<Answered, CheckError> {
        if self.local_ufrag() != local.ufrag || self.remote_ufrag() != remote_ufrag {
            return Err(CheckError::Username);
        }
        MessageIntegrity::check(&mut self.message, local.pwd.as_bytes(), CRYPTO.crypto())
            .map_err(|_| CheckError::Integrity)?;

        // A lite agent facing a full one is always controlled (RFC 8445, 6.1.1), so it is the client that must switch.
        let outcome = if self.asks(ATTR_ICE_CONTROLLED) {
            Outcome::RoleConflict
        } else if self.asks(ATTR_USE_CANDIDATE) {
            Outcome::Nominated
        } else {
            Outcome::Checked
        };
        let response = self
            .response(local, outcome, from)
            .map_err(|_| CheckError::Encoding)?;
        Ok(Answered { response, outcome })
    }

    /// Whether an attribute is there and authenticated: anyone can add one behind the integrity (RFC 8489, 14.5).
    fn asks(&self, attribute: AttrType) -> bool {
        let attributes = self.message.attributes.0.iter();
        attributes
            .take_while(|present| present.typ != ATTR_MESSAGE_INTEGRITY)
            .any(|present| present.typ == attribute)
    }

    fn response(
        &self,
        local: &Credentials,
        outcome: Outcome,
        from: SocketAddr,
    ) -> Result<Vec<u8>, rtc_shared::error::Error> {
        let subject: Box<dyn Setter> = if outcome == Outcome::RoleConflict {
            Box::new(ErrorCodeAttribute {
                code: CODE_ROLE_CONFLICT,
                reason: b"Role Conflict".to_vec(),
            })
        } else {
            Box::new(XorMappedAddress {
                ip: from.ip().to_canonical(),
                port: from.port(),
            })
        };
        let kind = if outcome == Outcome::RoleConflict {
            BINDING_ERROR
        } else {
            BINDING_SUCCESS
        };
        let integrity = MessageIntegrity::new_short_term_integrity_with_provider(
            local.pwd.clone(),
            CRYPTO.crypto(),
        );
        let mut response = Message::new();
        response.build(&[
            Box::new(kind),
            Box::new(self.message.transaction_id),
            subject,
            Box::new(integrity),
            Box::new(FINGERPRINT),
        ])?;
        Ok(response.raw)
    }
}

/// A binding request of exactly this length that ends in a right FINGERPRINT (RFC 8489, 14.7).
fn is_intact_request(datagram: &[u8]) -> bool {
    if !is_stun_message(datagram) || datagram.len() > MAX_REQUEST {
        return false;
    }
    let Some((covered, [0x80, 0x28, 0, 4, checksum @ ..])) = datagram.split_last_chunk::<8>()
    else {
        return false;
    };
    let [kind_high, kind_low, length_high, length_low, ..] = *datagram else {
        return false;
    };
    let length = usize::from(u16::from_be_bytes([length_high, length_low]));
    u16::from_be_bytes([kind_high, kind_low]) == BINDING_REQUEST.value()
        && length + MESSAGE_HEADER_SIZE == datagram.len()
        && fingerprint_value(covered).to_be_bytes() == *checksum
}

/// Far above what any browser sends; a user name has at most 513 bytes (RFC 8489, 14.3).
const MAX_REQUEST: usize = 1024;
