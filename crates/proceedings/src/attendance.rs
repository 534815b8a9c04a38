//! Who came and went.

use plenary_ids::{Moment, PersonId};
use plenary_protocol::{Participant, Presence};

/// Everybody who was ever in the room, in the order of first arrival.
#[derive(Debug, Default)]
pub(crate) struct Book {
    pub(crate) lines: Vec<Line>,
}

/// Somebody, and from when to when.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) who: Participant,
    pub(crate) spans: Vec<(Moment, Option<Moment>)>,
}

impl Book {
    /// Somebody is there, or away, as of that moment.
    pub(crate) fn note(&mut self, who: &Participant, at: Moment) {
        let index = self
            .lines
            .iter()
            .position(|line| line.who.person == who.person);
        let index = index.unwrap_or_else(|| {
            self.lines.push(Line {
                who: who.clone(),
                spans: Vec::new(),
            });
            self.lines.len() - 1
        });
        if let Some(line) = self.lines.get_mut(index) {
            match who.state {
                Presence::Seated => line.comes(at),
                Presence::Away => line.goes(at),
            }
        }
    }

    /// Somebody has gone.
    pub(crate) fn left(&mut self, person: &PersonId, at: Moment) {
        let line = self.lines.iter_mut().find(|it| it.who.person == *person);
        if let Some(line) = line {
            line.goes(at);
        }
    }

    /// The server was down from then on: nobody was there.
    pub(crate) fn all_gone(&mut self, since: Moment) {
        for line in &mut self.lines {
            line.goes(since);
        }
    }
}

impl Line {
    fn comes(&mut self, at: Moment) {
        if self.spans.last().is_none_or(|(_, to)| to.is_some()) {
            self.spans.push((at, None));
        }
    }

    fn goes(&mut self, at: Moment) {
        if let Some((from, to @ None)) = self.spans.last_mut() {
            *to = Some(at.max(*from));
        }
    }
}
