//! The encoding of the replies that one append stores, and the hash by which each is found.
//!
//! For each reply a batch holds the person, the idempotency key and the body, each behind its
//! length (four bytes, big-endian).

use std::hash::Hasher;

use plenary_ids::RoomId;
use rusqlite::{Connection, OptionalExtension};
use siphasher::sip::SipHasher13;

/// A reply's person, idempotency key and body.
type EncodedReply<'a> = (&'a [u8], &'a [u8], &'a [u8]);

/// Appends a reply to the others of its batch.
pub(crate) fn encode(batch: &mut Vec<u8>, reply: [&[u8]; 3]) {
    for part in reply {
        // SQLite refuses more than a gigabyte by itself.
        let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
        batch.extend(length.to_be_bytes());
        batch.extend(part);
    }
}

/// Decodes a batch up to the first bytes that [`encode`] cannot have written.
pub(crate) fn decode(mut batch: &[u8]) -> impl Iterator<Item = EncodedReply<'_>> {
    std::iter::from_fn(move || {
        let mut part = || {
            let (length, rest) = batch.split_first_chunk()?;
            let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
            let (part, rest) = rest.split_at_checked(length)?;
            batch = rest;
            Some(part)
        };
        Some((part()?, part()?, part()?))
    })
}

/// Reads a reply from its batch, if the batch holds it.
pub(crate) fn read(
    db: &Connection,
    batch: i64,
    person: &str,
    idempotency_key: &str,
) -> rusqlite::Result<Option<Vec<u8>>> {
    let sql = "SELECT replies FROM batch WHERE place = ?1 AND replies IS NOT NULL";
    let replies: Option<Vec<u8>> = db
        .prepare_cached(sql)?
        .query_row([batch], |row| row.get(0))
        .optional()?;
    let mut replies = decode(replies.as_deref().unwrap_or_default());
    let wanted = (person.as_bytes(), idempotency_key.as_bytes());
    let found = replies.find(|(person, key, _)| (*person, *key) == wanted);
    Ok(found.map(|(_, _, body)| body.to_vec()))
}

/// Hashes room, person and idempotency key into the number under which the index knows a reply.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ReplyHasher(SipHasher13);

impl ReplyHasher {
    /// The journal's identity is the key of the hash, so that nobody outside can construct collisions.
    pub(crate) fn with_identity(identity: &str) -> Self {
        let key = u128::from_str_radix(identity, 16).unwrap_or_default();
        Self(SipHasher13::new_with_key(&key.to_le_bytes()))
    }

    pub(crate) fn hash(&self, room: &RoomId, person: &[u8], idempotency_key: &[u8]) -> u64 {
        let mut hasher = self.0;
        for part in [room.as_str().as_bytes(), person, idempotency_key] {
            hasher.write(part);
            // A separator that UTF-8 never contains.
            hasher.write(&[0xff]);
        }
        hasher.finish()
    }
}
