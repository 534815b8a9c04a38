//! Who interpreted, into what and when.

use plenary_ids::{Language, Moment, PersonId};
use plenary_protocol::Channel;

/// Everybody who was heard in a channel, in the order in which that was first so.
#[derive(Debug, Default)]
pub(crate) struct Booths {
    pub(crate) lines: Vec<Line>,
}

/// Somebody in a channel, and from when to when he was heard there.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) language: Language,
    pub(crate) person: PersonId,
    pub(crate) spans: Vec<(Moment, Option<Moment>)>,
}

impl Booths {
    /// A channel is so as of that moment.
    pub(crate) fn note(&mut self, channel: &Channel, at: Moment) {
        let voice = channel.voice();
        let others = self.lines.iter_mut();
        let others = others.filter(|it| it.language == channel.language);
        for other in others.filter(|it| Some(&it.person) != voice) {
            other.ends(at);
        }
        let Some(voice) = voice else {
            return;
        };
        let of_him = |it: &&mut Line| it.language == channel.language && it.person == *voice;
        match self.lines.iter_mut().find(of_him) {
            Some(line) if line.is_open() => {}
            Some(line) => line.spans.push((at, None)),
            None => self.lines.push(Line {
                language: channel.language.clone(),
                person: voice.clone(),
                spans: vec![(at, None)],
            }),
        }
    }

    /// The server was down from then on: nobody was heard.
    pub(crate) fn all_end(&mut self, since: Moment) {
        for line in &mut self.lines {
            line.ends(since);
        }
    }
}

impl Line {
    fn is_open(&self) -> bool {
        self.spans.last().is_some_and(|(_, to)| to.is_none())
    }

    fn ends(&mut self, at: Moment) {
        if let Some((from, to @ None)) = self.spans.last_mut() {
            *to = Some(at.max(*from));
        }
    }
}
