//! Which workers serve a room, and which of them a session joins.
//!
//! A room begins on the worker with the fewest sessions, when its first session comes. Only a room that has grown large, or
//! whose worker is busy, is spread over further workers, because each of them gets every packet of the room. A person's devices
//! stay together.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use plenary_ids::{PersonId, RoomId};
use plenary_scene::Scene;

use crate::api::SessionId;

/// A worker takes so many sessions of a room before another one serves the room too.
pub(crate) const SESSIONS_BEFORE_SPREADING: usize = 256;
/// A busy worker takes only so many.
pub(crate) const SESSIONS_OF_BUSY: usize = 64;
/// A worker that has something to do for so many milliseconds of a second is busy.
pub(crate) const BUSY_MILLIS: u64 = 500;

/// Where rooms and sessions are.
#[derive(Debug)]
pub(crate) struct Placement {
    workers: usize,
    state: Mutex<State>,
}

/// What [`Placement`] knows, while nobody else may change it.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// The sessions of each worker.
    load: Vec<usize>,
    rooms: HashMap<RoomId, Spread>,
    sessions: HashMap<SessionId, (RoomId, PersonId)>,
}

/// The workers of one room.
#[derive(Debug, Default)]
struct Spread {
    /// Each with its number of sessions; the first is where the room began. None before that.
    workers: Vec<(usize, usize)>,
    /// Where the devices of a person are, and how many.
    people: HashMap<PersonId, (usize, usize)>,
    /// The scene in force, for a worker that begins to serve the room.
    scene: Option<(u64, Scene)>,
}

/// A change of the workers that serve a room.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Change {
    /// The workers that serve it from now on.
    pub(crate) workers: Vec<usize>,
    /// The worker that does so no longer.
    pub(crate) left: Option<usize>,
    /// The scene in force, for the worker that begins.
    pub(crate) begins: Option<(usize, Option<(u64, Scene)>)>,
}

impl Placement {
    pub(crate) fn new(workers: usize) -> Self {
        let state = State {
            load: vec![0; workers],
            ..State::default()
        };
        Self {
            workers,
            state: Mutex::new(state),
        }
    }

    /// Holds what it knows: what is sent to workers meanwhile arrives in the order of the changes.
    pub(crate) fn lock(&self) -> Locked<'_> {
        Locked {
            workers: self.workers,
            // Nothing panics while it is held.
            state: self.state.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }
}

/// What [`Placement`] knows, to be changed.
#[derive(Debug)]
pub(crate) struct Locked<'a> {
    workers: usize,
    state: MutexGuard<'a, State>,
}

impl Locked<'_> {
    /// The worker where a room began, or begins now, and what changes for it.
    pub(crate) fn home(&mut self, room: &RoomId) -> (usize, Option<Change>) {
        let State { load, rooms, .. } = &mut *self.state;
        let spread = rooms.entry(room.clone()).or_default();
        if let Some((home, _)) = spread.workers.first() {
            return (*home, None);
        }
        let home = least(load);
        (home, spread.add(home, 0))
    }

    /// The workers that serve a room, the one where it began first; none if nobody was there yet.
    pub(crate) fn workers_of(&self, room: &RoomId) -> Vec<usize> {
        let spread = self.state.rooms.get(room);
        spread.map(Spread::numbers).unwrap_or_default()
    }

    /// Notes the scene in force.
    pub(crate) fn show(&mut self, room: &RoomId, epoch: u64, scene: &Scene) {
        let spread = self.state.rooms.entry(room.clone()).or_default();
        spread.scene = Some(match spread.scene.take() {
            Some((known, before)) if epoch < known => (known, before.intersection(scene)),
            _ => (epoch, scene.clone()),
        });
    }

    /// The worker for another session of a person, and what changes for it.
    /// `is_busy` says whether a worker is.
    pub(crate) fn enter(
        &mut self,
        room: &RoomId,
        person: &PersonId,
        is_busy: impl Fn(usize) -> bool,
    ) -> (usize, Option<Change>) {
        let all = self.workers;
        let State { load, rooms, .. } = &mut *self.state;
        let spread = rooms.entry(room.clone()).or_default();
        let together = spread.people.get(person).map(|(worker, _)| *worker);
        let worker = together.unwrap_or_else(|| spread.next(load, all, is_busy));
        let change = spread.add(worker, 1);
        let of_person = spread.people.entry(person.clone()).or_insert((worker, 0));
        of_person.1 += 1;
        if let Some(load) = load.get_mut(worker) {
            *load += 1;
        }
        (worker, change)
    }

    /// Notes which session has entered.
    pub(crate) fn admit(&mut self, session: SessionId, room: RoomId, person: PersonId) {
        self.state.sessions.insert(session, (room, person));
    }

    /// Notes that a session has left, and what changes for that.
    pub(crate) fn leave(&mut self, session: SessionId) -> Option<(RoomId, Change)> {
        let (room, person) = self.state.sessions.remove(&session)?;
        let change = self.give_up(&room, &person)?;
        Some((room, change))
    }

    /// Takes a session back that has not entered after all.
    pub(crate) fn give_up(&mut self, room: &RoomId, person: &PersonId) -> Option<Change> {
        let State { load, rooms, .. } = &mut *self.state;
        let spread = rooms.get_mut(room)?;
        let (worker, devices) = spread.people.get_mut(person)?;
        let worker = *worker;
        *devices -= 1;
        if *devices == 0 {
            spread.people.remove(person);
        }
        if let Some(load) = load.get_mut(worker) {
            *load = load.saturating_sub(1);
        }
        let ends = spread.remove(worker);
        ends.then(|| Change {
            workers: spread.numbers(),
            left: Some(worker),
            begins: None,
        })
    }
}

impl Spread {
    fn numbers(&self) -> Vec<usize> {
        self.workers.iter().map(|(worker, _)| *worker).collect()
    }

    /// The worker for another session: the one with the fewest of the room, or a further one if those are all full.
    fn next(&self, load: &[usize], all: usize, is_busy: impl Fn(usize) -> bool) -> usize {
        let fewest = self.workers.iter().min_by_key(|(_, sessions)| *sessions);
        let Some((worker, sessions)) = fewest.copied() else {
            return least(load);
        };
        let most = if is_busy(worker) {
            SESSIONS_OF_BUSY
        } else {
            SESSIONS_BEFORE_SPREADING
        };
        if sessions < most || self.workers.len() >= all {
            return worker;
        }
        let serves = |number: &usize| self.workers.iter().any(|(worker, _)| worker == number);
        let free = (0..all).filter(|number| !serves(number));
        free.min_by_key(|number| load.get(*number))
            .unwrap_or(worker)
    }

    /// Counts sessions; returns what changes if the worker begins to serve the room.
    fn add(&mut self, worker: usize, sessions: usize) -> Option<Change> {
        let known = self.workers.iter_mut().find(|(it, _)| *it == worker);
        if let Some((_, count)) = known {
            *count += sessions;
            return None;
        }
        self.workers.push((worker, sessions));
        Some(Change {
            workers: self.numbers(),
            left: None,
            begins: Some((worker, self.scene.clone())),
        })
    }

    /// Counts a session that has left; returns whether its worker no longer serves the room. The first one always does.
    fn remove(&mut self, worker: usize) -> bool {
        let place = self.workers.iter().position(|(it, _)| *it == worker);
        let Some((place, (_, count))) = place.and_then(|at| Some((at, self.workers.get_mut(at)?)))
        else {
            return false;
        };
        *count = count.saturating_sub(1);
        let ends = *count == 0 && place > 0;
        if ends {
            self.workers.remove(place);
        }
        ends
    }
}

fn least(load: &[usize]) -> usize {
    let fewest = load.iter().enumerate().min_by_key(|(_, load)| **load);
    fewest.map_or(0, |(worker, _)| worker)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(name: &str) -> RoomId {
        RoomId::new(name).unwrap()
    }

    fn calm(_: usize) -> bool {
        false
    }

    fn person(number: usize) -> PersonId {
        PersonId::new(&format!("delegate-{number}")).unwrap()
    }

    #[test]
    fn rooms_begin_on_the_worker_with_the_fewest_sessions_however_early_they_are_shown() {
        let placement = Placement::new(2);
        let mut places = placement.lock();
        let rooms = ["climate", "water", "energy"].map(room);
        for room in &rooms {
            places.show(room, 1, &Scene::default());
            assert!(places.workers_of(room).is_empty());
        }
        let [climate, water, energy] = &rooms;
        let worker = |entered: (usize, Option<Change>)| (entered.0, entered.1.is_some());
        let mut enter = |room, number| worker(places.enter(room, &person(number), calm));
        assert_eq!(enter(climate, 0), (0, true));
        assert_eq!(enter(water, 1), (1, true));
        assert_eq!(enter(water, 2), (1, false));
        assert_eq!(enter(energy, 3), (0, true));
    }

    #[test]
    fn the_first_worker_of_a_room_begins_with_its_scene_also_for_a_recording() {
        let placement = Placement::new(2);
        let mut places = placement.lock();
        let climate = room("climate");
        places.show(&climate, 7, &Scene::default());
        let begins = Change {
            workers: vec![0],
            left: None,
            begins: Some((0, Some((7, Scene::default())))),
        };
        assert_eq!(places.home(&climate), (0, Some(begins)));
        assert_eq!(places.home(&climate), (0, None));
        assert_eq!(places.enter(&climate, &person(0), calm), (0, None));
    }

    #[test]
    fn a_large_room_gets_further_workers_which_begin_with_the_scene_in_force() {
        let placement = Placement::new(2);
        let climate = room("climate");
        let mut places = placement.lock();
        let scene = Scene {
            stage: vec![person(0)],
            ..Scene::default()
        };
        places.show(&climate, 7, &scene);
        places.home(&climate);
        for number in 0..SESSIONS_BEFORE_SPREADING {
            assert_eq!(places.enter(&climate, &person(number), calm), (0, None));
        }
        let begins = Change {
            workers: vec![0, 1],
            left: None,
            begins: Some((1, Some((7, scene)))),
        };
        let first = SESSIONS_BEFORE_SPREADING;
        assert_eq!(
            places.enter(&climate, &person(first), calm),
            (1, Some(begins))
        );
        assert_eq!(places.enter(&climate, &person(first + 1), calm), (1, None));
        assert_eq!(
            places.enter(&climate, &person(3), calm),
            (0, None),
            "beside the other device of the same person"
        );
    }

    #[test]
    fn a_room_on_a_busy_worker_is_spread_sooner() {
        let placement = Placement::new(2);
        let mut places = placement.lock();
        let climate = room("climate");
        let busy = |_| true;
        places.home(&climate);
        for number in 0..SESSIONS_OF_BUSY {
            assert_eq!(places.enter(&climate, &person(number), busy), (0, None));
        }
        let (worker, change) = places.enter(&climate, &person(SESSIONS_OF_BUSY), busy);
        assert_eq!((worker, change.is_some()), (1, true));
    }

    #[test]
    fn a_worker_whose_last_session_of_a_room_leaves_no_longer_serves_it_unless_the_room_began_there()
     {
        let placement = Placement::new(2);
        let climate = room("climate");
        let mut places = placement.lock();
        for number in 0..=SESSIONS_BEFORE_SPREADING {
            places.enter(&climate, &person(number), calm);
            places.admit(SessionId(number as u64), climate.clone(), person(number));
        }
        let last = SessionId(SESSIONS_BEFORE_SPREADING as u64);
        let ends = Change {
            workers: vec![0],
            left: Some(1),
            begins: None,
        };
        assert_eq!(places.leave(last), Some((climate.clone(), ends)));
        assert_eq!(places.leave(last), None, "it has left already");
        for number in 0..SESSIONS_BEFORE_SPREADING {
            assert_eq!(places.leave(SessionId(number as u64)), None);
        }
        assert_eq!(places.workers_of(&climate), [0]);
    }

    #[test]
    fn a_scene_that_comes_late_only_takes_away() {
        let placement = Placement::new(1);
        let climate = room("climate");
        let mut places = placement.lock();
        let on_stage = |people: &[usize]| Scene {
            stage: people.iter().copied().map(person).collect(),
            ..Scene::default()
        };
        places.show(&climate, 5, &on_stage(&[1]));
        places.show(&climate, 4, &on_stage(&[2]));
        let spread = places.state.rooms.get(&climate).unwrap();
        let (epoch, scene) = spread.scene.clone().unwrap();
        assert_eq!((epoch, scene.stage.len()), (5, 0));
    }
}
