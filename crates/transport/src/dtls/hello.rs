//! `ClientHello`s, put together before the library sees them, each once.

use super::record::{HEADER as RECORD_HEADER, number};

/// What a fragment of a `ClientHello` amounts to.
pub(super) enum Hello {
    /// More is missing, or it is none of ours.
    Partial,
    /// The last one again: its answer was lost.
    Repeated,
    /// A new one, as a single record.
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

/// The SRTP profiles that a whole `ClientHello` record offers (RFC 5764, section 4.1.1).
pub(super) fn srtp_profiles(record: &[u8]) -> Option<Vec<u16>> {
    const VERSION_AND_RANDOM: usize = 34;
    const USE_SRTP: usize = 14;
    let body = record.get(RECORD_HEADER + HANDSHAKE_HEADER + VERSION_AND_RANDOM..)?;
    let (_session, rest) = vector(body, 1)?;
    let (_cookie, rest) = vector(rest, 1)?;
    let (_suites, rest) = vector(rest, 2)?;
    let (_compression, rest) = vector(rest, 1)?;
    let (mut extensions, _) = vector(rest, 2)?;
    while let Some((kind, rest)) = extensions.split_at_checked(2) {
        let (extension, rest) = vector(rest, 2)?;
        extensions = rest;
        if number(kind) == USE_SRTP {
            let (profiles, _) = vector(extension, 2)?;
            let (profiles, _) = profiles.as_chunks::<2>();
            return Some(profiles.iter().copied().map(u16::from_be_bytes).collect());
        }
    }
    None
}

/// A vector with a length of `width` bytes before it, and what follows it.
fn vector(bytes: &[u8], width: usize) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_at_checked(width)?;
    rest.split_at_checked(number(length))
}
