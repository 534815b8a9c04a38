//! When each interpreter was on air in which channel.

use plenary_conference::Translations;
use plenary_ids::{Language, Moment, PersonId};
use plenary_protocol::{Channel, FileFacts};

/// Every pair of interpreter and channel, in the order of the first time on air.
#[derive(Debug, Default)]
pub(crate) struct InterpretationLog {
    pub(crate) entries: Vec<InterpretationEntry>,
}

/// An interpreter in a channel and the intervals on air; the last one may still be open.
#[derive(Debug)]
pub(crate) struct InterpretationEntry {
    pub(crate) language: Language,
    pub(crate) person: PersonId,
    pub(crate) name: String,
    pub(crate) names: Translations,
    pub(crate) spans: Vec<(Moment, Option<Moment>)>,
}

impl InterpretationLog {
    /// Records the state of a channel from that moment on.
    pub(crate) fn record(&mut self, channel: &Channel, at: Moment, facts: &FileFacts) {
        let on_air = channel.voice();
        let entries = self.entries.iter_mut();
        let same_channel = entries.filter(|entry| entry.language == channel.language);
        for entry in same_channel.filter(|entry| Some(&entry.person) != on_air) {
            entry.end(at);
        }
        let Some(person) = on_air else {
            return;
        };
        let known = self
            .entries
            .iter_mut()
            .find(|entry| entry.language == channel.language && entry.person == *person);
        match known {
            Some(entry) if entry.is_open() => {}
            Some(entry) => entry.spans.push((at, None)),
            None => self.entries.push(InterpretationEntry {
                language: channel.language.clone(),
                name: facts.name_of(person),
                names: facts.names_of(person),
                person: person.clone(),
                spans: vec![(at, None)],
            }),
        }
    }

    /// Records that the clock was moved: who is on air stays so, by the new clock.
    pub(crate) fn record_clock_move(&mut self, was: Moment, now: Moment) {
        for entry in self.entries.iter_mut().filter(|entry| entry.is_open()) {
            entry.end(was);
            entry.spans.push((now, None));
        }
    }

    /// Records that the server was down from that moment on, so that no channel was on air.
    pub(crate) fn record_outage(&mut self, since: Moment) {
        for entry in &mut self.entries {
            entry.end(since);
        }
    }
}

impl InterpretationEntry {
    fn is_open(&self) -> bool {
        self.spans.last().is_some_and(|(_, to)| to.is_none())
    }

    fn end(&mut self, at: Moment) {
        if let Some((from, to @ None)) = self.spans.last_mut() {
            *to = Some(at.max(*from));
        }
    }
}
