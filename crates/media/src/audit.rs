//! The independent check: was what has been forwarded allowed?
//!
//! It shares nothing with the gate but the request that sets it. It keeps its own copy, in its own form, and looks at
//! packets after they were put on their way, so that a fault in the gate, in the slots or in the cache is counted.

use std::{collections::HashSet, sync::Arc};

use plenary_ids::PersonId;

use crate::api::{Gate, Reach, Source};

/// What may be on its way in one room.
#[derive(Debug, Default)]
pub struct Audit {
    on_stage: HashSet<(PersonId, Source)>,
    /// Whose cameras may be tiles, and of which list that was read.
    in_tiles: HashSet<PersonId>,
    read: Arc<[PersonId]>,
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
    }

    /// How many of the `packets` forwarded should not have been: none or all.
    pub fn ungranted(&self, person: &PersonId, source: Source, shown: Reach, packets: u64) -> u64 {
        let small = shown == Reach::Tile && source == Source::Camera;
        let granted = self.on_stage.contains(&(person.clone(), source))
            || small && self.in_tiles.contains(person);
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
        assert_eq!(audit.ungranted(&tokyo, Source::Camera, Reach::Tile, 3), 3);
        audit.note(&gate);
        assert_eq!(audit.ungranted(&tokyo, Source::Camera, Reach::Tile, 3), 0);
        assert_eq!(audit.ungranted(&tokyo, Source::Camera, Reach::Stage, 3), 3);
        assert_eq!(
            audit.ungranted(&tokyo, Source::Microphone, Reach::Tile, 3),
            3
        );
    }
}
