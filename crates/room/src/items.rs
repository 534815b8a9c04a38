//! Starts and ends items of the agenda, with the consequences for the floor. Rules of order, section 14.

use plenary_floor::{Actor, SystemCommand};
use plenary_ids::{ItemId, Millis, Moment, PersonId};
use plenary_protocol::{AgendaItem, Code, ItemState, Problem, RoomEvent};

use crate::{Body, RoomConfig, state::RoomState};

impl RoomState {
    /// Starts an item. The current item ends, the planned speakers become the agreed order, and the item's time limit holds
    /// for their speeches. Nothing changes if the item is on already.
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

    /// Ends the current item.
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

    /// Postpones an item that was not taken up, by minutes or behind all others.
    pub(crate) fn postpone_item(
        &self,
        config: &RoomConfig,
        id: &ItemId,
        by_minutes: Option<u32>,
        by: &Actor,
    ) -> Result<Body, Problem> {
        let by = person(by)?;
        let item = self.planned(config, id)?;
        if item.state != ItemState::Planned {
            let detail = format!(
                "\"{}\" was taken up; only what was not can be postponed.",
                item.title
            );
            return Err(Problem::new(Code::InvalidTransition, detail));
        }
        let due = if let Some(minutes) = by_minutes {
            let later = Millis::from_secs(u64::from(minutes) * 60);
            item.expected().after(later)
        } else {
            let agenda = self.agenda.agenda(&config.agenda);
            let others = agenda.items.iter().filter(|other| other.id != *id);
            let last = others.map(AgendaItem::ends).max();
            last.map_or(item.expected(), |last| last.max(item.expected()))
        };
        let item = AgendaItem {
            due: Some(due),
            ..item
        };
        Ok(Body::Room(RoomEvent::AgendaPostponed {
            item,
            by_minutes,
            by,
        }))
    }

    /// An item of this room's agenda with its progress.
    pub(crate) fn planned(&self, config: &RoomConfig, id: &ItemId) -> Result<AgendaItem, Problem> {
        let mut items = self.agenda.agenda(&config.agenda).items.into_iter();
        items.find(|item| item.id == *id).ok_or_else(|| {
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

fn person(by: &Actor) -> Result<PersonId, Problem> {
    let nobody = || Problem::new(Code::Forbidden, "Somebody in particular takes up an item.");
    by.person.clone().ok_or_else(nobody)
}
