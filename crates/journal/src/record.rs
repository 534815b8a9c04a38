//! Records and the hash chain that they form.

use std::{cmp::Ordering, fmt};

use bytes::Bytes;
use plenary_ids::{Moment, RoomId, Seq};
use ring::digest::{Context, SHA256};

use crate::CorruptRecord;

/// An event to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When the event happened, by the room's clock.
    pub at: Moment,
    /// The event, in the room's own encoding. The hash covers these very bytes.
    pub body: Bytes,
}

/// A recorded event in the hash chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The sequence number; a room's first record has 1, and there are no gaps.
    pub seq: Seq,
    /// When the event happened, by the room's clock.
    pub at: Moment,
    /// The event, exactly as it was appended.
    pub body: Bytes,
    /// The hash of this record and, through the chain, of all before it.
    pub hash: Hash,
}

/// The end of a room's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The last record's sequence number; 0 if there is none.
    pub seq: Seq,
    /// When the last event happened.
    pub at: Moment,
    /// The last record's hash, which covers the whole log.
    pub hash: Hash,
}

impl Head {
    /// The head of an empty log. Its hash covers the room's name, so that one room's log cannot pass for another's.
    pub fn empty(room: &RoomId) -> Self {
        let mut sha = Context::new(&SHA256);
        sha.update(b"plenary journal 1\n");
        sha.update(room.as_str().as_bytes());
        Self {
            seq: Seq(0),
            at: Moment(0),
            hash: Hash::finish(sha),
        }
    }

    /// The head after one more entry; implementations of [`Log`](crate::Log) need it.
    #[must_use]
    pub fn append(&self, entry: &Entry) -> Self {
        let seq = self.seq.next();
        Self {
            seq,
            at: entry.at,
            hash: Hash::chained(&self.hash, seq, entry.at, &entry.body),
        }
    }
}

/// A SHA-256 hash (FIPS 180-4).
///
/// A record's hash is computed over the hash of the record before it (32 bytes), its sequence number and its time in
/// milliseconds since 1970 (eight bytes each, big-endian), and its body. [`Head::empty`] begins the chain.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    fn chained(before: &Hash, seq: Seq, at: Moment, body: &[u8]) -> Self {
        let mut sha = Context::new(&SHA256);
        sha.update(&before.0);
        sha.update(&seq.0.to_be_bytes());
        sha.update(&at.0.to_be_bytes());
        sha.update(body);
        Self::finish(sha)
    }

    fn finish(sha: Context) -> Self {
        let mut hash = [0; 32];
        // ring returns 32 bytes for SHA-256; zip needs no proof of that.
        for (to, from) in hash.iter_mut().zip(sha.finish().as_ref()) {
            *to = *from;
        }
        Self(hash)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Hash({self})")
    }
}

/// Verifies the hash chain of a log, one record after the other.
#[derive(Debug, Clone)]
pub struct HashChain {
    room: RoomId,
    head: Head,
}

impl HashChain {
    /// Begins at a trusted head: [`Head::empty`], or a snapshot's.
    pub fn from(room: RoomId, head: Head) -> Self {
        Self { room, head }
    }

    /// The last record that was verified.
    pub fn head(&self) -> Head {
        self.head
    }

    /// Verifies the next record and moves on to it.
    pub fn verify(&mut self, record: &Record) -> Result<(), CorruptRecord> {
        let corrupt = |why| CorruptRecord {
            room: self.room.clone(),
            seq: self.head.seq.next(),
            why,
        };
        if record.seq != self.head.seq.next() {
            return Err(corrupt("it is missing"));
        }
        let hash = Hash::chained(&self.head.hash, record.seq, record.at, &record.body);
        if record.hash != hash {
            return Err(corrupt(
                "it is not what was recorded: its hash does not match",
            ));
        }
        self.head = Head {
            seq: record.seq,
            at: record.at,
            hash,
        };
        Ok(())
    }

    /// Verifies that the log ends here, as its stored head says.
    pub fn verify_end(&self, stored: &Head) -> Result<(), CorruptRecord> {
        let next = self.head.seq.min(stored.seq).next();
        let (seq, why) = match self.head.seq.cmp(&stored.seq) {
            Ordering::Less => (next, "it is missing"),
            Ordering::Greater => (next, "the log says that it ended before"),
            Ordering::Equal if self.head.hash == stored.hash => return Ok(()),
            Ordering::Equal => (
                stored.seq,
                "it is not the one with which the log says it ends",
            ),
        };
        Err(CorruptRecord {
            room: self.room.clone(),
            seq,
            why,
        })
    }
}
