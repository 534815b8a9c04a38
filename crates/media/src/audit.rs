//! The independent check: was what has been forwarded allowed?
//!
//! It trusts no other part: it takes the lists of a scene and never asks [`Scene::allows`]. It keeps its own copy, in
//! its own form, and looks at packets after they were put on their way. So it counts a fault in the scene's rule, in the
//! slots or in the cache.

use std::collections::{HashMap, HashSet};

use plenary_ids::{Language, PersonId};
use plenary_scene::{Gallery, Scene, Source, TakeKey, Want};

/// The audit of one room, with its own copy of what the scene allows.
#[derive(Debug, Default)]
pub struct Audit {
    on_stage: HashSet<(PersonId, Source)>,
    /// The participants whose cameras may be tiles, and the gallery that they were copied from.
    in_tiles: HashSet<PersonId>,
    copied: Gallery,
    /// The interpreter of each language that does not carry the floor.
    interpreted: HashMap<Language, Option<PersonId>>,
    /// The languages of recordings that the floor lets be heard, with the person of each, as far as nobody interprets.
    recorded: HashSet<(PersonId, Language)>,
    /// The takes that run.
    takes: HashSet<TakeKey>,
}

impl Audit {
    /// Takes note of what is allowed from now on.
    pub fn note(&mut self, scene: &Scene) {
        let shown = scene.stage.iter();
        let shown =
            shown.flat_map(|it| [Source::Camera, Source::Screen].map(|of| (it.clone(), of)));
        let heard = scene.voices.iter();
        let heard = heard.map(|it| (it.clone(), Source::Microphone));
        self.on_stage = shown.chain(heard).collect();
        // The same list in memory names the same participants: it cannot change.
        if !self.copied.is_same_list(&scene.gallery) {
            self.copied = scene.gallery.clone();
            self.in_tiles = self.copied.people().iter().cloned().collect();
        }
        let channels = scene.channels.iter();
        self.interpreted = channels
            .map(|(language, interpreter)| (language.clone(), interpreter.clone()))
            .collect();
        self.takes = scene.takes.iter().cloned().collect();
        self.recorded.clear();
        for (language, person) in &scene.recorded {
            let heard = self
                .on_stage
                .contains(&(person.clone(), Source::Microphone));
            if heard && !self.interpreted.contains_key(language) {
                self.recorded.insert((person.clone(), language.clone()));
            }
        }
    }

    /// How many of the `packets` forwarded into slots of that kind should not have been: none or all.
    pub fn ungranted(&self, person: &PersonId, source: Source, shown: &Want, packets: u64) -> u64 {
        let on_stage = || self.on_stage.contains(&(person.clone(), source));
        let granted = match shown {
            Want::Nothing => false,
            Want::Tile => on_stage() || source == Source::Camera && self.in_tiles.contains(person),
            Want::TileOf(named) => {
                named == person
                    && source == Source::Camera
                    && (on_stage() || self.in_tiles.contains(person))
            }
            Want::Voice | Want::Stage | Want::Screen => on_stage(),
            Want::Language(language) => match self.interpreted.get(language) {
                Some(interpreter) => {
                    source == Source::Microphone && interpreter.as_ref() == Some(person)
                }
                None => source == Source::Microphone && on_stage(),
            },
        };
        if granted { 0 } else { packets }
    }

    /// The same of a person's recorded sound in a language, which is for the listeners of that language alone.
    pub fn ungranted_recorded(
        &self,
        person: &PersonId,
        language: &Language,
        shown: &Want,
        packets: u64,
    ) -> u64 {
        let Want::Language(wanted) = shown else {
            return packets;
        };
        let key = (person.clone(), language.clone());
        if wanted == language && self.recorded.contains(&key) {
            0
        } else {
            packets
        }
    }

    /// How many of the `packets` of a participant's source that went into a take should not have been: none or all. Only what
    /// is let through in full is recorded, and a recorded address in a further language never.
    pub fn ungranted_take(
        &self,
        (person, source): (&PersonId, Source),
        is_recorded_language: bool,
        take: &TakeKey,
        packets: u64,
    ) -> u64 {
        let is_of_take = take.participant == *person && take.source == source;
        let is_let_through = match &take.language {
            None => self.on_stage.contains(&(person.clone(), source)),
            Some(language) => {
                source == Source::Microphone
                    && self.interpreted.get(language) == Some(&Some(person.clone()))
            }
        };
        let granted = is_of_take && is_let_through && self.takes.contains(take);
        if granted && !is_recorded_language {
            0
        } else {
            packets
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tile_may_not_be_on_stage_and_an_unnamed_source_nowhere() {
        let tokyo = PersonId::new("tokyo-1").unwrap();
        let scene = Scene {
            gallery: [tokyo.clone()].into_iter().collect(),
            ..Scene::default()
        };
        let mut audit = Audit::default();
        assert_eq!(audit.ungranted(&tokyo, Source::Camera, &Want::Tile, 3), 3);
        audit.note(&scene);
        assert_eq!(audit.ungranted(&tokyo, Source::Camera, &Want::Tile, 3), 0);
        assert_eq!(audit.ungranted(&tokyo, Source::Camera, &Want::Stage, 3), 3);
        assert_eq!(
            audit.ungranted(&tokyo, Source::Microphone, &Want::Tile, 3),
            3
        );
        let by_name = |name| Want::TileOf(PersonId::new(name).unwrap());
        let leaks = |name| audit.ungranted(&tokyo, Source::Camera, &by_name(name), 3);
        assert_eq!((leaks("tokyo-1"), leaks("seoul-1")), (0, 3));
    }

    #[test]
    fn a_recorded_language_is_heard_in_that_language_alone_and_until_somebody_interprets() {
        let [mayor, kenji] = ["tokyo-1", "kenji"].map(|name| PersonId::new(name).unwrap());
        let [ja, en] = ["ja", "en"].map(|tag| Language::new(tag).unwrap());
        let playing = Scene {
            voices: vec![mayor.clone()],
            recorded: [(ja.clone(), mayor.clone())].into(),
            ..Scene::default()
        };
        let leaks = |scene: &Scene, person, language, want| {
            let mut audit = Audit::default();
            audit.note(scene);
            audit.ungranted_recorded(person, language, &want, 1) == 1
        };
        let into = |language: &Language| Want::Language(language.clone());
        assert!(!leaks(&playing, &mayor, &ja, into(&ja)));
        assert!(leaks(&playing, &mayor, &ja, into(&en)));
        assert!(leaks(&playing, &mayor, &ja, Want::Voice));
        assert!(leaks(&playing, &mayor, &en, into(&en)));
        assert!(leaks(&playing, &kenji, &ja, into(&ja)));
        let paused = Scene {
            voices: Vec::new(),
            ..playing.clone()
        };
        assert!(leaks(&paused, &mayor, &ja, into(&ja)));
        let interpreted = Scene {
            channels: [(ja.clone(), Some(kenji.clone()))].into(),
            ..playing
        };
        assert!(leaks(&interpreted, &mayor, &ja, into(&ja)));
    }

    #[test]
    fn a_language_carries_its_interpreter_alone_who_is_heard_nowhere_else() {
        let [tokyo, kenji, aiko] =
            ["tokyo-1", "kenji", "aiko"].map(|name| PersonId::new(name).unwrap());
        let [ja, en] = ["ja", "en"].map(|tag| Language::new(tag).unwrap());
        let mut audit = Audit::default();
        audit.note(&Scene {
            voices: vec![tokyo.clone()],
            channels: [(ja.clone(), Some(kenji.clone()))].into(),
            ..Scene::default()
        });
        let leaks = |person, shown| audit.ungranted(person, Source::Microphone, &shown, 1) == 1;
        let (japanese, english) = (Want::Language(ja), Want::Language(en));
        assert!(!leaks(&kenji, japanese.clone()));
        assert!(leaks(&kenji, english.clone()) && leaks(&kenji, Want::Voice));
        assert!(leaks(&aiko, japanese.clone()) && leaks(&aiko, english.clone()));
        assert!(leaks(&tokyo, japanese.clone()), "who is interpreted");
        assert!(!leaks(&tokyo, english) && !leaks(&tokyo, Want::Voice));
        assert_eq!(audit.ungranted(&kenji, Source::Camera, &japanese, 1), 1);
    }

    #[test]
    fn a_take_has_the_source_that_it_is_of_as_long_as_it_is_let_through_in_full() {
        let [tokyo, kenji] = ["tokyo-1", "kenji"].map(|name| PersonId::new(name).unwrap());
        let ja = Language::new("ja").unwrap();
        let take = |person: &PersonId, source, language: Option<&Language>| TakeKey {
            participant: person.clone(),
            source,
            speech: None,
            language: language.cloned(),
        };
        let (camera, microphone) = (Source::Camera, Source::Microphone);
        let picture = take(&tokyo, camera, None);
        let channel = take(&kenji, microphone, Some(&ja));
        let full = Scene {
            stage: vec![tokyo.clone()],
            channels: [(ja.clone(), Some(kenji.clone()))].into(),
            takes: vec![picture.clone(), channel.clone()],
            ..Scene::default()
        };
        let leaks = |scene: &Scene, person, source, take: &TakeKey| {
            let mut audit = Audit::default();
            audit.note(scene);
            audit.ungranted_take((person, source), false, take, 1) == 1
        };
        assert!(!leaks(&full, &tokyo, camera, &picture));
        assert!(!leaks(&full, &kenji, microphone, &channel));
        assert!(leaks(&full, &kenji, camera, &picture), "of another");
        assert!(leaks(&full, &tokyo, microphone, &picture), "another source");
        assert!(leaks(
            &full,
            &kenji,
            microphone,
            &take(&kenji, microphone, None)
        ));
        let unlisted = Scene {
            takes: Vec::new(),
            ..full.clone()
        };
        assert!(leaks(&unlisted, &tokyo, camera, &picture));
        let small = Scene {
            stage: Vec::new(),
            gallery: [tokyo.clone()].into_iter().collect(),
            channels: [(ja, None)].into(),
            ..full
        };
        assert!(leaks(&small, &tokyo, camera, &picture));
        assert!(leaks(&small, &kenji, microphone, &channel));
    }
}
