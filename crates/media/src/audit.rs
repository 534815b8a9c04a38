//! The independent check: was what has been forwarded allowed?
//!
//! It shares nothing with the gate but the request that sets it. It keeps its own copy, in its own form, and looks at
//! packets after they were put on their way, so that a fault in the gate, in the slots or in the cache is counted.

use std::collections::HashSet;

use plenary_ids::PersonId;

use crate::api::{Gate, Reach, Source};

/// What may be on its way in one room.
#[derive(Debug, Default)]
pub struct Audit {
    on_stage: HashSet<(PersonId, Source)>,
    in_tiles: HashSet<(PersonId, Source)>,
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
    }

    /// How many of the `packets` forwarded should not have been: none or all.
    pub fn ungranted(&self, person: &PersonId, source: Source, shown: Reach, packets: u64) -> u64 {
        let allowed = match shown {
            Reach::Stage => &self.on_stage,
            Reach::Tile => &self.in_tiles,
        };
        let granted = allowed.contains(&(person.clone(), source));
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
        assert_eq!(audit.ungranted(&tokyo, Source::Camera, Reach::Tile, 3), 3);
        audit.note(&Gate { epoch: 1, allow });
        assert_eq!(audit.ungranted(&tokyo, Source::Camera, Reach::Tile, 3), 0);
        assert_eq!(audit.ungranted(&tokyo, Source::Camera, Reach::Stage, 3), 3);
        assert_eq!(
            audit.ungranted(&tokyo, Source::Microphone, Reach::Tile, 3),
            3
        );
    }
}
