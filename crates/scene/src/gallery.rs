//! The participants whose cameras may be shown small.

use std::sync::Arc;

use plenary_ids::PersonId;

/// The participants whose cameras may be shown small, in the order of their names.
///
/// A room of a thousand has a thousand, and a change of speaker changes none of them: all scenes share one list until a
/// participant comes or goes, and cloning it copies a pointer.
#[derive(Debug, Clone, Default)]
pub struct Gallery(Arc<[PersonId]>);

impl Gallery {
    /// The participants, the first name first.
    pub fn people(&self) -> &[PersonId] {
        &self.0
    }

    /// Whether the camera of a participant may be shown small.
    pub fn contains(&self, participant: &PersonId) -> bool {
        self.0.binary_search(participant).is_ok()
    }

    /// Whether both are one list in memory. It cannot change, so both name the same participants.
    pub fn is_same_list(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    pub(crate) fn intersection(&self, other: &Self) -> Self {
        if self.is_same_list(other) {
            return self.clone();
        }
        let both = self.0.iter().filter(|it| other.contains(it));
        Self(both.cloned().collect())
    }
}

impl FromIterator<PersonId> for Gallery {
    fn from_iter<I: IntoIterator<Item = PersonId>>(people: I) -> Self {
        let mut people: Vec<PersonId> = people.into_iter().collect();
        if !people.is_sorted() {
            people.sort_unstable();
        }
        people.dedup();
        Self(people.into())
    }
}

impl PartialEq for Gallery {
    fn eq(&self, other: &Self) -> bool {
        // Two scenes of a large room mostly share the list: then a thousand names need not be compared.
        self.is_same_list(other) || self.0 == other.0
    }
}

impl Eq for Gallery {}
