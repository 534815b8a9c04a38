//! What can be done of an append before the writer has it. There is one writer, and whoever appends has the time.

use std::borrow::Cow;

use bytes::Bytes;
use plenary_ids::RoomId;

use crate::{
    Append, Entry, Head, Reply,
    replied::{self, Replied},
};

/// An append as the writer is handed it.
#[derive(Debug)]
pub(crate) struct Handed {
    pub(crate) room: RoomId,
    pub(crate) entries: Vec<Entry>,
    pub(crate) snapshot: Option<Bytes>,
    /// Where the log was expected to be.
    pub(crate) before: Head,
    /// The head after each entry, if it is there.
    pub(crate) heads: Vec<Head>,
    /// The replies in one piece.
    pub(crate) replies: Option<Vec<u8>>,
    /// Their names, in the same order.
    pub(crate) names: Vec<u64>,
}

impl Handed {
    /// Seals what is appended after a head, and packs the replies.
    pub(crate) fn of(append: Append, before: Head, replied: &Replied) -> Self {
        let Append {
            room,
            entries,
            replies,
            snapshot,
            ..
        } = append;
        let mut packed = Vec::new();
        let mut names = Vec::with_capacity(replies.len());
        for reply in &replies {
            let Reply {
                person,
                command,
                body,
            } = reply;
            let (person, command) = (person.as_str().as_bytes(), command.as_bytes());
            replied::pack(&mut packed, [person, command, body]);
            names.push(replied.hash(&room, person, command));
        }
        Self {
            heads: chain(before, &entries),
            replies: (!packed.is_empty()).then_some(packed),
            room,
            entries,
            snapshot,
            before,
            names,
        }
    }

    /// Seals it anew where another head was expected at the same place: after an append that failed, another took it.
    pub(crate) fn heads_after(&self, head: Head) -> Cow<'_, [Head]> {
        if head == self.before {
            Cow::Borrowed(&self.heads)
        } else {
            Cow::Owned(chain(head, &self.entries))
        }
    }

    /// Where the log is after it.
    pub(crate) fn after(&self) -> Head {
        self.heads.last().copied().unwrap_or(self.before)
    }
}

fn chain(mut head: Head, entries: &[Entry]) -> Vec<Head> {
    let heads = entries.iter().map(|entry| {
        head = head.seal(entry);
        head
    });
    heads.collect()
}

#[cfg(test)]
mod tests {
    use plenary_ids::{Moment, Seq};

    use super::*;

    #[test]
    fn what_was_sealed_after_another_head_is_sealed_anew() {
        let room = RoomId::new("climate").unwrap();
        let entries = [1, 2].map(|number| Entry {
            at: Moment(number),
            body: Bytes::from(number.to_string()),
        });
        let written = Head::of_nothing(&room).seal(&entries[0]);
        let failed = Head::of_nothing(&room).seal(&entries[1]);
        let append = || Append {
            entries: entries.to_vec(),
            ..Append::after(room.clone(), Seq(1))
        };
        let replied = Replied::default();
        let expected = Handed::of(append(), written, &replied).heads;
        let handed = Handed::of(append(), failed, &replied);
        assert_ne!(handed.heads, expected);
        assert_eq!(*handed.heads_after(written), expected);
        assert_eq!(*handed.heads_after(failed), handed.heads);
    }
}
