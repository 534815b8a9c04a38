//! A room as the engine knows it: its sessions, its gate, its program, and the independent audit.

use plenary_ids::PersonId;

use crate::{
    api::{Gate, Program, Reach, Source},
    audit::Audit,
};

/// The state of one room.
#[derive(Debug, Default)]
pub struct Room {
    /// The keys of its sessions in the core.
    pub sessions: Vec<usize>,
    gate: Gate,
    /// What listeners are to be shown.
    pub program: Program,
    /// The independent check.
    pub audit: Audit,
}

impl Room {
    /// How far a person's source may be forwarded; none: not at all.
    pub fn reach(&self, person: &PersonId, source: Source) -> Option<Reach> {
        self.gate.reach(person, source)
    }

    /// Takes a gate. One that is older than the one in force came late: it may take away and never adds.
    pub fn set_gate(&mut self, mut gate: Gate) {
        if gate.epoch < self.gate.epoch {
            let (on_stage, gallery) = (&self.gate.on_stage, &self.gate.gallery);
            gate.on_stage.retain(|source| on_stage.contains(source));
            let shown = gate.gallery.iter();
            let shown = shown.filter(|person| gallery.binary_search(person).is_ok());
            gate.gallery = shown.cloned().collect();
            gate.epoch = self.gate.epoch;
        }
        self.audit.note(&gate);
        self.gate = gate;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(epoch: u64, on_stage: &[&PersonId], gallery: &[&PersonId]) -> Gate {
        let camera = |person: &&PersonId| ((*person).clone(), Source::Camera);
        Gate {
            epoch,
            on_stage: on_stage.iter().map(camera).collect(),
            gallery: gallery.iter().map(|person| (*person).clone()).collect(),
        }
    }

    #[test]
    fn a_room_lets_nothing_through_until_told() {
        let tokyo = PersonId::new("tokyo-1").unwrap();
        assert_eq!(Room::default().reach(&tokyo, Source::Camera), None);
    }

    #[test]
    fn a_gate_that_comes_late_takes_away_and_never_adds() {
        let (tokyo, seoul) = (
            PersonId::new("tokyo-1").unwrap(),
            PersonId::new("seoul-1").unwrap(),
        );
        let mut room = Room::default();
        room.set_gate(gate(5, &[], &[&seoul, &tokyo]));
        room.set_gate(gate(4, &[&seoul, &tokyo], &[&tokyo]));
        assert_eq!(room.reach(&tokyo, Source::Camera), Some(Reach::Tile));
        assert_eq!(room.reach(&seoul, Source::Camera), None);
    }
}
