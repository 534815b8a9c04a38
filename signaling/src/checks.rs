//! The checks of media paths that run now. They hold no seats, so nothing but this bounds them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use plenary_conference::Conference;
use plenary_ids::{PersonId, RoomId};

/// How many checks one person may run at once: each tab of each device may have one.
const MAX_OF_PERSON: usize = 4;
/// How many checks may run at once.
const MAX_OF_ALL: usize = 256;

/// The registry of running checks.
#[derive(Debug)]
pub struct Checks {
    media_room: RoomId,
    running: Arc<Mutex<HashMap<PersonId, usize>>>,
}

/// A place among the running checks, given back when it is dropped.
#[derive(Debug)]
pub struct RunningCheck {
    person: PersonId,
    running: Arc<Mutex<HashMap<PersonId, usize>>>,
}

impl Checks {
    /// No checks yet. They have a media room of their own, which no scene is ever shown in.
    pub fn new(conference: &Conference) -> Self {
        Self {
            media_room: media_room(conference),
            running: Arc::default(),
        }
    }

    /// The media room of all checks.
    pub fn media_room(&self) -> &RoomId {
        &self.media_room
    }

    /// A place for a check of that person; none if too many run.
    pub fn begin(&self, person: &PersonId) -> Option<RunningCheck> {
        let mut running = lock(&self.running);
        let of_person = running.get(person).copied().unwrap_or_default();
        let of_all: usize = running.values().sum();
        if of_person >= MAX_OF_PERSON || of_all >= MAX_OF_ALL {
            return None;
        }
        running.insert(person.clone(), of_person + 1);
        Some(RunningCheck {
            person: person.clone(),
            running: Arc::clone(&self.running),
        })
    }
}

impl Drop for RunningCheck {
    fn drop(&mut self) {
        let mut running = lock(&self.running);
        if let Some(count) = running.get_mut(&self.person) {
            *count -= 1;
            if *count == 0 {
                running.remove(&self.person);
            }
        }
    }
}

/// An id that no room of the conference has.
fn media_room(conference: &Conference) -> RoomId {
    let mut number: u64 = 0;
    loop {
        if let Ok(id) = RoomId::new(&format!("check-{number}"))
            && conference.room(&id).is_none()
        {
            return id;
        }
        number += 1;
    }
}

fn lock(running: &Mutex<HashMap<PersonId, usize>>) -> MutexGuard<'_, HashMap<PersonId, usize>> {
    // Nothing panics while it is held, and the counts are sound after every step.
    running.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use plenary_testkit::api::conference;

    use super::*;

    fn person(name: &str) -> PersonId {
        PersonId::new(name).unwrap()
    }

    #[test]
    fn a_person_runs_few_checks_at_once_and_all_together_are_bounded() {
        let checks = Checks::new(&conference().parse());
        let tokyo = person("tokyo-1");
        let mut mine: Vec<_> = (0..MAX_OF_PERSON).map(|_| checks.begin(&tokyo)).collect();
        assert!(mine.iter().all(Option::is_some));
        assert!(checks.begin(&tokyo).is_none());
        mine.pop();
        assert!(checks.begin(&tokyo).is_some(), "a check that ended is free");

        let others = (0..2 * MAX_OF_ALL).map(|number| checks.begin(&person(&format!("p{number}"))));
        let others: Vec<_> = others.collect();
        let running = others.iter().flatten().count() + mine.len();
        assert_eq!(running, MAX_OF_ALL);
    }

    #[test]
    fn the_checks_never_share_a_media_room_with_the_conference() {
        let mut conference = conference().parse();
        conference.rooms[0].id = RoomId::new("check-0").unwrap();
        let room = Checks::new(&conference).media_room().clone();
        assert!(conference.room(&room).is_none(), "{room}");
    }
}
