//! A room as the engine knows it: its sessions, its gate, its program, and the independent audit.

use plenary_ids::{Language, PersonId};

use crate::{
    api::{Gate, Program, Source},
    audit::Audit,
    source::Pass,
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
    /// Where a person's source may be let into.
    pub fn pass(&self, person: &PersonId, source: Source) -> Pass {
        let channels = self.gate.channels.iter();
        let own = channels.filter(|(_, interpreter)| {
            source == Source::Microphone && interpreter.as_ref() == Some(person)
        });
        Pass {
            reach: self.gate.reach(person, source),
            languages: own.map(|(language, _)| language.clone()).collect(),
        }
    }

    /// The languages that are interpreted, and by whom; nobody while a channel changes hands.
    pub fn channels(&self) -> impl Iterator<Item = (&Language, Option<&PersonId>)> {
        let channels = self.gate.channels.iter();
        channels.map(|(language, interpreter)| (language, interpreter.as_ref()))
    }

    /// Whether a language carries something else than the voices of the floor.
    pub fn interprets(&self, language: &Language) -> bool {
        self.gate.channels.contains_key(language)
    }

    /// Takes a gate. One that is older than the one in force came late: it may take away and never adds.
    pub fn set_gate(&mut self, mut gate: Gate) {
        if gate.epoch < self.gate.epoch {
            let (on_stage, gallery) = (&self.gate.on_stage, &self.gate.gallery);
            gate.on_stage.retain(|source| on_stage.contains(source));
            let shown = gate.gallery.iter();
            let shown = shown.filter(|person| gallery.binary_search(person).is_ok());
            gate.gallery = shown.cloned().collect();
            for (language, interpreter) in &mut gate.channels {
                let now = self.gate.channels.get(language);
                interpreter.take_if(|named| now != Some(&Some(named.clone())));
            }
            for language in self.gate.channels.keys() {
                gate.channels.entry(language.clone()).or_default();
            }
            gate.epoch = self.gate.epoch;
        }
        self.audit.note(&gate);
        self.gate = gate;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::api::Reach;

    fn gate(epoch: u64, on_stage: &[&PersonId], gallery: &[&PersonId]) -> Gate {
        let camera = |person: &&PersonId| ((*person).clone(), Source::Camera);
        Gate {
            epoch,
            on_stage: on_stage.iter().map(camera).collect(),
            gallery: gallery.iter().map(|person| (*person).clone()).collect(),
            ..Gate::default()
        }
    }

    #[test]
    fn a_room_lets_nothing_through_until_told() {
        let tokyo = PersonId::new("tokyo-1").unwrap();
        assert_eq!(
            Room::default().pass(&tokyo, Source::Camera),
            Pass::default()
        );
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
        let reach = |person| room.pass(person, Source::Camera).reach;
        assert_eq!(reach(&tokyo), Some(Reach::Tile));
        assert_eq!(reach(&seoul), None);
    }

    #[test]
    fn a_gate_that_comes_late_gives_a_channel_to_nobody_and_not_to_the_floor() {
        let (kenji, aiko) = (
            PersonId::new("kenji").unwrap(),
            PersonId::new("aiko").unwrap(),
        );
        let [ja, en, fr] = ["ja", "en", "fr"].map(|tag| Language::new(tag).unwrap());
        let gate = |epoch, named: &[(&Language, &PersonId)]| Gate {
            epoch,
            channels: named
                .iter()
                .map(|(language, person)| ((*language).clone(), Some((*person).clone())))
                .collect(),
            ..Gate::default()
        };
        let mut room = Room::default();
        room.set_gate(gate(5, &[(&ja, &kenji), (&en, &aiko)]));
        room.set_gate(gate(4, &[(&ja, &aiko), (&fr, &kenji)]));
        let held: HashMap<_, _> = room.channels().collect();
        assert_eq!(held, HashMap::from([(&ja, None), (&en, None), (&fr, None)]));
        assert!(room.pass(&kenji, Source::Microphone).is_closed());
    }
}
