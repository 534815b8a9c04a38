//! The record layer, as far as it must be judged before the library sees a datagram (RFC 6347, section 4.1).

use bytes::Bytes;

/// Content type, version, epoch, sequence number, length.
pub(super) const HEADER: usize = 13;

const CHANGE_CIPHER_SPEC: u8 = 20;
const ALERT: u8 = 21;

/// Whether a datagram is worth reading: whole records, none empty. All else is dropped without a word (4.1.2.7), for
/// the library ends a connection over it.
///
/// So it does over a `ChangeCipherSpec` in a later epoch, which it takes
/// unauthenticated; there is none to be had without renegotiation.
pub(super) fn is_sound(mut datagram: &[u8]) -> bool {
    while let Some((header, rest)) = datagram.split_at_checked(HEADER) {
        let [content, _, _, epoch @ .., _, _, _, _, _, _, high, low] = header else {
            return false;
        };
        match rest.split_at_checked(number(&[*high, *low])) {
            Some(([_, ..], after)) => datagram = after,
            _ => return false,
        }
        if *content == CHANGE_CIPHER_SPEC && number(epoch) != 0 {
            return false;
        }
    }
    datagram.is_empty()
}

/// Whether the first record is an alert.
pub(super) fn is_alert(datagram: &[u8]) -> bool {
    datagram.first() == Some(&ALERT)
}

/// A fatal alert during a handshake, before anything is encrypted (RFC 5246, section 7.2). Its sequence number is above
/// all that the library has used, so that no client takes it for a replay.
pub(super) fn fatal_alert(description: u8) -> Bytes {
    const FATAL: u8 = 2;
    let sequence = [0, 0, 0xff, 0xff, 0xff, 0xff];
    let mut record = vec![ALERT, 0xfe, 0xfd, 0, 0];
    record.extend_from_slice(&sequence);
    record.extend_from_slice(&[0, 2, FATAL, description]);
    record.into()
}

/// A number in network order.
pub(super) fn number(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .fold(0, |number, byte| number << 8 | usize::from(*byte))
}
