//! The part of an append that needs no disk: the caller's thread does it, because there is only one writer.

use std::borrow::Cow;

use bytes::Bytes;
use plenary_ids::RoomId;

use crate::{
    Append, Entry, Head, StoredReply,
    reply_batch::{self, ReplyHasher},
};

/// An append with its hashes computed and its replies encoded.
#[derive(Debug)]
pub(crate) struct PreparedAppend {
    pub(crate) room: RoomId,
    pub(crate) entries: Vec<Entry>,
    pub(crate) snapshot: Option<Bytes>,
    /// The head that the caller expects the log to have.
    pub(crate) before: Head,
    /// The head after each entry, if the log is at `before`.
    pub(crate) heads: Vec<Head>,
    /// The encoded replies; absent where there are none.
    pub(crate) replies: Option<Vec<u8>>,
    /// The hashes of the replies' idempotency keys, in the same order.
    pub(crate) reply_keys: Vec<u64>,
}

impl PreparedAppend {
    /// Extends the hash chain from that head and encodes the replies.
    pub(crate) fn new(append: Append, before: Head, hasher: &ReplyHasher) -> Self {
        let Append {
            room,
            entries,
            replies,
            snapshot,
            ..
        } = append;
        let mut encoded = Vec::new();
        let mut reply_keys = Vec::with_capacity(replies.len());
        for reply in &replies {
            let StoredReply {
                person,
                idempotency_key,
                body,
            } = reply;
            let (person, key) = (person.as_str().as_bytes(), idempotency_key.as_bytes());
            reply_batch::encode(&mut encoded, [person, key, body]);
            reply_keys.push(hasher.hash(&room, person, key));
        }
        Self {
            heads: chain(before, &entries),
            replies: (!encoded.is_empty()).then_some(encoded),
            room,
            entries,
            snapshot,
            before,
            reply_keys,
        }
    }

    /// The head after each entry, computed again where the log has another head at the same sequence number: an append
    /// that failed was replaced by another.
    pub(crate) fn heads_after(&self, head: Head) -> Cow<'_, [Head]> {
        if head == self.before {
            Cow::Borrowed(&self.heads)
        } else {
            Cow::Owned(chain(head, &self.entries))
        }
    }

    /// The head that the log has after this append.
    pub(crate) fn last_head(&self) -> Head {
        self.heads.last().copied().unwrap_or(self.before)
    }
}

fn chain(mut head: Head, entries: &[Entry]) -> Vec<Head> {
    let heads = entries.iter().map(|entry| {
        head = head.append(entry);
        head
    });
    heads.collect()
}

#[cfg(test)]
mod tests {
    use plenary_ids::{Moment, Seq};

    use super::*;

    #[test]
    fn an_append_prepared_for_a_head_that_failed_is_hashed_again() {
        let room = RoomId::new("climate").unwrap();
        let entries = [1, 2].map(|number| Entry {
            at: Moment(number),
            body: Bytes::from(number.to_string()),
        });
        let written = Head::empty(&room).append(&entries[0]);
        let failed = Head::empty(&room).append(&entries[1]);
        let append = || Append {
            entries: entries.to_vec(),
            ..Append::after(room.clone(), Seq(1))
        };
        let hasher = ReplyHasher::default();
        let expected = PreparedAppend::new(append(), written, &hasher).heads;
        let prepared = PreparedAppend::new(append(), failed, &hasher);
        assert_ne!(prepared.heads, expected);
        assert_eq!(*prepared.heads_after(written), expected);
        assert_eq!(*prepared.heads_after(failed), prepared.heads);
    }
}
