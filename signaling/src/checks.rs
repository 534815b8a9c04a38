//! The checks of media paths that run now. They hold no seats, so nothing but this bounds them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use plenary_conference::Conference;
use plenary_ids::{PersonId, RoomId};

use crate::rate::Origin;

/// How many checks one person may run at once: each tab of each device may have one.
const MAX_OF_PERSON: usize = 4;
/// How many checks may run at once by the check link at one address, where several people may have it.
const MAX_OF_ADDRESS: usize = 16;
/// How many checks may run at once by the check link. Participants have the rest for themselves, whoever has the link.
const MAX_BY_LINK: usize = 64;
/// How many checks may run at once.
const MAX_OF_ALL: usize = 256;

/// For whom checks are counted: a person, or an address where the check link is used.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Checker {
    /// A person of the conference.
    Person(PersonId),
    /// Somebody at that address who has the check link.
    Link(Origin),
}

impl Checker {
    fn limit(&self) -> usize {
        match self {
            Self::Person(_) => MAX_OF_PERSON,
            Self::Link(_) => MAX_OF_ADDRESS,
        }
    }

    fn is_by_link(&self) -> bool {
        matches!(self, Self::Link(_))
    }
}

type Running = HashMap<Checker, usize>;

/// The registry of running checks.
#[derive(Debug)]
pub struct Checks {
    media_room: RoomId,
    nobody: PersonId,
    running: Arc<Mutex<Running>>,
}

/// A place among the running checks, given back when it is dropped.
#[derive(Debug)]
pub struct RunningCheck {
    checker: Checker,
    running: Arc<Mutex<Running>>,
}

impl Checks {
    /// No checks yet. They have a media room of their own, which no scene is ever shown in.
    pub fn new(conference: &Conference) -> Self {
        let (media_room, nobody) = own_ids(conference);
        Self {
            media_room,
            nobody,
            running: Arc::default(),
        }
    }

    /// The media room of all checks.
    pub fn media_room(&self) -> &RoomId {
        &self.media_room
    }

    /// The id by which the media server knows everybody who checks by the link. No person has it.
    pub fn nobody(&self) -> &PersonId {
        &self.nobody
    }

    /// A place for a check; none if too many run.
    pub fn begin(&self, checker: Checker) -> Option<RunningCheck> {
        let mut running = lock(&self.running);
        let own = running.get(&checker).copied().unwrap_or_default();
        let all: usize = running.values().sum();
        let by_link = running.iter().filter(|(it, _)| it.is_by_link());
        let by_link: usize = by_link.map(|(_, count)| count).sum();
        let is_full = own >= checker.limit()
            || all >= MAX_OF_ALL
            || (checker.is_by_link() && by_link >= MAX_BY_LINK);
        if is_full {
            return None;
        }
        running.insert(checker.clone(), own + 1);
        Some(RunningCheck {
            checker,
            running: Arc::clone(&self.running),
        })
    }
}

impl Drop for RunningCheck {
    fn drop(&mut self) {
        let mut running = lock(&self.running);
        if let Some(count) = running.get_mut(&self.checker) {
            *count -= 1;
            if *count == 0 {
                running.remove(&self.checker);
            }
        }
    }
}

/// An id that no room of the conference has, and no person.
fn own_ids(conference: &Conference) -> (RoomId, PersonId) {
    let mut number: u64 = 0;
    loop {
        let name = format!("check-{number}");
        if let (Ok(room), Ok(person)) = (RoomId::new(&name), PersonId::new(&name))
            && conference.room(&room).is_none()
            && conference.person(&person).is_none()
        {
            return (room, person);
        }
        number += 1;
    }
}

fn lock(running: &Mutex<Running>) -> MutexGuard<'_, Running> {
    // Nothing panics while it is held, and the counts are sound after every step.
    running.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use plenary_testkit::api::conference;

    use super::*;

    fn person(name: &str) -> Checker {
        Checker::Person(PersonId::new(name).unwrap())
    }

    fn link(last: u8) -> Checker {
        Checker::Link(IpAddr::from([203, 0, 113, last]).into())
    }

    #[test]
    fn a_person_runs_few_checks_at_once_and_all_together_are_bounded() {
        let checks = Checks::new(&conference().parse());
        let tokyo = person("tokyo-1");
        let begin = || checks.begin(tokyo.clone());
        let mut mine: Vec<_> = (0..MAX_OF_PERSON).map(|_| begin()).collect();
        assert!(mine.iter().all(Option::is_some));
        assert!(begin().is_none());
        mine.pop();
        assert!(begin().is_some(), "a check that ended is free");

        let others = (0..2 * MAX_OF_ALL).map(|number| checks.begin(person(&format!("p{number}"))));
        let others: Vec<_> = others.collect();
        let running = others.iter().flatten().count() + mine.len();
        assert_eq!(running, MAX_OF_ALL);
    }

    #[test]
    fn those_with_the_link_are_bounded_by_address_and_together_and_keep_no_participant_out() {
        let checks = Checks::new(&conference().parse());
        let of_one = (0..2 * MAX_OF_ADDRESS).map(|_| checks.begin(link(1)));
        let of_one: Vec<_> = of_one.flatten().collect();
        assert_eq!(of_one.len(), MAX_OF_ADDRESS);
        let of_others = (2..=200).map(|address| checks.begin(link(address)));
        let of_others: Vec<_> = of_others.flatten().collect();
        assert_eq!(of_one.len() + of_others.len(), MAX_BY_LINK);
        let tokyo = checks.begin(person("tokyo-1"));
        assert!(tokyo.is_some());
        drop(of_one);
        assert!(checks.begin(link(1)).is_some(), "what has ended is free");
    }

    #[test]
    fn the_checks_never_share_a_media_room_or_an_id_with_the_conference() {
        let mut conference = conference().parse();
        conference.rooms[0].id = RoomId::new("check-0").unwrap();
        conference.persons[0].id = PersonId::new("check-1").unwrap();
        let checks = Checks::new(&conference);
        assert_eq!(checks.media_room().as_str(), "check-2");
        assert!(conference.person(checks.nobody()).is_none());
    }
}
