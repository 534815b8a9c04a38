//! The independent check: was what has been forwarded allowed?
//!
//! It shares nothing with the gate but the request that sets it. It keeps its own copy, in its own form, and looks at
//! packets after they were put on their way, so that a fault in the gate, in the slots or in the cache is counted.

use std::collections::{HashMap, HashSet};

use plenary_ids::{Language, PersonId};

use crate::api::{Gate, Reach, Source, Want};

/// What may be on its way in one room.
#[derive(Debug, Default)]
pub struct Audit {
    on_stage: HashSet<(PersonId, Source)>,
    in_tiles: HashSet<(PersonId, Source)>,
    /// Of the languages that do not carry the floor: whose voice they do.
    interpreted: HashMap<Language, Option<PersonId>>,
}

impl Audit {
    /// Takes note of what is allowed from now on.
    pub fn note(&mut self, gate: &Gate) {
        self.on_stage.clear();
        self.in_tiles.clear();
        for ((person, source), reach) in &gate.allow {
            let name = (person.clone(), *source);
            if *reach == Reach::Stage {
                self.on_stage.insert(name.clone());
            }
            self.in_tiles.insert(name);
        }
        self.interpreted.clone_from(&gate.channels);
    }

    /// How many of the `packets` forwarded into slots of that kind should not have been: none or all.
    pub fn ungranted(&self, person: &PersonId, source: Source, shown: &Want, packets: u64) -> u64 {
        let among = |allowed: &HashSet<_>| allowed.contains(&(person.clone(), source));
        let granted = match shown {
            Want::Nothing => false,
            Want::Tile => among(&self.in_tiles),
            Want::Voice | Want::Stage | Want::Screen => among(&self.on_stage),
            Want::Language(language) => match self.interpreted.get(language) {
                Some(interpreter) => {
                    source == Source::Microphone && interpreter.as_ref() == Some(person)
                }
                None => source == Source::Microphone && among(&self.on_stage),
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
        let allow = [((tokyo.clone(), Source::Camera), Reach::Tile)].into();
        let mut audit = Audit::default();
        assert_eq!(audit.ungranted(&tokyo, Source::Camera, &Want::Tile, 3), 3);
        audit.note(&Gate {
            epoch: 1,
            allow,
            ..Gate::default()
        });
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
            allow: [((tokyo.clone(), Source::Microphone), Reach::Stage)].into(),
            channels: [(ja.clone(), Some(kenji.clone()))].into(),
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
