//! The agenda of a room: which item is on, which are done, and what taking one up does to the floor.

use std::collections::BTreeMap;

use plenary_floor::{Actor, SystemCommand};
use plenary_ids::{ItemId, Moment};
use plenary_protocol::{Agenda, AgendaItem, Code, ItemState, Problem, RoomEvent};
use serde::{Deserialize, Serialize};

use crate::{Body, RoomConfig, state::RoomState};

/// How far the agenda has come, as the events have it; what is planned is in the conference file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Progress {
    taken_up: BTreeMap<ItemId, Span>,
    current: Option<ItemId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Span {
    began: Option<Moment>,
    ended: Option<Moment>,
}

impl Progress {
    /// Folds an event of the agenda; others leave it as it is.
    pub(crate) fn apply(&mut self, event: &RoomEvent) {
        let (item, current) = match event {
            RoomEvent::AgendaStarted { item, .. } => (item, Some(item.id.clone())),
            RoomEvent::AgendaEnded { item, .. } => (item, None),
            _ => return,
        };
        let span = Span {
            began: item.began,
            ended: item.ended,
        };
        self.taken_up.insert(item.id.clone(), span);
        self.current = current;
    }

    /// What is planned, with how far it has come.
    pub(crate) fn agenda(&self, planned: &[AgendaItem]) -> Agenda {
        Agenda {
            items: planned.iter().map(|item| self.item(item)).collect(),
            current: self.current.clone(),
        }
    }

    pub(crate) fn current(&self) -> Option<&ItemId> {
        self.current.as_ref()
    }

    fn item(&self, planned: &AgendaItem) -> AgendaItem {
        let span = self.taken_up.get(&planned.id);
        AgendaItem {
            state: match span {
                None => ItemState::Planned,
                Some(_) if self.current.as_ref() == Some(&planned.id) => ItemState::On,
                Some(_) => ItemState::Done,
            },
            began: span.and_then(|span| span.began),
            ended: span.and_then(|span| span.ended),
            ..planned.clone()
        }
    }
}

impl RoomState {
    /// Takes an item up: the one that is on is done, the planned speakers become the agreed order, and the item's time
    /// holds for their speeches. One that is on already stays as it is.
    pub(crate) fn start_item(
        &self,
        config: &RoomConfig,
        id: &ItemId,
        by: &Actor,
        now: Moment,
    ) -> Result<Vec<Body>, Problem> {
        let person = person(by)?;
        let item = self.planned(config, id)?;
        if item.state == ItemState::On {
            return Ok(Vec::new());
        }
        let mut bodies = Vec::new();
        if let Some(before) = self.agenda.agenda(&config.agenda).on() {
            bodies.push(Body::Room(RoomEvent::AgendaEnded {
                item: done(before, now),
                by: person.clone(),
            }));
        }
        let begin = SystemCommand::BeginItem {
            agreed: item.speakers.clone(),
            limit: item.limit,
        };
        let item = AgendaItem {
            state: ItemState::On,
            began: item.began.or(Some(now)),
            ended: None,
            ..item
        };
        bodies.push(Body::Room(RoomEvent::AgendaStarted { item, by: person }));
        let floor = plenary_floor::decide_system(&self.floor, &begin, by, now)?;
        bodies.extend(floor.into_iter().map(Body::Floor));
        Ok(bodies)
    }

    /// Says that the item that is on is done.
    pub(crate) fn end_item(
        &self,
        config: &RoomConfig,
        id: &ItemId,
        by: &Actor,
        now: Moment,
    ) -> Result<Vec<Body>, Problem> {
        let person = person(by)?;
        let item = self.planned(config, id)?;
        if item.state != ItemState::On {
            let detail = format!("\"{}\" is not on; only what is on can end.", item.title);
            return Err(Problem::new(Code::InvalidTransition, detail));
        }
        let item = done(&item, now);
        let mut bodies = vec![Body::Room(RoomEvent::AgendaEnded { item, by: person })];
        let floor = plenary_floor::decide_system(&self.floor, &SystemCommand::EndItem, by, now)?;
        bodies.extend(floor.into_iter().map(Body::Floor));
        Ok(bodies)
    }

    /// An item of this room's agenda, with how far it has come.
    pub(crate) fn planned(&self, config: &RoomConfig, id: &ItemId) -> Result<AgendaItem, Problem> {
        let planned = config.agenda.iter().find(|item| item.id == *id);
        planned.map(|item| self.agenda.item(item)).ok_or_else(|| {
            Problem::new(
                Code::NotFound,
                format!("The agenda of this room has no item {id}."),
            )
        })
    }
}

fn done(item: &AgendaItem, now: Moment) -> AgendaItem {
    AgendaItem {
        state: ItemState::Done,
        ended: Some(now),
        ..item.clone()
    }
}

fn person(by: &Actor) -> Result<plenary_ids::PersonId, Problem> {
    let nobody = || Problem::new(Code::Forbidden, "Somebody in particular takes up an item.");
    by.person.clone().ok_or_else(nobody)
}
