//! The delegations that have asked or spoken: each with a number, its rank in the protocol, and its speeches so far.

use std::{collections::BTreeMap, sync::Arc};

use plenary_ids::{DelegationId, Millis};

use crate::{settings::Settings, speech::Speech, view::Spoken};

/// A delegation's number in its room: policies compare numbers, not names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct DelegationNumber(u32);

/// Every delegation that has a number. Shared: a copy of the floor shares all of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Delegations {
    known: Arc<Known>,
    in_item: Arc<Vec<Spoken>>,
    in_room: Arc<Vec<Spoken>>,
}

#[derive(Debug, Clone, PartialEq, Default)]
struct Known {
    numbers: BTreeMap<DelegationId, DelegationNumber>,
    /// By number: the place in the drawn or alphabetical order.
    ranks: Vec<u32>,
    /// The numbers in the order of the protocol.
    ranked: Vec<(Protocol, DelegationNumber)>,
}

/// The key of the protocol's order: the place among those drawn, then the alphabet begun at the drawn letter.
type Protocol = (usize, bool, DelegationId);

impl DelegationNumber {
    fn index(self) -> usize {
        self.0 as usize
    }
}

impl Delegations {
    pub(crate) fn number(&self, delegation: &DelegationId) -> Option<DelegationNumber> {
        self.known.numbers.get(delegation).copied()
    }

    /// The number of a delegation; a new delegation gets the next one.
    pub(crate) fn enrol(
        &mut self,
        delegation: &DelegationId,
        settings: &Settings,
    ) -> DelegationNumber {
        if let Some(number) = self.number(delegation) {
            return number;
        }
        let known = Arc::make_mut(&mut self.known);
        let number = DelegationNumber(u32::try_from(known.numbers.len()).unwrap_or(u32::MAX));
        known.numbers.insert(delegation.clone(), number);
        let key = protocol(settings, delegation);
        let place = known.ranked.partition_point(|(other, _)| *other < key);
        known.ranked.insert(place, (key, number));
        known.rank();
        Arc::make_mut(&mut self.in_item).push(Spoken::default());
        Arc::make_mut(&mut self.in_room).push(Spoken::default());
        number
    }

    /// Ranks every delegation anew, by the settings as they are now.
    pub(crate) fn rank_by(&mut self, settings: &Settings) {
        let known = Arc::make_mut(&mut self.known);
        known.ranked = known
            .numbers
            .iter()
            .map(|(delegation, number)| (protocol(settings, delegation), *number))
            .collect();
        known.ranked.sort_unstable();
        known.rank();
    }

    /// The place in the order of the protocol; a speaker without a delegation comes last.
    pub(crate) fn rank(&self, number: Option<DelegationNumber>) -> u32 {
        number
            .and_then(|number| self.known.ranks.get(number.index()))
            .copied()
            .unwrap_or(u32::MAX)
    }

    /// The speeches of each, by number: in the present item, or in all of the room's time.
    pub(crate) fn spoken(&self, in_item: bool) -> &[Spoken] {
        if in_item {
            &self.in_item
        } else {
            &self.in_room
        }
    }

    /// The same by name, without the delegations that have not spoken.
    pub(crate) fn spoken_by_name(&self, in_item: bool) -> BTreeMap<DelegationId, Spoken> {
        let spoken = self.spoken(in_item);
        let had = |(delegation, number): (&DelegationId, &DelegationNumber)| {
            let had = *spoken.get(number.index())?;
            (had != Spoken::default()).then(|| (delegation.clone(), had))
        };
        self.known.numbers.iter().filter_map(had).collect()
    }

    /// The unused time that the next speech of a delegation gets.
    pub(crate) fn unused(&self, delegation: &DelegationId, in_item: bool) -> Millis {
        let spoken = self.number(delegation).map(DelegationNumber::index);
        spoken
            .and_then(|index| self.spoken(in_item).get(index))
            .map_or(Millis(0), |spoken| spoken.unused)
    }

    /// Adds a speech that has ended.
    pub(crate) fn add(&mut self, number: DelegationNumber, speech: &Speech) {
        self.change(number, |spoken| spoken.add(speech));
    }

    /// Notes that the unused time has been carried over.
    pub(crate) fn carried_over(&mut self, number: DelegationNumber) {
        self.change(number, |spoken| spoken.unused = Millis(0));
    }

    /// Restores the figures of a delegation.
    pub(crate) fn restore(&mut self, number: DelegationNumber, item: Spoken, room: Spoken) {
        for (all, had) in [(&mut self.in_item, item), (&mut self.in_room, room)] {
            if let Some(spoken) = Arc::make_mut(all).get_mut(number.index()) {
                *spoken = had;
            }
        }
    }

    /// Starts to count anew: an item begins, or none is on.
    pub(crate) fn clear_item(&mut self) {
        self.in_item = Arc::new(vec![Spoken::default(); self.in_item.len()]);
    }

    /// The delegations in the order of their numbers, with their speeches in the item and in the room.
    pub(crate) fn saved(&self) -> Vec<(DelegationId, Spoken, Spoken)> {
        let mut named: Vec<_> = self.known.numbers.iter().collect();
        named.sort_unstable_by_key(|(_, number)| **number);
        let spoken = self.in_item.iter().zip(self.in_room.iter());
        let all = named.into_iter().zip(spoken);
        all.map(|((name, _), (item, room))| (name.clone(), *item, *room))
            .collect()
    }

    /// Restores the delegations that [`Self::saved`] wrote, with the same numbers.
    pub(crate) fn restored(saved: &[(DelegationId, Spoken, Spoken)], settings: &Settings) -> Self {
        let mut delegations = Self::default();
        for (delegation, _, _) in saved {
            delegations.enrol(delegation, settings);
        }
        delegations.in_item = Arc::new(saved.iter().map(|(_, item, _)| *item).collect());
        delegations.in_room = Arc::new(saved.iter().map(|(_, _, room)| *room).collect());
        delegations
    }

    fn change(&mut self, number: DelegationNumber, change: impl Fn(&mut Spoken)) {
        for all in [&mut self.in_item, &mut self.in_room] {
            if let Some(spoken) = Arc::make_mut(all).get_mut(number.index()) {
                change(spoken);
            }
        }
    }
}

impl Known {
    fn rank(&mut self) {
        self.ranks.clear();
        self.ranks.resize(self.ranked.len(), u32::MAX);
        for (rank, (_, number)) in (0..).zip(&self.ranked) {
            if let Some(own) = self.ranks.get_mut(number.index()) {
                *own = rank;
            }
        }
    }
}

/// The delegations of the drawn order come first; the others follow alphabetically from the drawn letter on.
fn protocol(settings: &Settings, delegation: &DelegationId) -> Protocol {
    let drawn = settings.protocol.iter().position(|it| it == delegation);
    let first = delegation.as_str().chars().next();
    let wraps = settings
        .drawn
        .zip(first)
        .is_some_and(|(drawn, first)| first.to_ascii_lowercase() < drawn.to_ascii_lowercase());
    match drawn {
        Some(place) => (place, false, delegation.clone()),
        None => (usize::MAX, wraps, delegation.clone()),
    }
}

/// The counter of a delegation, in an array that has one for each delegation.
pub(crate) fn counter(counters: &mut [u32], number: Option<DelegationNumber>) -> Option<&mut u32> {
    counters.get_mut(number?.index())
}
