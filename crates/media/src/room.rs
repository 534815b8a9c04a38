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
        self.gate.allow.get(&(person.clone(), source)).copied()
    }

    /// Takes a gate. One that is older than the one in force came late: it may take away and never adds.
    pub fn set_gate(&mut self, mut gate: Gate) {
        if gate.epoch < self.gate.epoch {
            let allowed = &self.gate.allow;
            gate.allow
                .retain(|key, reach| allowed.get(key).is_some_and(|now| now >= reach));
            gate.epoch = self.gate.epoch;
        }
        self.audit.note(&gate);
        self.gate = gate;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(epoch: u64, allowed: &[(&PersonId, Reach)]) -> Gate {
        let allow = allowed
            .iter()
            .map(|(person, reach)| (((*person).clone(), Source::Camera), *reach))
            .collect();
        Gate { epoch, allow }
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
        room.set_gate(gate(5, &[(&tokyo, Reach::Tile)]));
        room.set_gate(gate(4, &[(&tokyo, Reach::Stage), (&seoul, Reach::Stage)]));
        assert_eq!(room.reach(&tokyo, Source::Camera), None);
        assert_eq!(room.reach(&seoul, Source::Camera), None);
    }
}
