//! Packet indices (RFC 3711, section 3.3.1): sequence numbers counted on beyond 16 bits, and which of them were used.

/// The number nearest to `reference` whose low 16 bits are `sequence`.
pub fn nearest_index(reference: u64, sequence: u16) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the low 16 bits are what is compared"
    )]
    let step = sequence.wrapping_sub(reference as u16).cast_signed();
    reference
        .checked_add_signed(i64::from(step))
        .unwrap_or(u64::from(sequence))
}

/// The highest index used of one stream, and which of the `WORDS` × 64 indices up to it were used. An older index counts
/// as used, so none is ever new twice.
#[derive(Debug, Clone)]
pub struct IndexWindow<const WORDS: usize> {
    highest: Option<u64>,
    /// One bit for each index, at the index modulo their number.
    used: [u64; WORDS],
}

impl<const WORDS: usize> Default for IndexWindow<WORDS> {
    fn default() -> Self {
        Self {
            highest: None,
            used: [0; WORDS],
        }
    }
}

impl<const WORDS: usize> IndexWindow<WORDS> {
    /// How many indices the window holds.
    pub const INDICES: u64 = WORDS as u64 * 64;

    /// The highest index used so far.
    pub fn highest(&self) -> Option<u64> {
        self.highest
    }

    /// The index that a packet with this sequence number has.
    pub fn index_of(&self, sequence: u16) -> u64 {
        self.highest.map_or(u64::from(sequence), |highest| {
            nearest_index(highest, sequence)
        })
    }

    /// Whether an index was not used yet.
    pub fn is_new(&self, index: u64) -> bool {
        match self.highest {
            Some(highest) if index <= highest => {
                let (word, bit) = Self::place(index);
                let used = self.used.get(word).is_none_or(|word| word & bit != 0);
                highest - index < Self::INDICES && !used
            }
            _ => true,
        }
    }

    /// Marks an index as used; returns whether it was new.
    pub fn insert(&mut self, index: u64) -> bool {
        if !self.is_new(index) {
            return false;
        }
        let highest = self.highest.unwrap_or(index);
        if index > highest {
            if index - highest >= Self::INDICES {
                self.used = [0; WORDS];
            } else {
                for passed in highest + 1..index {
                    self.set(passed, false);
                }
            }
        }
        self.highest = Some(highest.max(index));
        self.set(index, true);
        true
    }

    fn set(&mut self, index: u64, used: bool) {
        let (word, bit) = Self::place(index);
        if let Some(word) = self.used.get_mut(word) {
            *word = if used { *word | bit } else { *word & !bit };
        }
    }

    fn place(index: u64) -> (usize, u64) {
        let at = index % Self::INDICES;
        (
            usize::try_from(at / 64).unwrap_or(usize::MAX),
            1 << (at % 64),
        )
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_index_below_the_window_counts_as_used() {
        let mut window = IndexWindow::<2>::default();
        assert!(window.insert(1_000));
        assert!(window.is_new(1_000 - 127) && !window.is_new(1_000 - 128));
        assert!(window.insert(1_000 - 127) && !window.insert(1_000 - 127));
    }

    proptest! {
        #[test]
        fn no_index_is_new_twice_and_a_late_one_within_the_window_is_new_once(
            steps in proptest::collection::vec(prop_oneof![-200..200_i64, -5..5_i64, Just(1), Just(70_000)], 1..200),
        ) {
            let mut window = IndexWindow::<2>::default();
            let (mut used, mut index, mut highest) = (HashSet::new(), 100_000_u64, 0);
            for step in steps {
                index = index.saturating_add_signed(step);
                let within = index + IndexWindow::<2>::INDICES > highest;
                prop_assert_eq!(window.insert(index), within && used.insert(index));
                highest = highest.max(index);
            }
        }
    }
}
