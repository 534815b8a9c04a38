//! Records, and the chain of hashes that they form.

use std::fmt;

use bytes::Bytes;
use plenary_ids::{Moment, RoomId, Seq};
use ring::digest::{Context, SHA256};

use crate::Flaw;

/// Something to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When it happened.
    pub at: Moment,
    /// What happened, in whatever form its room reads; the hash is over these very bytes.
    pub body: Bytes,
}

/// Something that is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its place; the first of a room is 1, and none is left out.
    pub seq: Seq,
    /// When it happened.
    pub at: Moment,
    /// What happened.
    pub body: Bytes,
    /// The seal over this record and all before it.
    pub hash: Hash,
}

/// Where the log of a room ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The last record's place; 0 of a log that has none.
    pub seq: Seq,
    /// When it happened.
    pub at: Moment,
    /// Its seal, and so the seal of the whole log.
    pub hash: Hash,
}

impl Head {
    /// Of a log without records. It holds the room's name, so that no room's log passes for another's.
    pub fn of_nothing(room: &RoomId) -> Self {
        let mut sha = Context::new(&SHA256);
        sha.update(b"plenary journal 1\n");
        sha.update(room.as_str().as_bytes());
        Self {
            seq: Seq(0),
            at: Moment(0),
            hash: Hash::of(sha),
        }
    }

    /// The head once that is recorded; for whoever keeps a [`Log`](crate::Log).
    #[must_use]
    pub fn seal(&self, entry: &Entry) -> Self {
        let seq = self.seq.next();
        Self {
            seq,
            at: entry.at,
            hash: seal(&self.hash, seq, entry.at, &entry.body),
        }
    }
}

/// A SHA-256 (FIPS 180-4).
///
/// A record's is over the hash of the record before it (32 bytes), its place and its time in milliseconds since 1970
/// (eight bytes each, the most significant first), and its body as it stands. [`Head::of_nothing`] begins the chain.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hash(pub [u8; 32]);

fn seal(before: &Hash, seq: Seq, at: Moment, body: &[u8]) -> Hash {
    let mut sha = Context::new(&SHA256);
    sha.update(&before.0);
    sha.update(&seq.0.to_be_bytes());
    sha.update(&at.0.to_be_bytes());
    sha.update(body);
    Hash::of(sha)
}

impl Hash {
    fn of(sha: Context) -> Self {
        let mut hash = [0; 32];
        // ring gives 32 bytes for SHA-256; zip needs no proof of it.
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

/// Checks records, one after the other, against those before them.
#[derive(Debug, Clone)]
pub struct Chain {
    room: RoomId,
    head: Head,
}

impl Chain {
    /// From a place that is trusted: [`Head::of_nothing`], or a snapshot's.
    pub fn from(room: RoomId, head: Head) -> Self {
        Self { room, head }
    }

    /// The last record that was found good.
    pub fn head(&self) -> Head {
        self.head
    }

    /// Takes the next record, or says what is wrong with it.
    pub fn take(&mut self, record: &Record) -> Result<(), Flaw> {
        let flaw = |why| Flaw {
            room: self.room.clone(),
            seq: self.head.seq.next(),
            why,
        };
        if record.seq != self.head.seq.next() {
            return Err(flaw("it is missing"));
        }
        if record.hash != seal(&self.head.hash, record.seq, record.at, &record.body) {
            return Err(flaw("it is not what was recorded: its hash does not match"));
        }
        self.head = Head {
            seq: record.seq,
            at: record.at,
            hash: record.hash,
        };
        Ok(())
    }

    /// Whether the log ends where it says it does.
    pub fn end(&self, said: &Head) -> Result<(), Flaw> {
        let why = match self.head.seq.cmp(&said.seq) {
            std::cmp::Ordering::Less => "it is missing",
            std::cmp::Ordering::Greater => "the log says that it ended before",
            std::cmp::Ordering::Equal if self.head.hash == said.hash => return Ok(()),
            std::cmp::Ordering::Equal => {
                return Err(Flaw {
                    room: self.room.clone(),
                    seq: said.seq,
                    why: "it is not the one with which the log says it ends",
                });
            }
        };
        let seq = self.head.seq.min(said.seq).next();
        Err(Flaw {
            room: self.room.clone(),
            seq,
            why,
        })
    }
}
