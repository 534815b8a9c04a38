//! `ClientHello`s, put together before the library sees them, each once.

use super::record::{HEADER as RECORD_HEADER, number};

/// The result of adding a fragment of a `ClientHello`.
pub(super) enum Hello {
    /// The message is incomplete, or the fragment does not belong to it.
    Partial,
    /// The last message again: its answer was lost.
    Repeated,
    /// A new message, as a single record.
    Whole(Vec<u8>),
}

/// The largest `ClientHello` put together: browsers' have about 1,500 bytes.
const MAX_HELLO: usize = 4096;
const HANDSHAKE_HEADER: usize = 12;

/// The `ClientHello` being received, and how many have been.
#[derive(Default)]
pub(super) struct Hellos {
    /// The message sequence number expected next: 0, then 1 with the cookie.
    next: u16,
    body: Vec<u8>,
    have: Vec<bool>,
}

/// One handshake fragment inside a plaintext record.
struct Fragment<'a> {
    record_sequence: &'a [u8],
    length: usize,
    message: u16,
    offset: usize,
    body: &'a [u8],
}

/// Whether the first record is a plaintext `ClientHello`, whole or in part.
pub(super) fn is_client_hello(datagram: &[u8]) -> bool {
    fragment(datagram).is_some()
}

impl Hellos {
    pub(super) fn push(&mut self, datagram: &[u8]) -> Hello {
        let mut rest = datagram;
        while let Some((fragment, after)) = fragment(rest) {
            rest = after;
            if fragment.message + 1 == self.next {
                // Once per repeat: only its first fragment is answered.
                if fragment.offset == 0 {
                    return Hello::Repeated;
                }
                continue;
            }
            if fragment.message != self.next || self.next > 1 {
                continue;
            }
            if let Some(record) = self.add(&fragment) {
                return Hello::Whole(record);
            }
        }
        Hello::Partial
    }

    fn add(&mut self, fragment: &Fragment<'_>) -> Option<Vec<u8>> {
        if self.body.len() != fragment.length {
            self.body = vec![0; fragment.length];
            self.have = vec![false; fragment.length];
        }
        let range = fragment.offset..fragment.offset + fragment.body.len();
        self.body
            .get_mut(range.clone())?
            .copy_from_slice(fragment.body);
        self.have.get_mut(range)?.fill(true);
        if !self.have.iter().all(|have| *have) {
            return None;
        }
        let body = std::mem::take(&mut self.body);
        self.have = Vec::new();
        self.next += 1;
        let length = u32::try_from(body.len()).ok()?.to_be_bytes();
        let record = u16::try_from(body.len() + HANDSHAKE_HEADER).ok()?;
        let mut whole = vec![22, 0xfe, 0xfd, 0, 0];
        whole.extend_from_slice(fragment.record_sequence);
        whole.extend_from_slice(&record.to_be_bytes());
        whole.push(1);
        whole.extend_from_slice(&length[1..]);
        whole.extend_from_slice(&fragment.message.to_be_bytes());
        whole.extend_from_slice(&[0, 0, 0]);
        whole.extend_from_slice(&length[1..]);
        whole.extend_from_slice(&body);
        Some(whole)
    }
}

fn fragment(datagram: &[u8]) -> Option<(Fragment<'_>, &[u8])> {
    let (header, rest) = datagram.split_at_checked(RECORD_HEADER)?;
    let [22, 0xfe, _, 0, 0, record_sequence @ .., high, low] = header else {
        return None;
    };
    let (record, after) = rest.split_at_checked(number(&[*high, *low]))?;
    let (header, body) = record.split_at_checked(HANDSHAKE_HEADER)?;
    let [1, l0, l1, l2, m0, m1, o0, o1, o2, f0, f1, f2] = *header else {
        return None;
    };
    let length = number(&[l0, l1, l2]);
    let offset = number(&[o0, o1, o2]);
    let fits = number(&[f0, f1, f2]) == body.len() && offset + body.len() <= length;
    let message = u16::from_be_bytes([m0, m1]);
    (fits && length <= MAX_HELLO && message <= 1).then_some((
        Fragment {
            record_sequence,
            length,
            message,
            offset,
            body,
        },
        after,
    ))
}

/// What a `ClientHello` offers, as far as it decides whether there can be a handshake.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Offered {
    /// Whether DTLS 1.2 is among the versions.
    pub(super) dtls_1_2: bool,
    /// The SRTP profiles (RFC 5764, section 4.1.2).
    pub(super) srtp_profiles: Vec<u16>,
}

const DTLS_1_2: u16 = 0xfefd;
const EXTENSION_USE_SRTP: usize = 14;
const EXTENSION_SUPPORTED_VERSIONS: usize = 43;

/// Reads a whole `ClientHello` record; none if its extensions cannot be read.
pub(super) fn offered(record: &[u8]) -> Option<Offered> {
    const RANDOM: usize = 32;
    let body = record.get(RECORD_HEADER + HANDSHAKE_HEADER..)?;
    let (version, rest) = body.split_first_chunk::<2>()?;
    let (_session, rest) = vector(rest.get(RANDOM..)?, 1)?;
    let (_cookie, rest) = vector(rest, 1)?;
    let (_suites, rest) = vector(rest, 2)?;
    let (_compression, rest) = vector(rest, 1)?;
    let mut offered = Offered {
        dtls_1_2: u16::from_be_bytes(*version) == DTLS_1_2,
        srtp_profiles: Vec::new(),
    };
    if rest.is_empty() {
        return Some(offered);
    }
    let (mut extensions, _) = vector(rest, 2)?;
    while let Some((kind, rest)) = extensions.split_at_checked(2) {
        let (extension, rest) = vector(rest, 2)?;
        extensions = rest;
        match number(kind) {
            EXTENSION_USE_SRTP => offered.srtp_profiles = numbers(vector(extension, 2)?.0),
            // It takes the place of the version above (RFC 9147, section 5.3).
            EXTENSION_SUPPORTED_VERSIONS => {
                offered.dtls_1_2 = numbers(vector(extension, 1)?.0).contains(&DTLS_1_2);
            }
            _ => {}
        }
    }
    Some(offered)
}

fn numbers(bytes: &[u8]) -> Vec<u16> {
    let (numbers, _) = bytes.as_chunks::<2>();
    numbers.iter().copied().map(u16::from_be_bytes).collect()
}

/// A vector with a length of `width` bytes before it, and what follows it.
fn vector(bytes: &[u8], width: usize) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_at_checked(width)?;
    rest.split_at_checked(number(length))
}
