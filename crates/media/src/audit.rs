//! The independent check: was what has been forwarded allowed?
//!
//! It trusts no other part: it takes the lists of a scene and never asks [`Scene::allows`]. It keeps its own copy, in
//! its own form, and looks at packets after they were put on their way. So it counts a fault in the scene's rule, in the
//! slots or in the cache.

use std::collections::{HashMap, HashSet};

use plenary_ids::{Language, PersonId};
use plenary_scene::{Gallery, Scene, Source, Want};

/// The audit of one room, with its own copy of what the scene allows.
#[derive(Debug, Default)]
pub struct Audit {
    on_stage: HashSet<(PersonId, Source)>,
    /// The participants whose cameras may be tiles, and the gallery that they were copied from.
    in_tiles: HashSet<PersonId>,
    copied: Gallery,
    /// The interpreter of each language that does not carry the floor.
    interpreted: HashMap<Language, Option<PersonId>>,
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
}
