//! Commands about the agenda. Rules of order, section 14.

use plenary_floor::{Actor, Directory, FloorRequest, SystemCommand};
use plenary_ids::{ItemId, PersonId};
use plenary_protocol::{
    AgendaCommand, Code, CommandOutput, CommandResult, Loaded, NotListed, Problem,
};

use super::Room;
use crate::Body;

impl Room {
    /// Carries out a command about the agenda.
    pub(super) fn execute_agenda(&mut self, command: &AgendaCommand, by: &Actor) -> CommandResult {
        let (state, now) = (&self.state, self.now());
        let (bodies, item) = match command {
            AgendaCommand::Start { item } => (state.start_item(&self.config, item, by, now)?, item),
            AgendaCommand::End { item } => (state.end_item(&self.config, item, by, now)?, item),
            AgendaCommand::Postpone { item, by_minutes } => {
                let postponed = state.postpone_item(&self.config, item, *by_minutes, by)?;
                (vec![postponed], item)
            }
            AgendaCommand::Load { item } => return self.load_speakers(item, by),
        };
        // What has ended may be planned no more.
        let taken = bodies.iter().rev().find_map(Body::agenda_item).cloned();
        self.emit(bodies);
        if let (AgendaCommand::Start { .. }, Some(item)) = (command, &taken) {
            self.play_with_item(item, by);
        }
        let item = match taken {
            Some(item) => item,
            None => self.state.planned(&self.config, item)?,
        };
        Ok(CommandOutput::Item(Box::new(item)))
    }

    /// Puts the planned speakers of an item on the list, as far as the list takes them; refused if it takes nobody.
    fn load_speakers(&mut self, item: &ItemId, by: &Actor) -> CommandResult {
        let item = self.state.planned(&self.config, item)?;
        let (mut listed, mut not_listed) = (Vec::new(), Vec::new());
        for person in &item.speakers {
            match self.enlist(person, by) {
                Ok(request) => listed.push(request),
                Err(problem) => not_listed.push((person.clone(), problem)),
            }
        }
        if listed.is_empty() {
            let nobody = || {
                let detail = format!("\"{}\" has no planned speakers.", item.title);
                Problem::new(Code::NothingListed, detail)
            };
            let refusal = not_listed.into_iter().map(|(_, problem)| problem).next();
            return Err(refusal.unwrap_or_else(nobody));
        }
        // Those that come later on the list may have moved the earlier ones.
        for request in &mut listed {
            if let Some(now) = self.state.floor.request(request.id) {
                *request = now;
            }
        }
        let not_listed = not_listed.into_iter().map(|(person, problem)| NotListed {
            person,
            code: problem.code,
            detail: problem.detail,
        });
        let positions = listed.iter().filter_map(|request| request.position);
        Ok(CommandOutput::Loaded(Box::new(Loaded {
            in_planned_order: positions.is_sorted(),
            listed,
            not_listed: not_listed.collect(),
            item,
        })))
    }

    fn enlist(&mut self, person: &PersonId, by: &Actor) -> Result<FloorRequest, Problem> {
        let command = SystemCommand::Enlist(self.config.speaker(person)?);
        let events = plenary_floor::decide_system(&self.state.floor, &command, by, self.now())?;
        let bodies: Vec<Body> = events.into_iter().map(Body::Floor).collect();
        let request = bodies.iter().find_map(Body::request).cloned();
        self.emit(bodies);
        request.ok_or_else(|| Problem::new(Code::Conflict, "The list has not changed."))
    }
}
