//! The scene of a room, and what it allows.

use std::collections::BTreeMap;

use plenary_ids::{Language, PersonId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Gallery, Source, TakeKey, Want};

/// What may flow in a room, each list in order of importance. What is not named does not flow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scene {
    /// The participants whose cameras and shared screens are on stage, the longest there first.
    pub stage: Vec<PersonId>,
    /// The participants who are heard. A muted one is not among them.
    pub voices: Vec<PersonId>,
    /// The participants whose cameras may be shown small.
    pub gallery: Gallery,
    /// The interpreter whose microphone a language carries, and nothing else; none while the channel changes hands and
    /// carries nothing. A language without an entry carries the voices.
    pub channels: BTreeMap<Language, Option<PersonId>>,
    /// What is to be recorded of it, while the room is recorded.
    pub takes: Vec<TakeKey>,
    /// The participant whose recording has sound of its own in a language. That language carries it while nobody interprets
    /// into it and the participant is heard.
    pub recorded: BTreeMap<Language, PersonId>,
}

/// How far a source may be shown; the wider reach includes the narrower.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// Small, among the seated; never in a stage slot and never as sound.
    Tile,
    /// In full: a picture on stage, sound that is heard.
    Stage,
}

impl Scene {
    /// Whether a participant's source may flow into slots of that purpose now. Only this says so, and
    /// [`Self::allows_recorded`] for the further languages of a recording.
    pub fn allows(&self, participant: &PersonId, source: Source, want: &Want) -> bool {
        if want.source() != Some(source) {
            return false;
        }
        let on_stage = || self.stage.contains(participant);
        let heard = || self.voices.contains(participant);
        match want {
            Want::Voice => heard(),
            Want::Stage | Want::Screen => on_stage(),
            Want::Tile => on_stage() || self.gallery.contains(participant),
            Want::TileOf(person) => {
                person == participant && self.allows(participant, source, &Want::Tile)
            }
            Want::Language(language) => match self.channels.get(language) {
                Some(interpreter) => interpreter.as_ref() == Some(participant),
                None => heard(),
            },
            Want::Nothing => false,
        }
    }

    /// Whether a participant's recorded sound in a language may flow into slots of that purpose now. It is for the
    /// listeners of that language alone, and an interpreter goes before it.
    pub fn allows_recorded(
        &self,
        participant: &PersonId,
        language: &Language,
        want: &Want,
    ) -> bool {
        matches!(want, Want::Language(wanted) if wanted == language)
            && !self.channels.contains_key(language)
            && self.recorded.get(language) == Some(participant)
            && self.voices.contains(participant)
    }

    /// How far a participant's source may be shown; none: not at all, but for a language that it interprets into.
    pub fn reach(&self, participant: &PersonId, source: Source) -> Option<Reach> {
        let in_full = match source {
            Source::Microphone => Want::Voice,
            Source::Camera => Want::Stage,
            Source::Screen => Want::Screen,
        };
        if self.allows(participant, source, &in_full) {
            Some(Reach::Stage)
        } else {
            self.allows(participant, source, &Want::Tile)
                .then_some(Reach::Tile)
        }
    }

    /// Whether a participant's microphone may flow into slots of a language that is interpreted.
    pub fn interprets(&self, participant: &PersonId) -> bool {
        self.channels.keys().any(|language| {
            let want = Want::Language(language.clone());
            self.allows(participant, Source::Microphone, &want)
        })
    }

    /// The scene that allows only what both allow: the step from one to the other that adds nothing.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let both = |ours: &[PersonId], theirs: &[PersonId]| {
            ours.iter()
                .filter(|it| theirs.contains(it))
                .cloned()
                .collect()
        };
        let languages = self.channels.keys().chain(other.channels.keys());
        let channels = languages.map(|language| {
            let (ours, theirs) = (self.channels.get(language), other.channels.get(language));
            let stays = ours.filter(|ours| theirs == Some(*ours)).cloned();
            (language.clone(), stays.flatten())
        });
        // A source that is recorded in both is cut once, by the second scene: no packet falls between two files.
        let takes = self
            .takes
            .iter()
            .filter(|take| other.takes.iter().any(|it| it.is_same_source(take)));
        let recorded = self.recorded.iter();
        let recorded =
            recorded.filter(|(language, person)| other.recorded.get(*language) == Some(*person));
        Self {
            stage: both(&self.stage, &other.stage),
            voices: both(&self.voices, &other.voices),
            gallery: self.gallery.intersection(&other.gallery),
            channels: channels.collect(),
            takes: takes.cloned().collect(),
            recorded: recorded
                .map(|(language, person)| (language.clone(), person.clone()))
                .collect(),
        }
    }
}
