//! The messages of TURN, as far as a server reads and writes them.

use std::{net::SocketAddr, sync::LazyLock};

use rtc_stun::{
    attributes::{
        ATTR_CHANNEL_NUMBER, ATTR_DATA, ATTR_DONT_FRAGMENT, ATTR_ERROR_CODE, ATTR_EVEN_PORT,
        ATTR_LIFETIME, ATTR_MESSAGE_INTEGRITY, ATTR_NONCE, ATTR_REALM,
        ATTR_REQUESTED_ADDRESS_FAMILY, ATTR_REQUESTED_TRANSPORT, ATTR_RESERVATION_TOKEN,
        ATTR_UNKNOWN_ATTRIBUTES, ATTR_USERNAME, ATTR_XOR_PEER_ADDRESS, AttrType,
    },
    crypto::{RTCCryptoProvider, providers::RingProvider},
    error_code::ErrorCode,
    integrity::MessageIntegrity,
    message::{
        CLASS_ERROR_RESPONSE, CLASS_INDICATION, CLASS_SUCCESS_RESPONSE, METHOD_ALLOCATE,
        METHOD_CHANNEL_BIND, METHOD_CREATE_PERMISSION, METHOD_DATA, METHOD_REFRESH, METHOD_SEND,
        Message, MessageType, Setter, TransactionId, is_stun_message,
    },
    xoraddr::XorMappedAddress,
};

use crate::framing::{CHANNEL_HEADER_BYTES, MAX_FRAME_BYTES};

static CRYPTO: LazyLock<RingProvider> = LazyLock::new(RingProvider::new);

/// The numbers of channels. Clients of RFC 5766 (section 11), such as coturn's, still choose from all of these; RFC 8656
/// leaves those above 0x4fff to protocols that this port does not speak.
pub(super) const CHANNELS: std::ops::RangeInclusive<u16> = 0x4000..=0x7fff;

/// Whether a datagram on the media port is for the relay: channel data, or a message with a method of TURN.
pub fn is_relay_message(datagram: &[u8]) -> bool {
    match datagram {
        // Between DTLS and RTP (RFC 7983, section 7).
        [0x40..=0x7f, ..] => true,
        [high @ 0..=0x3f, low, ..] if is_stun_message(datagram) => {
            Method::of(u16::from_be_bytes([*high, *low])).is_some()
        }
        _ => false,
    }
}

/// What a client asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    Allocate,
    Refresh,
    CreatePermission,
    ChannelBind,
    Send,
}

impl Method {
    fn of(message_type: u16) -> Option<Self> {
        match message_type {
            0x0003 => Some(Self::Allocate),
            0x0004 => Some(Self::Refresh),
            0x0008 => Some(Self::CreatePermission),
            0x0009 => Some(Self::ChannelBind),
            0x0016 => Some(Self::Send),
            _ => None,
        }
    }

    fn message_type(self, class: rtc_stun::message::MessageClass) -> MessageType {
        let method = match self {
            Self::Allocate => METHOD_ALLOCATE,
            Self::Refresh => METHOD_REFRESH,
            Self::CreatePermission => METHOD_CREATE_PERMISSION,
            Self::ChannelBind => METHOD_CHANNEL_BIND,
            Self::Send => METHOD_SEND,
        };
        MessageType::new(method, class)
    }
}

/// A request or an indication of a client, not yet authenticated.
#[derive(Debug)]
pub(super) struct Incoming {
    pub(super) method: Method,
    message: Message,
}

impl Incoming {
    /// Reads a message. Anything that is none, and every response, is `None`.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let [high, low, length_high, length_low, ..] = *bytes else {
            return None;
        };
        let length = usize::from(u16::from_be_bytes([length_high, length_low]));
        let is_whole = bytes.len() == rtc_stun::message::MESSAGE_HEADER_SIZE + length;
        if !is_stun_message(bytes) || !is_whole || bytes.len() > MAX_FRAME_BYTES {
            return None;
        }
        let method = Method::of(u16::from_be_bytes([high, low]))?;
        let mut message = Message {
            raw: bytes.to_vec(),
            ..Message::default()
        };
        message.decode().ok()?;
        Some(Self { method, message })
    }

    pub(super) fn transaction(&self) -> TransactionId {
        self.message.transaction_id
    }

    /// The value of an attribute. What stands behind the integrity is not covered by it, so it is not there
    /// (RFC 8489, 14.5).
    pub(super) fn get(&self, attribute: AttrType) -> Option<&[u8]> {
        let attributes = self.message.attributes.0.iter();
        let mut covered = attributes.take_while(|it| it.typ != ATTR_MESSAGE_INTEGRITY);
        let found = covered.find(|it| it.typ == attribute)?;
        Some(&found.value)
    }

    pub(super) fn text(&self, attribute: AttrType) -> Option<&str> {
        std::str::from_utf8(self.get(attribute)?).ok()
    }

    pub(super) fn has(&self, attribute: AttrType) -> bool {
        self.message.contains(attribute)
    }

    /// A number of 32 bits.
    pub(super) fn number(&self, attribute: AttrType) -> Option<u32> {
        Some(u32::from_be_bytes(self.get(attribute)?.try_into().ok()?))
    }

    /// The peers that it names; none if one cannot be read.
    pub(super) fn peers(&self) -> Option<Vec<SocketAddr>> {
        let attributes = self.message.attributes.0.iter();
        let covered = attributes.take_while(|it| it.typ != ATTR_MESSAGE_INTEGRITY);
        let peers = covered.filter(|it| it.typ == ATTR_XOR_PEER_ADDRESS);
        let read = peers.map(|it| {
            let mut alone = Message::new();
            alone.transaction_id = self.message.transaction_id;
            alone.add(ATTR_XOR_PEER_ADDRESS, &it.value);
            let mut address = XorMappedAddress::default();
            // An IPv4 address is four bytes behind the family and the port, an IPv6 address sixteen.
            let expected = match it.value.get(1) {
                Some(1) => 8,
                Some(2) => 20,
                _ => return None,
            };
            if it.value.len() != expected {
                return None;
            }
            address.get_from_as(&alone, ATTR_XOR_PEER_ADDRESS).ok()?;
            Some(SocketAddr::new(address.ip, address.port))
        });
        read.collect()
    }

    /// The attributes that a server must understand and this one does not.
    pub(super) fn unknown(&self) -> Vec<AttrType> {
        const KNOWN: [AttrType; 13] = [
            ATTR_USERNAME,
            ATTR_MESSAGE_INTEGRITY,
            ATTR_REALM,
            ATTR_NONCE,
            ATTR_CHANNEL_NUMBER,
            ATTR_LIFETIME,
            ATTR_XOR_PEER_ADDRESS,
            ATTR_DATA,
            ATTR_REQUESTED_ADDRESS_FAMILY,
            ATTR_EVEN_PORT,
            ATTR_REQUESTED_TRANSPORT,
            ATTR_DONT_FRAGMENT,
            ATTR_RESERVATION_TOKEN,
        ];
        let attributes = self.message.attributes.0.iter().map(|it| it.typ);
        attributes
            .filter(|it| it.value() < 0x8000 && !KNOWN.contains(it))
            .collect()
    }

    /// Whether its integrity is that of the key.
    pub(super) fn is_signed_with(&mut self, key: &[u8]) -> bool {
        MessageIntegrity::check(&mut self.message, key, CRYPTO.crypto()).is_ok()
    }

    /// Where the data of a Send indication is in the bytes of the message.
    pub(super) fn data_range(&self) -> Option<std::ops::Range<usize>> {
        let mut at = rtc_stun::message::MESSAGE_HEADER_SIZE;
        for attribute in &self.message.attributes.0 {
            let begin = at + rtc_stun::message::ATTRIBUTE_HEADER_SIZE;
            let length = usize::from(attribute.length);
            if attribute.typ == ATTR_DATA {
                return Some(begin..begin + length);
            }
            at = begin + length.next_multiple_of(4);
        }
        None
    }
}

/// The key of a user (RFC 8489, section 9.2.2).
pub(super) fn long_term_key(username: &str, realm: &str, password: String) -> Option<Vec<u8>> {
    MessageIntegrity::long_term_integrity_key(
        username.to_owned(),
        realm.to_owned(),
        password,
        CRYPTO.crypto(),
    )
    .ok()
}

/// A response under way.
pub(super) struct Response(Message);

impl Response {
    pub(super) fn success(to: &Incoming) -> Self {
        Self::begin(to, CLASS_SUCCESS_RESPONSE)
    }

    pub(super) fn error(to: &Incoming, code: ErrorCode, reason: &str) -> Self {
        let mut response = Self::begin(to, CLASS_ERROR_RESPONSE);
        let [class, number] = [code.0 / 100, code.0 % 100].map(|it| u8::try_from(it).unwrap_or(0));
        let mut value = vec![0, 0, class, number];
        value.extend_from_slice(reason.as_bytes());
        response.0.add(ATTR_ERROR_CODE, &value);
        response
    }

    fn begin(to: &Incoming, class: rtc_stun::message::MessageClass) -> Self {
        let mut message = Message::new();
        message.typ = to.method.message_type(class);
        message.transaction_id = to.transaction();
        message.write_header();
        Self(message)
    }

    pub(super) fn with(mut self, attribute: AttrType, value: &[u8]) -> Self {
        self.0.add(attribute, value);
        self
    }

    pub(super) fn with_address(mut self, attribute: AttrType, address: SocketAddr) -> Self {
        add_address(&mut self.0, attribute, address);
        self
    }

    pub(super) fn with_unknown(self, unknown: &[AttrType]) -> Self {
        let value: Vec<u8> = unknown
            .iter()
            .flat_map(|it| it.value().to_be_bytes())
            .collect();
        self.with(ATTR_UNKNOWN_ATTRIBUTES, &value)
    }

    pub(super) fn unsigned(self) -> Vec<u8> {
        self.0.raw
    }

    /// The response with its integrity (RFC 8489, section 9.2.4).
    pub(super) fn signed(mut self, key: &[u8]) -> Vec<u8> {
        let integrity = MessageIntegrity::new_raw_integrity_with_provider(key, CRYPTO.crypto());
        // It fails only without the algorithm, which the provider has; the client then takes the response for forged.
        let _ = integrity.add_to(&mut self.0);
        self.0.raw
    }
}

/// A Data indication: what a client gets from a peer to which it has bound no channel.
pub(super) fn data_indication(from: SocketAddr, data: &[u8]) -> Vec<u8> {
    let mut message = Message::new();
    message.typ = MessageType::new(METHOD_DATA, CLASS_INDICATION);
    message.transaction_id = TransactionId::new();
    message.write_header();
    add_address(&mut message, ATTR_XOR_PEER_ADDRESS, from);
    message.add(ATTR_DATA, data);
    message.raw
}

fn add_address(message: &mut Message, attribute: AttrType, address: SocketAddr) {
    let written = XorMappedAddress {
        ip: address.ip(),
        port: address.port(),
    };
    // Every address can be written.
    let _ = written.add_to_as(message, attribute);
}

/// The number of a channel and its data, if that is what a message is. Over UDP there may be padding behind it.
pub(super) fn channel_data(bytes: &[u8]) -> Option<(u16, std::ops::Range<usize>)> {
    let [high, low, length_high, length_low, rest @ ..] = bytes else {
        return None;
    };
    let number = u16::from_be_bytes([*high, *low]);
    let length = usize::from(u16::from_be_bytes([*length_high, *length_low]));
    let is_whole = CHANNELS.contains(&number) && length <= rest.len();
    is_whole.then_some((number, CHANNEL_HEADER_BYTES..CHANNEL_HEADER_BYTES + length))
}

#[cfg(test)]
mod tests {
    use rtc_stun::message::CLASS_REQUEST;

    use super::*;

    #[test]
    fn a_request_of_each_method_is_the_relays_and_a_binding_request_is_not() {
        for (method, class, relays) in [
            (METHOD_ALLOCATE, CLASS_REQUEST, true),
            (METHOD_REFRESH, CLASS_REQUEST, true),
            (METHOD_CREATE_PERMISSION, CLASS_REQUEST, true),
            (METHOD_CHANNEL_BIND, CLASS_REQUEST, true),
            (METHOD_SEND, CLASS_INDICATION, true),
            (rtc_stun::message::METHOD_BINDING, CLASS_REQUEST, false),
        ] {
            let mut message = Message::new();
            message.set_type(MessageType::new(method, class));
            message.write_header();
            assert_eq!(is_relay_message(&message.raw), relays, "{method:?}");
        }
        assert!(is_relay_message(&[0x40, 0, 0, 0]));
        assert!(is_relay_message(&[0x7f, 0xff, 0, 0]));
        assert!(!is_relay_message(&[0x80, 0, 0, 0]), "RTP");
        assert!(!is_relay_message(&[0x80, 111, 0, 0]));
    }
}
