//! What may flow in a room, as a function of its state.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use plenary_ids::{Language, PersonId};
use plenary_protocol::Source;

/// How far a source may be shown; the wider reach includes the narrower.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// Small, among the seated; never on stage and never as sound.
    Tile,
    /// On stage, and heard.
    Stage,
}

/// What may flow, and what is to be shown of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scene {
    /// What may be forwarded as large and as loud as it comes.
    pub on_stage: BTreeSet<(PersonId, Source)>,
    /// Whose cameras may be forwarded and are shown small.
    pub gallery: Gallery,
    /// Whose picture is on stage, the longest there first.
    pub stage: Vec<PersonId>,
    /// Whose voice is heard.
    pub voices: Vec<PersonId>,
    /// Whose microphone each language carries, and nowhere else is it heard; nothing flows while the channel changes
    /// hands. A language that is not named passes the floor's voices through.
    pub channels: BTreeMap<Language, Option<PersonId>>,
}

impl Scene {
    /// How far a source may be forwarded; none: not at all.
    pub fn reach(&self, person: &PersonId, source: Source) -> Option<Reach> {
        if self.on_stage.contains(&(person.clone(), source)) {
            Some(Reach::Stage)
        } else {
            (source == Source::Camera && self.gallery.contains(person)).then_some(Reach::Tile)
        }
    }

    /// What both scenes allow: the step between them that nobody gains by.
    #[must_use]
    pub fn shrunk_to(&self, next: &Self) -> Self {
        let both = |now: &[PersonId], then: &[PersonId]| {
            now.iter().filter(|it| then.contains(it)).cloned().collect()
        };
        let languages = self.channels.keys().chain(next.channels.keys());
        let channels = languages.map(|language| {
            let (now, then) = (self.channels.get(language), next.channels.get(language));
            let stays = now.filter(|now| then == Some(*now)).cloned();
            (language.clone(), stays.flatten())
        });
        Self {
            channels: channels.collect(),
            on_stage: self
                .on_stage
                .intersection(&next.on_stage)
                .cloned()
                .collect(),
            gallery: self.gallery.shrunk_to(&next.gallery),
            stage: both(&self.stage, &next.stage),
            voices: both(&self.voices, &next.voices),
        }
    }
}

/// The people whose cameras may be shown small, in the order of their names. A room of a thousand has a thousand, and
/// who speaks changes none of it: all scenes share it until somebody comes or goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gallery(Arc<[PersonId]>);

impl Gallery {
    /// Of people in the order of their names.
    pub(crate) fn of(people: impl IntoIterator<Item = PersonId>) -> Self {
        let people: Arc<[PersonId]> = people.into_iter().collect();
        debug_assert!(people.is_sorted(), "it is searched by halves");
        Self(people)
    }

    /// The people.
    pub fn people(&self) -> &Arc<[PersonId]> {
        &self.0
    }

    /// Whether a person is in it.
    pub fn contains(&self, person: &PersonId) -> bool {
        self.0.binary_search(person).is_ok()
    }

    fn shrunk_to(&self, next: &Self) -> Self {
        if Arc::ptr_eq(&self.0, &next.0) {
            return self.clone();
        }
        Self::of(self.0.iter().filter(|it| next.contains(it)).cloned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: &str) -> PersonId {
        PersonId::new(name).unwrap()
    }

    fn scene(on_stage: &[(&str, Source)], gallery: &[&str]) -> Scene {
        Scene {
            on_stage: on_stage
                .iter()
                .map(|(name, source)| (person(name), *source))
                .collect(),
            gallery: Gallery::of(gallery.iter().map(|name| person(name))),
            ..Scene::default()
        }
    }

    #[test]
    fn between_two_scenes_only_what_both_allow_flows_at_the_lower_reach() {
        let cities = ["seoul-1", "tokyo-1"];
        let speaks = |name| {
            scene(
                &[(name, Source::Microphone), (name, Source::Camera)],
                &cities,
            )
        };
        let (tokyo_speaks, seoul_speaks) = (speaks("tokyo-1"), speaks("seoul-1"));
        let between = tokyo_speaks.shrunk_to(&seoul_speaks);
        assert_eq!(between, scene(&[], &cities));
        for name in cities {
            let reach = |source| between.reach(&person(name), source);
            assert_eq!(reach(Source::Camera), Some(Reach::Tile));
            assert_eq!(reach(Source::Microphone), None);
        }
    }

    #[test]
    fn who_has_left_the_gallery_is_gone_from_it_before_others_come() {
        let (before, after) = (["delhi-1", "seoul-1"], ["seoul-1", "tokyo-1"]);
        let between = scene(&[], &before).shrunk_to(&scene(&[], &after));
        assert_eq!(between, scene(&[], &["seoul-1"]));
    }

    #[test]
    fn between_two_interpreters_or_one_and_the_floor_a_channel_is_silent() {
        let (ja, en) = (Language::new("ja").unwrap(), Language::new("en").unwrap());
        let scene = |rows: &[(&Language, Option<&str>)]| Scene {
            channels: rows
                .iter()
                .map(|(language, name)| {
                    let name = name.map(|name| PersonId::new(name).unwrap());
                    ((*language).clone(), name)
                })
                .collect(),
            ..Scene::default()
        };
        let both = scene(&[(&ja, Some("kenji")), (&en, Some("mary"))]);
        let handed_over = scene(&[(&ja, Some("aiko")), (&en, Some("mary"))]);
        let dropped = scene(&[(&en, Some("mary"))]);
        let between = scene(&[(&ja, None), (&en, Some("mary"))]);
        assert_eq!(both.shrunk_to(&handed_over), between);
        assert_eq!(both.shrunk_to(&dropped), between);
        assert_eq!(dropped.shrunk_to(&both), between);
    }
}
