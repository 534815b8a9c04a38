//! The independent check: was what has been forwarded allowed?
//!
//! It shares nothing with the gate but the request that sets it. It keeps its own copy, in its own form, and looks at
//! packets after they were put on their way, so that a fault in the gate, in the slots or in the cache is counted.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use plenary_ids::{Language, PersonId};

use crate::api::{Gate, Source, Want};

/// What may be on its way in one room.
#[derive(Debug, Default)]
pub struct Audit {
    on_stage: HashSet<(PersonId, Source)>,
    /// Whose cameras may be tiles, and of which list that was read.
    in_tiles: HashSet<PersonId>,
    read: Arc<[PersonId]>,
    /// Of the languages that do not carry the floor: whose voice they do.
    interpreted: HashMap<Language, Option<PersonId>>,
}

impl Audit {
    /// Takes note of what is allowed from now on.
    pub fn note(&mut self, gate: &Gate) {
        self.on_stage.clone_from(&gate.on_stage);
        // The same list in the same place has the same people: nobody can change it.
        if !Arc::ptr_eq(&self.read, &gate.gallery) {
            self.read = Arc::clone(&gate.gallery);
            self.in_tiles = self.read.iter().cloned().collect();
        }
        self.interpreted.clone_from(&gate.channels);
    }

    /// How many of the `packets` forwarded into slots of that kind should not have been: none or all.
    pub fn ungranted(&self, person: &PersonId, source: Source, shown: &Want, packets: u64) -> u64 {
        let on_stage = || self.on_stage.contains(&(person.clone(), source));
        let granted = match shown {
            Want::Nothing => false,
            Want::Tile => on_stage() || source == Source::Camera && self.in_tiles.contains(person),
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
        let gate = Gate {
            epoch: 1,
            gallery: [tokyo.clone()].into(),
            ..Gate::default()
        };
        let mut audit = Audit::default();
        assert_eq!(audit.ungranted(&tokyo, Source::Camera, &Want::Tile, 3), 3);
        audit.note(&gate);
        assert_eq!(audit.ungranted(&tokyo, Source::Camera, &Want::Tile, 3), 0);
        assert_eq!(audit.ungranted(&tokyo, Source::Camera, &Want::Stage, 3), 3);
        assert_eq!(
            audit.ungranted(&tokyo, Source::Microphone, &Want::Tile, 3),
            3
        );
    }

    #[test]
    fn a_language_carries_its_interpreter_alone_who_is_heard_nowhere_else() {
        let [tokyo, kenji, aiko] =
            ["tokyo-1", "kenji", "aiko"].map(|name| PersonId::new(name).unwrap());
        let [ja, en] = ["ja", "en"].map(|tag| Language::new(tag).unwrap());
        let mut audit = Audit::default();
        audit.note(&Gate {
            epoch: 1,
            on_stage: [(tokyo.clone(), Source::Microphone)].into(),
            channels: [(ja.clone(), Some(kenji.clone()))].into(),
            ..Gate::default()
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
