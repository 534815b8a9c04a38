//! The chat as the room keeps it: the last messages, the open calls for help, and who may read which. Rules of order,
//! section 17.

use std::collections::{BTreeMap, VecDeque};

use plenary_conference::Role;
use plenary_ids::{Moment, PersonId};
use plenary_protocol::{Audience, ChatLine, ChatMessage};
use serde::{Deserialize, Serialize};

use crate::Member;

/// How many of the last chat messages a snapshot shows.
const SNAPSHOT_CHAT_MESSAGES: usize = 50;

/// The last chat messages.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct LastMessages(VecDeque<ChatLine>);

impl LastMessages {
    pub(crate) fn push(&mut self, line: ChatLine) {
        self.0.push_back(line);
        if self.0.len() > SNAPSHOT_CHAT_MESSAGES {
            self.0.pop_front();
        }
    }

    pub(crate) fn for_reader(&self, reader: &Member) -> Vec<ChatLine> {
        readable(self.0.iter(), reader)
    }
}

/// The calls for help that nobody has closed: the last of each person, so that there are no more than people.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct OpenHelp(BTreeMap<PersonId, ChatLine>);

impl OpenHelp {
    pub(crate) fn open(&mut self, line: ChatLine) {
        self.0.insert(line.message.from.clone(), line);
    }

    pub(crate) fn close(&mut self, message: u64) {
        self.0.retain(|_, line| line.message.id != message);
    }

    /// The participant who sent an open call for help.
    pub(crate) fn sender(&self, message: u64) -> Option<&PersonId> {
        let mut all = self.0.iter();
        all.find_map(|(person, line)| (line.message.id == message).then_some(person))
    }

    /// The calls that the reader may see, the oldest first.
    pub(crate) fn for_reader(&self, reader: &Member) -> Vec<ChatLine> {
        let mut lines = readable(self.0.values(), reader);
        lines.sort_by_key(|line| line.message.id);
        lines
    }
}

/// A message with its time.
pub(crate) fn line(message: &ChatMessage, at: Moment) -> ChatLine {
    ChatLine {
        message: message.clone(),
        at,
    }
}

fn readable<'a>(lines: impl Iterator<Item = &'a ChatLine>, reader: &Member) -> Vec<ChatLine> {
    let readable = lines.filter(|line| may_read(&line.message.to, &line.message.from, reader));
    readable.cloned().collect()
}

/// Whether a person may read what was written to an audience.
pub(crate) fn may_read(to: &Audience, from: &PersonId, reader: &Member) -> bool {
    *from == reader.person
        || match to {
            Audience::Room => true,
            Audience::Moderators => reader.role == Role::Moderator,
            Audience::Operators => reader.role == Role::Operator,
            Audience::Booth(language) => reader.languages.contains(language),
        }
}
