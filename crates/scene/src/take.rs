//! What is to be recorded in a room, cut into takes.

use plenary_ids::{Language, PersonId, RequestId};

use crate::{Scene, Source, Want};

/// A source that is to be recorded into a file of its own. A change of any field ends the file and begins another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TakeKey {
    /// The participant whose source it is.
    pub participant: PersonId,
    /// The source that is recorded.
    pub source: Source,
    /// The speech during which it is recorded; none between speeches.
    pub speech: Option<RequestId>,
    /// The language that an interpreter's microphone is recorded for; none of what is heard and seen on the floor.
    pub language: Option<Language>,
}

impl TakeKey {
    /// Whether both record the same source for the same purpose, if perhaps in different speeches.
    pub fn is_same_source(&self, other: &Self) -> bool {
        self.source == other.source
            && self.participant == other.participant
            && self.language == other.language
    }
}

impl Scene {
    /// Whether a packet of the source may go into the take now: only if the take runs, and the source is let through in
    /// full, or for the take's language. What is shown small is never recorded.
    pub fn allows_take(&self, take: &TakeKey) -> bool {
        let want = match (&take.language, take.source) {
            (Some(language), _) => Want::Language(language.clone()),
            (None, Source::Microphone) => Want::Voice,
            (None, Source::Camera) => Want::Stage,
            (None, Source::Screen) => Want::Screen,
        };
        // A language that nobody interprets carries the voices, which have takes of their own.
        let is_interpreted = take
            .language
            .as_ref()
            .is_none_or(|language| self.channels.contains_key(language));
        is_interpreted
            && self.takes.contains(take)
            && self.allows(&take.participant, take.source, &want)
    }
}
