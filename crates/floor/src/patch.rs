//! A change of the settings: what may be set from outside, and which changes are impossible.

use std::collections::{BTreeMap, BTreeSet};

use plenary_ids::{BoundedMillis, DelegationId, Millis};

use crate::{
    policy::Policy,
    request::Kind,
    settings::{Advance, MAX_COUNT, Mode, Overtime, SettingsPatch, WhenFull},
};

/// A type of a setting, and the type of what it may be set to. They differ for a duration: a recorded one has no bound.
pub trait Settable {
    /// What it may be set to.
    type Value;

    /// The setting as that sets it.
    fn set(value: &Self::Value) -> Self;
}

macro_rules! set_as_it_is {
    ($($type:ty),+) => {
        $(impl Settable for $type {
            type Value = Self;
            fn set(value: &Self) -> Self {
                value.clone()
            }
        })+
    };
}

set_as_it_is!(
    Mode,
    Policy,
    Advance,
    WhenFull,
    Overtime,
    u32,
    bool,
    Vec<DelegationId>,
    Option<char>
);

impl Settable for Millis {
    type Value = BoundedMillis;
    fn set(value: &BoundedMillis) -> Self {
        value.get()
    }
}

impl<K: Copy + Ord> Settable for BTreeMap<K, Millis> {
    type Value = BTreeMap<K, BoundedMillis>;
    fn set(value: &Self::Value) -> Self {
        let set = value.iter().map(|(key, duration)| (*key, duration.get()));
        set.collect()
    }
}

impl SettingsPatch {
    /// Why this change is impossible, if it is. What was set before is not asked again: a record from before there was a
    /// bound may hold a larger value.
    pub fn problem(&self) -> Option<String> {
        let counts = [
            (self.nom, "A floor has {} open microphones."),
            (self.max_requests, "A delegation may have {} open requests."),
        ];
        for (count, sentence) in counts {
            if count.is_some_and(|count| !(1..=MAX_COUNT).contains(&count)) {
                return Some(sentence.replace("{}", &format!("1 to {MAX_COUNT}")));
            }
        }
        let mut kinds = self.limit_by_kind.iter().flat_map(BTreeMap::keys);
        if kinds.any(|kind| *kind == Kind::Address) {
            return Some("A recorded address takes as long as its recording.".to_owned());
        }
        let by_kind = self.limit_by_kind.iter().flat_map(BTreeMap::values);
        let by_class = self.limit_by_class.iter().flat_map(BTreeMap::values);
        let mut limits = self.limit.iter().chain(by_kind).chain(by_class);
        if limits.any(|limit| limit.get() == Millis(0)) {
            return Some("A speech has at least some time.".to_owned());
        }
        if let Some(Some(drawn)) = self.drawn
            && !drawn.is_alphabetic()
        {
            return Some("What is drawn is a letter.".to_owned());
        }
        let mut named = BTreeSet::new();
        let mut ranked = self.protocol.iter().flatten();
        let twice = ranked.find(|delegation| !named.insert(*delegation))?;
        Some(format!(
            "\"{twice}\" stands twice in the order of protocol."
        ))
    }
}
