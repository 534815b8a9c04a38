//! The named things of the file, and the check that every reference names one of them.

use std::{borrow::Borrow, collections::HashMap};

use plenary_ids::BadId;

use crate::{
    diagnostic::{Faults, Place, nearest},
    section::Placed,
};

/// The things of one kind by name. A name counts as known even where the rest of its table is faulty, so that one
/// fault is not reported twice.
pub(crate) struct Named<Id, T> {
    what: &'static str,
    ids: Vec<Id>,
    index: HashMap<Id, Option<T>>,
}

impl<Id, T> Named<Id, T>
where
    Id: Clone + Eq + std::hash::Hash + Borrow<str> + std::str::FromStr<Err = BadId>,
{
    pub(crate) fn new(what: &'static str) -> Self {
        Self {
            what,
            ids: Vec::new(),
            index: HashMap::new(),
        }
    }

    pub(crate) fn add(
        &mut self,
        id: Placed<Id>,
        faults: &mut Faults<'_>,
        make: impl FnOnce() -> Option<T>,
    ) {
        if self.index.contains_key(name(&id.value)) {
            let message = format!(
                "There are two {}s with the id \"{}\".",
                self.what,
                name(&id.value)
            );
            faults.add(&id.at, message, "Give one of them another id.".to_owned());
            return;
        }
        refuse_reserved(self.what, name(&id.value), &id.at, faults);
        self.ids.push(id.value.clone());
        self.index.insert(id.value, make());
    }

    pub(crate) fn get(&self, id: &Id) -> Option<&T> {
        self.index.get(name(id))?.as_ref()
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = &Id> {
        self.ids.iter()
    }

    /// The longest name that `longer` begins with, such as "tokyo" for "tokyo-1".
    pub(crate) fn prefix_of(&self, longer: &str) -> Option<&str> {
        self.ids()
            .map(name)
            .filter(|id| longer.starts_with(id))
            .max_by_key(|id| id.len())
    }

    /// Notes a fault if nothing has that name.
    pub(crate) fn check(&self, id: &Placed<Id>, faults: &mut Faults<'_>) {
        if !self.index.contains_key(name(&id.value)) {
            let message = format!("There is no {} \"{}\".", self.what, name(&id.value));
            faults.add(
                &id.at,
                message,
                nearest(name(&id.value), self.ids().map(name)),
            );
        }
    }

    /// The same for a list of names, each of which may stand there once.
    pub(crate) fn check_all(&self, list: Vec<Placed<Id>>, faults: &mut Faults<'_>) -> Vec<Id> {
        let mut seen: Vec<Id> = Vec::new();
        for id in list {
            self.check(&id, faults);
            if seen.contains(&id.value) {
                let message = format!("\"{}\" stands twice in this list.", name(&id.value));
                faults.add(&id.at, message, "Remove one of them.".to_owned());
            } else {
                seen.push(id.value);
            }
        }
        seen
    }

    pub(crate) fn values(mut self) -> Vec<T> {
        self.ids
            .iter()
            .filter_map(|id| self.index.remove(name(id)).flatten())
            .collect()
    }
}

/// What every signal to the media server is addressed to.
const ROOM_ADDRESS: &str = "room";

/// Notes a fault if a thing is given an id that means something else: `.` and `..` in an address, `-` and what begins with
/// it on a command line, `room` in a signal. A log from before may hold one, so the ids themselves can be read.
pub(crate) fn refuse_reserved(what: &str, id: &str, at: &Place, faults: &mut Faults<'_>) {
    let why = if !id.contains(|c: char| c.is_ascii_alphanumeric()) {
        "has neither a letter nor a digit"
    } else if id.starts_with('-') {
        "begins like an option of a command"
    } else if id == ROOM_ADDRESS && matches!(what, "person" | "room") {
        "is the address of the media server in a signal"
    } else {
        return;
    };
    let message = format!("The {what} id \"{id}\" is not allowed: it {why}.");
    let hint = format!("Write another id, such as \"{what}-1\".");
    faults.add(at, message, hint);
}

fn name<Id: Borrow<str>>(id: &Id) -> &str {
    id.borrow()
}
